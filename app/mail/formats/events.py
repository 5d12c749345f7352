"""Events that a mail provider reports as JSON: in a mail's text, or as a file that somebody attached."""

from __future__ import annotations

import re

from app.mail.domain import Reading
from app.mail.formats.hooks import read_hook
from app.mail.formats.ses import event_of, read_ses
from app.mail.mime.json_text import objects_in
from app.mail.mime.message import Message

_MARKS = re.compile(rb'notificationType|eventType|"(?:event|RecordType|Type|type|event-data|msys)"')


def read_event(mail: Message) -> Reading | None:
    """The complaint event of Amazon SES, SendGrid, Postmark or their like in `mail`, or None. A mail that is nothing
    but another event of theirs is set aside."""
    for part in mail.leaves():
        objects, above = objects_in(part, _MARKS)
        if not objects:
            continue
        is_first = part is mail.leaf_parts[0]
        words = above if is_first else None
        event = event_of(objects[0])
        found = read_ses(mail, event, words) if event else read_hook(mail, objects, words)
        if found and (found.is_complaint or (is_first and not above)):
            return found
    return None
