"""What a person can read of a mail, as plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from app.mail import limits
from app.mail.mime.blocks import line_blocks
from app.mail.mime.message import Message, Part

# What some clients leave unescaped, `<ann@home.test>`, is no tag.
_TAG = re.compile(r"<(?![^<>@\s\"'=]{1,64}@[^<>@\s\"'=]{1,255}>)[^<>]*+>")
_BREAK = re.compile(r"<(?:br|/?p(?:re)?|/tr|/?table|/h[1-6]|/li)\b[^<>]*+>", re.IGNORECASE)
_NEXT_LINE = re.compile(r"(?:</p>[ ]?)?<p\b[^<>]{0,99}?class=[\"']?Mso[^<>]*+>", re.IGNORECASE)
"""Outlook's paragraphs, which have no space between them."""
_IN_CELL = re.compile(r"<t[dh]\b[^<>]*+>[ ]?<(?:p|div)\b[^<>]*+>|</(?:p|div)>[ ]?(?=</t[dh]\b)", re.IGNORECASE)
"""Where a cell's first paragraph begins and its last one ends, which is no line of its own."""
_DIVS = re.compile(r"(?:[ ]?</?div\b[^<>]*+>[ ]?)++", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\b[^<>]*+>", re.IGNORECASE)
_KEEPS = re.compile(r"<(pre)\b|<(\w{1,20})\b[^<>]{0,500}white-space[ ]?:[ ]?(?:pre|break-spaces)")
_WHITE = re.compile(r"[ \t\r\n\f]++")
_SPACES = re.compile(r"[ \t\xa0]++")
_RARE_SPACE = re.compile(r"[^\S \n\r]")
_BLANK_LINES = re.compile(r"\n{3,}+")
_BLOCK = 65_536
_ENCODED_BYTES = 4 * limits.TEXT_CHARS


def human_text(message: Message) -> str:
    """The first text part that is no attachment; HTML only where there is no plain text. At most TEXT_CHARS."""
    return next(iter(human_texts(message)), "")


@lru_cache(maxsize=4)  # one format after the other asks for them
def human_texts(message: Message) -> tuple[str, ...]:
    """The texts that a person may have written, the best first, none of them empty: plain ones, then the HTML.

    At most TEXT_CHARS in all: the text in which that is reached is the last.
    """
    found: list[str] = []
    left = limits.TEXT_CHARS
    for text in _texts(message):
        found.append(text[:left])
        left -= len(text)
        if left <= 0:
            break
    return tuple(found)


def _texts(message: Message) -> Iterator[str]:
    fallback: Part | None = None
    for part in message.leaves():
        is_unsplit = part is message.top and part.name.startswith(
            "multipart/"
        )  # no boundary in it: all of it is text
        if part.is_attachment or not (is_unsplit or part.name.startswith("text/")):
            continue
        if part.name == "text/plain" or is_unsplit:
            text = plain_text(part)
            if text:
                yield text
        elif part.name == "text/html":
            fallback = fallback or part
    text = text_of_html(fallback.text(_ENCODED_BYTES)) if fallback else ""
    if text:
        yield text


def plain_text(part: Part) -> str:
    """The text of a text/plain part, line ends LF, without the blanks of format=flowed (RFC 3676 §4.4); at most
    TEXT_CHARS."""
    text = part.text(_ENCODED_BYTES).replace("\r\n", "\n").replace("\r", "\n")
    if part.type.parameters.get("format", "").lower() == "flowed":
        text = text.removeprefix(" ").replace("\n ", "\n")
    return text.strip()[: limits.TEXT_CHARS]


def text_of_html(source: str) -> str:
    """HTML without its tags, scripts and styles: for reading and searching, never to be shown as HTML."""
    source = _without(_without(source, "script"), "style")
    text = "".join(map(_untagged, _tag_blocks(_flowed(source))))
    try:
        text = html.unescape(text)
    except ValueError:
        # html.unescape turns &#999…; into a number, and Python refuses numbers of thousands of digits.
        text = text.replace("&#", "")
    text = _BLANK_LINES.sub("\n\n", "".join(map(_tidy, line_blocks(text))))
    return text.strip()[: limits.TEXT_CHARS].replace("\x00", "\ufffd")


def _tidy(text: str) -> str:
    """Every line without needless blanks; a line feed may come to stand at the end."""
    text = _SPACES.sub(" ", text)
    if _RARE_SPACE.search(text):
        return "".join([f"{line.strip()}\n" for line in text.splitlines()])
    # The same without a look at each line, of which there may be as many as letters.
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n ", "\n").replace(" \n", "\n")
    return lines.strip(" ")


def _untagged(source: str) -> str:
    if "</t" in source or "</T" in source:
        source = _IN_CELL.sub("", source)
    if "Mso" in source:
        source = _NEXT_LINE.sub("\n", source)
    source = _BREAK.sub("\n", source)
    return _TAG.sub("", _CELL.sub(" ", _DIVS.sub("\n", source)))


def _flowed(source: str) -> str:
    """`source` with one blank for all white space, as it is shown, except in elements that keep it."""
    low = source.lower()
    if len(low) != len(source):
        return source
    pieces, at = [], 0
    while kept := _KEEPS.search(low, at):
        end = low.find(f"</{kept[1] or kept[2]}", kept.start())
        end = end if end >= 0 else len(source)
        pieces += [_WHITE.sub(" ", source[at : kept.start()]), source[kept.start() : end]]
        at = end
    return "".join((*pieces, _WHITE.sub(" ", source[at:])))


def _tag_blocks(source: str) -> Iterator[str]:
    """`source` cut before opening brackets, so that no tag is cut."""
    at = 0
    while at < len(source):
        end = source.find("<", at + _BLOCK)
        yield source[at : end if end > 0 else len(source)]
        at = end if end > 0 else len(source)


def _without(source: str, element: str) -> str:
    """`source` without the elements named; an element that is never closed goes to the end."""
    low = source.lower()
    if len(low) != len(source):
        return source
    kept, at = [], 0
    while (start := low.find(f"<{element}", at)) >= 0:
        kept.append(source[at:start])
        end = low.find(f"</{element}", start)
        if end < 0:
            return "".join(kept)
        at = end
    kept.append(source[at:])
    return "".join(kept)
