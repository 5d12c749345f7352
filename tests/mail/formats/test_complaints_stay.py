"""Who complains of deliveries, answers, lists and loops complains, however much the words are those of machines."""

from __future__ import annotations

import pytest

from app.mail.domain import Kind
from app.mail.read import read

ANN, POSTMASTER, NULL = "Ann <ann@home.test>", "Postmaster <postmaster@corp.test>", "Return-Path: <>\n"
SOURCE = """Received: from out.relay.example (out.relay.example [203.0.113.9]) by mx.home.test with ESMTP id 4Xy1;
 Tue, 03 Nov 2026 09:58:12 +0000
From: Garden News <news@garden.example>
To: ann@home.test
Subject: Tulips
Date: Tue, 03 Nov 2026 09:58:00 +0000
Message-ID: <tulips-1@garden.example>

Tulips.
"""
REPLY = "In-Reply-To: <1@relay.example>\n"
TICKET = "X-RT-Ticket: CERT #1\nAuto-Submitted: auto-replied\n"


def mail(sender: str, subject: str, text: str, more: str = "", attached: bool = False) -> bytes:
    head = f"{more}From: {sender}\nTo: abuse@relay.example\nSubject: {subject}\nMIME-Version: 1.0\n"
    if not attached:
        return f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    parts = f"--b\n\n{text}\n--b\nContent-Type: message/rfc822\n\n{SOURCE}\n--b--\n"
    return f"{head}Content-Type: multipart/mixed; boundary=b\n\n{parts}".encode()


@pytest.mark.parametrize(
    ("sender", "subject", "text", "more"),
    [
        (ANN, "Delivery failure notices flood us", "Bounces for mail we never sent:\n550 5.1.1 user unknown", ""),
        (POSTMASTER, "Undelivered mail returned to our users", "It is backscatter: 550 5.1.1 user unknown", ""),
        (POSTMASTER, "Mail delivery problems by a sender", "Your customer tries 4,000 names: 550 5.1.1", ""),
        (POSTMASTER, "Rejected 4,000 mails from 203.0.113.9", "We answered 550 5.1.1 user unknown.", ""),
        ("noc@corp.test", "Dictionary attack from 203.0.113.9", "RCPT TO:<a@corp.test> 550 5.1.1 user unknown", NULL),
        (ANN, "Delivery problem parcel scam", "The parcel could not be delivered, they write.", ""),
        (ANN, "Undeliverable parcel", "It could not be delivered, they say. I did not order anything.", ""),
        (ANN, "Delivery failed scam", "I get mails with that subject.", ""),
        (ANN, "Unsubscribe does not work", "I unsubscribed three times and still get mail.", ""),
        (ANN, "Unsubscribe", "I clicked it five times. This is illegal under the GDPR.", ""),
        (ANN, "Abmeldung funktioniert nicht", "Ich bekomme weiter Werbung.", ""),
        (ANN, "退订无效", "我已经退订三次，仍然收到。", ""),
        (ANN, "配信停止できません", "まだ届きます。", ""),
        ("form@hoster.test", "Abuse form", "A visitor complains: your customer sends scam.", NULL),
        ("wordpress@site.test", "[Site] Contact form: spam", "spam", NULL + "Auto-Submitted: auto-generated\n"),
        (
            "abuse@isp.test",
            "Incident 1 created: spam from you",
            "A ticket was opened.",
            "Auto-Submitted: auto-generated\n",
        ),
        ("cert@cert.test", "[CERT #1] Phishing at garden.example", "Case received from a third party.", TICKET),
        (ANN, "Your automatic reply is no answer", "I wrote of spam and got an automatic reply.", ""),
        (ANN, "Feedback loop registration abused by your customer", "Please stop.", ""),
        (POSTMASTER, "Report Domain: phish at pay.garden.example", "See the page.", ""),
        (ANN, "Unsubscribe", "I already asked twice and it does not work.", ""),
        (ANN, "Unsubscribe", "Where did you get my address? My lawyer will ask, too.", ""),
        (ANN, "退订", "我已经退订三次，仍然收到。", ""),
        (ANN, "Auto: unerwünschte Werbung von Ihrem Kunden", "Mails kommen jeden Tag.", ""),
        (ANN, "On vacation rental scam by your customer", "Please stop them.", ""),
        (ANN, "Automatic reply to my complaint about spam never came", "I still get it.", ""),
        (ANN, "Read: your terms forbid spam", "So stop it.", ""),
        (ANN, "Urlaub auf Mallorca", "Ich bekomme diese Werbung, auch im Urlaub.", ""),
        (ANN, "Out of the country, still mails", "I am out of the country and they keep sending.", ""),
        (ANN, "No longer with the company", "She is no longer with us, but the mails go on. Please remove her.", ""),
        (ANN, "Férias: 50% de desconto", "Não pedi esta publicidade.", ""),
        (ANN, "В отпуске", "Даже в отпуске приходит эта реклама.", ""),
        (ANN, "Change of email address", "I told them twice. The newsletter still comes.", ""),
        (ANN, "Thank you for your message", "Thank you for your message. I still get mails.", ""),
        (ANN, "Mail delivery failed", "Somebody sends in my name. I got:\n\n550 5.1.1 user unknown", ""),
        (ANN, "Undelivered Mail Returned to Sender", "He uses my address. 550 5.1.1 user unknown", ""),
        (
            "cert@cert.test",
            "Case 1234 received",
            "Received for your IP 192.0.2.1.",
            "Auto-Submitted: auto-generated\n",
        ),
        ("cert@cert.test", "[Case 7] assigned to you", "It is yours.", "Auto-Submitted: auto-generated\n"),
        ("desk@isp.test", "Ticket opened", "A ticket for your server 192.0.2.1.", "Auto-Submitted: auto-generated\n"),
        (ANN, "Verification code", "I get codes of an FBL I never asked for: 123456. It is spam.", ""),
        (
            "alerts@corp.test",
            "New ticket alert",
            "Ticket #123 was created.\n\nI never subscribed to garden.example.",
            "Auto-Submitted: auto-generated\n",
        ),
        (ANN, "Re: Automatic reply: your report", "You only send me machines. Nothing has changed.", REPLY),
        (ANN, "AW: Automatische Antwort: Werbung", "Ist da jemand?", REPLY),
        (ANN, "Out of office replies for mails we did not write", "Hundreds since this morning.", ""),
        (ANN, "Abwesenheitsnotizen auf Mails, die nicht von uns sind", "Jemand fälscht unseren Absender.", ""),
        (ANN, "Réponse automatique à des messages", "Quelqu'un usurpe notre adresse.", ""),
        (POSTMASTER, "Mail delivery of spam from 203.0.113.9", "Since yesterday.", ""),
        (POSTMASTER, "Mail delivery attempts to nobody from 203.0.113.9", "Thousands. Please have a look.", ""),
        (POSTMASTER, "Unzustellbar-Meldungen durch gefälschte Absender", "Tausende seit heute früh.", ""),
        ("www-data@hoster.test", "Contact form", "Name: Ann\nMessage: newsletters of garden.example, daily.", NULL),
        (ANN, "Kontakt", "Jeden Tag Werbung von garden.example.", NULL),
        ("it@firm.test", "Ferie-tilbud", "De skriver hver dag.", "X-Auto-Response-Suppress: All\n"),
        (ANN, "Unsubscribe", "The link leads to an error page.", ""),
        (ANN, "unsubscribe me", "Who sold you my address?", ""),
        (ANN, "Opt out", "This sender has no opt out.", ""),
        (ANN, "Abmeldung", "Der Link geht nicht.", ""),
        (ANN, "Afmelden", "Ik heb mij al drie keer afgemeld.", ""),
        (ANN, "My reports", "A mail says that your message could not be delivered, and I get it every day.", ""),
        (ANN, "Fake notices", "Your message could not be delivered, they write: phishing.", ""),
        (ANN, "Verify you are human", "So says the page of your customer that a scam leads to.", ""),
    ],
)
def test_who_complains_in_a_machines_words_complains(sender: str, subject: str, text: str, more: str) -> None:
    assert read(mail(sender, subject, text, more)).is_complaint


@pytest.mark.parametrize(
    ("sender", "subject", "more"),
    [
        (ANN, "Returned mail scam from your customer", ""),
        (ANN, "Fake 'mailbox is full' mails", ""),
        (ANN, "unsubscribe me", ""),
        (ANN, "Automatic reply spam", ""),
        (ANN, "Out of office replies as spam", ""),
        (ANN, "Complaint about verification code mails (FBL)", ""),
        (ANN, "Message rejected? no, it was phishing", ""),
        (ANN, "Fwd: Delivery Status Notification (Failure)", ""),
        (ANN, "Ошибка доставки - фишинг", ""),
        ("Mail Administrator <admin@corp.test>", "Message blocked by our filter: customer sends malware", ""),
        (POSTMASTER, "DMARC failures for our domain: abuse", ""),
        ("abuse@isp.test", "[Ticket#1] Spam", "Auto-Submitted: auto-replied\nPrecedence: bulk\n"),
    ],
)
def test_a_mail_that_is_attached_to_a_complaint_is_the_reported_one(sender: str, subject: str, more: str) -> None:
    found = read(mail(sender, subject, "See the mail.", more, attached=True))

    assert found.is_complaint
    assert [each.from_ for each in found.originals] == ["Garden News <news@garden.example>"]


def test_who_attaches_the_parts_of_a_bounce_complains() -> None:
    told = "Your customer uses my address: I get such bounces."
    status = (
        "Reporting-MTA: dns; mx.box.test\n\nFinal-Recipient: rfc822; jo@box.test\nAction: failed\nStatus: 5.1.1\n"
    )
    raw = mail(ANN, "Fwd: Undelivered Mail Returned to Sender", told, attached=True).replace(
        b"--b\nContent-Type: message/rfc822",
        b"--b\nContent-Type: message/delivery-status\nContent-Disposition: attachment\n\n"
        + status.encode()
        + b"\n--b\nContent-Type: message/rfc822\nContent-Disposition: attachment",
    )
    by_daemon = raw.replace(b"From: Ann <ann@home.test>", b"From: Mail System <mailer-daemon@box.test>", 1)

    assert [each.from_ for each in read(raw).originals] == ["Garden News <news@garden.example>"]
    assert read(raw).is_complaint
    assert read(by_daemon).kind is Kind.BOUNCE


def test_a_parcel_that_could_not_be_delivered_is_what_was_forwarded() -> None:
    forward = (
        "This came.\n\n---------- Forwarded message ---------\nFrom: Parcel <info@garden.example>\n"
        "Date: Tue, Nov 3, 2026 at 9:58 AM\nSubject: Parcel\nTo: <ann@home.test>\n\nIt could not be delivered.\n"
    )
    found = read(mail(ANN, "Message could not be delivered - what is this?", forward))

    assert [each.from_ for each in found.originals] == ["Parcel <info@garden.example>"]
