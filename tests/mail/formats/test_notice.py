"""What a notice reports, where it stands in it; and what is no notice. Whole notices are in the golden corpus."""

from __future__ import annotations

import time

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.formats.notice import sort_of
from app.mail.formats.reported import MOST, in_text, targets_of, undone
from app.mail.read import read

NOTICE = (
    b"From: noreply@watch.test\r\nAuto-Submitted: auto-generated\r\nSubject: [INC-20411] %s\r\n\r\n"
    b"This is an automated notification about abuse from your network.\r\n%s\r\n"
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("hxxp://a.example/x", "http://a.example/x"),
        ("hxxps://a\\.example/x", "https://a.example/x"),
        ("http[s]://a.example/x", "https://a.example/x"),
        ("[https]://a[.]example/x", "https://a.example/x"),
        ("hxxps:\\\\a[.]example/x", "https://a.example/x"),
        ("[http://a.example/x]", "[http://a.example/x]"),
        ("hXXps[:]//a[.]example/x", "https://a.example/x"),
        ("h**p://a.example", "http://a.example"),
        ("http[://]a(dot)example", "http://a.example"),
        ("https://a [dot] b {.} example", "https://a.b.example"),
        ("203.0.113[.]9", "203.0.113.9"),
        ("ends here. [.] A new one", "ends here. [.] A new one"),
    ],
)
def test_addresses_that_nobody_should_click_on_are_read_as_meant(written: str, meant: str) -> None:
    assert undone(written) == meant


@pytest.mark.parametrize(
    ("line", "reported"),
    [
        ("Offending IP: 203.0.113.9", "203.0.113.9"),
        ("* Source address => [203.0.113.9]", "203.0.113.9"),
        ("IP: 2001:db8::7", "2001:db8::7"),
        ("203.0.113.9", "203.0.113.9"),
        ("Domain: Shop.Example", "shop.example"),
        ("http://shop.example/x [203.0.113.9]", "http://shop.example/x"),
        ("we saw hxxp://shop.example/x.", "http://shop.example/x"),
        ("64500 | 203.0.113.9 | 2026-11-03 00:10 | 198.51.100.7", "203.0.113.9"),
        ("2026-11-03 | hxxp://shop[.]example/a.exe | online", "http://shop.example/a.exe"),
        ("- IP: 203.0.113.9 | Delft | 302 attempts", "203.0.113.9"),
        ("- Victim: 203.0.113.9 | Delft | 302 attempts", None),
        ("Destination IP: 203.0.113.9", None),
        ("Targeted URL: http://shop.example/", None),
        ("More information: http://shop.example/", None),
        ("We wrote about it on http://shop.example/ today", None),
        ("Domain: localhost", None),
        ("IP: 999.1.1.1", None),
    ],
)
def test_what_is_reported_is_told_by_where_it_stands(line: str, reported: str | None) -> None:
    found = targets_of(in_text("", line))
    assert [*found.urls, *found.addresses, *(found.hosts if not found.urls else ())][:1] == (
        [reported] * bool(reported)
    )


def test_the_notifiers_own_pages_are_not_reported() -> None:
    found = targets_of(["http://www.watch.test/incident/7", "http://shop.example/x"], own=["mail.watch.test"])
    assert found.hosts == ("shop.example",)


def test_no_more_is_kept_than_the_bound() -> None:
    found = targets_of(f"http://a{number}.example/" for number in range(10 * MOST))
    assert (len(found.urls), len(found.hosts)) == (MOST, MOST)


def test_a_table_is_read_by_its_columns() -> None:
    found = read(
        b"From: noreply@watch.test\r\nSubject: daily report\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\n\r\nThis report was generated automatically.\r\n--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n"
        b"time,src_ip,dst_ip,url,cc_dns\r\n1,203.0.113.9,198.51.100.1,http://shop.example/a,victim.test\r\n--b--\r\n"
    )
    assert found.kind is Kind.NOTICE
    assert found.fields == {
        "reported-uri": ("http://shop.example/a",),
        "reported-domain": ("shop.example",),
        "source-ip": ("203.0.113.9",),
    }


@pytest.mark.parametrize(
    ("subject", "text", "sort"),
    [
        ("Phishing at a.example", "malware too", FeedbackType.FRAUD),
        ("Web attacks from 203.0.113.9", "likely infected with malware", FeedbackType.OTHER),
        ("203.0.113.9", "a trojan spreads spam", FeedbackType.VIRUS),
        ("Report", "spam, perhaps phishing", FeedbackType.ABUSE),
        ("Report", "", FeedbackType.OTHER),
    ],
)
def test_the_class_is_what_the_subject_names_else_what_is_named_first(
    subject: str, text: str, sort: FeedbackType
) -> None:
    assert sort_of(subject, text) is sort


@pytest.mark.parametrize(
    "head",
    [
        b"From: ann@home.test\r\nSubject: Phishing hosted on your network",
        b"From: noreply@forms.test\r\nSubject: Contact form: phishing on your server",
    ],
)
def test_a_person_who_tells_what_happened_is_no_notice_whatever_carried_the_words(head: bytes) -> None:
    text = b"Ticket 20411. I received this on my phone, an automated message.\r\nURL: http://shop.example/a\r\n"
    found = read(head + b"\r\n\r\n" + text)
    assert (found.kind, found.is_complaint) == (Kind.PERSON, True)


@pytest.mark.parametrize(
    "filler",
    [
        b"IP: " * 50_000,
        b'<url ip="' * 40_000,
        b"[.]" * 60_000,
        b"a.b" * 60_000,
        b"::" * 60_000,
        b"IP : " * 9 + b" " * 90_000,
        b"Time Time " * 20_000,
        b"\r\nIP: 203.0.113.9" * 30_000,
        b"<a>" + b"x" * 2_000 + b"<a>" * 50_000,
    ],
)
def test_a_hostile_notice_is_read_in_time(filler: bytes) -> None:
    start = time.process_time()
    assert read(NOTICE % (b"203.0.113.9", filler)).kind is Kind.NOTICE
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("answers_to", "kind"), [("bounces_team@watch.test", Kind.NOTICE), ("ann@watch.test", Kind.PERSON)]
)
def test_a_notice_may_be_told_by_where_its_answers_go(answers_to: str, kind: Kind) -> None:
    mail = (
        f"From: Watch Team <team@watch.test>\nReply-To: {answers_to}\nSubject: 203.0.113.9\n\n"
        "Abusive web requests:\n\nOffending/Source IP: 203.0.113.9\n  - Block type: new\n"
        "  - Report ID: c141a958-6477\n  - Targeted URL: http://[removed]/login.php\n"
    )
    found = read(mail.encode())
    assert found.kind is kind
    assert kind is Kind.PERSON or found.fields["source-ip"] == ("203.0.113.9",)


@pytest.mark.parametrize(("number", "kind"), [("[watch-81328588] ", Kind.NOTICE), ("", Kind.PERSON)])
def test_where_only_its_words_say_that_a_machine_wrote_it_a_notice_has_a_number(number: str, kind: Kind) -> None:
    mail = (
        f"From: abuse@watch.test\nSubject: {number}sites within your network\n\n"
        "This information has been generated out of our database.\n\n"
        "|date      |ip         |domain     |url|\n"
        "|2026-11-03|203.0.113.9|shop.example|http://shop.example/x\n"
    )
    assert read(mail.encode()).kind is kind
