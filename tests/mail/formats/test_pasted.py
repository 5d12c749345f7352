"""The source of a mail pasted into the text of another."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.mail.domain import Kind
from app.mail.limits import TEXT_CHARS
from app.mail.read import read, read_source
from tests.mail.mime.test_source import CLEAN, SOURCE, html_escaped


def written(text: str) -> bytes:
    return f"From: ann@home.test\nSubject: Spam from you\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()


@pytest.mark.parametrize(
    "shape",
    [
        lambda text: text,
        lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
        html_escaped,
    ],
    ids=["as it is", "quoted", "indented", "escaped"],
)
def test_the_pasted_mail_is_the_reported_one(shape: Callable[[str], str]) -> None:
    found = read(written("Please look at this:\n\n" + shape(SOURCE)))
    assert (found.kind, found.text, found.reporter) == (Kind.INLINE, "Please look at this:", "ann@home.test")
    original = found.originals[0]
    assert original.raw.strip() == CLEAN.strip()
    assert (original.message_id, original.received[0].from_ip) == ("spring-77@relay.example", "203.0.113.9")
    assert found.arrived


def test_a_lone_line_of_a_trace_does_not_hide_the_header_below() -> None:
    found = read(written("X-Note: see below\nthanks\n\n" + SOURCE))
    assert found.originals[0].message_id == "spring-77@relay.example"


@pytest.mark.parametrize("text", ["Received: your letter. Thanks!\n", "Message-ID: <a@b.example>\nSubject: x\n"])
def test_talk_about_a_header_is_no_mail(text: str) -> None:
    assert read(written(text)).kind is Kind.PERSON


@pytest.mark.parametrize(
    "line",
    [
        *("Received: x\n", "\nReceived: x\n", "X-A: b\n\n", "> \n", "Received:"),
        *(
            "== a ==\n\nReturn-Path: a\n\n",
            "X-A: b\nccc\n\n",
            "#1\nSpam #1\nX-A: b\nFrom: a@b.example\n\n",
            '"eceived: a\n',
        ),
    ],
)
def test_hostile_text_is_searched_in_linear_time(line: str) -> None:
    start = time.process_time()
    read(written((line * TEXT_CHARS)[:TEXT_CHARS]))

    assert time.process_time() - start < 2


SECOND = SOURCE.replace("spring-77", "summer-78")


@pytest.mark.parametrize("between", ["\n", "\n\nAnd the second:\n\n", "\n----------\n\n"])
def test_each_of_two_pasted_mails_is_reported(between: str) -> None:
    both = f"{SOURCE}{between}{SECOND}"
    for found in (read(written(f"Two:\n\n{both}")), read_source(both.encode())):
        assert [each.message_id for each in found.originals] == ["spring-77@relay.example", "summer-78@relay.example"]


@pytest.mark.parametrize(
    "above",
    [
        "--- Below this line is a copy of the message.\n\n",
        "Content-Type: message/rfc822\n\n",
        "Original message headers:\n\n",
    ],
)
def test_a_header_that_a_mail_quotes_is_no_mail_of_its_own(above: str) -> None:
    found = read_source(f"{SOURCE}\n{above}{SECOND}".encode())
    assert [each.message_id for each in found.originals] == ["spring-77@relay.example"]


def page(source: str) -> str:
    return (
        "<!DOCTYPE html><html><head><title>Original Message</title><style>pre { color: red }</style></head><body>"
        "<table><tr><th>Message ID</th><td>&lt;spring-77@relay.example&gt;</td></tr>"
        "<tr><th>From:</th><td>News &lt;news@garden.example&gt;</td></tr></table>"
        f'<a href="/get">Download Original</a><pre id="raw">{html_escaped(source)}</pre></body></html>'
    )


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("Original Message.html", page(SOURCE), ["spring-77@relay.example"]),
        ("source.HTM", f"<pre>{html_escaped(SOURCE)}</pre>", ["spring-77@relay.example"]),
        ("two.xhtml", page(f"{SOURCE}\n\n{SECOND}"), ["spring-77@relay.example", "summer-78@relay.example"]),
        ("invoice.html", "<p>Received: your letter.</p><p>From: the bank</p>", []),
    ],
)
def test_a_page_that_shows_a_mails_source_and_is_attached(name: str, content: str, found: list[str]) -> None:
    raw = (
        "From: Ann <ann@home.test>\nTo: abuse@relay.example\nSubject: spam\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the page.\n"
        f'--b\nContent-Type: text/html\nContent-Disposition: attachment; filename="{name}"\n\n{content}\n--b--\n'
    )
    told = read(raw.encode())

    assert [each.message_id for each in told.originals] == found
    assert (told.kind, told.text) == (Kind.FORWARDED if found else Kind.PERSON, "See the page.")


NAMELESS = (
    "Return-Path: <news@garden.example>\n"
    "Received: from relay.example ([203.0.113.7]) by mx.test; Tue, 3 Nov 2026 12:00:01 +0000\n"
    "Received: from user ([203.0.113.9]) by relay.example; Tue, 3 Nov 2026 12:00:00 +0000\n"
    "subject: Bulbs\n"
    "Date: Tue, 3 Nov 2026 11:59:00 +0000\n"
)


def test_a_mail_without_a_sender_is_known_by_its_trace() -> None:
    found = read(written(f"The header:\n=== HEADER ===\n{NAMELESS}=== HEADER ===\nAnn\n"))
    [original] = found.originals

    assert (original.from_, original.return_path, original.subject) == (None, "news@garden.example", "Bulbs")
    assert [hop.from_ip for hop in original.received] == ["203.0.113.7", "203.0.113.9"]
    assert (original.headers_only, found.kind) == (True, Kind.INLINE)


@pytest.mark.parametrize("lacking", ["Return-Path", "Received", "subject", "Date"])
def test_less_than_that_is_no_mail(lacking: str) -> None:
    lines = NAMELESS.splitlines(keepends=True)
    lines.remove(next(line for line in lines if line.startswith(lacking)))

    assert read(written(f"The header:\n\n{''.join(lines)}\nAnn\n")).originals == ()


@pytest.mark.parametrize("first", ["eceived", "eturn-Path: <news@garden.example>\nReceived"])
def test_a_paste_that_lost_its_first_letter_is_found(first: str) -> None:
    [original] = read(written(f"See:\n\n{first}{SOURCE.removeprefix('Received')}")).originals

    assert (original.message_id, original.received[0].from_ip) == ("spring-77@relay.example", "203.0.113.9")


def returned(sender: str, to: str, outer_to: str = "abuse@relay.example") -> bytes:
    head = SOURCE.replace("News <news@garden.example>", sender).replace("reader@mailbox.test", to)
    mail = written(f"My report came back.\n\nOriginal message headers:\n\n{head}").decode()
    return mail.replace("Subject: Spam", f"To: Desk <{outer_to}>\nSubject: Returned", 1).encode()


@pytest.mark.parametrize("to", ["abuse@relay.example", "ABUSE@Relay.example", "report@other.example"])
def test_the_reporters_own_mail_to_a_desk_is_not_the_reported_one(to: str) -> None:
    found = read(returned("Ann <Ann@home.test>", to))

    assert (found.kind, found.is_complaint, found.originals) == (Kind.PERSON, True, ())


@pytest.mark.parametrize(
    ("sender", "to"),
    [
        ("Ann <ann@home.test>", "ann@home.test"),
        ("Ann <ann@home.test>", "info@home.test"),
        ("Ann <ann@home.test>", "bob@other.example"),
        ("News <news@garden.example>", "abuse@relay.example"),
    ],
    ids=["in the reporter's name to the reporter", "to the house", "to somebody", "somebody else's"],
)
def test_any_other_mail_may_be_the_reported_one(sender: str, to: str) -> None:
    assert [each.from_ for each in read(returned(sender, to)).originals] == [sender]


def sample(number: int, name: str) -> str:
    return (
        f"Spam Sample #{number} - [203.0.113.{number}]\n"
        f"X-Trap-Time: 16709553{number}\n"
        "DKIM-Signature: <removed>\n"
        "Message-ID: <removed>\n"
        f"From: {name} <{name.lower()}@garden.example>\n"
        "To: <removed>\n"
        f"Subject: {name}s\n"
        "Date: Tue, 3 Nov 2026 11:59:00 +0000\n\n"
    )


def test_each_of_a_list_of_samples_is_reported() -> None:
    samples = f"-- Examples --\n{sample(1, 'Bulb')}{sample(2, 'Seed')}-- End of Examples --\n\nRegards\n"
    found = read(written(f"Your servers send spam.\n\n{samples}")).originals

    assert [(each.from_, each.subject) for each in found] == [
        ("Bulb <bulb@garden.example>", "Bulbs"),
        ("Seed <seed@garden.example>", "Seeds"),
    ]
    assert [(each.message_id, each.headers_only) for each in found] == [(None, True), (None, True)]


def test_a_number_inside_the_reported_mail_begins_no_other() -> None:
    [original] = read(written(f"Spam #1\n{SOURCE}\nSpam #2\nis all there is.\n")).originals

    assert original.message_id == "spring-77@relay.example"
    assert b"Spam #2" in original.raw


@pytest.mark.parametrize(
    "above",
    [
        "----- Forwarded message from Garden -----",
        "##### The mail #####",
        "--- start of spam ---\n>From news@garden.example Mon Nov  2 09:58:02 2026",
    ],
)
def test_a_line_that_ends_what_a_line_began_ends_the_mail(above: str) -> None:
    signed = f"{SOURCE}\n-----END PGP SIGNATURE-----\n"
    [original] = read(written(f"{above}\n\n{signed}\n----- End forwarded message -----\n\nAnn\n")).originals

    assert original.raw.rstrip().endswith(b"-----END PGP SIGNATURE-----")
