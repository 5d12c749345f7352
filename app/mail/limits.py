"""Limits that hold before anything is parsed. Over a limit is an answer, not a crash."""

from __future__ import annotations

MESSAGE_BYTES = 10 * 1024 * 1024
"""The largest message any door takes, in bytes; above it the door refuses (SMTP 552, HTTP 413)."""

PARTS = 1_000
"""MIME parts of one message, all depths together; the rest is left unread and noted as a defect."""

DEPTH = 20
"""How deep MIME parts are followed into one another."""

FORWARDS = 6
"""How deep mails that are attached to one another are opened: each is held while those inside it are read."""

HEADER_FIELDS = 2_000
"""Header fields read of one header block; the rest is left unread and noted as a defect."""

HEADER_BYTES = 256 * 1024
"""Bytes of one header block that are read."""

FIELD_CHARS = 8_000
"""Characters of one header field value that are decoded for reading."""

TEXT_CHARS = 100_000
"""Characters of human-readable text that are kept of one report."""

SIGNATURES = 12
"""DKIM signatures of one message that are verified."""

RECEIVED = 60
"""Received fields of one message that are parsed."""

ORIGINALS = 20
"""Reported messages that are taken out of one report."""

MSG_STREAM_BYTES = 2 * 1024 * 1024
"""Bytes of one stream of an Outlook .msg file (header, body) that are read; a larger one is left unread."""

TNEF_STEPS = 20_000
"""Attributes and properties of one winmail.dat (MS-OXTNEF) that are looked at, all messages in it together."""

CMS_STEPS = 40_000
"""Elements of one opaque S/MIME signature (RFC 5652) that are looked at; clients stream in pieces of 1 KB or more."""

RTF_BYTES = 65_536
"""Bytes of packed RTF that are unpacked of one mail (MS-OXRTFCP), all bodies together."""

RTF_TOKENS = 24_000
"""Words, groups and pieces of text of one mail's RTF that are read, all bodies together."""

REPAIR_TRIES = 64
"""Header blocks, and again bodies, that are tried when one message's redaction is undone."""

REPAIR_HEADER_BYTES = 1024 * 1024
"""Bytes of signed header fields that are rewritten or hashed when one message's redaction is undone, all tries
together."""

REPAIR_BODY_BYTES = 8 * 1024 * 1024
"""The same for its body."""

REPAIR_RECIPIENTS = 16
"""Possible recipients that are put back one after the other when one message's redaction is undone."""

REPAIR_CANDIDATES = 1_000
"""Possible recipients that are looked at to find those that fit what was redacted."""
