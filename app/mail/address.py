"""E-mail addresses out of any text, with tolerance, in linear time.

A strict parser (RFC 5322 §3.4) is of no use here: reports hold phrases, redacted local parts and torn brackets.
`email.utils.getaddresses` is not used: 20,000 addresses take it seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import idna

from app.mail import limits
from app.mail.blocks import line_blocks
from app.mail.charset import decoded, header_text
from app.mail.emlx import out_of_emlx
from app.mail.enclosed import is_mailbox, mails_of_mailbox, payloads
from app.mail.head import top_head
from app.mail.media_type import COMPOUND_FILE
from app.mail.message import Part, parse
from app.mail.rtf import Allowance, packed_texts
from app.mail.tnef import SIGNATURE, files_attached, read_file
from app.mail.zipped import files_in, is_zip

_LOCAL = r"\w.!#$%&'*+/=?^`{|}~\-"
# That nothing of a local part stands before it is looked at behind its first letter: to a pattern that starts with a
# class, `re` passes over everything else in a third of the time.
_ADDRESS = re.compile(
    rf"([{_LOCAL}](?<![{_LOCAL}]{{2}})[{_LOCAL}]{{0,255}}+)@(\w[\w.-]{{0,252}}+|\[[0-9A-Fa-f:.IPVipv]{{2,60}}+\])"
)
_WIDE = re.compile(rb"(?:[\t\r\n -~]\x00){5,}+")
_ANGLE = re.compile(r"<([^<>]*+)>")
_LINK_MARKS = re.compile(r"[=/?&|'`{}!]")
_VERP = re.compile(r"(?<![\w.+\-/'&~])([\w.+\-/'&~]{1,256}+)=([\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+)@")
_VERP_MARK = re.compile(r"[+\-]")
_ENCODED = (b"charset", b"transfer-encoding", b"=?")
_PERCENT_AT = re.compile("%40", re.IGNORECASE)
_ENOUGH = 65_536
_WINDOW = 262_144
_OVERLAP = 600  # longer than an address: one that a window cuts stands whole in the next

ADDRESSES = 5_000
"""How many addresses `every_address` gives at most."""

_PACKED = 262_144

READINGS = 4
"""As how many addresses one may be read."""

VERP_READINGS = 4
"""How many recipients one VERP local part may stand for."""


def addresses_in(text: str) -> tuple[str, ...]:
    """Every address in `text`, in order, case kept, repeats kept, without angle brackets and quotes."""
    return tuple(_scan(text)) if "@" in text else ()


def bare_address(value: str | None) -> str | None:
    """The first address of a header value such as From: `a@b` of `"Name" <a@b>`; None where there is none.

    What stands in angle brackets goes first: a display name may hold somebody else's address. A null sender,
    `<>`, gives "".
    """
    if value is None:
        return None
    for inside in _ANGLE.findall(value):
        inside = inside.strip()
        if not inside:
            return ""
        if "@" in inside:
            return next(_scan(inside), inside)
    return next(_scan(value), None)


def domain_of(address: str | None) -> str | None:
    """The domain of an address, lower case, in ASCII, without a trailing dot; None where there is none."""
    domain = ascii_domain((address or "").rpartition("@")[2].strip(" .>"))
    return domain if address and "@" in address and domain else None


def ascii_domain(name: str) -> str:
    """A domain as it is looked up and compared: lower case, with A-labels (RFC 5890); as it is where it has none."""
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return name.lower()


def readings(address: str) -> tuple[str, ...]:
    """What a mail server may take an address for, lower case and with A-labels: first as it stands, then what it
    finds in the local part of `site!user`, `user%site` and `"user@site"@relay` (Postfix's swap_bangpath,
    allow_percent_hack and resolve_dequoted_address). At most READINGS, at least one.
    """
    left = address.strip().lower()
    if left.isascii() and left.count("@") == 1 and left[-1] != "." and "!" not in left and "%" not in left:
        return (left,)  # as nearly every address is
    found: list[str] = []
    while len(found) < READINGS:
        local, at, domain = left.rpartition("@")
        if at:
            left = local.strip()
            found.append(f"{left}@{ascii_domain(domain.strip(' .'))}")
        if "@" in left:
            continue
        if "!" in left:
            site, _, user = left.partition("!")
        elif "%" in left:
            user, _, site = left.rpartition("%")
        else:
            break
        left = f"{user}@{site}"
    return tuple(found) or (left,)


def domain_readings(address: str) -> tuple[str, ...]:
    """The domains that a mail server may take an address to have, as `readings` has it; empty for none."""
    return tuple([each.rpartition("@")[2] if "@" in each else "" for each in readings(address)])


def verp_recipients(text: str) -> Iterator[str]:
    """The recipients inside VERP local parts: of `bounce-17-user=b.example@relay.example`, `user@b.example`.

    Where the prefix ends is the sender's secret: each reading is given, the shortest first, at most VERP_READINGS.
    """
    for match in _VERP.finditer(text):
        marks = _VERP_MARK.finditer(text, match.start(1), match.end(1))
        starts = [match.start(1), *(mark.end() for mark in marks)]
        for start in islice(reversed(starts), VERP_READINGS):
            if start < match.end(1):
                yield f"{text[start : match.end(1)]}@{match[2]}"


def every_address(raw: bytes) -> frozenset[str]:
    """Every address in a mail, lower case: headers, decoded text bodies, mails within it, at most ADDRESSES.

    Made for finding what must be erased, so it gives rather too many: `user@b.example` also out of a link's
    `?e=user%40b.example`, and as which recipient `bounce-user=b.example@…` may be read (VERP). Takes linear time;
    never raises.
    """
    found = _Found()
    waiting = [(raw, 0)]
    while waiting:  # not by recursion: mails twenty deep in one another would all be held at once
        mail, depth = waiting.pop()
        if depth and _is_plain(mail):
            found.add(mail.decode("ascii"))
            continue
        within = list(_collect(parse(mail).top, found))
        if depth < limits.DEPTH:
            waiting += [(each, depth + 1) for each in within]
    found.search()
    return frozenset(found.addresses)


class _Found:
    """The addresses in texts. Short texts are put together first: one search takes less than one for each field."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        self._texts: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        if "@" in text or _has_percent_at(text):
            self._texts.append(text)
            self._size += len(text)
            if self._size >= _ENOUGH:
                self.search()

    def search(self) -> None:
        """Looks through what was added."""
        text = "\n".join(self._texts)
        self._texts, self._size = [], 0
        if _has_percent_at(text):
            text = _PERCENT_AT.sub("@", text)
        for block in line_blocks(text):
            for start in range(0, len(block), _WINDOW):
                self._search_lines(block[max(0, start - _OVERLAP) : start + _WINDOW])

    def _search_lines(self, text: str) -> None:
        # No address has white space in it: only the lines, and of them the words, that may hold one are searched.
        # Repeats go first, in C: a megabyte of `a@a@a@` must not take its time here.
        lines = "\n".join([line for line in text.split("\n") if "@" in line])
        words = "\n".join([word for word in lines.lower().split() if "@" in word])
        for local, domain in dict.fromkeys(_ADDRESS.findall(words)):
            if len(self.addresses) >= ADDRESSES:
                return
            local, domain = local.lstrip("."), domain.rstrip(".-_")
            self.addresses.add(f"{local}@{domain}")
            tail = _LINK_MARKS.split(local)[-1] if _LINK_MARKS.search(local) else ""
            if tail:
                self.addresses.add(f"{tail}@{domain}")
            if "=" in local:
                self.addresses.update(verp_recipients(f"{local}@"))


def _has_percent_at(text: str) -> bool:
    return "%" in text and "%40" in text  # one letter is found in no time, and most texts do not have it


def _scan(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        local, domain = match[1].lstrip("."), match[2].rstrip(".-_")
        if local.startswith("'") and text.startswith("'", match.end()):
            local = local.lstrip("'")  # as Outlook quotes who has no name: 'a@b.example' <a@b.example>
        if local and domain:
            yield f"{local}@{domain}"


def _is_plain(raw: bytes) -> bool:
    """Whether nothing can be encoded in a mail, such as a feedback report: as text it says all that it holds."""
    if b"charset" in raw or not raw.isascii():  # as in most mails, near their start
        return False
    low = raw.lower()
    return not any(mark in low for mark in _ENCODED)


def _collect(part: Part, found: _Found) -> Iterator[bytes]:
    """Adds what the part and the parts inside it hold; gives the mails inside, each to be read as one of its own."""
    _collect_fields(part, found)
    for child in part.children:
        yield from _collect(child, found)
    if part.children:
        # What stands before the first part of a multipart and after the last, where parts were left unread too.
        found.add(decoded(part.source[part.head.body : part.children[0].start]))
        found.add(decoded(part.source[part.children[-1].end : part.end]))
    elif part.name.startswith("message/"):
        yield part.content()
    elif is_zip(part):
        yield from files_in(part)
    elif _may_hold_text(part):
        content = part.content()
        yield from payloads(content)
        if is_mailbox(part):
            yield from mails_of_mailbox(content)
        elif part.name.startswith("application/") and top_head(mail := out_of_emlx(content))[1].fields:
            yield mail  # an .eml of no telling type: what is encoded in it is only found where it is read as a mail
            if mail is content:
                return
        found.add(decoded(content, part.type.parameters.get("charset", "")))
        if content.startswith((COMPOUND_FILE, SIGNATURE)):
            yield from _collect_outlook(content, found)


def _collect_outlook(content: bytes, found: _Found) -> Iterator[bytes]:
    """Adds what only Outlook can read of its own files; gives the mails that Exchange attached as files."""
    # Outlook writes UTF-16: without the NUL behind each letter, what is ASCII in it can be read.
    found.add(decoded(_WIDE.sub(_narrow, content)))
    for text in packed_texts(content, Allowance(packed=_PACKED)):
        found.add(decoded(text))
    wrapped = read_file(content)
    if wrapped:
        yield from (each for each in files_attached(wrapped) if top_head(each)[1].fields)


def _collect_fields(part: Part, found: _Found) -> None:
    """Adds what the fields hold: as they stand, all that are ASCII at once, and decoded where they are encoded."""
    head = part.source[part.start : part.head.body]
    for text in [head] if head.isascii() else [field.raw for field in part.head.fields]:
        found.add(decoded(text))
    if b"=?" in head:
        for field in part.head.fields:
            if b"=?" in field.raw:
                found.add(header_text(field.raw))


def _may_hold_text(part: Part) -> bool:
    return not part.name.startswith(("image/", "audio/", "video/", "font/"))


def _narrow(wide: re.Match[bytes]) -> bytes:
    return wide[0][::2]
