"""Made-up advertising mails whose values are known before they are written: what a report says can be judged by them.

Every value is drawn, then written down in one of the ways real mails have it: folded, in encoded words, quoted,
with comments, with line ends of either kind. Nothing here is read by the reader under test.
"""

from __future__ import annotations

import base64
import quopri
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

HOST = "loop.example"
WORDS = (
    "offers",
    "of",
    "the",
    "week",
    "for",
    "our",
    "readers",
    "what",
    "is",
    "new",
    "garden",
    "winter",
    "shoes",
    "all",
)
SUBJECTS = (
    ("Offers of the week", "us-ascii"),
    ("Fünf Gründe für neue Schuhe", "utf-8"),
    ("Größe egal: Jacken für den Winter", "iso-8859-1"),
    ("今週のおすすめ商品", "iso-2022-jp"),
    ("本周优惠", "gb2312"),
    ("Всё для сада", "koi8-r"),
)
NAMES = ("Acme News", "Müller & Söhne", "Shoes, Ltd.", "")


@dataclass(frozen=True)
class Mail:
    """A mail as its recipient's mailbox has it, and the values it was made from.

    arrived: when the mailbox provider took it, aware. raw: the bytes, CRLF. bare: the report will have LF instead.
    """

    recipient: str
    sender: str
    bounce: str
    message_id: str
    subject: str
    ip: str
    arrived: datetime
    raw: bytes = b""
    bare: bool = False

    @property
    def local(self) -> str:
        return self.recipient.rpartition("@")[0]

    @property
    def own_domain(self) -> str:
        return self.sender.rpartition("@")[2]


def mail(chance: random.Random, number: int) -> Mail:
    """One mail, 2 to 40 KB, mostly about 10."""
    domain = f"brand{chance.randrange(400)}.example"
    local = f"{chance.choice(('jo.reader', 'k_lee', 'Maria'))}{number}"
    found = Mail(
        recipient=f"{local}@{HOST}",
        sender=f"{chance.choice(('news', 'Offers', 'no-reply'))}@{domain}",
        bounce=f"b+{number}-{local}={HOST}@bounce.{domain}",
        message_id=f"{number}.{chance.getrandbits(64):x}@mta{chance.randrange(9)}.{domain}",
        subject=_subject(chance),
        ip=_ip(chance),
        arrived=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(20_000_000)),
    )
    head = _trace(found, number) + _signature(chance, domain) + _head(found, chance, number)
    return replace(found, raw=head.encode() + _content(chance, found))


def written(when: datetime, chance: random.Random) -> str:
    """A time as reports write it (RFC 5322 §3.3, obsolete zones too)."""
    hours, name = chance.choice(
        ((0, "+0000"), (0, "GMT"), (9, "+0900 (JST)"), (-5, "-0500"), (-4, "EDT"), (0, "UTC"))
    )
    text = format_datetime(when.astimezone(timezone(timedelta(hours=hours)))).rpartition(" ")[0] + " " + name
    return text.partition(", ")[2] if chance.random() < 0.1 else text


def _subject(chance: random.Random) -> str:
    text = chance.choice(SUBJECTS)[0]
    return text + (" " + " ".join(chance.choices(WORDS, k=14)) if chance.random() < 0.3 else "")


def _ip(chance: random.Random) -> str:
    if chance.random() < 0.15:
        return f"2001:db8:{chance.randrange(1, 65536):x}::{chance.randrange(1, 65536):x}"
    return f"198.51.100.{chance.randrange(1, 255)}"


def _trace(mail: Mail, number: int) -> str:
    when = format_datetime(mail.arrived)
    literal = f"IPv6:{mail.ip}" if ":" in mail.ip else mail.ip
    return (
        f"Return-Path: <{mail.bounce}>\r\n"
        f"Received: from out.relay.example (out.relay.example [{literal}])\r\n"
        f"\tby mx.{HOST} with ESMTPS id q{number}\r\n\tfor <{mail.recipient}>; {when}\r\n"
        f"Received: from app.relay.example (app [192.0.2.9]) by out.relay.example (Postfix)\r\n\tid A{number:07X};"
        f" {format_datetime(mail.arrived - timedelta(seconds=4))}\r\n"
    )


def _signature(chance: random.Random, domain: str) -> str:
    """A field that looks like a signature: reading does not judge it."""
    body, own = (base64.b64encode(chance.randbytes(size)).decode() for size in (32, 256))
    folded = "\r\n\t ".join(own[at : at + 70] for at in range(0, len(own), 70))
    return (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=s1;\r\n"
        f"\th=from:to:subject:date:message-id; bh={body};\r\n\tb={folded}\r\n"
    )


def _head(mail: Mail, chance: random.Random, number: int) -> str:
    local, date = mail.local, format_datetime(mail.arrived - timedelta(seconds=9))
    more = "".join(
        f"X-Own-{each}: {' '.join(chance.choices(WORDS, k=6))}\r\n" for each in range(chance.randrange(12))
    )
    return (
        f"From: {_mailbox(mail.sender, chance)}\r\nTo: <{mail.recipient}>\r\n"
        f"Reply-To: reply-{number}@{mail.own_domain}\r\n"
        f"Subject: {_folded(mail.subject)}\r\nDate: {date}\r\nMessage-ID: <{mail.message_id}>\r\n"
        f"List-Unsubscribe: <mailto:u-{local}={HOST}@{mail.own_domain}>,\r\n"
        f" <https://{mail.own_domain}/u?e={local}%40{HOST}&n={number}>\r\n"
        f"Feedback-ID: c{number % 50}:s{number % 20}:news:relay\r\n{more}MIME-Version: 1.0\r\n"
    )


def _mailbox(address: str, chance: random.Random) -> str:
    name = chance.choice(NAMES)
    if not name:
        return address
    if not name.isascii():
        return f"{_word(name, 'utf-8')}\r\n <{address}>"
    return f'"{name}" <{address}>' if "," in name else f"{name} <{address}>"


def _folded(subject: str) -> str:
    """The subject as it is, or in encoded words of the charset its language had, a line each (RFC 2047 §2)."""
    charset = next(known for text, known in SUBJECTS if subject.startswith(text))
    if charset == "us-ascii":
        return subject
    pieces = [subject[at : at + 14] for at in range(0, len(subject), 14)]
    return "\r\n ".join(_word(each, charset) for each in pieces)


def _word(text: str, charset: str) -> str:
    raw = text.encode(charset)
    if charset == "iso-8859-1":  # letters go as they are, as in Q they do
        plain = "".join(chr(each) if chr(each).isalnum() and each < 128 else f"={each:02X}" for each in raw)
        return f"=?{charset}?Q?{plain.replace('=20', '_')}?="
    return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="


def _content(chance: random.Random, mail: Mail) -> bytes:
    """The rest: Content-Type, a blank line and a body in one of the usual forms."""
    lines = chance.choice((20, 60, 120, 120, 120, 400))
    text = f"Hello {mail.recipient},\r\n\r\n" + "".join(
        " ".join(chance.choices(WORDS, k=12)) + "\r\n" for _ in range(lines)
    )
    text += f"Leave: https://{mail.own_domain}/u?e={mail.local}%40{HOST}\r\n"
    kind = chance.choice(("plain", "base64", "quoted-printable", "both"))
    if kind == "both":
        return _both(text, f"b{chance.getrandbits(48):x}")
    return _part(text, "html" if kind == "quoted-printable" else "plain", kind)


def _part(text: str, subtype: str, encoding: str) -> bytes:
    body = text.encode()
    if encoding == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = quopri.encodestring(f"<p>größer = {text}</p>".encode()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    name = encoding if encoding != "plain" else "7bit"
    return f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {name}\r\n\r\n".encode() + body


def _both(text: str, boundary: str) -> bytes:
    parts = (_part(text, "plain", "plain"), _part(text, "html", "quoted-printable"))
    return (
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'.encode()
        + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
        + b"--%s--\r\n" % boundary.encode()
    )
