"""A message as Outlook and Exchange keep it, whatever file it lies in (MS-OXPROPS): plain values, nothing parsed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from app.mail import limits
from app.values import dataclass

SUBJECT, HEADERS, BODY, RTF, HTML, MESSAGE_ID = 0x0037, 0x007D, 0x1000, 0x1009, 0x1013, 0x1035
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
BEHALF_NAME, BEHALF_ADDRESS = 0x0042, 0x0065
SUBMITTED, DELIVERED = 0x0039, 0x0E06
NAME, ADDRESS, SMTP_ADDRESS, RECIPIENT_TYPE = 0x3001, 0x3003, 0x39FE, 0x0C15
TO, CC = 1, 2

TEXTS = (
    *(SUBJECT, HEADERS, BODY, MESSAGE_ID, SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP),
    *(BEHALF_NAME, BEHALF_ADDRESS),
)
"""The text properties of a message that the desk needs."""
TIMES = (SUBMITTED, DELIVERED)
PERSON_TEXTS = (NAME, ADDRESS, SMTP_ADDRESS)


@dataclass(frozen=True, slots=True)
class Person:
    """One recipient: the texts by property, and whether TO or CC."""

    texts: Mapping[int, str]
    kind: int = TO

    @property
    def address(self) -> str:
        return one_line(self.texts.get(SMTP_ADDRESS, "")) or one_line(self.texts.get(ADDRESS, ""))


@dataclass(frozen=True, slots=True)
class Item:
    """A message: its texts and times by property, what of them is there; `rich` is the body as RTF made it.

    rich: media type and text, where there is neither a plain nor an HTML body.
    """

    texts: Mapping[int, str] = field(default_factory=dict)
    times: Mapping[int, datetime] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    html: str = ""
    rich: tuple[str, str] = ("text/plain", "")

    def line(self, pid: int) -> str:
        """A text in one line, for a header field; "" where it is missing."""
        return one_line(self.texts.get(pid, ""))

    @property
    def body(self) -> tuple[str, str]:
        """Media type and text of the body, "" where there is none."""
        plain = self.texts.get(BODY, "")
        if plain.strip():
            return "text/plain", plain
        return ("text/html", self.html) if self.html.strip() else self.rich


def one_line(text: str) -> str:
    """`text` without line ends, at most `limits.FIELD_CHARS`."""
    return " ".join(text.split())[: limits.FIELD_CHARS]
