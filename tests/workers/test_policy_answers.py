"""Whatever Postfix asks and whatever is known: one fitting answer, and no mail refused but those that are stopped."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.enforcement.delegation import PASS, Instances, plainly_asked, question, read_request
from app.enforcement.domain import BITING, STOPPING, ActionKind, Measure, Message, Scope, ScopeKind
from app.enforcement.probing import probe_local
from app.enforcement.snapshot import Judge, Owner, Snapshot, probe_names
from app.enforcement.stamp import Stamp
from app.enforcement.suppression import Pairs, pair
from app.errors import Rejected
from app.infra.buckets import SharedBuckets
from app.senders import tokens
from workers.policy_talk import Answers, Line, end_idle
from workers.policy_throttle import Throttle

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KEYS = {1: b"k" * 32}
ACME, BETA = b"A" * 16, b"B" * 16
PROBE = "probe@relay.test"


@dataclass
class Fixed:
    """The time, and what is known."""

    snapshot: Snapshot
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


def key(recipient: str) -> bytes:
    return recipient.strip().lower().encode("utf-8", "surrogatepass")


def answers(known: Snapshot, stamp: str = "feedback-id") -> Answers:
    """The service's answers without Redis."""
    fixed, throttle = Fixed(known), Throttle(SharedBuckets("unix:///nowhere/redis.sock"))
    return Answers(fixed, fixed, Judge(key, PROBE), Stamp(stamp, KEYS, "Relay"), throttle, fixed.seconds)


def said(by: Answers, **attributes: str) -> str:
    """The action of the answer."""
    given = {"request": "smtpd_access_policy", "protocol_state": "DATA", "sender": "news@acme.test"} | attributes
    return heard(by, "\n".join(f"{name}={value}" for name, value in given.items()).encode() + b"\n\n")


def heard(by: Answers, request: bytes) -> str:
    async def ask() -> bytes:
        answer = by.to(request)
        return answer if isinstance(answer, bytes) else await answer

    answer = asyncio.run(ask())
    assert re.fullmatch(rb"action=[\x20-\x7e]+\n\n", answer)
    return answer.decode()[len("action=") : -2]


def measure(kind: ActionKind, scope: str = "sender", per_hour: int | None = None, **other: datetime) -> Measure:
    name, _, value = scope.partition(":")
    since, until = other.get("since", NOW - timedelta(days=1)), other.get("until")
    return Measure(uuid4(), kind, Scope(ScopeKind(name), value), since, until, per_hour, 1001)


def known(*measures: Measure, pairs: Iterable[int] = ()) -> Snapshot:
    """Acme with these measures and two logins, and Beta."""
    logins = {
        "mailer@acme.test": (Owner(ACME, "news"),),
        "bills@acme.test": (Owner(ACME),),
        "mailer@beta.test": (Owner(BETA),),
    }
    acting = {ACME: measures} if measures else {}
    names = probe_names(logins, [("acme.test", ACME), ("shop.test", ACME)], acting)
    return Snapshot(logins, acting, names, Pairs(pairs))


MAILER = {"sasl_username": "mailer@acme.test"}


@pytest.mark.parametrize("kind", STOPPING)
@pytest.mark.parametrize("state", ["RCPT", "DATA", "BDAT", "END-OF-MESSAGE", "MAIL", "CONNECT", ""])
def test_a_stopped_mail_is_refused_whatever_the_command(kind: ActionKind, state: str) -> None:
    assert said(answers(known(measure(kind))), protocol_state=state, **MAILER).startswith("REJECT 5.7.1 ")


def test_the_strictest_of_several_bites() -> None:
    both = known(measure(ActionKind.THROTTLE, per_hour=12), measure(ActionKind.HOLD), measure(ActionKind.SUSPEND))

    assert said(answers(both), **MAILER) == "REJECT 5.7.1 Sending is suspended for this account, case C1001"


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        ("login:mailer@acme.test", ["mailer@acme.test"]),
        ("stream:news", ["mailer@acme.test"]),
        ("domain:acme.test", ["mailer@acme.test", "bills@acme.test"]),
        ("domain:shop.test", []),
    ],
)
def test_only_mail_in_the_scope_is_refused(scope: str, refused: list[str]) -> None:
    by = answers(known(measure(ActionKind.SUSPEND, scope)))

    logins = ("mailer@acme.test", "bills@acme.test", "mailer@beta.test")
    assert [each for each in logins if said(by, sasl_username=each).startswith("REJECT")] == refused


def test_the_operator_may_name_the_stream_where_the_login_does_not() -> None:
    by = answers(known(measure(ActionKind.SUSPEND, "stream:bills")))

    assert said(by, sasl_username="bills@acme.test", policy_context="stream=Bills").startswith("REJECT")
    assert said(by, sasl_username="bills@acme.test", policy_context="downstream=bills").startswith("PREPEND")
    assert said(by, policy_context="stream=bills", **MAILER).startswith("PREPEND")


def test_a_measure_ends_by_the_clock_and_has_begun_whatever_ours_says() -> None:
    decided = measure(ActionKind.SUSPEND, since=NOW + timedelta(minutes=5))
    over = measure(ActionKind.SUSPEND, until=NOW)

    assert said(answers(known(over)), **MAILER).startswith("PREPEND")
    assert said(answers(known(decided, over)), **MAILER).startswith("REJECT")


def test_a_login_of_two_senders_is_refused_where_one_of_them_is_stopped_and_never_stamped() -> None:
    shared = known(measure(ActionKind.SUSPEND))
    shared = Snapshot({"mailer@acme.test": (Owner(BETA), Owner(ACME))}, shared.measures)

    assert said(answers(shared), **MAILER).startswith("REJECT")
    assert said(answers(Snapshot(shared.logins)), **MAILER) == "DUNNO"


@pytest.mark.parametrize("stamp", ["feedback-id", "cfbl-feedback-id"])
@pytest.mark.parametrize("context", ["", "held=x", "stream=news"])
def test_what_passes_is_stamped_once_where_it_is_asked_about_first(stamp: str, context: str) -> None:
    by = answers(known(), stamp)

    def asked(instance: str, *states: str) -> list[str]:
        about = {"instance": instance, "policy_context": context} | MAILER
        return [said(by, protocol_state=each, **about).lower().partition(":")[0] for each in states]

    stamped = f"prepend {stamp}"
    assert asked("1", "MAIL", "RCPT", "RCPT", "DATA", "END-OF-MESSAGE") == ["dunno", stamped, *["dunno"] * 3]
    assert asked("2", "DATA", "END-OF-MESSAGE") == [stamped, "dunno"]
    assert asked("3", "BDAT", "END-OF-MESSAGE") == [stamped, "dunno"]
    assert asked("", "RCPT", "END-OF-MESSAGE") == ["dunno"] * 2


def test_a_mail_whose_first_recipient_is_refused_is_stamped_with_the_next() -> None:
    by = answers(known(pairs=[pair(ACME, key("karl@mailbox.test"))]))
    about = {"protocol_state": "RCPT", "instance": "1"} | MAILER

    told = [said(by, recipient=f"{each}@mailbox.test", **about).split()[0] for each in ("karl", "anna", "lena")]
    assert told == ["REJECT", "PREPEND", "DUNNO"]


def test_mail_of_nobody_we_know_passes_as_it_is() -> None:
    assert said(answers(known()), sasl_username="stranger@else.test") == "DUNNO"
    assert said(answers(known()), sasl_username="") == "DUNNO"


@pytest.mark.parametrize("second", ["RCPT", "DATA"])
@pytest.mark.parametrize("context", ["", "held=desk_held"])
def test_held_mail_is_stamped_when_it_is_asked_about_again(second: str, context: str) -> None:
    by = answers(known(measure(ActionKind.HOLD)))
    states = ("RCPT", second, "RCPT", "DATA", "END-OF-MESSAGE")

    about = {"instance": "1.2.3", "policy_context": context} | MAILER
    asked = [said(by, protocol_state=each, **about).split()[0] for each in states]
    assert asked == ["desk_held" if context else "HOLD", "PREPEND", *["HOLD"] * 3]


@pytest.mark.parametrize("state", ["RCPT", "DATA", "END-OF-MESSAGE"])
@pytest.mark.parametrize(
    ("stamp", "about"),
    [
        ("no", {"instance": "1", "policy_context": "held=desk_held"}),
        ("feedback-id", {"policy_context": "held=desk_held"}),
        ("feedback-id", {"instance": "1", "policy_context": "held="}),
        ("feedback-id", {"instance": "1", "policy_context": "held=a:b unheld=desk"}),
    ],
)
def test_where_no_stamp_can_come_held_mail_is_held_with_its_case(
    stamp: str, about: dict[str, str], state: str
) -> None:
    by = answers(known(measure(ActionKind.HOLD)), stamp)

    assert said(by, protocol_state=state, **about, **MAILER) == "HOLD Mail of this account is kept back, case C1001"


def test_a_suppressed_recipient_is_refused_and_no_other() -> None:
    by = answers(known(pairs=[pair(ACME, key("karl@mailbox.test"))]))

    refused = "REJECT 5.7.1 The recipient wants no more mail from this sender"
    assert said(by, protocol_state="RCPT", recipient="Karl@Mailbox.test", **MAILER) == refused
    assert said(by, recipient="karl@mailbox.test", **MAILER) == refused
    assert said(by, protocol_state="RCPT", recipient="karla@mailbox.test", **MAILER) == "DUNNO"
    other = said(by, protocol_state="RCPT", recipient="karl@mailbox.test", sasl_username="mailer@beta.test")
    assert other == "DUNNO"


def test_a_throttled_sender_is_slowed_by_recipients_and_told_the_limit() -> None:
    by = answers(known(measure(ActionKind.THROTTLE, per_hour=120)))

    asked = [said(by, recipient_count="4", **MAILER) for _ in range(3)]
    assert [each.split()[0] for each in asked] == ["PREPEND", "PREPEND", "DEFER"]
    assert asked[-1] == "DEFER 4.7.1 This account is at its limit of 120 recipients an hour, case C1001"


@pytest.mark.parametrize("states", [("RCPT",), ("DATA",), ("RCPT", "DATA"), ("BDAT",), ("END-OF-MESSAGE",)])
def test_one_mail_takes_from_the_bucket_once_wherever_it_is_asked_about(states: tuple[str, ...]) -> None:
    by = answers(known(measure(ActionKind.THROTTLE, per_hour=24)), "no")

    for instance in ("1", "2"):
        for state in (*states, "END-OF-MESSAGE"):
            assert said(by, protocol_state=state, instance=instance, **MAILER) == "DUNNO"
    assert said(by, protocol_state=states[0], instance="3", **MAILER).startswith("DEFER")


def test_at_rcpt_each_recipient_takes_from_the_bucket_and_those_over_the_limit_are_put_off() -> None:
    by = answers(known(measure(ActionKind.THROTTLE, per_hour=36)))
    about = {"instance": "1", "recipient_count": "0"} | MAILER

    told = [said(by, protocol_state="RCPT", **about).split()[0] for _ in range(5)]
    assert told == ["PREPEND", "DUNNO", "DUNNO", "DEFER", "DEFER"]
    assert said(by, **{**about, "recipient_count": "3"}) == "DUNNO"


def test_a_question_about_no_mail_takes_nothing_from_the_bucket() -> None:
    by = answers(known(measure(ActionKind.THROTTLE, per_hour=1)))

    assert [said(by, protocol_state="RCPT", **MAILER) for _ in range(5)] == ["DUNNO"] * 5
    assert said(by, protocol_state="RCPT", instance="1", **MAILER).startswith("PREPEND")


def test_every_throttle_that_a_mail_meets_must_let_it_through() -> None:
    of_all = measure(ActionKind.THROTTLE, per_hour=36)
    of_one = measure(ActionKind.THROTTLE, "login:mailer@acme.test", per_hour=24)
    by = answers(known(of_all, of_one), "no")

    mailer = [said(by, **MAILER) for _ in range(3)]
    bills = [said(by, sasl_username="bills@acme.test") for _ in range(2)]
    assert [each.split()[0] for each in mailer] == ["DUNNO", "DUNNO", "DEFER"]
    assert [each.split()[0] for each in bills] == ["DUNNO", "DEFER"]
    assert "24 recipients" in mailer[-1]
    assert "36 recipients" in bills[-1]


def probe(by: Answers, uid: bytes, name: str, login: str = PROBE) -> str:
    return said(by, sasl_username=login, sender=f"{probe_local(uid, name)}@relay.test")


def test_a_probe_is_answered_as_the_sender_whose_place_it_takes() -> None:
    by = answers(
        known(measure(ActionKind.SUSPEND, "login:mailer@acme.test"), measure(ActionKind.HOLD, "domain:shop.test"))
    )

    assert probe(by, ACME, "mailer@acme.test").startswith("REJECT")
    assert probe(by, ACME, "bills@acme.test") == "DUNNO"
    assert probe(by, ACME, "acme.test") == "DUNNO"
    assert probe(by, ACME, "shop.test").startswith("HOLD")


def test_a_probe_of_nobody_or_by_somebody_else_is_none() -> None:
    by = answers(known(measure(ActionKind.SUSPEND)), "no")

    assert probe(by, BETA, "mailer@acme.test") == "DUNNO"
    assert probe(by, b"?" * 16, "mailer@acme.test") == "DUNNO"
    assert probe(by, ACME, "another@acme.test") == "DUNNO"
    assert probe(by, ACME, "mailer@acme.test", login="mailer@beta.test") == "DUNNO"


def test_a_probe_takes_nothing_out_of_a_bucket_and_is_not_stamped() -> None:
    by = answers(known(measure(ActionKind.THROTTLE, per_hour=1)))

    assert [probe(by, ACME, "mailer@acme.test") for _ in range(5)] == ["DUNNO"] * 5
    assert said(by, **MAILER).startswith("PREPEND")


def test_the_oldest_mails_are_forgotten_first() -> None:
    instances = Instances()
    for number in range(Instances.MOST + 5):
        instances.add(str(number))

    assert len(list(instances)) == Instances.MOST
    assert "4" not in instances
    assert "5" in instances


PLAIN = b"request=smtpd_access_policy\nprotocol_state=DATA\nrecipient=karl@x.test\ninstance=1.2\nsasl_username=Mailer"


@pytest.mark.parametrize(
    "more", [b"", b"\npolicy_context=held=x", b"\nsasl_username=b", b"\nrecipient=b", b"\ninstance=3", b"\nrequest=b"]
)
def test_what_is_asked_plainly_is_login_and_recipient(more: bytes) -> None:
    assert plainly_asked(PLAIN + more + b"\n\n") == ("DATA", b"Mailer", b"karl@x.test", b"1.2")


@pytest.mark.parametrize(
    "request_",
    [
        PLAIN + b"\npolicy_context=stream=news\n\n",
        PLAIN.replace(b"\ninstance=1.2", b"") + b"\ninstance=1.2\n\n",
        PLAIN.replace(b"DATA", b"BDAT") + b"\n\n",
        b"size=0\n" + PLAIN + b"\n\n",
    ],
)
def test_what_may_mean_more_is_not_asked_plainly(request_: bytes) -> None:
    assert plainly_asked(request_) is None


def test_of_an_attribute_that_stands_twice_the_first_value_counts() -> None:
    twice = PLAIN.replace(b"Mailer", b"mailer@acme.test\nsasl_username=x")

    for plain in (twice, twice.replace(b"DATA", b"BDAT")):
        assert heard(answers(known(measure(ActionKind.SUSPEND))), plain + b"\n\n").startswith("REJECT")
        assert heard(answers(known()), plain + b"\n\n").startswith("PREPEND")


names = st.sampled_from(["mailer@acme.test", "bills@acme.test", "mailer@beta.test", "MAILER@ACME.TEST", "", "x"])
times = st.integers(-2, 2).map(lambda hours: NOW + timedelta(hours=hours))
scopes = st.sampled_from(
    ["sender", "stream:news", "stream:bills", "domain:acme.test", "domain:shop.test", "login:mailer@acme.test"]
)
measures = st.builds(
    lambda kind, scope, since, until, case: Measure(UUID(int=1), kind, scope, since, until, 60, case),
    st.sampled_from(BITING),
    scopes.map(lambda text: Scope(ScopeKind(text.partition(":")[0]), text.partition(":")[2])),
    times,
    st.none() | times,
    st.none() | st.integers(1, 2**63 - 1),
)
owners = st.lists(st.builds(Owner, st.sampled_from([ACME, BETA]), st.sampled_from(["", "news", "?!"])), min_size=1)
snapshots = st.builds(
    Snapshot,
    st.dictionaries(names.map(str.lower), owners.map(tuple), max_size=4),
    st.dictionaries(st.sampled_from([ACME, BETA]), st.lists(measures, max_size=4).map(tuple)),
    pairs=st.booleans().map(lambda there: Pairs([pair(ACME, b"karl@x.test")] if there else ())),
)
words = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)
attributes = st.fixed_dictionaries(
    {},
    optional={
        "protocol_state": st.sampled_from(["RCPT", "DATA", "BDAT", "END-OF-MESSAGE", "MAIL", "VRFY"]) | words,
        "sasl_username": names | words,
        "sender": st.sampled_from(["a@acme.test", "A@SHOP.TEST", "@", "acme.test", "a@acme.test."]) | words,
        "recipient": st.sampled_from(["karl@x.test", "Karl@X.test"]) | words,
        "recipient_count": st.sampled_from(["0", "1", "50", "²", "-1", "9" * 30]) | words,
        "instance": st.sampled_from(["1.2.3", ""]) | words,
        "policy_context": st.sampled_from(["stream=news", "stream=bills", "stream=", "stream", "held=h"]) | words,
    },
)


@given(snapshots, attributes, st.sampled_from(["feedback-id", "cfbl-feedback-id", "no"]))
@settings(max_examples=400)
def test_a_mail_is_refused_where_it_is_stopped_or_unwanted_and_nowhere_else(
    snapshot: Snapshot, asked: dict[str, str], stamp: str
) -> None:
    by = answers(snapshot, stamp)
    # What was told a mail before must not be told another that is not like it.
    said(by, sasl_username=asked.get("sasl_username", ""), protocol_state=asked.get("protocol_state", "DATA"))
    said(by, **asked)
    action = said(by, **asked).split()[0]

    touching = kinds(snapshot, {"protocol_state": "DATA", "sender": "news@acme.test"} | asked)
    stopped = bool(touching & set(STOPPING))
    wanted = asked.get("recipient", "").strip().lower() == "karl@x.test" and len(snapshot.pairs)
    holders = snapshot.logins.get(asked.get("sasl_username", "").lower(), ())
    unwanted = bool(wanted) and any(each.uid == ACME for each in holders)
    assert (action == "REJECT") == (stopped or unwanted)
    assert action not in ("HOLD", "h") or ActionKind.HOLD in touching
    assert action != "DEFER" or touching == {ActionKind.THROTTLE}
    assert action in ("REJECT", "HOLD", "DEFER", "PREPEND", "DUNNO", "h")


def kinds(snapshot: Snapshot, asked: dict[str, str]) -> set[ActionKind]:
    """The kinds of all measures that the mail meets, found the long way."""
    login, sender = asked.get("sasl_username", "").lower(), asked["sender"].lower()
    context = re.search(r"(?:^|[\s,;])stream=([^\s,;]+)", asked.get("policy_context", ""))
    domain = sender.split("@")[-1].rstrip(".") if "@" in sender else ""
    found = set()
    for owner in snapshot.logins.get(login, ()):
        message = Message(login, owner.stream or (context[1].lower() if context else ""), domain)
        said = {"sender": "", "stream": message.stream, "domain": domain, "login": login}
        for each in snapshot.measures.get(owner.uid, ()):
            in_time = each.until is None or each.until > NOW
            if in_time and said[each.scope.kind] == each.scope.value:
                found.add(each.kind)
    return found


@given(st.binary(max_size=2000), snapshots)
def test_whatever_is_asked_the_answer_is_one_printable_line_or_none(noise: bytes, snapshot: Snapshot) -> None:
    for request in (noise, b"request=smtpd_access_policy\n" + noise + b"\n\n"):
        try:
            heard(answers(snapshot), request)
        except Rejected:
            continue


def test_a_client_that_leaves_before_its_answer_leaves_nothing_behind() -> None:
    said_to = create_autospec(asyncio.Transport, instance=True)

    async def leave() -> None:
        line = Line(answers(known(measure(ActionKind.THROTTLE, per_hour=12))), set())
        line.connection_made(said_to)
        line.data_received(b"request=smtpd_access_policy\nprotocol_state=DATA\nsasl_username=mailer@acme.test\n\n")
        line.connection_lost(None)
        await asyncio.sleep(0.01)

    asyncio.run(leave())
    gc.collect()  # a coroutine that nobody ever awaited is told of now, and fails the test
    said_to.pause_reading.assert_called_once()
    said_to.write.assert_not_called()


def test_a_connection_that_asks_nothing_for_an_hour_is_closed_and_one_that_asks_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workers.policy_talk.IDLE_MINUTES", 20)

    async def talk() -> tuple[bytes, bytes]:
        by, lines = answers(known()), set[Line]()
        server = await asyncio.get_running_loop().create_server(lambda: Line(by, lines), "127.0.0.1", 0)
        ending = asyncio.ensure_future(end_idle(lines, every=0.02))
        asking, silent = [await asyncio.open_connection(*server.sockets[0].getsockname()) for _ in range(2)]
        heard = b""
        while not silent[0].at_eof():
            asking[1].write(PLAIN + b"\n\n")
            heard = await asyncio.wait_for(asking[0].readuntil(b"\n\n"), 5)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    assert await silent[0].read(1) == b""
        ending.cancel()
        server.close()
        for _, writer in (asking, silent):
            writer.close()
        return heard, await silent[0].read()

    assert asyncio.run(asyncio.wait_for(talk(), 10)) == (PASS, b"")


@given(words)
def test_a_number_of_recipients_is_a_number_from_one_on(text: str) -> None:
    asked = question(read_request(f"request=smtpd_access_policy\nrecipient_count={text}\n\n".encode()))

    assert 1 <= asked.recipients <= 1_000_000


@given(st.integers(1, 2**63 - 1), st.sampled_from(BITING))
def test_whatever_its_number_the_case_is_named_on_one_line(number: int, kind: ActionKind) -> None:
    one = Measure(uuid4(), kind, Scope(), NOW, None, 1, number)
    by = answers(known(one), "no")

    said(by, **MAILER)
    assert said(by, **MAILER).endswith(f"case C{number}")


def test_what_was_told_before_is_not_told_when_more_is_known() -> None:
    fixed, throttle = Fixed(known()), Throttle(SharedBuckets("unix:///nowhere/redis.sock"))
    by = Answers(fixed, fixed, Judge(key, PROBE), Stamp("no", KEYS, "Relay"), throttle, fixed.seconds)
    assert [said(by, **MAILER) for _ in range(2)] == ["DUNNO"] * 2

    fixed.snapshot = known(measure(ActionKind.SUSPEND))
    assert said(by, **MAILER).startswith("REJECT")

    fixed.snapshot = known()
    fixed.snapshot.pairs.change([pair(ACME, key("karl@mailbox.test"))], [])
    assert [said(by, **MAILER) for _ in range(2)] == ["DUNNO"] * 2
    assert said(by, recipient="karl@mailbox.test", **MAILER).startswith("REJECT")


def test_the_token_is_of_the_minute_in_which_the_mail_comes() -> None:
    fixed, throttle = Fixed(known()), Throttle(SharedBuckets("unix:///nowhere/redis.sock"))
    by = Answers(fixed, fixed, Judge(key, PROBE), Stamp("cfbl-feedback-id", KEYS, "Relay"), throttle, fixed.seconds)
    before = {said(by, **MAILER) for _ in range(3)}
    fixed.at = NOW + timedelta(minutes=1)

    after = {said(by, **MAILER) for _ in range(3)}

    found = [token.at for each in (*before, *after) for token in tokens.find(KEYS, [each])]
    assert found == [NOW, NOW + timedelta(minutes=1)]


def test_without_measures_and_stamps_nothing_is_said() -> None:
    assert answers(known(), "no").to(b"request=smtpd_access_policy\nsasl_username=mailer@acme.test\n\n") == PASS
