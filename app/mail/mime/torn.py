"""A header that a blank line tore: the rest of it stands where the text should."""

from __future__ import annotations

from dataclasses import replace

from app.mail.mime.head import top_head
from app.mail.mime.message import Message, parse

_NAMED = ("from", "to", "subject")
_TORN = "A blank line stood inside the header."


def mended(mail: Message) -> Message:
    """`mail` with its whole header, where what stands above the first blank line names neither sender nor recipient
    nor subject, and fields that name all three stand right below; else `mail` itself."""
    if mail.head.has(*_NAMED):
        return mail
    source = mail.top.source
    below = source[mail.head.body :].lstrip()
    rest = top_head(below)[1]
    if not all(rest.has(name) for name in _NAMED):
        return mail
    whole = parse(source[: mail.head.body].rstrip() + b"\r\n" + below)
    return replace(whole, defects=(_TORN, *whole.defects))
