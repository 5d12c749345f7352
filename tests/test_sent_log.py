"""What the send log is worth on the whole way: our own table, and a provider's own log outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.attribution import loops_service as loops
from app.attribution import service as attribution
from app.attribution.domain import ClueKind, Verdict
from app.attribution.loops import Loop
from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.errors import Unavailable
from app.intake.domain import Stored
from app.mail.dkim.signing import signed
from app.mail.original import original_from
from app.pipeline import work_off
from app.ports import SentFact, SentQuestion
from app.senders.sent import Sent
from app.senders.sent_service import take
from tests.factories.signed import key_pair
from tests.test_pipeline import acme, headline, store
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered

__all__ = ["acme"]

JO = "jo@loop.test"


class Log:
    """The provider's own log: knows every mail as acme's, sent to Jo."""

    def __init__(self, away: bool = False) -> None:
        self.away = away
        self.asked: list[SentQuestion] = []

    def answers(self, questions: Sequence[SentQuestion]) -> Sequence[tuple[SentFact, ...]]:
        if self.away:
            raise Unavailable("The send log does not answer.")
        self.asked += questions
        fact = SentFact("acme", "bulk", "", datetime.now(UTC), True, False, None, recipients=(JO,))
        return [(fact,) for _ in questions]


def kinds(desk: Desk, stored: Stored) -> set[ClueKind]:
    with desk.work() as work:
        return {clue.kind for each in attribution.explained(work, stored.report) for clue in each.clues}


def test_an_unsigned_mail_that_the_log_knows_is_likely_and_a_known_loop_proves_it(
    desk: Desk, acme: Customer, zone: Callable[[str], None]
) -> None:
    zone(f"d1._domainkey.loop.test\tv=DKIM1; k=rsa; p={key_pair().public}")
    mail = delivered(acme, JO, "News", "Hello", sign=False)
    original = original_from(mail)
    assert original is not None and original.message_id
    with desk.work() as work:
        loops.put(work, OPERATOR, Loop("box", "Box", ("loop.test",), ("loop.test",)))
        now = work.now - timedelta(minutes=5)
        take(work, [Sent(1, "acme", "", now, original.message_id, "", JO, "loop.test", "bulk")])
    report = clicked(mail, acme, "loop.test")
    alone, by_loop = store(desk, report), store(desk, signed(report + b"\r\n", "loop.test", "d1", key_pair().private))

    work_off(desk, 10)

    assert (headline(desk, alone).verdict, headline(desk, by_loop).verdict) == (Verdict.LIKELY, Verdict.PROVEN)
    assert headline(desk, by_loop).sender == "acme"
    assert {ClueKind.SENT_MESSAGE_ID, ClueKind.KNOWN_LOOP} <= kinds(desk, by_loop)


@pytest.mark.parametrize("asked", [True, False])
def test_a_recipient_that_only_the_log_knows_is_put_back_and_proves(desk: Desk, acme: Customer, asked: bool) -> None:
    redacted = delivered(acme, JO, "News", "Hello").replace(b"jo@loop.test", b"redacted@loop.test")
    stored = store(desk, clicked(redacted, acme, "loop.test"))

    log = Log()
    work_off(replace(desk, sent_log=log) if asked else desk, 10)

    assert (ClueKind.DKIM_REPAIRED in kinds(desk, stored)) == asked
    assert (headline(desk, stored).verdict is Verdict.PROVEN) == asked
    assert [each.message_id is not None for each in log.asked] == [True] * asked


def test_while_the_log_is_away_reports_are_judged_without_it(desk: Desk, acme: Customer) -> None:
    stored = store(desk, clicked(delivered(acme, JO, "News", "Hello"), acme, "loop.test"))

    work_off(replace(desk, sent_log=Log(away=True)), 10)

    assert headline(desk, stored).verdict is Verdict.PROVEN
