"""Limits that hold before anything is parsed. Over a limit is an answer, not a crash."""

from __future__ import annotations

MESSAGE_BYTES = 10 * 1024 * 1024
"""The largest message any door takes, in bytes; above it the door refuses (SMTP 552, HTTP 413)."""

PARTS = 1_000
"""MIME parts of one message, all depths together; the rest is left unread and noted as a defect."""

DEPTH = 20
"""How deep MIME parts are followed into one another."""

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
