"""Hands complaints in as the world does: by the public form, by LMTP, into the mailbox."""

from __future__ import annotations

import re
import smtplib
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient

from app.settings import Address, Settings

PATIENCE_SECONDS = 50


def wait_for(ready: Callable[[], object]) -> None:
    """Calls `ready` until it does not fail any more. Raises TimeoutError after PATIENCE_SECONDS."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            ready()
            return
        except (OSError, smtplib.SMTPException, IMAPClient.Error) as fault:
            if time.monotonic() > until:
                raise TimeoutError("A door did not open.") from fault
            time.sleep(0.2)


def by_form(settings: Settings, category: str, source: bytes, words: str, reporter: str) -> str:
    """Fills in the public form; the receipt."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = f"http://{settings.public}/report?category={category}"
    with browser.open(page, timeout=10) as answer:
        html = answer.read().decode()
    hidden = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(html)]
    fields = {each["name"]: each["value"] for each in hidden if each.get("type") == "hidden"} | {
        "category": category,
        "source": source.decode("utf-8", "replace"),
    }
    fields |= {"text": words, "reporter": reporter}
    sending = urllib.request.Request(page, urllib.parse.urlencode(fields).encode())
    sending.add_header("Referer", page)
    with browser.open(sending, timeout=10) as answer:
        return str(answer.geturl().rpartition("/")[2])


_INPUT = re.compile(r"<input ([^>]*)>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


def by_lmtp(address: Address, message: bytes, recipient: str = "abuse@relay.demo.test") -> None:
    """Delivers by LMTP. Raises SMTPException where it is not taken."""
    with smtplib.LMTP(address.host, address.port) as door:
        door.sendmail("", [recipient], message)


def by_mailbox(settings: Settings, messages: list[bytes]) -> None:
    """Puts mails into the report mailbox."""
    place = urlsplit(settings.imap_url or "")
    with IMAPClient(place.hostname, port=place.port, ssl=False) as box:
        box.login(unquote(place.username or ""), unquote(place.password or ""))
        for message in messages:
            box.append(place.path.strip("/") or "INBOX", message)
