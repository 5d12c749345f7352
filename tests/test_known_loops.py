"""What a known feedback loop verified itself is worth, on the whole way."""

from __future__ import annotations

from collections.abc import Callable

from app.attribution import loops_service as loops
from app.attribution import service as attribution
from app.attribution.domain import ClueKind, Verdict
from app.attribution.loops import Loop
from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.mail.dkim.signing import signed
from app.pipeline import work_off
from tests.factories.signed import key_pair
from tests.test_pipeline import acme, headline, store
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered

__all__ = ["acme"]


def test_a_mail_that_only_the_loop_could_verify_is_likely(
    desk: Desk, acme: Customer, zone: Callable[[str], None]
) -> None:
    zone(f"d1._domainkey.loop.test\tv=DKIM1; k=rsa; p={key_pair().public}")
    with desk.work() as work:
        loops.put(work, OPERATOR, Loop("box", "Box", ("loop.test",), ("loop.test",)))
    hidden = delivered(acme, "jo@loop.test", "News", "Hello").replace(b"jo@loop", b"redacted@loop")
    results = b"Authentication-Results: mx.loop.test; dkim=pass header.d=acme.test header.s=d1\r\n"
    report = clicked(results + hidden, acme, "loop.test") + b"\r\n"
    silent = clicked(hidden, acme, "loop.test") + b"\r\n"
    key = key_pair().private
    stored = [
        store(desk, raw)
        for raw in (signed(report, "loop.test", "d1", key), report, signed(silent, "loop.test", "d1", key))
    ]

    work_off(desk, 10)

    verdicts = [headline(desk, each).verdict for each in stored]
    assert verdicts == [Verdict.LIKELY, Verdict.UNPROVEN, Verdict.UNPROVEN]
    with desk.work() as work:
        (told,) = attribution.explained(work, stored[0].report)
    (clue,) = [each for each in told.clues if each.kind is ClueKind.DKIM_VOUCHED]
    assert (told.sender, clue.source) == ("acme", "Authentication-Results")
