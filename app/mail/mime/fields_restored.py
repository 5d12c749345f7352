"""The lines of a pasted header, made fields again (RFC 5322 §2.2.3).

Mail clients wrap the lines of a paste, take the blanks away that said a line goes on, or write `>` before From. What
is changed is what cannot be a header as it stands; a header that is whole is left alone.
"""

from __future__ import annotations

import re

_COMMON = (
    rb"Received|Return-Path|Delivered-To|From|To|Cc|Bcc|Subject|Date|Sender|Reply-To|Message-ID|References"
    rb"|In-Reply-To|MIME-Version|Importance|Precedence|Organization"
)
_NAME = rb"(?:" + _COMMON + rb"|[A-Za-z]\w*+(?:-\w++)++)[ \t]*+:"
_FIELD = re.compile(
    rb"(?:" + _COMMON + rb"|(?:X|ARC|DKIM|List|Content)-[\w-]++)[ \t]*+:|" + _NAME + rb"(?=[ \t])", re.I
)
_LISTED = re.compile(_NAME + rb"[ \t]*+" + _NAME[:-1] + rb"[:;]", re.IGNORECASE)
"""Names in a row are no field but the list that a signature covers (RFC 6376 §3.5, h=)."""
_OTHER_FIELD = re.compile(rb"[A-Za-z]\w*+:[ \t]|From ")
_QUOTED = re.compile(rb"[ \t]?>[ \t]?")
_MOST_LINES = 2_000


def restored(head: bytes) -> bytes:
    """The header in `head`, line ends LF, up to its blank line: what a field's lines are is written so again."""
    lines = head.split(b"\n", _MOST_LINES)
    if len(lines) > _MOST_LINES:
        return head
    lines = [_without_mark(line) for line in lines]
    fields = [at for at, line in enumerate(lines) if is_field(line)]
    # What stands below the last field may be the mail's text already, where the blank line is missing.
    inside = range(fields[0] + 1, fields[-1]) if fields else ()
    return b"\n".join([b" " + line if at in inside and _is_cut(line) else line for at, line in enumerate(lines)])


def is_field(line: bytes) -> bool:
    """Whether a line starts with the name of a header field that mails have."""
    return bool(_FIELD.match(line)) and not _LISTED.match(line)


def _is_cut(line: bytes) -> bool:
    """Whether a line goes on with the field above it, though no blank says so."""
    return line[:1] not in (b" ", b"\t") and not is_field(line) and not _OTHER_FIELD.match(line)


def _without_mark(line: bytes) -> bytes:
    """Without the `>` that a mail client or an mbox wrote before a field's name."""
    mark = _QUOTED.match(line)
    return line[mark.end() :] if mark and is_field(line[mark.end() :]) else line
