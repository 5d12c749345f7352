"""What the policy service reads at once is what the enforcement says of each sender."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlmodel import Session

from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk, wire
from app.enforcement import service, snapshot_service
from app.enforcement.domain import ActionKind, Scope, ScopeKind, hardest
from app.enforcement.models import Suppression
from app.enforcement.service import Decision
from app.enforcement.snapshot import Owner, Snapshot
from app.enforcement.suppression import Cause, Pairs, pair
from app.senders import service as senders
from app.senders.roster import read_roster
from tests.triage.arriving import SetClock

ANNA = Actor("anna@desk.test", 1)


def roster(desk: Desk, **senders_: dict[str, object]) -> None:
    """Imports one sender for each name with what is told of it."""
    listed = [{"id": name, "name": name, "contact": ""} | told for name, told in senders_.items()]
    with desk.work() as work:
        senders.import_roster(work, OPERATOR, read_roster(json.dumps({"senders": listed})))


def login(value: str, **other: str) -> dict[str, str]:
    return {"kind": "login", "value": value} | other


@pytest.fixture(autouse=True)
def four_customers(desk: Desk) -> None:
    acme = [
        login("mailer@acme.test", stream="news"),
        login("bills@acme.test"),
        {"kind": "domain", "value": "acme.test"},
    ]
    roster(
        desk,
        acme={"identities": acme},
        beta={"identities": [login("mailer@beta.test"), login("old@beta.test", until="2020-01-01T00:00:00Z")]},
        gone={"identities": [login("mailer@gone.test")], "status": "suspended"},
        free={"identities": [login("mailer@free.test"), login("mailer@beta.test")]},
    )


def act(desk: Desk, sender: str, kind: ActionKind, **more: object) -> None:
    with desk.work() as work:
        service.act(work, ANNA, sender, Decision(kind, "spam", **more))  # type: ignore[arg-type]


def snapshot(desk: Desk, before: Snapshot | None = None, *, changed: bool = True) -> Snapshot:
    with desk.work() as work:
        return snapshot_service.snapshot(work, before or Snapshot(), changed=changed)


def uid(desk: Desk, sender: str) -> bytes:
    with desk.work() as work:
        return senders.find(work, sender).uid.bytes


def test_every_login_that_somebody_has_now_is_known_with_its_stream(desk: Desk) -> None:
    logins = snapshot(desk).logins

    assert set(logins) == {
        "mailer@acme.test",
        "bills@acme.test",
        "mailer@beta.test",
        "mailer@gone.test",
        "mailer@free.test",
    }
    assert logins["mailer@acme.test"] == (Owner(uid(desk, "acme"), "news"),)
    assert {each.uid for each in logins["mailer@beta.test"]} == {uid(desk, "beta"), uid(desk, "free")}


def test_it_says_of_each_sender_what_bites(desk: Desk) -> None:
    act(desk, "acme", ActionKind.THROTTLE, per_hour=60, scope=Scope(ScopeKind.STREAM, "news"))
    act(desk, "acme", ActionKind.HOLD, until=datetime.now(UTC) + timedelta(hours=1))
    act(desk, "acme", ActionKind.WARN, until=datetime.now(UTC) + timedelta(hours=1))
    act(desk, "beta", ActionKind.SUSPEND, case_number=1001)
    act(desk, "free", ActionKind.TERMINATE)

    found = snapshot(desk).measures

    with desk.work() as work:
        standing = service.standing(work)
    assert {uid: set(some) for uid, some in found.items()} == {
        each.uid: set(each.measures) for each in standing.values()
    }
    assert set(found) == {uid(desk, name) for name in ("acme", "beta", "gone")}


def test_a_suspension_of_the_roster_bites_again_when_one_of_ours_on_top_of_it_is_over(desk: Desk) -> None:
    over = datetime.now(UTC) + timedelta(hours=1)
    act(desk, "gone", ActionKind.SUSPEND, until=over, case_number=1001)
    act(desk, "beta", ActionKind.SUSPEND, until=over, case_number=1002)

    found = snapshot(desk).measures

    now, then = [
        {name: hardest(m for m in found[uid(desk, name)] if m.holds(at)) for name in ("gone", "beta")}
        for at in (over - timedelta(seconds=1), over)
    ]
    assert {name: each.case_number for name, each in now.items() if each} == {"gone": 1001, "beta": 1002}
    assert {name: each.case_number for name, each in then.items() if each} == {"gone": None}


def test_probes_know_the_names_of_senders_with_measures(desk: Desk) -> None:
    act(desk, "acme", ActionKind.SUSPEND)

    names = snapshot(desk).names

    assert set(names) == {uid(desk, "acme"), uid(desk, "gone")}
    said = {(each.login, each.stream, each.domain) for each in names[uid(desk, "acme")].values()}
    assert said == {("mailer@acme.test", "news", ""), ("bills@acme.test", "", ""), ("", "", "acme.test")}


def test_where_nothing_changed_nothing_is_read_anew(desk: Desk) -> None:
    before = snapshot(desk)

    assert snapshot(desk, before, changed=False) is before


@pytest.mark.parametrize(
    "told",
    [
        {"identities": [login("new@free.test")]},
        {"identities": [login("mailer@free.test", stream="bills")]},
        {"identities": [login("mailer@free.test", until="2020-01-01T00:00:00Z")]},
        {"identities": [{"kind": "domain", "value": "free.test"}]},
        {"status": "suspended"},
    ],
)
def test_a_changed_roster_is_seen_without_an_action(desk: Desk, told: dict[str, object]) -> None:
    before = snapshot(desk)
    roster(desk, free=told)

    assert snapshot(desk, before, changed=False) is not before


def test_a_login_that_begins_or_ends_by_the_clock_is_seen(desk: Desk) -> None:
    roster(desk, free={"identities": [login("soon@free.test", since="2031-01-01T00:00:00Z")]})
    before = snapshot(desk)

    class Later:
        def now(self) -> datetime:
            return datetime(2031, 1, 1, tzinfo=UTC)

    later = wire(desk.settings, clock=Later())
    after = snapshot(later, before, changed=False)
    later.close()

    assert "soon@free.test" not in before.logins
    assert "soon@free.test" in after.logins


def suppress(session: Session, sender: str, number: int, at: datetime, *, lifted: bool = False) -> int:
    """A suppression that was written last at `at`; its pair."""
    recipient = number.to_bytes(16, "big")
    row = Suppression(
        id=uuid4(),
        sender_id=sender,
        recipient_key=recipient,
        pair=pair(b"s" * 16, recipient),
        cause=Cause.OPT_OUT,
        by="x",
        since=at,
        due=at,
        lifted_at=at if lifted else None,
        changed_at=at,
    )
    session.add(row)
    return row.pair


def test_all_suppressions_in_force_are_read(desk: Desk) -> None:
    with desk.work() as work:
        there = [suppress(work.session, "acme", number, work.now) for number in range(300)]
        gone = [suppress(work.session, "acme", 1000 + number, work.now, lifted=True) for number in range(3)]

    with desk.work() as work:
        pairs, _ = snapshot_service.suppressed(work)
    assert len(pairs) == 300
    assert all(each in pairs for each in there)
    assert not any(each in pairs for each in gone)


def test_without_suppressions_there_are_none(desk: Desk) -> None:
    with desk.work() as work:
        pairs, since = snapshot_service.suppressed(work)
        snapshot_service.follow(work, pairs, since)
    assert len(pairs) == 0


def test_what_was_suppressed_or_lifted_since_is_followed(desk: Desk) -> None:
    pairs = Pairs()
    with desk.work() as work:
        long_ago = suppress(work.session, "acme", 1, work.now - timedelta(hours=2))
        new = suppress(work.session, "acme", 2, work.now)
        lifted = suppress(work.session, "acme", 3, work.now, lifted=True)
    pairs.change([lifted], [])

    with desk.work() as work:
        snapshot_service.follow(work, pairs, work.now - timedelta(hours=1))

    assert [each in pairs for each in (long_ago, new, lifted)] == [False, True, False]


def test_what_a_transaction_writes_that_was_open_for_long_is_followed(desk: Desk) -> None:
    clock = SetClock(datetime.now(UTC))
    later = wire(desk.settings, clock=clock)
    with later.work() as slow:
        written = suppress(slow.session, "acme", 1, slow.now)
        slow.session.flush()
        clock.move(timedelta(minutes=30))
        with later.work() as work:
            pairs, since = snapshot_service.suppressed(work)
    with later.work() as work:
        snapshot_service.follow(work, pairs, since)
    later.close()

    assert written in pairs


def test_the_snapshot_keeps_its_suppressions(desk: Desk) -> None:
    pairs = Pairs([1, 2, 3])

    assert snapshot(desk, replace(Snapshot(), pairs=pairs)).pairs is pairs
