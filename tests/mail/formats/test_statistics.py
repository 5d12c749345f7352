"""DMARC reports that somebody attaches to a complaint, and those that are nothing but reports."""

from __future__ import annotations

import pytest

from app.mail.domain import Kind
from app.mail.read import read

XML = "<feedback><report_metadata><org_name>box</org_name></report_metadata></feedback>"
PERSON = "Jane <jane@reader.test>"


def with_report(sender: str, subject: str, text: str) -> bytes:
    return (
        f"From: {sender}\nTo: abuse@relay.example\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: text/xml; "
        f"name=box.test!reader.test!1793577600!1793663999.xml\n\n{XML}\n--b--\n"
    ).encode()


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Fwd: what is this?", "Somebody at 203.0.113.7 spoofs my domain, see the report. Please stop him."),
        ("Terza segnalazione IP 203.0.113.7", "Da 203.0.113.7 partono migliaia di mail di SPAM."),
        ("Hallo", "Jemand fälscht meine Domain und verschickt Spam."),
        ("Bonjour", "Quelqu'un usurpe mon domaine, voir le rapport DMARC."),
        ("DMARC report", "Your customer 203.0.113.7 sends spam with forged senders."),
    ],
)
def test_who_says_what_is_wrong_complains_whatever_the_subject(subject: str, text: str) -> None:
    found = read(with_report(PERSON, subject, text))
    assert (found.kind, found.is_complaint, found.reporter) == (Kind.PERSON, True, "jane@reader.test")


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        (PERSON, "Statistics", "See the file."),
        ("noreply@box.test", "Fwd: what is this?", "203.0.113.7 spoofs my domain, please stop it."),
        ("dmarc_support@box.test", "Statistics", "203.0.113.7 sent spam in the name of your domain."),
        ("Box <info@box.test>", "DMARC report", "It shows who sends phishing in the name of your domain."),
        ("Box <info@box.test>", "DMARC-Bericht", "Der Bericht hilft gegen Phishing und Spam im Namen Ihrer Domain."),
        ("Box <info@box.test>", "Rapport DMARC", "Ce rapport aide contre l'hameçonnage, le spam et l'usurpation."),
        ("Box <info@box.test>", "Informe DMARC", "Este informe ayuda contra el phishing y la suplantación."),
        ("Box <info@box.test>", "Отчёт DMARC", "Отчёт помогает против спама и фишинга от имени домена."),
        ("Box <info@box.test>", "DMARC集計レポート", "このレポートはフィッシングや迷惑メールの対策に役立ちます。"),
        ("Box <info@box.test>", "Report for reader.test", "The DMARC report tells of spam and phishing."),
        (PERSON, "Report Domain: reader.test Submitter: box.test", "203.0.113.7 spoofs my domain."),
    ],
)
def test_a_report_stays_one_whatever_is_written_above_it(sender: str, subject: str, text: str) -> None:
    assert read(with_report(sender, subject, text)).kind is Kind.DMARC_AGGREGATE


def attached(inner: str) -> bytes:
    return (
        f"From: {PERSON}\nTo: abuse@relay.example\nSubject: Spam from 203.0.113.7\n"
        "Content-Type: multipart/mixed; boundary=outer\n\n--outer\n\nSee these.\n"
        f"--outer\nContent-Type: message/rfc822\n\n{inner}\n--outer--\n"
    ).encode()


def test_a_report_that_is_attached_as_a_mail_is_not_the_reported_mail() -> None:
    report = with_report("dmarc@box.test", "Report domain: reader.test Submitter: box.test Report-ID: 1", "A report.")
    found = read(attached(report.decode()))
    assert (found.kind, found.originals) == (Kind.PERSON, ())


@pytest.mark.parametrize(
    ("subject", "text"), [("Tulips", "Buy tulips."), ("Report domain", "Buy tulips, they are cheap. " * 60)]
)
def test_spam_with_an_attachment_that_is_named_like_a_report_is_the_reported_mail(subject: str, text: str) -> None:
    found = read(attached(with_report("news@garden.example", subject, text).decode()))
    assert (found.kind, [each.subject for each in found.originals]) == (Kind.FORWARDED, [subject])
