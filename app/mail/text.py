"""What a person can read of a mail, as plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from app.mail import limits
from app.mail.message import Message, Part

_TAG = re.compile(r"<[^<>]*+>")
_BREAK = re.compile(r"<(?:br|/?p|/?div|/tr|/h[1-6]|/li)\b[^<>]*+>", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\xa0]++")
_BLANK_LINES = re.compile(r"\n{3,}+")
_ENCODED_BYTES = 4 * limits.TEXT_CHARS


def human_text(message: Message) -> str:
    """The first text part that is no attachment; HTML only where there is no plain text. At most TEXT_CHARS."""
    return next(human_texts(message), "")


def human_texts(message: Message) -> Iterator[str]:
    """The texts that a person may have written, the best first, none of them empty: plain ones, then the HTML."""
    fallback: Part | None = None
    for part in message.leaves():
        if part.is_attachment or not part.name.startswith("text/"):
            continue
        if part.name == "text/plain":
            text = plain_text(part)
            if text:
                yield text
        elif part.name == "text/html":
            fallback = fallback or part
    text = text_of_html(fallback.text(_ENCODED_BYTES)) if fallback else ""
    if text:
        yield text


def plain_text(part: Part) -> str:
    """The text of a text/plain part, line ends LF, at most TEXT_CHARS."""
    text = part.text(_ENCODED_BYTES)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()[: limits.TEXT_CHARS]


def text_of_html(source: str) -> str:
    """HTML without its tags, scripts and styles: for reading and searching, never to be shown as HTML."""
    source = _without(_without(source, "script"), "style")
    text = _TAG.sub("", _BREAK.sub("\n", source))
    try:
        text = html.unescape(text)
    except ValueError:
        # html.unescape turns &#999…; into a number, and Python refuses numbers of thousands of digits.
        text = text.replace("&#", "")
    lines = [_SPACES.sub(" ", line).strip() for line in text.splitlines()]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()[: limits.TEXT_CHARS].replace("\x00", "\ufffd")


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
