"""Events that a mail provider reports as JSON or as a web form: in a mail's text, or as a file that somebody
attached."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from app.mail.domain import Reading
from app.mail.formats.hooks import read_hook
from app.mail.formats.ses import event_of, read_ses
from app.mail.mime.json_text import Object, objects_in
from app.mail.mime.message import Message, Part

_MARKS = re.compile(
    rb'notificationType|eventType|"(?:event|event_type|eventName|RecordType|Type|type|event-data|msys|action|status)"'
)
_FORM = re.compile(r"(?:[\w.-]{1,60}=[^\s&=]*+&){3,60}[\w.-]{1,60}=[^\s&=]*+")
_PEEK_BYTES = 128
_FORM_BYTES = 16_384


def read_event(mail: Message) -> Reading | None:
    """The complaint event of Amazon SES, SendGrid, Postmark or their like in `mail`, or None. A mail that is nothing
    but another event of theirs is set aside."""
    for part in mail.leaves():
        objects, above = objects_in(part, _MARKS)
        objects = objects or _form_in(part)
        if not objects:
            continue
        is_first = part is mail.leaf_parts[0]
        words = above if is_first else None
        event = event_of(objects[0])
        found = read_ses(mail, event, words) if event else read_hook(mail, objects, words)
        if found and (found.is_complaint or (is_first and not above)):
            return found
    return None


def _form_in(part: Part) -> tuple[Object, ...]:
    """The fields of a web form (application/x-www-form-urlencoded) that fills a text, nothing for any other text."""
    if part.name not in ("text/plain", "application/x-www-form-urlencoded"):
        return ()
    peek = part.content(_PEEK_BYTES).strip()
    if b"=" not in peek or b"&" not in peek or b" " in peek:
        return ()
    form = part.text(_FORM_BYTES).strip()
    return (dict(parse_qsl(form)),) if _FORM.fullmatch(form) else ()
