"""Mails that differ in one thing alone, and are told apart by it."""

from __future__ import annotations

import base64
import gzip
from datetime import UTC, datetime

import pytest

from app.mail.domain import FeedbackType, Kind
from app.mail.read import read, read_source
from tests.mail.formats.test_complaints_stay import ANN, NULL, REPLY, SOURCE, mail

JO = "Jo <jo@home.test>"
DAEMON = "Mail Delivery System <mailer-daemon@box.test>"
NO_SUCH = "The following address failed: jo@box.test: 550 5.1.1 user unknown"


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (mail(DAEMON, "Offers of the week", "Tulips are cheaper."), Kind.PERSON),
        (mail(DAEMON, "Delivery Status Notification (Failure)", "Tulips are cheaper."), Kind.BOUNCE),
        (mail(DAEMON, "Offers of the week", f"Hello.\n-- \n{NO_SUCH}"), Kind.BOUNCE),
        (mail("mx@box.test", "Offers of the week", f"Hello.\n-- \n{NO_SUCH}", NULL), Kind.BOUNCE),
        (mail(ANN, "Undeliverable: offers of the week", NO_SUCH), Kind.BOUNCE),
        (mail(ANN, "Undeliverable: offers of the week", f"What is this?\n-- \n{NO_SUCH}"), Kind.PERSON),
        (mail("gw@box.test", "Notice", "***\nYour message could not be delivered to\njo@box.test"), Kind.BOUNCE),
        (mail("gw@box.test", "Notice", "Could not deliver mail to this user.", attached=True), Kind.BOUNCE),
        (
            mail(
                "gw@box.test",
                "Notice",
                "The mail you sent was blocked by our Spam Firewall.\nIt has NOT BEEN DELIVERED.",
                NULL,
            ),
            Kind.BOUNCE,
        ),
        (mail('"Box" <>', "Notice", "It has not been delivered: no such user."), Kind.BOUNCE),
        (mail("gw@box.test", "邮件投递失败", "没有这个用户: 550 5.1.1"), Kind.BOUNCE),
    ],
    ids=[
        "a daemon's offers",
        "a daemon's bounce",
        "below a dash by a daemon",
        "and by nobody",
        "in the text",
        "below a dash by Ann",
        "told to who sent it",
        "with what was sent",
        "by a filter",
        "by nobody at all",
        "in Chinese",
    ],
)
def test_bounces(raw: bytes, kind: Kind) -> None:
    assert read(raw).kind is kind


@pytest.mark.parametrize(
    ("to", "subject", "kind"),
    [
        ("unsubscribe-81@list.test", "Hello", Kind.UNSUBSCRIBE),
        ("abuse@list.test", "Hello", Kind.PERSON),
        ("abuse@list.test", "unsubscribe 81:bulk", Kind.UNSUBSCRIBE),
        ("abuse@list.test", "unsubscribe", Kind.UNSUBSCRIBE),
        ("abuse@list.test", "unsubscribe nobody", Kind.PERSON),
    ],
)
def test_wishes_to_get_no_more(to: str, subject: str, kind: Kind) -> None:
    raw = mail(ANN, subject, "Thank you.").replace(b"abuse@relay.example", to.encode())

    assert read(raw).kind is kind


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("On vacation cheap hotels", "See https://hotel.example/x", Kind.PERSON),
        ("On vacation", "I am back on Monday.", Kind.AUTO_REPLY),
    ],
)
def test_answers_of_who_is_away(subject: str, text: str, kind: Kind) -> None:
    assert read(mail(ANN, subject, text)).kind is kind


REPORT = b'<?xml version="1.0"?>\n<feedback><report_metadata><org_name>Box</org_name></report_metadata></feedback>'


@pytest.mark.parametrize(
    ("type_", "name", "content", "kind"),
    [
        ("application/gzip", "data.gz", gzip.compress(REPORT), Kind.DMARC_AGGREGATE),
        ("application/octet-stream", "data.gz", gzip.compress(REPORT), Kind.DMARC_AGGREGATE),
        ("application/octet-stream", "data.bin", gzip.compress(b"<feedback>Good</feedback>"), Kind.PERSON),
        ("application/xml", "data", REPORT, Kind.DMARC_AGGREGATE),
    ],
    ids=["gzip", "gzip of no type", "another gzip", "xml"],
)
def test_statistics_without_a_telling_name(type_: str, name: str, content: bytes, kind: Kind) -> None:
    raw = (
        f"From: {ANN}\nTo: abuse@relay.example\nSubject: For you\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n"
        f'--b\nContent-Type: {type_}; name="{name}"\nContent-Transfer-Encoding: base64\n\n'
        f"{base64.encodebytes(content).decode()}\n--b--\n"
    )

    assert read(raw.encode()).kind is kind


def arf(third: str, more: str = "") -> bytes:
    return (
        f"From: feedback@box.test\nTo: abuse@relay.example\nSubject: report\n{more}MIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nA report.\n"
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x\nVersion: 1\n"
        f"--b\n{third}\n--b--\n"
    ).encode()


@pytest.mark.parametrize("type_", ["text/plain", "application/octet-stream"])
def test_a_reported_mail_that_is_not_declared_as_one(type_: str) -> None:
    found = read(arf(f"Content-Type: {type_}\n\n{SOURCE}"))

    assert [each.message_id for each in found.originals] == ["tulips-1@garden.example"]
    assert "The reported message is not declared as one." in found.defects


def test_a_text_with_a_colon_is_no_reported_mail() -> None:
    found = read(arf("Content-Type: text/plain\n\nFrom: the abuse desk of Box\n\nWe wish you a good day.\n"))

    assert found.originals == ()


def test_a_stamp_of_tomorrow_is_not_when_it_arrived() -> None:
    hops = "".join(
        f"Received: from a.test by {host} with ESMTP; Tue, 0{day} Nov 2026 10:00:00 +0000\n"
        for host, day in (("mx.box.test", 9), ("in.box.test", 3))
    )
    third = f"Content-Type: message/rfc822\n\n{hops}{SOURCE}"

    assert read(arf(third)).arrived == datetime(2026, 11, 9, 10, tzinfo=UTC)
    dated = arf(third, "Date: Tue, 03 Nov 2026 11:00:00 +0000\n")
    assert read(dated).arrived == datetime(2026, 11, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "source"), [("complaint about message from 203.0.113.8", "Subject"), ("complaint", "Received")]
)
def test_a_junk_report_with_and_without_the_address_in_its_subject(subject: str, source: str) -> None:
    raw = (
        f"From: staff@hotmail.test\nTo: abuse@relay.example\nSubject: {subject}\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
        f"X-HmXmrOriginalRecipient: ann@home.test\n{SOURCE}\n--b--\n"
    )
    found = read(raw.encode())

    assert (found.kind, found.derived["source-ip"]) == (Kind.JMRP, source)
    assert found.fields["source-ip"] == ("203.0.113.8" if source == "Subject" else "203.0.113.9",)


def test_only_addresses_with_complaints_stand_in_a_summary() -> None:
    rows = "\n".join(
        f"{address:20} Nov  3 12h/0    {counts}"
        for address, counts in (("203.0.113.9", "1 0 0 0"), ("203.0.113.10", "0 0 0 0"), ("1234", "1 0 0 0"))
    )
    found = read(mail("summaries@spamcop.test", "[SpamCop] summary report", rows))

    assert found.fields == {"source-ip": ("203.0.113.9",)}


@pytest.mark.parametrize(
    ("kind", "meant"),
    [("malware", FeedbackType.VIRUS), ("phishing", FeedbackType.FRAUD), ("botnet", FeedbackType.OTHER)],
)
def test_what_an_xarf_report_is_about(kind: str, meant: FeedbackType) -> None:
    inner = f'"ReporterInfo": {{}}, "Report": {{"ReportType": "{kind}", "SourceIp": "203.0.113.9"}}'
    raw = arf(f"Content-Type: application/json\n\n{{{inner}}}").replace(
        b"Feedback-Type: abuse", b"Feedback-Type: xarf"
    )

    assert read(raw).feedback_type is meant


@pytest.mark.parametrize("by", ["Resent-From", "Resent-Sender"])
def test_who_sent_a_mail_on_by_hand_is_its_reporter(by: str) -> None:
    resent = f"{by}: Jo <jo@home.test>\nResent-To: abuse@relay.example\n"

    found = read((resent + SOURCE).encode())

    assert (found.kind, found.reporter) == (Kind.FORWARDED, "jo@home.test")


@pytest.mark.parametrize(
    ("sender", "reply_to", "reporter"),
    [
        ("Form <noreply@relay.example>", "ann@home.test", "ann@home.test"),
        ("Form <noreply@relay.example>", None, "noreply@relay.example"),
        ("Form <noreply@box.test>", "ann@home.test", "noreply@box.test"),
        ("Bob <bob@relay.example>", "ann@home.test", "bob@relay.example"),
        ("<Abuse@relay.example>", "ann@home.test", None),
    ],
)
def test_whoever_fills_in_a_form_of_ours_is_the_reporter(
    sender: str, reply_to: str | None, reporter: str | None
) -> None:
    raw = mail(sender, "Abuse form", "I get spam.", f"Reply-To: {reply_to}\n" if reply_to else "")

    assert read(raw).reporter == reporter


@pytest.mark.parametrize(
    ("named", "reporter"),
    [
        ("abuse@relay.example, abuse@home.test", "abuse@home.test"),
        ("Abuse <Abuse@Home.test>, abuse@relay.example", "abuse@home.test"),
        ("abuse@home.test", None),
        ("abuse@home.test, noc@home.test", None),
        ("abuse@home.test, bob@relay.example", None),
    ],
)
def test_a_desk_that_writes_to_another_and_to_itself_is_the_reporter(named: str, reporter: str | None) -> None:
    raw = mail("abuse@home.test", "An attack", "We are attacked.").replace(b"abuse@relay.example", named.encode())

    assert read(raw).reporter == reporter


BULK = "List-Unsubscribe: <https://garden.example/u/1>\n"
HOP = "Received: from out.garden.example ([203.0.113.9]) by mx.relay.example; Tue, 03 Nov 2026 10:00:00 +0000\n"
WEATHER = "Sun, then rain.\n\nThis mail went to abuse@relay.example. Unsubscribe: https://garden.example/u/1"


@pytest.mark.parametrize(
    ("more", "text", "mails"),
    [
        (HOP + BULK, WEATHER, 1),
        (BULK, WEATHER, 0),
        (HOP, WEATHER, 0),
        (HOP + BULK + "List-Post: <mailto:abuse@relay.example>\n", WEATHER, 0),
        (HOP + BULK + REPLY, WEATHER, 0),
        (HOP + BULK, "A page of your customer asks for passwords: phishing.", 0),
    ],
    ids=["bulk", "no way", "no mark", "by a list of ours", "an answer", "a complaint"],
)
def test_bulk_mail_to_the_desk_is_itself_what_is_complained_of(more: str, text: str, mails: int) -> None:
    found = read(mail("Weather <news@garden.example>", "The weather today", text, more))

    assert (len(found.originals), found.is_complaint, found.reporter is None) == (mails, True, bool(mails))


def test_nothing_but_white_space_is_an_empty_file() -> None:
    assert read(b" \r\n\t\r\n").reason == read(b"").reason == "The file is empty."


def test_a_paste_without_a_header_says_so() -> None:
    without = "The pasted source holds no mail header."

    assert without in read_source(b"Somebody sends me spam.\n").defects
    assert without not in read_source(SOURCE.encode()).defects


@pytest.mark.parametrize(
    ("line", "sender"),
    [
        ("On Tue, 3 Nov 2026 at 10:00, Ann Lee <ann@home.test> wrote:", "Ann Lee <ann@home.test>"),
        ("On Tue, 3 Nov 2026 at 10:00, <ann@home.test> wrote:", "ann@home.test"),
        ("Den tis 3 nov. 2026 kl 10:00 skrev <ann@home.test>:", "ann@home.test"),
        ("Ann Lee <ann@home.test> wrote on 3 Nov 2026 at 10:00:", "Ann Lee <ann@home.test>"),
    ],
)
def test_who_wrote_what_is_forwarded(line: str, sender: str) -> None:
    (found,) = read(mail(JO, "Fwd: Tulips", f"Look.\n\n{line}\n\n> Tulips are cheaper.\n")).originals

    assert found.from_ == sender


@pytest.mark.parametrize(
    ("category", "kind", "meant"),
    [
        ("abuse", "login-attack", FeedbackType.ABUSE),
        ("fraud", "phishing", FeedbackType.FRAUD),
        ("info", "spam", FeedbackType.ABUSE),
        ("info", "news", FeedbackType.OTHER),
    ],
)
def test_what_an_x_arf_report_is_about(category: str, kind: str, meant: FeedbackType) -> None:
    report = f"Reported-From: a@box.test\nCategory: {category}\nReport-Type: {kind}\nSource: 203.0.113.9\n"
    raw = (
        "From: a@box.test\nTo: abuse@relay.example\nSubject: report\nX-ARF: YES\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello.\n"
        f"--b\nContent-Type: text/plain\n\n{report}\n--b--\n"
    )

    assert read(raw.encode()).feedback_type is meant


def test_what_an_x_arf_report_without_its_part_names_is_read_from_the_text() -> None:
    text = "TARGETS:\n- IP: 203.0.113.9 | Delft | 302 attempts\n- IP: 203.0.113.10 | Lyon | 68\n"
    found = read(f"From: a@box.test\nTo: abuse@relay.example\nSubject: SSH\nX-ARF: Yes\n\n{text}".encode())

    assert found.kind is Kind.X_ARF
    assert found.fields == {"source-ip": ("203.0.113.9", "203.0.113.10")}
    assert found.defects == ("The report part is missing.",)


def test_a_failure_told_in_plain_text_ends_where_the_copy_begins() -> None:
    told = (
        "A message claiming to be from you has failed the published DMARC policy for your domain.\n\n"
        "Sender Domain: garden.example\nSender IP Address: 203.0.113.9\n\n"
        "------ This is a copy of the headers that were received.\n\n"
    )
    found = read(mail("dmarc@box.test", "DMARC Failure", f"{told}{SOURCE}Received Date: never\n"))

    assert found.feedback_type is FeedbackType.AUTH_FAILURE
    assert found.text is not None and found.text.endswith("203.0.113.9")
    assert (found.fields["source-ip"], "arrival-date" in found.fields) == (("203.0.113.9",), False)
    assert [each.message_id for each in found.originals] == ["tulips-1@garden.example"]


@pytest.mark.parametrize(("report_type", "kind"), [("; report-type=feedback-report", Kind.ARF), ("", Kind.PERSON)])
def test_fields_in_a_part_of_any_type_count_where_the_report_says_that_it_has_them(
    report_type: str, kind: Kind
) -> None:
    raw = (
        "From: feedback@box.test\nTo: abuse@relay.example\nSubject: report\nMIME-Version: 1.0\n"
        f"Content-Type: multipart/report{report_type}; boundary=b\n\n--b\n\nA report.\n"
        "--b\nContent-Type: text/x-fields\n\nFeedback-Type: abuse\nUser-Agent: x\nVersion: 1\n--b--\n"
    )

    assert read(raw.encode()).kind is kind


@pytest.mark.parametrize(
    ("type_", "headers_only"), [("text/rfc822-headers", True), ("message/rfc822", False), ("text/plain", False)]
)
def test_what_is_declared_as_headers_alone_is_judged_without_its_body(type_: str, headers_only: bool) -> None:
    (original,) = read(arf(f"Content-Type: {type_}\n\n{SOURCE}")).originals

    assert original.headers_only is headers_only


@pytest.mark.parametrize(
    ("second", "kind"),
    [("message/disposition-notification", Kind.AUTO_REPLY), ("text/rfc822-headers", Kind.BOUNCE)],
)
def test_a_report_that_does_not_say_of_what(second: str, kind: Kind) -> None:
    raw = (
        f"From: {DAEMON}\nTo: abuse@relay.example\nSubject: Read: offers\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; boundary=b\n\n--b\n\nYour message was read on Tuesday.\n"
        f"--b\nContent-Type: {second}\n\nFinal-Recipient: rfc822; jo@box.test\n--b--\n"
    )

    assert read(raw.encode()).kind is kind


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("[box #12] AutoReply: offers", "Thank you for your mail.", Kind.AUTO_REPLY),
        ("[box #12] Offers", "Your request has been received. A ticket was opened for you.", Kind.AUTO_REPLY),
        ("[box #12] Phishing at garden.example", "We found this page: https://pay.garden.example/", Kind.PERSON),
    ],
)
def test_what_a_ticket_system_calls_a_reply(subject: str, text: str, kind: Kind) -> None:
    more = "X-RT-Ticket: box #12\nAuto-Submitted: auto-replied\n"
    found = read(mail("Desk <desk@box.test>", subject, text, more))

    assert found.is_complaint is (kind is Kind.PERSON)
    assert found.kind is kind or found.is_complaint


@pytest.mark.parametrize(("field", "mails"), [("Subject: Tulips", 1), ("X-Note: tulips", 0)])
def test_a_reported_mail_that_begins_in_the_header_of_its_part(field: str, mails: int) -> None:
    found = read(arf(f"Content-Type: message/rfc822\n{field}\nX-Mailer: y\n\nTulips are cheaper.\n"))

    assert len(found.originals) == mails
