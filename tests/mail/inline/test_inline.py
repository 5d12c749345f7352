"""Mails forwarded within the text: what counts as one, and what is read of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mail.domain import Kind
from app.mail.fields.local_dates import read_local_date
from app.mail.inline.forward import Subject, forward_in, subject_of
from app.mail.inline.words import LANGUAGES, ROLES, Role, folded
from app.mail.limits import TEXT_CHARS
from app.mail.read import read, read_source

SENT = "Date: Mon, Nov 2, 2026 at 9:58 AM\n"
LABELS = f"From: Garden <news@garden.example>\n{SENT}Subject: Bulbs\nTo: <reader@mailbox.test>\n"
MARK = "---------- Forwarded message ---------\n"
WROTE = "On 02/11/2026 09:58, Garden <news@garden.example> wrote:\n\n> Tulips.\n"
NOON = datetime(2026, 11, 2, 9, 58, tzinfo=UTC)


def test_a_label_means_the_same_in_every_language_that_has_it() -> None:
    meanings = {(folded(label), role) for labels in LANGUAGES.values() for role, label in labels}
    assert len(meanings) == len({label for label, _ in meanings})
    assert ROLES["betreff"] is Role.SUBJECT


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_labels_of_every_language_are_read(language: str) -> None:
    forms = dict(reversed(LANGUAGES[language]))
    text = (
        f"{forms[Role.FROM]}: Garden <news@garden.example>\n{forms[Role.DATE]} : 02.11.2026 09:58\n"
        f"{forms[Role.TO]}: reader@mailbox.test\n{forms[Role.CC]}: bob@home.test\n"
        f"{forms[Role.SUBJECT]}: Bulbs\nTulips."
    )
    found = forward_in(text, "")
    assert found
    original = found.originals[0]
    assert (original.from_, original.subject, original.date) == ("Garden <news@garden.example>", "Bulbs", NOON)
    assert original.recipients == ("reader@mailbox.test", "bob@home.test")
    assert original.raw.decode() == text
    assert [header.name for header in original.headers] == ["From", "Date", "Subject", "To", "Cc"]
    assert not original.verifiable


@pytest.mark.parametrize("mark", [MARK, "-------- Pesan terusan --------\n"])
def test_a_sender_is_read_whose_label_nobody_knows_below_a_line_that_says_forwarded(mark: str) -> None:
    text = mark + LABELS.replace("From:", "Abasendi:")
    found = forward_in(text, "")

    assert found
    assert found.originals[0].from_ == "Garden <news@garden.example>"
    assert forward_in("-----Original Message-----\n" + text.removeprefix(mark), "Fwd: Bulbs") is None


@pytest.mark.parametrize(
    ("text", "subject", "is_forward"),
    [
        (MARK + LABELS, "Re: Bulbs", True),
        (LABELS, "Fwd: Bulbs", True),
        (LABELS, "Spam", True),
        (LABELS, "Re: Bulbs", False),
        ("-----Original Message-----\n" + LABELS, "Spam", True),
        ("-----Original Message-----\n" + LABELS, "AW: Bulbs", False),
        (LABELS.replace("To:", "Name:"), "New complaint", False),
        (LABELS.replace("To:", "Name:"), "Fwd: Bulbs", True),
        (WROTE, "FW: Bulbs", True),
        (WROTE, "Bulbs", False),
        (WROTE, "Re: Bulbs", False),
        (MARK + WROTE, "Bulbs", True),
        ("From: now on, stop this.\nTo: whom it concerns\n", "Fwd: Bulbs", False),
        ("Date: 1 May\nSubject: complaint\nTo: you\n", "Fwd: Bulbs", False),
        (MARK + "I did not attach it.\n", "Fwd: Bulbs", False),
    ],
)
def test_what_is_a_forward(text: str, subject: str, is_forward: bool) -> None:
    assert (forward_in(text, subject) is not None) == is_forward


@pytest.mark.parametrize(
    "shape",
    [
        lambda text: text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f">> {line}\n" for line in text.splitlines()),
        lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
        lambda text: text.replace("\n", "\n\n", 6),
        lambda text: text.replace("Subject:", "*Subject:*").replace("From:", "*From: *"),
        lambda text: text.replace("Subject: Bulbs", "Subject:\nBulbs").replace("Date: ", "Date:\n"),
        lambda text: text.replace("From", "\u200eFrom"),
        lambda text: text.replace("<reader@mailbox.test>", "<reader@mailbox.test<mailto:reader@mailbox.test>>"),
        lambda text: text.replace("Garden <news@garden.example>", "Garden [mailto:news@garden.example]"),
        lambda text: text.replace("Garden <news@garden.example>", "Garden (news@garden.example)"),
        lambda text: text.replace("To:", "Pangalan:"),
        lambda text: text.replace("To:", "送信先：").replace("\n\n", "\nCc: \n\n"),
        lambda text: text.replace("From:", "Expeditorul:").replace("To:", "Destinatarul:"),
        lambda text: text.replace(MARK, "İleti başlangıcı:\n"),
        lambda text: text.replace("From: ", "From:\n").replace("<", "\n<\n").replace(">", "\n>"),
    ],
    ids=[
        *("as it is", "CRLF", "quoted", "quoted twice", "indented", "blank lines between", "starred"),
        *("values below", "unseen marks", "mailto twice", "mailto in brackets", "parentheses"),
        *("a recipient's label of an unknown language", "a recipient's label in Japanese"),
        *("labels in Romanian", "a mark in Turkish", "addresses in lines of their own"),
    ],
)
def test_a_forward_is_read_whatever_its_shape(shape: Callable[[str], str]) -> None:
    body = shape(MARK + LABELS + "\nTulips.\n")
    found = read(f"From: ann@home.test\nSubject: Fwd: Bulbs\n\nStop.\n\n{body}".encode())
    assert (found.kind, found.is_complaint, found.text) == (Kind.INLINE, True, "Stop.")
    original = found.originals[0]
    assert (original.from_, original.subject, original.date) == ("Garden <news@garden.example>", "Bulbs", NOON)
    assert original.recipients == ("reader@mailbox.test",)
    assert b"Tulips." in original.raw


def test_a_plain_part_without_the_forward_leaves_it_to_the_html() -> None:
    parts = (
        "From: a@b.test\nSubject: Fwd: x\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nSee the HTML.\n"
    )
    html = MARK + LABELS.replace("<", "&lt;").replace("\n", "<br>")
    found = read(f"{parts}--b\nContent-Type: text/html\n\n{html}\n--b--\n".encode())
    assert (found.kind, found.originals[0].subject) == (Kind.INLINE, "Bulbs")


@pytest.mark.parametrize(
    ("subject", "told", "rest"),
    [
        ("Fwd: Bulbs", Subject.FORWARD, "Bulbs"),
        ("Tr : Bulbes", Subject.FORWARD, "Bulbes"),
        ("[EXT] WG: Re: Bulbs", Subject.FORWARD, "Re: Bulbs"),
        ("[Fwd: Bulbs]", Subject.FORWARD, "Bulbs"),
        ("İLT: Lale", Subject.FORWARD, "Lale"),
        ("转发：郁金香", Subject.FORWARD, "郁金香"),
        ("Re[2]: Bulbs", Subject.REPLY, "Re[2]: Bulbs"),
        ("Bulbs: half the price", Subject.NEITHER, "Bulbs: half the price"),
        ("", Subject.NEITHER, ""),
    ],
)
def test_a_subject_tells_forward_from_reply(subject: str, told: Subject, rest: str) -> None:
    assert subject_of(subject) == (told, rest)


@pytest.mark.parametrize(
    "sentence",
    [
        'On 02/11/2026 09:58, "Ann Bee" <ann@bee.example> wrote:',
        "On Mon, Nov 2, 2026 at 9:58 AM Ann Bee <ann@bee.example>\nwrote:",
        'Am 02.11.2026 um 09:58 schrieb "Ann Bee" <ann@bee.example>:',
        "Le 02/11/2026 09:58, « Ann Bee » <ann@bee.example> a écrit :",
        'Il giorno 02/11/2026 09:58 "Ann Bee" <ann@bee.example> ha scritto:',
        "Op 02/11/2026 09:58 heeft Ann Bee <ann@bee.example> geschreven:",
        "Ann Bee <ann@bee.example> kirjoitti 2.11.2026 9.58:",
        '"Ann Bee" <ann@bee.example> şunları yazdı (02/11/2026 09:58):',
        "02/11/2026 09:58 időpontban Ann Bee (ann@bee.example) ezt írta:",
        "Dnia 02/11/2026, 09:58 użytkownik „Ann Bee” <ann@bee.example> napisał:",
    ],
)
def test_the_sentence_above_a_forward_gives_sender_and_time(sentence: str) -> None:
    found = forward_in(f"{sentence}\n\n    Tulips.\n", "FW: Bulbs")
    assert found
    original = found.originals[0]
    assert (original.from_, original.subject) == ("Ann Bee <ann@bee.example>", "Bulbs")
    assert original.date in (NOON, datetime(2026, 2, 11, 9, 58, tzinfo=UTC))


def test_a_name_without_an_address_is_a_sender_too() -> None:
    found = forward_in("On July 19, 2026 at 3:36 PM, Ann Bee wrote:\n> x\n", "Fwd: Bulbs")
    assert found
    assert found.originals[0].from_ == "Ann Bee"


@pytest.mark.parametrize("text", [MARK + LABELS + "\nTulips.", LABELS.replace("Date:", "Sent:") + "\nTulips."])
def test_forward_lines_pasted_into_the_form_are_read(text: str) -> None:
    found = read_source(text.encode())
    assert (found.kind, found.is_complaint, found.subject) == (Kind.INLINE, True, "Bulbs")
    assert not found.originals[0].verifiable


@pytest.mark.parametrize("text", [LABELS, "Message-ID: <a@b.example>\n" + LABELS.replace("Date", "Sent")])
def test_the_source_of_a_mail_stays_source_when_pasted(text: str) -> None:
    assert read_source((text + "\nTulips.").encode()).kind is Kind.PERSON


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("ons. 27. okt. 2021 kl. 09.31", "2021-10-27T09:31"),
        ("יום ד׳, 27 באוק׳ 2021 ב-9:31", "2021-10-27T09:31"),
        ("27 באוקטובר 2021 9:31", "2021-10-27T09:31"),
        ("الأربعاء، 27 أكتوبر 2021 09:31", "2021-10-27T09:31"),
        ("٢٧ أكتوبر ٢٠٢١ ٠٩:٣١", "2021-10-27T09:31"),
        ("27 tháng 10, 2021 09:31", "2021-10-27T09:31"),
        ("27 Agustus 2021 09.31", "2021-08-27T09:31"),
        ("27. нов 2021. 09:31", "2021-11-27T09:31"),
        ("2021. október 26. 14:25:08 EEST", "2021-10-26T11:25:08"),
        ("2021\u5e7410\u670827\u65e5(\u6c34) 9:31", "2021-10-27T09:31"),
        ("2021년 10월 27일 (수) 오후 9:31", "2021-10-27T21:31"),
        ("10/27/2021 9:31 PM", "2021-10-27T21:31"),
        ("3/11/2021 9:31 AM", "2021-03-11T09:31"),
        ("03/11/2021 15:51", "2021-11-03T15:51"),
        ("čet, 28. listopada 2021. u 12:46", "2021-10-28T12:46"),
        ("czw., 28 listopada 2021 o 12:46", "2021-11-28T12:46"),
        ("2021 m. spalio 27 d., 09:31", "2021-10-27T09:31"),
        ("Tuesday, November 2, 2021, 12:26:50 AM GMT+5:30", "2021-11-01T18:56:50"),
        ("2021-10-27T09:31:12+02:00", "2021-10-27T07:31:12"),
        ("mar. 3 mars 2021 à 10h05", "2021-03-03T10:05"),
        ("Wed, 27 Oct 2021 09:31:00 +0200", "2021-10-27T07:31"),
    ],
)
def test_dates_are_read_as_clients_show_them(text: str, iso: str) -> None:
    assert read_local_date(text) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "yesterday", "99/99/2021 10:00", "31 feb 2021", "1 xyzzy 2021"])
def test_what_is_no_date_gives_none(text: str | None) -> None:
    assert read_local_date(text) is None


@pytest.mark.parametrize(
    "line",
    [
        *("To:\n", ":\n", ">\n", "-----\n", "From: ", "a@b.c 2021 10:10:\n", "Subject:\nx\n\n", "To: a@b.c,\n"),
        *(MARK + LABELS, "----- x ----- From: aTo: b\n", "From: a\nTo: b\nSubject: c\n", "*", "\u0307", "1 2021 a@"),
    ],
)
def test_hostile_text_is_searched_in_linear_time(line: str) -> None:
    text = (line * TEXT_CHARS)[:TEXT_CHARS]
    start = time.process_time()
    forward_in(text, "FW: x")

    assert time.process_time() - start < 2


@given(st.lists(st.sampled_from([*LABELS.splitlines(), MARK.strip(), WROTE[:57], "", "> ", "x", "\u0130:", "To:"])))
@settings(max_examples=200, deadline=None)
def test_any_lines_give_an_answer(lines: list[str]) -> None:
    found = forward_in("\n".join(lines), "Fwd: x")
    assert found is None or all(original.headers for original in found.originals)
