"""Keys followed in DNS over months, and what they still prove after they are gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from app.attribution import keys_cli, keys_service
from app.attribution import service as attribution
from app.attribution.domain import Verdict
from app.attribution.keys_service import Watched
from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.errors import Conflict, NotFound
from app.infra.leader import KEYS_LOCK, Lead
from app.intake import service as intake
from app.intake.domain import Arrival, Door
from app.mail.domain import KeyAnswer, KeyState
from app.pipeline import work_off
from app.senders.roster import read_roster
from app.senders.service import import_roster
from tests.factories.signed import KeyPair, key_pair, record, sign_tags

NAME = "s1._domainkey.acme.test"
JULY, AUGUST, SEPTEMBER = (datetime(2026, month, 12, 9, tzinfo=UTC) for month in (7, 8, 9))
FIRST, SECOND = key_pair(), key_pair(2048, 1)


@dataclass
class Calendar:
    """A clock that stands at a moment."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class Place:
    """A desk with a calendar and a DNS of its own."""

    desk: Desk
    calendar: Calendar
    zone: Path

    def publish(self, *lines: str) -> None:
        self.zone.write_text("".join(f"{line}\n" for line in lines))

    def watch(self, at: datetime) -> dict[str, str]:
        """What the watch says has changed at that time."""
        self.calendar.at = at
        return {each.name: each.kind for each in self.round().changes}

    def round(self) -> Watched:
        return keys_service.watch(self.desk.work, self.desk.resolver)

    def reported(self, sent: datetime, at: datetime, *, told: bool = True) -> tuple[Verdict, str]:
        """Verdict and key state of a report that comes `at` about a mail that arrived when it was `sent`."""
        self.calendar.at = at
        with self.desk.work() as work:
            stored = intake.store(work, Arrival(complaint(sent, told), Door.LMTP))
        assert work_off(self.desk, 10) == 1
        with self.desk.work() as work:
            (found,) = attribution.explained(work, stored.report)
        return found.verdict, str(found.dkim[0]["key"])


def mail(sent: datetime, pair: KeyPair = FIRST) -> bytes:
    message = (
        f"From: Acme <news@acme.test>\r\nTo: a@loop.test\r\nSubject: News\r\nDate: {format_datetime(sent)}\r\n"
        f"Message-ID: <{sent.timestamp()}@acme.test>\r\n\r\nHello.\r\n"
    )
    return sign_tags(message.encode(), pair, d="acme.test")


def complaint(sent: datetime, told: bool) -> bytes:
    arrival = f"Arrival-Date: {format_datetime(sent)}\r\n" if told else ""
    head = (
        "From: feedback@loop.test\r\nTo: abuse@relay.test\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        f"Feedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n{arrival}\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
    )
    return head.encode() + mail(sent) + b"\r\n--b--\r\n"


def line(pair: KeyPair, name: str = NAME) -> str:
    return f"{name}\t{record(pair)}"


def roster(desk: Desk, *identities: Mapping[str, str], sender: str = "acme") -> None:
    listed = {"senders": [{"id": sender, "identities": [{"kind": "dkim", **each} for each in identities]}]}
    with desk.work() as work:
        assert not import_roster(work, OPERATOR, read_roster(json.dumps(listed))).faults


@pytest.fixture
def place(desk: Desk) -> Place:
    calendar = Calendar(JULY)
    own = replace(desk, clock=calendar, work=replace(desk.work, clock=calendar))
    assert desk.settings.dns_zone is not None
    made = Place(own, calendar, desk.settings.dns_zone)
    made.publish(line(FIRST))
    roster(own, {"value": "acme.test", "selector": "s1"})
    return made


def test_a_key_watched_in_july_proves_in_september_what_was_sent_in_july(place: Place) -> None:
    assert place.watch(JULY) == {NAME: "new"}
    place.publish(line(SECOND))
    assert place.watch(AUGUST) == {NAME: "new"}

    assert place.reported(JULY, SEPTEMBER) == (Verdict.PROVEN, "rotated")


def test_a_key_that_nobody_watched_proves_nothing_once_it_is_replaced(place: Place) -> None:
    place.publish(line(SECOND))

    assert place.reported(JULY, SEPTEMBER) == (Verdict.UNPROVEN, "found")


def test_a_key_that_is_taken_away_still_proves_the_mail_of_its_time_and_no_later_one(place: Place) -> None:
    place.watch(JULY)
    place.publish()
    assert place.watch(AUGUST) == {NAME: "gone"}

    assert place.reported(JULY, SEPTEMBER) == (Verdict.PROVEN, "cached")
    assert place.reported(SEPTEMBER - timedelta(days=1), SEPTEMBER) == (Verdict.UNPROVEN, "none")


def test_a_report_that_does_not_say_when_the_mail_arrived_is_held_against_its_own_arrival(place: Place) -> None:
    place.watch(JULY)
    place.publish()

    assert place.reported(JULY, JULY + timedelta(days=20), told=False)[0] is Verdict.PROVEN
    assert place.reported(JULY - timedelta(days=1), SEPTEMBER, told=False)[0] is Verdict.UNPROVEN


def test_a_revoked_key_proves_what_arrived_before_it_was_seen_revoked_and_nothing_after(place: Place) -> None:
    place.watch(JULY)
    place.publish(f"{NAME}\tv=DKIM1; p=")
    revoked = JULY + timedelta(days=3)
    assert place.watch(revoked) == {NAME: "revoked"}

    assert place.reported(JULY, SEPTEMBER) == (Verdict.PROVEN, "rotated")
    assert place.reported(revoked + timedelta(hours=1), SEPTEMBER) == (Verdict.UNPROVEN, "revoked")

    place.publish()
    assert place.reported(revoked + timedelta(hours=2), SEPTEMBER)[0] is Verdict.UNPROVEN
    assert place.reported(JULY + timedelta(hours=1), SEPTEMBER)[0] is Verdict.PROVEN


def test_each_change_is_told_once_and_a_key_may_come_back(place: Place) -> None:
    hours = [JULY + timedelta(hours=6 * number) for number in range(7)]
    assert place.watch(hours[0]) == {NAME: "new"}
    assert place.watch(hours[1]) == {}
    place.publish()
    assert place.watch(hours[2]) == {NAME: "gone"}
    assert place.watch(hours[3]) == {}
    place.publish(line(FIRST))
    assert place.watch(hours[4]) == {NAME: "back"}
    with place.desk.work() as work:
        (kept,) = keys_service.of_sender(work, "acme")
    assert (kept.first_seen, kept.last_seen, kept.gone_at) == (hours[0], hours[4], None)


def test_a_dns_that_does_not_answer_changes_nothing(place: Place) -> None:
    place.watch(JULY)
    place.zone.unlink()
    place.calendar.at = AUGUST
    watched = place.round()
    assert (watched.asked, watched.unanswered, watched.changes) == (1, 1, ())
    with place.desk.work() as work:
        (kept,) = keys_service.of_sender(work, "acme")
    assert (kept.last_seen, kept.gone_at) == (JULY, None)


def test_what_is_followed_is_the_senders_keys_and_those_that_reports_showed_lately(place: Place) -> None:
    roster(place.desk, {"value": "bare.test"}, sender="bare")
    roster(place.desk, {"value": "past.test", "selector": "s1", "until": "2026-01-01T00:00:00Z"}, sender="past")
    own, loop, stranger = (f"x._domainkey.{domain}" for domain in ("bare.test", "senderscore.net", "else.test"))
    place.publish(*(line(FIRST, name) for name in (NAME, own, loop, stranger)))
    found = place.desk.resolver.look_up([own, loop, stranger])
    with place.desk.work() as work:
        keys_service.note(work, found)
        assert keys_service.names_to_watch(work) == [NAME, own, loop, stranger]

    place.watch(JULY + timedelta(days=59))
    place.calendar.at = JULY + timedelta(days=61)
    with place.desk.work() as work:
        assert keys_service.names_to_watch(work) == [NAME, own, loop]
    place.calendar.at = JULY + timedelta(days=120)
    with place.desk.work() as work:
        assert keys_service.names_to_watch(work) == [NAME]


def test_more_names_than_a_batch_are_all_asked_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_service, "BATCH", 2)
    roster(place.desk, *({"value": "acme.test", "selector": f"k{number}"} for number in range(5)))
    place.publish(*(line(FIRST, f"k{number}._domainkey.acme.test") for number in range(5)))
    assert len(place.watch(JULY)) == 5
    monkeypatch.setattr(keys_service, "MOST_NAMES", 3)
    assert place.round().asked == 3


def test_a_batch_is_kept_before_the_next_is_asked_for(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dies:
        def __init__(self) -> None:
            self.asked = 0

        def look_up(self, names: object) -> dict[str, KeyAnswer]:
            self.asked += 1
            if self.asked > 1:
                raise KeyboardInterrupt
            return {NAME: KeyAnswer(KeyState.FOUND, record(FIRST).encode())}

    monkeypatch.setattr(keys_service, "BATCH", 1)
    roster(place.desk, {"value": "acme.test", "selector": "s2"})
    with pytest.raises(KeyboardInterrupt):
        keys_service.watch(place.desk.work, Dies())
    with place.desk.work() as work:
        assert [each.name for each in keys_service.of_sender(work, "acme")] == [NAME]


@pytest.fixture
def run(place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(keys_cli, "opened", lambda: nullcontext(place.desk))

    def run(*words: str) -> Result:
        return CliRunner().invoke(keys_cli.keys, words, catch_exceptions=True)

    return run


def test_operators_look_and_list(place: Place, run: Callable[..., Result]) -> None:
    said = json.loads(run("watch", "--once", "--json").output)
    assert said == {"asked": 1, "unanswered": 0, "changes": [{"name": NAME, "change": "new"}]}
    assert run("watch", "--once").output == "1 keys asked for, 0 without an answer, 0 changed.\n"

    listed = json.loads(run("list", "--sender", "acme", "--json").output)
    assert listed["name"] == NAME and listed["state"] == "there" and listed["gone_at"] is None
    assert listed["first_seen"] == listed["last_seen"] == JULY.isoformat()
    assert run("list").output == f"2026-07-12 to 2026-07-12  there    {NAME}\n"
    assert isinstance(run("list", "--sender", "nobody").exception, NotFound)


def test_the_list_goes_on_behind_its_first_page(
    place: Place, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_service, "PAGE", 2)
    names = [f"k{number}._domainkey.acme.test" for number in range(5)]
    place.publish(*(line(FIRST, name) for name in names))
    with place.desk.work() as work:
        keys_service.note(work, place.desk.resolver.look_up(names))
    assert [json.loads(each)["name"] for each in run("list", "--json").output.splitlines()] == names


def test_a_sender_sees_the_selectors_that_are_its_own(place: Place, run: Callable[..., Result]) -> None:
    roster(place.desk, {"value": "acme.test", "selector": "s2"}, sender="other")
    place.publish(line(FIRST), line(SECOND, "s2._domainkey.acme.test"))
    place.watch(JULY)
    assert run("list", "--sender", "other").output.split()[-1] == "s2._domainkey.acme.test"
    assert run("list", "--sender", "acme").output.split()[-1] == NAME


def test_one_process_looks_at_a_time(place: Place, run: Callable[..., Result]) -> None:
    other = Lead(place.desk.engine, KEYS_LOCK)
    assert other.held()
    assert isinstance(run("watch", "--once").exception, Conflict)
    other.leave()
    assert run("watch", "--once").exit_code == 0


def test_without_once_it_waits_and_looks_again(
    place: Place, run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(keys_cli, "time", SimpleNamespace(sleep=wait))  # not the one of every thread
    assert run("watch").output.count("keys asked for") == 2
    assert waits == [6 * 3600] * 2
