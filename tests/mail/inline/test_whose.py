"""Who is blamed where mails are shown in the text: the real sender, and neither who writes nor who is written to."""

from __future__ import annotations

import time

import pytest

from app.mail.domain import Kind, Reading
from app.mail.inline.forward import forward_in
from app.mail.inline.sender import sender_of
from app.mail.inline.whose import People
from app.mail.limits import TEXT_CHARS
from app.mail.read import read

MARK = "---------- Forwarded message ---------\n"
RULE = "________________________________\n"
SENT = "Date: Mon, Nov 2, 2026 at 9:58 AM\n"
GARDEN = "Garden <news@garden.example>"
PEOPLE = People("ann@home.test", "abuse@relay.example", frozenset({"abuse@relay.example"}))


def mail(text: str, subject: str = "Fwd: Bulbs", to: str = "abuse@relay.example") -> Reading:
    return read(f"From: Ann <ann@home.test>\nTo: {to}\nSubject: {subject}\n\n{text}".encode())


def labelled(sender: str, subject: str = "Bulbs", to: str = "reader@home.test") -> str:
    return f"From: {sender}\nSent: Monday, November 2, 2026 9:58 AM\nTo: {to}\nSubject: {subject}\n\nTulips.\n\n"


def senders(found: Reading) -> list[str | None]:
    return [original.from_ for original in found.originals]


@pytest.mark.parametrize(
    ("shown", "sender"),
    [
        ("service@pay.example <news@garden.example>", "service@pay.example <news@garden.example>"),
        ('"service@pay.example" <news@garden.example>', "service@pay.example <news@garden.example>"),
        ('"Pay service@pay.example" <news@garden.example>', "Pay service@pay.example <news@garden.example>"),
        ("Pay (service@pay.example) <news@garden.example>", "Pay (service@pay.example) <news@garden.example>"),
        ('"Pay <service@pay.example>" <news@garden.example>', "Pay <news@garden.example>"),
        ("*service@pay.example* <news@garden.example>", "service@pay.example <news@garden.example>"),
        ("service@pay.example [mailto:news@garden.example]", "service@pay.example <news@garden.example>"),
        ("service@pay.example (news@garden.example)", "service@pay.example <news@garden.example>"),
        ('"service@pay.example" news@garden.example', "service@pay.example <news@garden.example>"),
        (
            "a@pay.example<mailto:a@pay.example> <news@garden.example<mailto:news@garden.example>>",
            "a@pay.example <news@garden.example>",
        ),
        ("=?utf-8?Q?service=40pay.example?= <news@garden.example>", "service@pay.example <news@garden.example>"),
        ("Support@Bank <news@garden.example>", "Support@Bank <news@garden.example>"),
        ("Support@Bank <\nnews@garden.example>", "Support@Bank <news@garden.example>"),
        ("Garden <news@garden.example>\nReply: Pay <service@pay.example>", GARDEN),
    ],
)
def test_an_address_in_the_name_is_not_the_senders(shown: str, sender: str) -> None:
    assert senders(mail(f"{MARK}From: {shown}\n{SENT}Subject: Bulbs\nTo: <reader@home.test>\n\nTulips.\n")) == [
        sender
    ]


def test_an_address_in_the_name_of_a_sentence_is_not_the_senders() -> None:
    sentence = 'On 02/11/2026 09:58, "service@pay.example" <news@garden.example> wrote:'

    assert senders(mail(f"{sentence}\n\n> Tulips.\n")) == ["service@pay.example <news@garden.example>"]


def test_who_writes_is_not_taken_for_the_sender_whose_name_says_so() -> None:
    assert senders(mail(labelled('"ann@home.test" <news@garden.example>'), "Spam")) == [
        "ann@home.test <news@garden.example>"
    ]


@pytest.mark.parametrize(
    ("shown", "recipients"),
    [
        ("To: The Readers of a Garden <\nreader@home.test>", ("reader@home.test",)),
        ("To: The Readers of a Garden\n<reader@home.test>", ("reader@home.test",)),
        (
            "To: <a@home.test>, Bob Long Name <\nb@home.test>, <c@home.test>",
            ("a@home.test", "b@home.test", "c@home.test"),
        ),
        ("To: <a@home.test>,\nBob Long Name <\nb@home.test>", ("a@home.test", "b@home.test")),
        (
            "To: <a@home.test>\nCc: <b@home.test>, Carol Long\n<c@home.test>",
            ("a@home.test", "b@home.test", "c@home.test"),
        ),
        ("To: <a@home.test>\n<tulips@garden.example> is where to order", ("a@home.test",)),
    ],
)
def test_recipients_that_were_wrapped_in_the_last_label_are_read(shown: str, recipients: tuple[str, ...]) -> None:
    found = mail(f"{MARK}From: {GARDEN}\n{SENT}Subject: Bulbs\n{shown}\n\n\nTulips for x@y.example.\n")

    assert found.originals[0].recipients == recipients


@pytest.mark.parametrize(
    ("outer", "subject"), [("My complaint", None), ("Re: My complaint", None), ("Fwd: Bulbs", "Bulbs")]
)
def test_the_outer_subject_stands_in_only_where_it_is_that_of_a_forward(outer: str, subject: str | None) -> None:
    found = mail(f"{MARK}Zubjekt: Bulbs\n{SENT}From: {GARDEN}\nTo: <reader@home.test>\n\nTulips.\n", outer)

    assert [original.subject for original in found.originals] == [subject]


@pytest.mark.parametrize("quote", [labelled(GARDEN), f"On 02/11/2026 09:58, {GARDEN} wrote:\n\n> Tulips.\n"])
@pytest.mark.parametrize("lead", ["", MARK])
def test_below_an_answer_of_the_writers_own_stands_what_is_reported(lead: str, quote: str) -> None:
    own = labelled("Ann <ann@home.test>", "Re: Bulbs", GARDEN).replace("Tulips.", "Stop it!")
    found = mail(f"They go on.\n\n{lead}{own}{quote}", "Fwd: Re: Bulbs")

    assert (senders(found), found.text) == ([GARDEN], "They go on.")
    assert found.originals[0].subject == "Bulbs"


def test_a_mail_of_the_writers_own_with_nothing_below_is_reported() -> None:
    assert senders(mail(MARK + labelled("ann@home.test", "I know your secret"))) == ["ann@home.test"]


def test_below_a_colleagues_answer_stands_what_is_reported() -> None:
    answer = labelled("Bob <bob@home.test>", "RE: Bulbs", GARDEN)

    assert senders(mail(answer + labelled(GARDEN))) == [GARDEN]


@pytest.mark.parametrize(
    "answer",
    [
        labelled("Bob <bob@other.test>", "RE: Bulbs", GARDEN),
        labelled("Bob <bob@home.test>", "RE: Bulbs", "ann@home.test"),
        labelled("Bob <bob@home.test>", "Bulbs", GARDEN),
    ],
)
def test_what_is_no_colleagues_answer_is_reported_itself(answer: str) -> None:
    found = mail(answer + labelled(GARDEN))

    assert (found.originals[0].from_ or "").startswith("Bob")


@pytest.mark.parametrize(
    "quote",
    [
        labelled(GARDEN),
        f"-----Original Message-----\n{labelled(GARDEN)}",
        f"On Mon, Nov 2, 2026 at 9:58 AM {GARDEN} wrote:\n\n> Tulips.\n",
        f"Am 02.11.26 um 09:58 schrieb {GARDEN}:\n> Tulips.\n",
    ],
)
def test_an_answer_to_a_third_that_went_to_the_desk_reports_what_it_quotes(quote: str) -> None:
    found = mail(f"This is spam.\n\n{quote}", "Re: Bulbs")

    assert (found.kind, senders(found), found.text) == (Kind.INLINE, [GARDEN], "This is spam.")
    assert (found.originals[0].subject, found.originals[0].verifiable) == ("Bulbs", False)


def test_words_below_what_is_quoted_are_the_writers() -> None:
    found = mail(f"On 02/11/2026 09:58, {GARDEN} wrote:\n> Tulips.\n\nThis is spam.\n", "Re: Bulbs")

    assert (senders(found), found.text) == ([GARDEN], "This is spam.")
    assert b"This is" not in found.originals[0].raw


@pytest.mark.parametrize(
    ("author", "to"),
    [
        ("Desk <abuse@relay.example>", "abuse@relay.example"),
        ("Desk <notices@mail.relay.example>", "abuse@relay.example"),
        ("Desk <case@desk.example>", "abuse@relay.example, case@desk.example"),
        ("Ann <ann@home.test>", "abuse@relay.example"),
        ("Garden", "abuse@relay.example"),
        (GARDEN, ""),
    ],
)
def test_what_answers_the_desk_or_nobody_known_reports_nothing(author: str, to: str) -> None:
    for quote in (labelled(author), f"On 02/11/2026 09:58, {author} wrote:\n> Tulips.\n"):
        assert mail(f"Thank you.\n\n{quote}", "Re: Your report", to).kind is Kind.PERSON


@pytest.mark.parametrize("subject", ["Re: Bulbs", "Onderwerp onbekend: Bulbs", "VS: Bulbs"])
def test_what_the_desk_quoted_itself_is_not_reported_again(subject: str) -> None:
    quoted = f"Please tell us more.\n\n{MARK}{labelled(GARDEN)}".replace("\n", "\n> ")
    text = f"Here you are.\n\nOn 03/11/2026 09:58, Desk <abuse@relay.example> wrote:\n> {quoted}"

    assert mail(text, subject).kind is Kind.PERSON
    assert senders(mail(f"{text}\n\nAnd one more:\n\n{MARK}{labelled('Shop <a@shop.example>')}", subject)) == [
        "Shop <a@shop.example>"
    ]


def test_above_what_the_desk_wrote_stands_what_is_reported() -> None:
    text = labelled(GARDEN) + labelled("Desk <abuse@relay.example>", "[Case 7] Your report", "ann@home.test")

    assert senders(mail(f"Another one.\n\n{text}", "RE: [Case 7] Your report")) == [GARDEN]


@pytest.mark.parametrize("rule", [RULE, "-" * 32 + "\n"])
@pytest.mark.parametrize("subject", ["Two of them", "Fwd: Two of them"])
def test_forwards_below_rules_are_each_reported(rule: str, subject: str) -> None:
    text = "".join(rule + labelled(f"{name} <{name}@garden.example>", name) for name in ("one", "two", "three"))
    found = mail(f"Look.\n\n{text}", subject)

    assert [original.subject for original in found.originals] == ["one", "two", "three"]
    assert [original.raw.count(b"From:") for original in found.originals] == [1, 1, 1]
    assert found.text == "Look."


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (labelled(GARDEN, "RE: Bulbs"), labelled("Bob <bob@other.test>")),
        (labelled(GARDEN, "Bulbs", "bob@other.test"), labelled("Bob <bob@other.test>")),
        (labelled(GARDEN), labelled("Ann <ann@home.test>")),
        (labelled(GARDEN), labelled("Desk <abuse@relay.example>")),
    ],
)
def test_what_the_forwarded_mail_answers_is_not_reported_beside_it(upper: str, lower: str) -> None:
    assert senders(mail(RULE + upper + RULE + lower, "Look")) == [GARDEN]


@pytest.mark.parametrize(
    "line",
    [
        *(
            "On 02/11/2026 09:58, A <a@b.example> wrote:\n> x\n",
            RULE + labelled(GARDEN),
            RULE + labelled("a@relay.example"),
        ),
        *(
            labelled("ann@home.test", "Re: x", "b@c.example"),
            "To: a <\n",
            "To: a\n<b@c.example>\n",
            "<",
            "< ",
            "[mailto:",
        ),
    ],
)
@pytest.mark.parametrize("subject", ["Fwd: x", "Re: x", "x"])
def test_hostile_text_is_judged_in_linear_time(line: str, subject: str) -> None:
    text = (f"{MARK}From: a@b.example\nTo: c <\n" + line * TEXT_CHARS)[:TEXT_CHARS]
    start = time.process_time()
    forward_in(text, subject, PEOPLE)
    sender_of(text)

    assert time.process_time() - start < 2
