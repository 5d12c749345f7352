"""The complaints of the demo, told as a short play: clicks, worried people, a phish, noise that is set aside."""

from __future__ import annotations

import smtplib
import urllib.request
from collections.abc import Sequence

from app.settings import Settings
from workers.stage import doors
from workers.stage.cast import Customer
from workers.stage.letters import clicked, delivered, forwarded

LOOPS = ("loop.mailbox.test", "fbl.freemail.test", "fbl.webmail.test")
BODY = "Dear reader,\r\n\r\nthis is what we wanted to tell you today.\r\n\r\nBest wishes"


def play(settings: Settings, cast: Sequence[Customer]) -> None:
    """Waits for the doors and hands everything in. Raises TimeoutError where a door does not open."""
    by_id = {each.id: each for each in cast}
    doors.wait_for(lambda: smtplib.LMTP(settings.lmtp.host, settings.lmtp.port).quit())
    _clicks(settings, by_id["prizes"], 32)
    for customer in cast[:6]:
        _clicks(settings, customer, 2)
    _noise(settings, by_id["bakery"])
    doors.wait_for(lambda: _mailbox(settings, by_id))
    doors.wait_for(lambda: urllib.request.urlopen(f"http://{settings.public}/healthz", timeout=5))
    _form(settings, by_id)


def _clicks(settings: Settings, customer: Customer, many: int) -> None:
    for number in range(many):
        loop = LOOPS[number % len(LOOPS)]
        original = delivered(customer, f"reader{number}@{loop}", customer.topic.capitalize(), BODY)
        doors.by_lmtp(settings.lmtp, clicked(original, customer, loop))


def _noise(settings: Settings, customer: Customer) -> None:
    """What a report mailbox also gets: a click that says 'not spam', an automatic reply."""
    original = delivered(customer, "pleased@freemail.test", "Weekly offers", BODY)
    doors.by_lmtp(settings.lmtp, clicked(original, customer, LOOPS[1], "not-spam"))
    doors.by_lmtp(
        settings.lmtp,
        b"From: <away@home.test>\r\nTo: <abuse@relay.demo.test>\r\nSubject: Out of office\r\n"
        b"Auto-Submitted: auto-replied\r\nMessage-ID: <away@home.test>\r\n\r\nI am back on Monday.\r\n",
    )


def _mailbox(settings: Settings, cast: dict[str, Customer]) -> None:
    phish = delivered(cast["parcel"], "ann@home.test", "Your parcel is waiting, pay the fee", BODY)
    tired = delivered(cast["travel"], "bob@home.test", "Last seats to the sun", BODY)
    forged = delivered(cast["clinic"], "cy@home.test", "Your results", BODY, sign=False)
    forged = forged.replace(b"relay.demo.test", b"elsewhere.test").replace(b"[198.51.100.", b"[203.0.113.")
    letters = [
        clicked(phish, cast["parcel"], LOOPS[0], "fraud"),
        forwarded(tired, "bob@home.test", "I asked three times to be taken off this list."),
        forwarded(forged, "cy@home.test", "This claims to be my clinic. Is it?"),
    ]
    doors.by_mailbox(settings, letters)


def _form(settings: Settings, cast: dict[str, Customer]) -> None:
    phish = delivered(cast["parcel"], "dee@home.test", "Your parcel is waiting, pay the fee", BODY)
    shoes = delivered(cast["shoes"], "eve@home.test", "Half price until Sunday", BODY)
    doors.by_form(settings, "phishing", phish, "It wants my card number.", "dee@home.test")
    doors.by_form(settings, "unsubscribe-ignored", shoes, "I unsubscribed two weeks ago.", "eve@home.test")
    doors.by_form(settings, "spam", b"", "Someone sends me advertising, I deleted the mails.", "")
