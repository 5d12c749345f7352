"""The source of a mail pasted into the text of another: somebody writes to the desk and copies the header in.

It is the next best thing to an attachment: Received, Message-ID and signatures are all there. Lines may have been
wrapped and characters changed on the way, so a signature that fails says little; one that holds is a proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.mail import limits
from app.mail.domain import Kind, Original, Reading
from app.mail.fields.address import bare_address
from app.mail.inline.whose import people_of
from app.mail.mime.media_type import read_media_type
from app.mail.mime.message import Message
from app.mail.mime.source import as_mail
from app.mail.mime.text import human_texts
from app.mail.original import original_from
from app.mail.report import reading

UNSHOWN = (
    r"(?:R?eturn-Path|R?eceived|Delivered-To|X-[\w-]{1,40}|Message-ID|DKIM-Signature|ARC-[\w-]{1,40}"
    r"|Authentication-Results|Received-SPF)[ \t]?:"
)
"""A pattern of how a field begins that clients do not show: where it stands, a mail's source was pasted. The first
letter is easily lost."""
_LINE = rf"[ \t>]{{0,12}}+[\"'`]?{UNSHOWN}[ \t]{{0,4}}\S"
_FIRST = re.compile(f"^{_LINE}", re.IGNORECASE | re.MULTILINE)
_AFTER_BLANK = re.compile(rf"^[ \t>]{{0,12}}\n(?={_LINE})", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(r"[ \t>]{0,12}[A-Za-z][\w-]{1,40}:[ \t]{1,4}\S")
_SENDER = re.compile(r"(?:^[ \t>]{0,12}|[ \t])(?:From|Return-Path)[ \t]?:", re.IGNORECASE | re.MULTILINE)
_HEAD_CHARS = 65_536
_ABOVE_CHARS = 8_000
_LETTER = re.compile(r"[^\W_]")
_FRAME = re.compile(r"[-=*#_~]{2,}+(?:[ \w]++[-=*#_~]{2,}+|(?<=[-=*#_~]{6})\Z)")
_CLOSED = re.compile(
    r"^[-=*#_~]{2,}+ ?(?:End|Ende|Fin)\b(?! (?:PGP|RSA|EC|CERT|PUB|PRIV))[^\n]{0,60}$", re.IGNORECASE | re.MULTILINE
)
_RUN_ON = re.compile(
    rf"^([ \t>]{{0,12}}+-{{5,20}}+[ ]?(?!-)[ \w]{{4,60}}?-{{5,20}}+)[ \t]{{1,8}}(?={UNSHOWN})",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that says that a mail follows, with the first field of its header behind it."""
_NUMBERED = re.compile(r"([^\W\d_][^\n#]{0,40}#[ ]?)\d{1,3}\b")
_LIST_END = re.compile(r"^[-=*#_]{2,10}+[ ]?End\b", re.IGNORECASE | re.MULTILINE)
_TRIES = 5
_PASTED_BYTES = 262_144
_ABOVE_LINE = 400
_MBOX = re.compile(r"(?<=\n)[ \t]{0,9}>?From [^\s@]{1,64}@\S{1,255} [A-Z][^\n]{15,60}\Z")
_OF_PART = re.compile(
    r"[ \t>]{0,12}(?:---*[^-\s]|Content-[A-Za-z-]{1,40}:)"
    r"|.*\b(?:name=|boundary=|copy of|original message|returned message|message headers?\b)",
    re.IGNORECASE,
)
"""The line above a header that belongs to the mail that stands above it."""
_WHOLE = tuple(
    re.compile(rf"^[ \t>]{{0,12}}{name}[ \t]?:", re.IGNORECASE | re.MULTILINE)
    for name in ("Received", "From", "Subject", "Message-ID")
)


def read_pasted(mail: Message) -> Reading | None:
    """The complaint with the mails whose source stands in its text, or None where none does."""
    found = pasted_in(mail)
    return reading(mail, Kind.INLINE, originals=found[0], text=found[1]) if found else None


def pasted_in(mail: Message) -> tuple[tuple[Original, ...], str] | None:
    """The mails whose source stands in the text of `mail`, and the words above the first; None where none does."""
    every = (found for text in human_texts(mail) if (found := sources_in(text)))
    first = next(every, None)
    if first is None:
        return None
    # Where the plain text has lost what stood in brackets, the HTML may still have it.
    found = first if _names_sender(first) else next(filter(_names_sender, every), first)
    people = people_of(mail)
    others = tuple([each for each in found[0] if not people.sent(each)])
    return (others, found[1]) if others else None


def _names_sender(found: tuple[tuple[Original, ...], str]) -> bool:
    return all(bare_address(each.from_) for each in found[0])


def sources_in(text: str) -> tuple[tuple[Original, ...], str] | None:
    """The mails whose source stands in `text`, line ends LF, and the words above the first; None where none does."""
    if "-----" in text:
        text = _RUN_ON.sub(r"\1\n", text)
    for start in _starts(text):
        if not _SENDER.search(text, start, start + _HEAD_CHARS):
            continue  # what follows takes its time
        if samples := _samples(text, start):
            return samples, text[:start].strip()
        pasted = _within_frame(text, start)
        original = original_from(as_mail(pasted.encode()))
        if original and _is_source(original):
            return _each(pasted, original), text[:start].strip()
    return None


def _within_frame(text: str, start: int) -> str:
    """`text` from `start` on; only up to the line that says that this is the end, or that stands above it too and
    closes the header."""
    above = _line_above(text, start)
    if not _FRAME.match(above):
        return text[start:]
    closed = _CLOSED.search(text, start)
    if closed:
        return text[start : closed.start()]
    end = text.find(f"\n{above}", start) + 1
    blank = text.find("\n\n", start)
    is_header = end > 0 and (blank < 0 or not text[blank:end].strip())
    return text[start:end] if is_header else text[start:]


def _samples(text: str, start: int) -> tuple[Original, ...]:
    """The mails each of which stands below a line that numbers it, as `Sample #1` does the one at `start`; none where
    there are no two. What such a list leaves out of a mail is not asked for."""
    numbered = _NUMBERED.match(_line_above(text, start))
    if numbered is None or f"\n{numbered[1]}" not in text[start:]:
        return ()
    ended = _LIST_END.search(text, start)
    text = text[start : ended.start() if ended else len(text)]
    first, *others = text.split(f"\n{numbered[1]}", limits.ORIGINALS)
    pieces = (first, *[each.partition("\n")[2] for each in others[: limits.ORIGINALS - 1]])
    found = [original_from(as_mail(piece.encode())) for piece in pieces]
    mails = tuple([each for each in found if each and _LETTER.search(each.from_ or "") and each.date])
    return mails if len(mails) > 1 else ()


def _line_above(text: str, at: int) -> str:
    """The last line above `at` that is not blank, nor of mbox."""
    above = _MBOX.sub("", text[max(0, at - _ABOVE_LINE) : at].rstrip())
    return above.rstrip().rpartition("\n")[2].strip()


def pasted_below(source: bytes, first: Original) -> tuple[Original, ...]:
    """`first`, whose source begins what was pasted, and the mails whose source was pasted below it."""
    if len(source) > _PASTED_BYTES:  # a file, not what somebody copied out of a window
        return (first,)
    return _each(source.replace(b"\r\n", b"\n").decode("latin-1"), first, "latin-1")


def _each(text: str, first: Original, charset: str = "utf-8") -> tuple[Original, ...]:
    """The mails of which one's source stands below the other's in `text`; `first` where it is one alone."""
    starts = [0, *islice(_further(text, _end_of(text, first)), limits.ORIGINALS - 1)]
    if len(starts) == 1:
        return (first,)
    pieces = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    found = [original_from(as_mail(piece.encode(charset))) for piece in pieces]
    return _once([each for each in found if each and _is_source(each)]) or (first,)


def _once(found: list[Original]) -> tuple[Original, ...]:
    """Each mail once, the last copy with a body, else the last: a desk and its complainer may both show one."""
    chosen: dict[str, Original] = {}
    for at, each in enumerate(found):
        name = each.message_id or str(at)
        if name not in chosen or chosen[name].headers_only or not each.headers_only:
            chosen[name] = each
    return tuple(chosen.values())


def _end_of(text: str, first: Original) -> int:
    """Where another mail may begin: below the header's last field, as blank lines may have torn those above it; of a
    multipart below its last boundary; -1 where nowhere."""
    boundary = read_media_type(first.first("Content-Type") or "").parameters.get("boundary")
    if boundary:
        return text.rfind(f"--{boundary}--")
    last = text.find(f"\n{first.headers[-1].name}:") if first.headers else -1
    return text.find("\n\n", max(last, 0))


def _further(text: str, at: int) -> Iterator[int]:
    """Where the source of another mail starts in `text`, from `at` on.

    Only where all is there that a source has: its trace, its sender, subject and identity. A mail may quote a header
    in its body, and a bounce has one below a line that says so.
    """
    for _ in range(_TRIES):
        trace = _FIRST.search(text, at) if at >= 0 else None
        if trace is None:
            return
        top = _top(text, trace.start())
        if top >= at and not _OF_PART.match(_line_above(text, top)) and _is_whole(text[top : top + _ABOVE_CHARS]):
            yield top
        at = text.find("\n\n", trace.end())


def _is_whole(text: str) -> bool:
    head = text.partition("\n\n")[0]
    return all(field.search(head) for field in _WHOLE)


def _starts(text: str) -> Iterator[int]:
    """Where a header may start: at the fields above the first line of a trace, at that, and at those that follow a
    blank line."""
    first = _FIRST.search(text)
    if first:
        top = _top(text, first.start())
        if top < first.start():
            yield top
        yield first.start()
        for match in islice(_AFTER_BLANK.finditer(text, first.end()), _TRIES):
            yield match.end()


def _top(text: str, start: int) -> int:
    """The first of the fields right above the line at `start`: clients show who, what and when above the trace."""
    lines = text[max(0, start - _ABOVE_CHARS) : start].split("\n")[:-1]
    top = at = start
    for line in reversed(lines[1:] if start > _ABOVE_CHARS else lines):
        at -= len(line) + 1
        if _FIELD.match(line):
            top = at
        elif not (line.strip() and line[0] in " \t"):
            break
    return top


def _is_source(original: Original) -> bool:
    """A sender who was not blacked out, and what no mail client shows in a forward: a trace and an identity."""
    if original.from_ is None:  # some mails have none
        is_traced = len(original.received) > 1 or (original.received and original.message_id)
        return bool(is_traced and original.return_path and original.subject and original.date)
    if not _LETTER.search(original.from_):
        return False
    if original.received:
        return bool(original.message_id or original.first("To"))
    return bool(original.message_id and (original.return_path or original.first("DKIM-Signature")))
