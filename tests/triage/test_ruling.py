"""What a rule does by itself with a complaint, and that a person has the last word, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from app.attribution.domain import Verdict
from app.audit import service as audit
from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.enforcement.automatic import rule_of
from app.enforcement.domain import ActionFact, ActionKind, Ending, Waiting
from app.enforcement.service import Decision
from app.enforcement.service.ruling import clear_rules, load_rules
from app.errors import Rejected
from app.intake.domain import Category
from app.senders.sent_service import state_volumes
from app.senders.volumes import Total
from app.triage import service
from app.triage.domain import EventKind, Incoming
from app.triage.priority import RULE_ACTED
from app.triage.queue import Filter, Row
from tests.triage.arriving import CLICK, PERSON, SetClock, add_sender, arrive, stored

ANNA = Actor("anna@desk.example", 1)
PHISH = replace(PERSON, sender="fresh", category=Category.PHISHING, verdict=Verdict.LIKELY)
HOLD: dict[str, Any] = {
    "id": "new-phishing",
    "when": {"kinds": ["phishing"], "verdict": "likely", "account_younger_than_days": 14},
    "then": {"action": "hold", "hours": 24, "grounds": ["phishing"]},
    "reason": "Phishing from a new account.",
}
SLOW: dict[str, Any] = {
    "id": "high-rate",
    "when": {"verdict": "likely", "rate_over": 0.005},
    "then": {"action": "throttle", "per_hour": 100, "hours": 48, "grounds": ["complaints"]},
    "reason": "Complaints past the critical line.",
}


@pytest.fixture(autouse=True)
def fresh(desk: Desk) -> None:
    """A sender whose account is three days old; acme's is over a year."""
    with desk.work() as work:
        add_sender(work, "fresh", days=3, name="Fresh")


def load(desk: Desk, *rules: dict[str, Any]) -> None:
    with desk.work() as work:
        load_rules(work, ANNA, [rule_of(each) for each in rules])


def in_force(desk: Desk, sender: str = "fresh") -> tuple[ActionFact, ...]:
    with desk.work() as work:
        return enforcement.in_force(work, sender)


def case(desk: Desk, number: int = 1001) -> Row:
    with desk.work() as work:
        return service.case(work, number)


def told(desk: Desk, number: int = 1001) -> list[tuple[EventKind, str | None]]:
    with desk.work() as work:
        return [(each.kind, each.words) for each in service.timeline(work, service.case(work, number).id)]


def to_confirm(desk: Desk) -> tuple[list[int], int]:
    with desk.work() as work:
        rows = service.queue(work, Filter(status=None, to_confirm=True)).rows
        return [row.number for row in rows], service.counts(work, ANNA).to_confirm


def decline(desk: Desk) -> None:
    (held,) = in_force(desk)
    with desk.work() as work:
        service.decline(work, ANNA, held.id, "It was a newsletter.")


def expire(desk: Desk) -> None:
    with desk.work() as work:
        enforcement.expire(work, partial(service.hold, work), partial(service.tell_ended, work))


def delivered(desk: Desk, sender: str, day: date, mails: int) -> None:
    state_volumes(desk.work, OPERATOR, [Total(1, day, sender, "", "mailbox.example", mails)])


def test_without_a_rule_nothing_happens_by_itself(desk: Desk) -> None:
    arrive(desk, PHISH)

    assert in_force(desk) == ()
    assert to_confirm(desk) == ([], 0)


def test_a_rule_that_applies_holds_the_sender_at_once_until_its_end(desk: Desk, clock: SetClock) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)

    (held,) = in_force(desk)
    assert (held.kind, held.rule, held.by, held.case_number) == (ActionKind.HOLD, "new-phishing", "system", 1001)
    assert (held.since, held.until) == (clock.at, clock.at + timedelta(hours=24))
    assert (held.waiting, held.grounds, held.reason) == (Waiting.CONFIRM, ("phishing",), HOLD["reason"])
    assert held.bites
    with desk.work() as work:
        (measure,) = enforcement.standing(work)["fresh"].measures
    assert measure.kind is ActionKind.HOLD


def test_the_case_says_what_the_rule_did_and_waits_for_a_person(desk: Desk) -> None:
    arrive(desk, replace(PHISH, campaign=b"before"))
    before = case(desk).priority
    load(desk, HOLD)
    arrive(desk, PHISH)

    assert told(desk, 1002)[0] == (
        EventKind.HELD,
        "Phishing from a new account. "
        "Rule new-phishing, until 2026-11-23 12:00 UTC unless a person decides otherwise.",
    )
    assert case(desk, 1002).reasons[-1] == RULE_ACTED == "a rule acted: confirm or undo"
    assert case(desk, 1002).priority > before
    assert to_confirm(desk) == ([1002], 1)


def test_more_complaints_leave_the_case_waiting_and_act_only_once(desk: Desk) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)
    arrive(desk, PHISH)
    arrive(desk, replace(PHISH, campaign=b"another"))

    assert len(in_force(desk)) == 1
    assert RULE_ACTED in case(desk).reasons
    assert to_confirm(desk) == ([1001], 1)


def test_a_person_confirms_it_and_it_stands_until_its_end(desk: Desk, clock: SetClock) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)
    (held,) = in_force(desk)
    with desk.work() as work:
        service.confirm(work, ANNA, held.id)

    (stands,) = in_force(desk)
    assert (stands.waiting, stands.confirmed_by, stands.until) == (None, ANNA.name, clock.at + timedelta(hours=24))
    assert RULE_ACTED not in case(desk).reasons
    assert to_confirm(desk) == ([], 0)


def test_a_person_s_no_ends_it_and_stands_for_thirty_days(desk: Desk, clock: SetClock) -> None:
    load(desk, {**HOLD, "when": {**HOLD["when"], "account_younger_than_days": 100}})
    arrive(desk, PHISH)
    decline(desk)

    assert in_force(desk) == ()
    assert told(desk)[0] == (EventKind.DECLINED, "It was a newsletter.")
    assert RULE_ACTED not in case(desk).reasons
    clock.move(timedelta(days=29))
    arrive(desk, PHISH)
    assert in_force(desk) == ()
    clock.move(timedelta(days=1))
    arrive(desk, PHISH)
    assert len(in_force(desk)) == 1


def test_what_was_lifted_before_anybody_confirmed_it_was_a_no(desk: Desk) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)
    (held,) = in_force(desk)
    with desk.work() as work:
        service.lift(work, ANNA, held.id, "a mistake")
    arrive(desk, PHISH)

    assert in_force(desk) == ()


def test_one_no_binds_one_rule_only(desk: Desk) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)
    decline(desk)
    load(desk, HOLD, {**HOLD, "id": "other", "when": {"kinds": ["phishing"], "verdict": "likely"}})
    arrive(desk, PHISH)

    assert [each.rule for each in in_force(desk)] == ["other"]


def test_after_its_end_the_rule_acts_again_where_it_still_applies(desk: Desk, clock: SetClock) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)
    clock.move(timedelta(hours=24))
    expire(desk)

    assert in_force(desk) == ()
    assert RULE_ACTED not in case(desk).reasons
    arrive(desk, PHISH)
    assert len(in_force(desk)) == 1
    with desk.work() as work:
        assert [each.ending for each in enforcement.history(work, "fresh")] == [None, Ending.EXPIRED]


@pytest.mark.parametrize(
    "complaint",
    [
        replace(PHISH, verdict=Verdict.UNPROVEN),
        replace(PHISH, verdict=Verdict.CONTRADICTED),
        replace(PHISH, category=Category.SPAM),
        replace(PHISH, sender="acme"),
        replace(PHISH, replayed=True),
        replace(PHISH, sender=None, verdict=Verdict.UNPROVEN),
    ],
)
def test_what_a_rule_does_not_name_it_leaves_alone(desk: Desk, complaint: Incoming) -> None:
    load(desk, HOLD)
    arrive(desk, complaint)

    assert in_force(desk) == in_force(desk, "acme") == ()


def test_a_sender_that_is_stopped_altogether_is_left_as_it_is(desk: Desk) -> None:
    load(desk, HOLD)
    with desk.work() as work:
        enforcement.act(work, ANNA, "fresh", Decision(ActionKind.SUSPEND, "known"))
    arrive(desk, PHISH)

    assert [each.kind for each in in_force(desk)] == [ActionKind.SUSPEND]


def test_a_person_s_hold_is_not_held_again(desk: Desk) -> None:
    load(desk, HOLD)
    with desk.work() as work:
        enforcement.act(work, ANNA, "fresh", Decision(ActionKind.HOLD, "known"))
    arrive(desk, PHISH)

    assert [each.by for each in in_force(desk)] == [ANNA.name]


def test_a_rate_past_the_line_throttles(desk: Desk, clock: SetClock) -> None:
    load(desk, SLOW)
    delivered(desk, "acme", clock.at.date(), 2_000)
    arrive(desk, *[CLICK] * 15)
    assert in_force(desk, "acme") == ()
    arrive(desk, *[CLICK] * 15)

    (slowed,) = in_force(desk, "acme")
    assert (slowed.kind, slowed.per_hour) == (ActionKind.THROTTLE, 100)
    assert told(desk)[0][1] == (
        "Complaints past the critical line. At most 100 recipients an hour. "
        "Rule high-rate, until 2026-11-24 12:00 UTC unless a person decides otherwise."
    )


def test_without_known_volumes_no_rate_is_past_a_line(desk: Desk) -> None:
    load(desk, SLOW)
    arrive(desk, *[CLICK] * 50)

    assert in_force(desk, "acme") == ()


def test_complaints_from_before_a_person_let_the_sender_send_again_do_not_count(desk: Desk, clock: SetClock) -> None:
    load(desk, SLOW)
    delivered(desk, "acme", clock.at.date(), 2_000)
    arrive(desk, *[CLICK] * 30)
    (slowed,) = in_force(desk, "acme")
    with desk.work() as work:
        service.confirm(work, ANNA, slowed.id)
    with desk.work() as work:
        service.lift(work, ANNA, slowed.id, "The list was cleaned.")
    clock.move(timedelta(days=1))
    delivered(desk, "acme", clock.at.date(), 2_000)

    arrive(desk, CLICK)
    assert in_force(desk, "acme") == ()
    arrive(desk, *[CLICK] * 30)
    assert len(in_force(desk, "acme")) == 1


def test_rules_that_ended_do_nothing_more_and_what_they_did_stands(desk: Desk) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)
    with desk.work() as work:
        assert clear_rules(work, ANNA) == 1
        add_sender(work, "newer", days=1)
    arrive(desk, replace(PHISH, sender="newer"))

    assert len(in_force(desk)) == 1
    assert in_force(desk, "newer") == ()


def test_a_rule_rests_on_clauses_that_there_are(desk: Desk) -> None:
    with pytest.raises(Rejected, match="no clause 'manners'"):
        load(desk, {**HOLD, "then": {**HOLD["then"], "grounds": ["manners"]}})


def test_a_policy_that_cannot_be_read_costs_no_report(desk: Desk, tmp_path: Path) -> None:
    load(desk, HOLD)
    with desk.work() as work:
        work.settings = replace(work.settings, clauses=tmp_path / "missing.json")
        routed = service.route(work, stored(work, [PHISH]))

    assert set(routed.values()) == {1001}
    assert in_force(desk) == ()


def test_a_clause_that_the_policy_lost_is_no_reason_to_do_nothing(desk: Desk, tmp_path: Path) -> None:
    load(desk, HOLD)
    policy = tmp_path / "policy.json"
    policy.write_text('{"clauses": [{"id": "other", "title": "Other", "text": "Be kind."}]}')
    with desk.work() as work:
        work.settings = replace(work.settings, clauses=policy)
        service.route(work, stored(work, [PHISH]))

    (held,) = in_force(desk)
    assert held.grounds == ()


def test_what_a_rule_did_is_on_the_record(desk: Desk) -> None:
    load(desk, HOLD)
    arrive(desk, PHISH)

    with desk.work() as work:
        entries = {each.action: each for each in audit.read(work)}
        assert audit.verify(work) is None
    assert {"rules.load", "sender.hold", "case.hold"} <= entries.keys()
    assert entries["rules.load"].actor == ANNA.name
    assert entries["sender.hold"].detail == {
        "case": "C1001",
        "reason": HOLD["reason"],
        "rule": "new-phishing",
        "until": "2026-11-23T12:00:00+00:00",
    }


def statements(desk: Desk, complaints: Sequence[Incoming]) -> int:
    said: list[object] = []
    count = lambda *rest: said.append(rest)  # noqa: E731 - to be taken away again
    sa.event.listen(desk.engine, "before_cursor_execute", count)
    with desk.work() as work:
        service.route(work, complaints)
    sa.event.remove(desk.engine, "before_cursor_execute", count)
    return len(said)


def test_rules_cost_a_batch_a_few_statements_and_none_where_there_are_none(desk: Desk) -> None:
    with desk.work() as work:
        batches = [
            stored(work, [replace(PERSON, campaign=bytes([turn, n])) for n in range(many)])
            for turn, many in enumerate((100, 100, 2))
        ]
    without = statements(desk, batches[0])
    load(desk, HOLD, SLOW)

    assert statements(desk, batches[1]) == without + 4
    assert statements(desk, batches[2]) == without + 4


def test_two_workers_hold_many_senders_once_each_and_block_nobody(desk: Desk) -> None:
    names = [f"s{number}" for number in range(6)]
    load(desk, HOLD)
    with desk.work() as work:
        for name in names:
            add_sender(work, name, days=2)
        batches = [
            stored(work, [replace(PHISH, sender=name, campaign=bytes([turn])) for name in order])
            for turn, order in enumerate((names, names[::-1], names, names[::-1]))
        ]
    together = Barrier(len(batches))

    def work_off(batch: Sequence[Incoming]) -> None:
        together.wait(30)
        with desk.work() as work:
            service.route(work, batch)

    with ThreadPoolExecutor(len(batches)) as workers:
        list(workers.map(work_off, batches))
    assert [len(in_force(desk, name)) for name in names] == [1] * len(names)
