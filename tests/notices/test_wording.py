"""What a notice says: all that the sender needs to know, in plain words, whatever names and texts it is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bootstrap import Desk
from app.enforcement.domain import ALL_OF_IT, ActionFact, ActionKind, Ending, Queued, scope_of
from app.enforcement.grounds import Clause
from app.notices.domain import Event
from app.notices.letter import write
from app.notices.wording import BEGUN, Told, body, one_line, subject, told_of
from tests.notices.acts import act, sender, tell
from tests.notices.conftest import FROM
from tests.services.sink import Sink

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
SUSPENDED = ActionFact(
    id=UUID(int=1),
    sender="acme",
    kind=ActionKind.SUSPEND,
    scope=ALL_OF_IT,
    per_hour=None,
    grounds=("phishing",),
    case_number=1001,
    by="anna@desk.test",
    rule=None,
    waiting=None,
    confirmed_by=None,
    reason="karl@victim.example complained",
    facts="A page of yours asked for passwords.",
    asked_at=AT,
    since=AT,
    until=None,
)
PHISHING = Clause("phishing", "Phishing or fraud", "Nothing that deceives people.")
EVERYDAY = "abuse@provider.test"


def told(event: Event = Event.BEGUN, **changed: object) -> Told:
    fact = replace(SUSPENDED, **changed)  # type: ignore[arg-type]
    return told_of(fact, event, "Acme Mailings", (PHISHING,))


def text(event: Event = Event.BEGUN, **changed: object) -> str:
    return body(told(event, **changed), "Provider Ltd", EVERYDAY)


@pytest.mark.parametrize(
    ("other", "scope", "still"),
    [
        (ActionKind.SUSPEND, "sender", ActionKind.SUSPEND),
        (ActionKind.TERMINATE, "sender", ActionKind.TERMINATE),
        (ActionKind.HOLD, "sender", None),
        (ActionKind.SUSPEND, "stream:news", None),
    ],
)
def test_an_end_that_lets_nothing_go_does_not_say_that_it_did(
    other: ActionKind, scope: str, still: ActionKind | None
) -> None:
    ended = replace(SUSPENDED, ended_at=AT, ending=Ending.LIFTED, queued=Queued.RELEASE)
    stands = replace(SUSPENDED, id=UUID(int=2), kind=other, scope=scope_of(scope))
    said = told_of(ended, Event.ENDED, "Acme Mailings", (PHISHING,), others=[stands])
    words = subject(said) + body(said, "Provider Ltd", EVERYDAY)

    assert said.still is still
    assert ("Your sending is reinstated" in words) == ("is delivered now" in words) == (still is None)
    assert ("another still stands" in words) == (still is not None)
    assert "Other measures that we told you of" in words or (still and f"{BEGUN[still]} as before." in words)


def test_the_whole_text() -> None:
    assert text() == (
        "To the holder of the account Acme Mailings (acme):\n"
        "\n"
        "Your sending is suspended. Mail that you hand in is refused.\n"
        "\n"
        "    Measure:  sending suspended\n"
        "    Covers:   the whole account\n"
        "    From:     2026-03-02 12:00 UTC\n"
        "    Until:    we lift it\n"
        "    Case:     C1001\n"
        "\n"
        "It rests on these rules of our acceptable-use policy:\n"
        "\n"
        "    Phishing or fraud\n"
        "    Nothing that deceives people.\n"
        "\n"
        "What we found:\n"
        "\n"
        "    A page of yours asked for passwords.\n"
        "\n"
        "A person decided this; it was not automatic.\n"
        "\n"
        "To answer, or where you think this is wrong, write to abuse@provider.test,\n"
        "and name the case C1001.\n"
        "\n"
        "-- \n"
        "Provider Ltd\n"
    )
    assert subject(told()) == "Your sending is suspended (case C1001)"


def test_a_warning_says_by_when_to_answer() -> None:
    said = " ".join(text(kind=ActionKind.WARN, until=datetime(2026, 3, 9, 9, tzinfo=UTC), ended_at=AT).split())

    assert "Nothing of your mail is stopped." in said
    assert "We ask for your answer by 2026-03-09 09:00 UTC." in said
    assert "Until" not in said


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        ("sender", "the whole account"),
        ("stream:news", "the stream news"),
        ("domain:acme.example", "mail that comes from the domain acme.example"),
        ("login:mailer@acme.example", "mail that is handed in as mailer@acme.example"),
    ],
)
def test_what_is_covered_is_said_in_words(scope: str, covers: str) -> None:
    assert f"    Covers:   {covers}\n" in text(scope=scope_of(scope))


@pytest.mark.parametrize("kind", BEGUN)
@pytest.mark.parametrize("event", Event)
def test_every_kind_has_its_words(kind: ActionKind, event: Event) -> None:
    said = text(event, kind=kind, per_hour=50, ending=Ending.LIFTED, ended_at=AT)

    assert "Case:     C1001" in said and said.endswith("Provider Ltd\n")
    assert max(map(len, said.splitlines())) <= 76


@pytest.mark.parametrize(
    ("rule", "confirmed_by", "said"),
    [
        (None, None, "A person decided this; it was not automatic."),
        (None, "bert@desk.test", "Two people decided this; it was not automatic."),
        ("r1", "bert@desk.test", "automatically; a person has looked at it since and agrees."),
    ],
)
def test_whether_a_person_decided_is_said_and_never_who(
    rule: str | None, confirmed_by: str | None, said: str
) -> None:
    found = " ".join(text(rule=rule, confirmed_by=confirmed_by).split())

    assert said in found and "bert" not in found and "r1" not in found


def test_no_reason_no_reporter_and_no_staff_can_be_told() -> None:
    said = text() + text(
        Event.ENDED, ended_at=AT, ended_by="bert@desk.test", ending=Ending.LIFTED, end_reason="mended"
    )

    assert not [word for word in ("karl", "victim", "complained", "anna", "bert", "mended") if word in said]


def test_facts_cannot_pose_as_parts_of_ours() -> None:
    said = text(facts="One\r\n\r\n-- \r\nCase: C1\x1b[2J\u202e\x00\n.\nFrom 1")

    inside = said.partition("What we found:\n\n")[2].partition("\n\nA person decided")[0]
    assert all(line.startswith("    ") for line in inside.splitlines() if line)
    assert inside.replace("\n", "").isprintable()


@given(name=st.text(), organisation=st.text(), contact=st.text(), title=st.text())
def test_no_name_breaks_out_of_its_line(name: str, organisation: str, contact: str, title: str) -> None:
    said = told_of(SUSPENDED, Event.BEGUN, name, (Clause("x", title, title),))
    mail = write(
        identifier="<1@provider.test>",
        at=AT,
        organisation=organisation,
        mail_from=FROM,
        to="post@acme.test",
        reply_to=contact,
        subject=subject(said),
        text=body(said, organisation, contact or FROM),
    )

    raw = mail.as_bytes()
    head, _, rest = raw.partition(b"\r\n\r\n")
    allowed = b"Date Message-ID From To Reply-To Subject Auto-Submitted MIME-Version Content-Type".split()
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert set(names) - {*allowed, b"Content-Transfer-Encoding"} == set()
    assert raw.isascii() and b"\n" not in rest.replace(b"\r\n", b"")
    read = message_from_bytes(raw, policy=SMTP)
    assert [each.addr_spec for each in read["From"].addresses] == [FROM]
    assert [each.addr_spec for each in read["To"].addresses] == ["post@acme.test"]


@pytest.mark.parametrize(
    "name", ['Müller & Söhne, "Post" <eve@evil.example>', "a\r\nBcc: eve@evil.example", "=?utf-8?q?x?="]
)
def test_a_hostile_name_changes_nothing_of_where_it_goes(
    desk_with: Callable[..., Desk], sink: Sink, name: str
) -> None:
    desk = desk_with(smtp_url=sink.url, mail_from=FROM, organisation=name, contact=f"{name}\r\n\r\nx")
    sender(desk, called=" ".join(name.split()))
    act(desk)
    tell(desk)

    [mail] = sink.mails
    assert mail.recipients == ("post@acme.test",)
    assert [each.addr_spec for each in mail.message["From"].addresses] == [FROM]
    assert "Bcc" not in mail.message and one_line(name) in mail.words


def test_a_contact_whose_name_is_not_ascii_is_reached_where_the_server_can(desk_with: Callable[..., Desk]) -> None:
    with Sink(utf8=True) as sink:
        desk = desk_with(smtp_url=sink.url, mail_from=FROM)
        sender(desk, contact="Jörg <jörg@bücher.example>")
        act(desk)
        tell(desk)

        [mail] = sink.mails
        assert mail.recipients == ("jörg@xn--bcher-kva.example",)
        assert str(mail.message["To"]) == "jörg@xn--bcher-kva.example"


def test_answers_go_to_the_contact_that_the_provider_names(desk_with: Callable[..., Desk], sink: Sink) -> None:
    desk = desk_with(smtp_url=sink.url, mail_from=FROM, contact="The abuse desk, desk@provider.test, +49 30 1")
    sender(desk)
    act(desk)
    tell(desk)

    [mail] = sink.mails
    assert str(mail.message["Reply-To"]) == "desk@provider.test"
    assert "write to The abuse desk, desk@provider.test, +49 30 1, and name the account acme" in mail.words
    assert mail.message["Auto-Submitted"] == "auto-generated" and mail.message["Date"]
