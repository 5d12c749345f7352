"""Where Postfix's tables cannot be written, its queue is still kept back, and nothing is let go too early."""

from __future__ import annotations

from pathlib import Path

from app.enforcement import service
from app.enforcement.domain import ActionKind
from app.enforcement.proof import Stage
from app.infra.connectors.postfix import Postfix
from app.infra.connectors.postfix_programs import Programs
from app.infra.connectors.postfix_tables import FROZEN, SUSPENDED, Folder
from tests.enforcement.shop import MINUTE, Blind, Shop
from workers.caretaker import Caretaker


def test_a_table_that_cannot_be_written_lets_no_queued_mail_leave(shop: Shop, tmp_path: Path) -> None:
    for name in (SUSPENDED, FROZEN):
        (tmp_path / name).mkdir()
    broken = Caretaker(shop.desk, Postfix(Folder(tmp_path, Programs(None)), shop.queue, Blind()))
    shop.queue.put("A", shop.clock.now())
    stop = shop.act(ActionKind.SUSPEND)

    broken.step()

    assert [each.on_hold for each in shop.queue.mails()] == [True]
    with shop.desk.work() as work:
        [proof] = service.proofs(work, ["acme"])["acme"]
    assert proof.stage is Stage.ASKED
    assert proof.said == "Postfix's table frozen cannot be read: Is a directory. On hold: 1."

    shop.lift(stop)
    broken.step()
    assert shop.queue.log == []

    shop.clock.move(MINUTE)
    shop.later()
    assert shop.queue.log == [("release", "A")]
