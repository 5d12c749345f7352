"""Mails within files that are none: a file of mails (mbox, RFC 4155), and the evidence of a JSON report (XARF)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from app.mail import limits
from app.mail.mime.charset import from_base64
from app.mail.mime.message import Part

_MAILBOX = "application/mbox"
_FROM_LINE = re.compile(
    rb"(?:\A|\n\r?\n)(From \S{1,300} +[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [^\n]{8,40}\n)",
)
_PAYLOAD = re.compile(rb'ayload"\s*+:\s*+"([A-Za-z0-9+/=\\rn]{40,}+)')
_ESCAPES = re.compile(rb"\\[rn]|\\(?=/)")


def is_mailbox(part: Part) -> bool:
    """Whether a part is declared or named to be a file of mails."""
    return part.name == _MAILBOX or part.filename.lower().endswith(".mbox")


def mails_of_mailbox(content: bytes) -> Iterator[bytes]:
    """Each mail in such a file, with the line that starts with From above it; at most `limits.ORIGINALS`.

    Without any such line the whole is one mail.
    """
    marks = list(islice(_FROM_LINE.finditer(content), limits.ORIGINALS))
    starts = [mark.start(1) for mark in marks] or [0]
    ends = [*(mark.start() + 1 for mark in marks[1:]), len(content)]
    for start, end in zip(starts, ends, strict=True):
        yield content[start:end]


def payloads(content: bytes) -> Iterator[bytes]:
    """What JSON holds in base64 under the name payload (XARF v3 and v4), each decoded."""
    if b'ayload"' in content:
        for found in _PAYLOAD.finditer(content):
            yield from_base64(_ESCAPES.sub(b"", found[1]))
