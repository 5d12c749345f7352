"""Dispatch: one bug loses no mail; the same bytes give the same answer; nothing is re-serialised."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest

from app.mail import read as door
from app.mail.domain import Kind, Reading
from app.mail.mime.message import Message
from tests.mail.test_corpus import PAIRS

REPORT = (
    b"From: fbl@mailbox.test\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom:  odd@a.example\r\nsubject : s\r\n\r\nbody \r\n\r\n--b--\r\n"
)


def test_the_original_is_the_exact_slice_that_arrived() -> None:
    (original,) = door.read(REPORT).originals
    assert original.raw == b"From:  odd@a.example\r\nsubject : s\r\n\r\nbody \r\n"
    assert original.raw in REPORT


@pytest.mark.parametrize("pair", PAIRS, ids=lambda path: path.stem)
def test_reading_twice_gives_the_same(pair: Path) -> None:
    raw = pair.with_suffix(".eml").read_bytes()
    assert door.read(raw) == door.read(raw)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda path: path.stem)
def test_line_ends_do_not_change_what_a_mail_is(pair: Path) -> None:
    raw = pair.with_suffix(".eml").read_bytes()
    if b"\n" not in raw or b"\x00" in raw:
        pytest.skip("no lines to turn")
    lf = raw.replace(b"\r\n", b"\n")
    as_lf, as_crlf = door.read(lf), door.read(lf.replace(b"\n", b"\r\n"))
    assert (as_lf.kind, as_lf.feedback_type, as_lf.fields) == (as_crlf.kind, as_crlf.feedback_type, as_crlf.fields)
    assert [o.message_id for o in as_lf.originals] == [o.message_id for o in as_crlf.originals]


def test_a_bug_in_one_format_is_noted_and_the_next_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_broken(mail: Message) -> Reading | None:
        raise KeyError("a bug")

    monkeypatch.setattr(door, "_FORMATS", (read_broken, *door._FORMATS))
    found = door.read(REPORT)
    assert found.kind is Kind.ARF
    assert "read_broken failed (KeyError)." in found.defects


@pytest.mark.parametrize(
    ("sender", "subject", "kind"),
    [
        ("postmaster@corp.example", "Olevererbart: Erbjudande", Kind.BOUNCE),
        ("postmaster@corp.example", "Kan ikke leveres: Tilbud", Kind.BOUNCE),
        ("postmaster@corp.example", "Não é possível entregar: Oferta", Kind.BOUNCE),
        ("postmaster@corp.example", "Teslim Edilemedi: Teklif", Kind.BOUNCE),
        ("postmaster@corp.example", "無法傳遞: x", Kind.BOUNCE),
        ("bob@corp.example", "Automatická odpověď: Akce", Kind.AUTO_REPLY),
        ("bob@corp.example", "Automatikus válasz: x", Kind.AUTO_REPLY),
        ("bob@corp.example", "I am out of the office", Kind.AUTO_REPLY),
        ("bob@corp.example", "Absence : Re: offre", Kind.AUTO_REPLY),
        ("bob@corp.example", "Your customer sends while I am out of the office", Kind.PERSON),
        ("bob@corp.example", "Kan ikke leveres?", Kind.PERSON),
        ("postmaster@corp.example", "Spam from your network", Kind.PERSON),
    ],
)
def test_bounces_and_automatic_replies_are_known_in_many_languages(sender: str, subject: str, kind: Kind) -> None:
    assert door.read(f"From: {sender}\nTo: b@esp.test\nSubject: {subject}\n\nText.\n".encode()).kind is kind


def test_a_statistic_is_known_however_it_is_packed() -> None:
    xml = b"<?xml version='1.0'?><feedback><report_metadata/></feedback>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("r.xml", xml)
    tls = "google.com!esp.test!1767225600!1767311999!001.json.gz"

    assert _attached("application/zip", "r.zip", packed.getvalue()).kind is Kind.DMARC_AGGREGATE
    assert _attached("text/plain", "r.xml", xml).kind is Kind.DMARC_AGGREGATE
    assert _attached("application/gzip", tls, b"\x1f\x8b").kind is Kind.TLS_RPT
    assert _attached("text/plain", "notes.xml", b"<notes/>").kind is Kind.PERSON


def _attached(kind: str, name: str, content: bytes) -> Reading:
    head = f'From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: {kind}; name="{name}"\n'
    coded = base64.encodebytes(content).decode()
    return door.read(f"{head}Content-Transfer-Encoding: base64\n\n{coded}".encode())


def test_only_a_complaint_has_no_reason() -> None:
    for pair in PAIRS:
        found = door.read(pair.with_suffix(".eml").read_bytes())
        assert found.is_complaint == (found.reason == ""), pair.stem


@pytest.mark.parametrize(
    ("body_hash", "headers_only"),
    [
        ("frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=", False),
        ("47DEQpj8HBSa+/TImW+5JCeu\r\n QeRkm5NMpJWZG3hSuFU=", False),
        ("AbCdEf==", True),
    ],
)
def test_a_mail_that_was_sent_empty_is_told_from_one_that_was_cut(body_hash: str, headers_only: bool) -> None:
    source = f"DKIM-Signature: v=1; bh={body_hash}; b=x\r\nFrom: a@b.example\r\n\r\n".encode()
    assert door.read_source(source).originals[0].headers_only is headers_only


SPAM = (
    b"Received: from a.test by b.test; Mon, 2 Mar 2026 10:00:00 +0000\r\nFrom: x@shop.test\r\nSubject: Win\r\n"
    b"Message-ID: <1@shop.test>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=s\r\n\r\n--s\r\n"
    b"Content-Type: message/feedback-report\r\n\r\nFeedback-Type: %s\r\nUser-Agent: X/1\r\nVersion: 1\r\n--s--\r\n"
)


@pytest.mark.parametrize("kind", [b"not-spam", b"opt-out", b"auth-failure"])
def test_spam_that_looks_like_a_report_of_no_complaint_is_complained_about_all_the_same(kind: bytes) -> None:
    spam = SPAM % kind
    forward = (
        b"From: ann@home.test\r\nSubject: spam\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=f\r\n\r\n--f\r\n\r\nStop this.\r\n"
        b"--f\r\nContent-Type: message/rfc822\r\n\r\n" + spam + b"\r\n--f--\r\n"
    )
    for found, kind_found in ((door.read(forward), Kind.FORWARDED), (door.read_source(spam), Kind.PERSON)):
        assert (found.kind, found.is_complaint) == (kind_found, True)
        assert found.originals[0].from_ == "x@shop.test"


@pytest.mark.parametrize(
    ("subject", "text", "more"),
    [
        ("[Request received] spam", "Thank you.\n\n> Please stop your customer.", "Auto-Submitted: auto-generated\n"),
        ("Ticket 17", "Hello Jo,\nyour request (17) has been received.", "Auto-Submitted: auto-generated\n"),
        ("Case 17: phishing", "Thank you for your report.", "Auto-Submitted: auto-replied\n"),
        ("Automatic reply: spam from you", "I am away.", "X-Auto-Response-Suppress: All\n"),
        ("Annual leave", "I am away.", ""),
        ("Gelesen: Fall 17", "Ihre Nachricht wurde am Dienstag gelesen.", ""),
    ],
)
def test_a_receipt_or_an_absence_is_no_complaint_whatever_it_quotes(subject: str, text: str, more: str) -> None:
    mail = f"{more}From: help@isp.test\nTo: abuse@relay.example\nSubject: {subject}\n\n{text}\n"

    assert door.read(mail.encode()).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize(
    "text", ["", "Please remove me. Thanks.", "Sent from my phone", "On Tue, Ann wrote:\n> Tulips"]
)
def test_a_plain_wish_to_get_no_more_mail_is_no_complaint(text: str) -> None:
    mail = f"From: ann@home.test\nTo: abuse@relay.example\nSubject: Unsubscribe\n\n{text}\n"

    assert door.read(mail.encode()).kind is Kind.UNSUBSCRIBE


def test_a_forged_way_through_a_group_does_not_say_who_wrote() -> None:
    head = "From: Ann <ann@home.test>\nX-Original-From: boss@bank.test\nList-ID: <abuse.relay.example>\n"

    assert door.read(f"{head}To: abuse@relay.example\nSubject: spam\n\nSpam.\n".encode()).reporter == "ann@home.test"
