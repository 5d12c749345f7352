"""Answers of other desks, told from complaints that thank and speak of tickets, too."""

from __future__ import annotations

import pytest

from app.mail.domain import Kind
from app.mail.read import read
from tests.mail.formats.test_complaints_stay import ANN, mail

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
    ],
)
def test_what_a_desk_says_became_of_a_report_is_an_answer(subject: str, text: str) -> None:
    found = read(mail(DESK, subject, text))

    assert (found.kind, found.is_complaint) == (Kind.AUTO_REPLY, False)


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
