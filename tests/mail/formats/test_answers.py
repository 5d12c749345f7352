"""Answers of other desks, told from complaints that thank and speak of tickets, too."""

from __future__ import annotations

import pytest

from app.mail.domain import Kind
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import ANN, REPLY, mail

DESK = "Abuse desk <abuse@host.test>"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (
            "Re: Abuse report",
            "Thank you for bringing this to our attention. We forwarded it to our customer.",
        ),
        (
            "[Request received] Spam from your network",
            "Your request (12345) has been received and is being reviewed.",
        ),
        ("Case 0123456 Resolved - Spam", "The following case has been resolved:\n\nSubject: Spam from 203.0.113.9"),
        ("[Ticket ID: 12] Spam report", "A support ticket has now been opened for your request.\n\nStatus: Open"),
        ("[Ticket ID: 12] Abuse", "We are changing the status of your ticket #12 to Closed."),
        ("Request #12", "How would you rate the support you received?\n\nGood, satisfied"),
        (
            "Reputation ticket",
            "Your dispute ticket 12 for IP 203.0.113.9 has been updated. Status: closed.",
        ),
        ("SBL123456 removed", "203.0.113.0/24 has been removed from the SBL following your request.\n\nSpamhaus"),
        ("Delisting", "We have completed reviewing the IP(s) you submitted: 203.0.113.9 mitigated."),
        ("Re: Meldung", "Sehr geehrte Damen und Herren,\nvielen Dank für Ihre Meldung. Der Kunde wurde informiert."),
        ("Re: Signalement", "Bonjour,\nnous avons bien reçu votre signalement."),
        ("Re: Reporte", "Hemos recibido su reporte y lo estamos revisando."),
        ("R: Segnalazione", "Abbiamo ricevuto la sua segnalazione."),
        ("Re: Melding", "Wij hebben uw melding ontvangen. Uw melding is in behandeling."),
        ("Re: Denúncia", "Recebemos sua denúncia."),
        ("Re: Zgłoszenie", "Dziękujemy za zgłoszenie."),
        ("[Ticket 12]", "Bonjour,\nNous accusons réception de votre signalement."),
        ("[abc12]: your report", "Box received your phishing report regarding: pay.example"),
        ("Re: 203.0.113.9 [phishing]", "Thank you for writing. Listed abusive account(s) has been suspended."),
        ("Re: 203.0.113.9", "This ip address has been terminated."),
        ("Ticket 9", "The trust team is in receipt of your report."),
        ("[AbuseID:A9]", "A statement has been successfully entered for this issue."),
        ("[Ticket#12] Missbrauch", "Ihre Anfrage wurde unter der Nummer 12 erfasst."),
    ],
)
def test_what_a_desk_says_became_of_a_report_is_an_answer(subject: str, text: str) -> None:
    found = read(mail(DESK, subject, text))

    assert (found.kind, found.is_complaint) == (Kind.AUTO_REPLY, False)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Danke für Ihre Nachricht", "Wir melden uns. Dies ist eine automatisch generierte Antwort."),
        ("Thanks", "This is an automated reply to let you know that we have your mail."),
        ("お問い合わせ", "このメールはシステムから自動送信されています。"),
        ("[Solicitud recibida] Aviso", "##- Escriba su respuesta por encima de esta línea -##\n\nSe ha recibido."),
        ("Re: your notice", "user just received your message. Click the link to verify you are a human, no spammer."),
        (
            "Re: your notice",
            "Once I approve you, I will read it. To be added to my list of approved\nsenders, click.",
        ),
        ("Bestätigung", "Bitte klicken Sie hier, um Ihre Nachricht zuzustellen."),
        ("Authentification", "Afin que votre email soit remis, merci de vous authentifier : anti-spam."),
        (
            "Your message to News awaits moderator approval",
            "It is being held until the list moderator can review it.",
        ),
        ("Rejected posting", "You are not authorized to send mail to the NEWS list."),
        ("Re: Notice", "This mailbox is not monitored."),
        ("Recall: Notice", 'Bob would like to recall the message, "Notice".'),
        ("Re: Notice", "Our office is closed from 24 December to 2 January."),
        ("来自box.test的自动回复", "您的邮件已收到。"),
        ("【自動返信】お問い合わせ", "ありがとうございます。"),
        ("Balasan automatik: Notis", "Saya bercuti."),
        ("AUTO: Bob Muster ist nicht im Büro (Rückkehr am 20.11.)", "Ich bin erst am 20. wieder da."),
        ("Läst: Meddelande", "Meddelandet lästes den 9 november."),
        ("開封済み: お知らせ", "は 2026/11/09 10:15 に開封されました。"),
    ],
)
def test_what_a_machine_says_of_itself_is_set_aside(subject: str, text: str) -> None:
    found = read(mail("Bob <bob@box.test>", subject, text))

    assert (found.kind, found.is_complaint) == (Kind.AUTO_REPLY, False)


OURS = "Thank you for your report. It has been forwarded to our customer."


@pytest.mark.parametrize(
    "below",
    [
        "-----Original Message-----\nFrom: Abuse <abuse@relay.example>\nSent: Monday, November 2, 2026 10:11 AM\n"
        "To: Ann <ann@home.test>\nSubject: [#1]\n\n",
        "________________________________\nVon: Abuse <abuse@relay.example>\n"
        "Gesendet: Montag, 2. November 2026 10:11\nAn: Ann <ann@home.test>\nBetreff: [#1]\n\n",
        "On 2 Nov 2026, at 10:11, Abuse desk of the relay <abuse@relay.example> wrote:\n\n",
        "Le 2 nov. 2026 à 10:11, Abuse <abuse@relay.example> a écrit :\n\n",
        "El 2 nov 2026, a las 10:11, Abuse <abuse@relay.example> escribió:\n\n",
    ],
    ids=["Outlook", "Outlook's German", "Apple", "Apple's French", "Apple's Spanish"],
)
def test_who_answers_our_receipt_is_not_taken_for_it(below: str) -> None:
    raw = mail("Ann <ann@home.test>", "Re: [#1]", f"Nothing has changed.\n\n{below}{OURS}", REPLY)

    assert read(raw).is_complaint
    assert not read(mail(DESK, "Re: [#1]", f"{OURS}\n\n{below}I get spam.", REPLY)).is_complaint


@pytest.mark.parametrize(
    "subject", ["Re: [#1] We have received your report", "AW: Your complaint #1 has been resolved"]
)
def test_the_subject_of_an_answer_is_what_it_answers(subject: str) -> None:
    assert read(mail("Ann <ann@home.test>", subject, "Any news? They arrive as before.", REPLY)).is_complaint


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Your ticket was closed", "Your ticket was closed, but I still get the mails."),
        ("Re: Ticket 12", "Thank you for your report of the case. The spam goes on, see the new mails."),
        ("Re: Ticket 12", "My request was denied by your customer."),
        ("Re: your notice", "We received your notice. Your customer keeps sending."),
        ("Ticket opened", "Our ticket was opened. Ihre Meldung erhalten wir, doch es ist weiterhin Werbung."),
        ("Your request was received", "That is what the scam says that comes from you."),
        ("Thank you for your report", "That is what a phishing mail from your server says."),
        ("Case 12", "Case 12 was opened for spam from your server 203.0.113.9."),
        ("Re: Ticket 12", "My account has been suspended without a reason."),
        ("Phishing", "They write that the account has been suspended: phishing."),
        ("Re: Meldung", "Danke für die Meldung zum Stand. Die Mails kommen immer noch."),
        ("Re: Ticket 12", "Your request has been closed, you say - they arrive as before."),
        (
            "[CERT 9]",
            "Your request has the id 9.\nYour request was registered. Please find below the hosts:\n203.0.113.9",
        ),
    ],
)
def test_who_thanks_and_complains_complains(subject: str, text: str) -> None:
    assert read(mail(ANN, subject, text)).is_complaint


def test_an_offer_that_was_handed_on_answers_nobody() -> None:
    raw = mail(DESK, "Your refund", "Your refund request has been approved.")

    assert not read(raw).is_complaint
    assert read(raw.replace(b"abuse@relay.example", b"ann@home.test")).is_complaint


@pytest.mark.parametrize(
    ("to", "subject", "kind"),
    [
        ("abuse@relay.example", "Please validate your abuse contact", Kind.ENROLMENT),
        ("abuse@relay.example", "Validation of contact information", Kind.ENROLMENT),
        ("abuse@relay.example", "Abuse contact validation", Kind.ENROLMENT),
        ("ann@home.test", "Please validate your contact information", Kind.PERSON),
        ("abuse@relay.example", "Your abuse contact does not answer", Kind.PERSON),
        ("abuse@relay.example", "Validate your contact lists, your customer floods us", Kind.PERSON),
    ],
)
def test_a_registry_that_checks_the_desks_address(to: str, subject: str, kind: Kind) -> None:
    raw = mail(DESK, subject, "https://registry.test/v/12").replace(b"abuse@relay.example", to.encode())

    assert read(raw).kind is kind
