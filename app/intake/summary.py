"""What stays readable of a report after its raw message is gone (pure); it is stored sealed."""

from __future__ import annotations

from app.mail.domain import Original, Reading

TEXT_CHARS = 2_000
SHORT_CHARS = 500


def summary_of(reading: Reading) -> dict[str, object]:
    """The few lines that a page shows of a report: its own subject and text, and those of the first reported mail."""
    first = reading.originals[0] if reading.originals else None
    return {
        "subject": _short(reading.subject),
        "reporter": _short(reading.reporter),
        "text": reading.text[:TEXT_CHARS],
        "messages": len(reading.originals),
        "defects": [_short(defect) for defect in reading.defects[:20]],
        "original": _of_original(first) if first else None,
    }


def _of_original(original: Original) -> dict[str, object]:
    return {
        "subject": _short(original.subject),
        "from": _short(original.from_),
        "message_id": _short(original.message_id),
        "date": original.date.isoformat() if original.date else None,
        "headers_only": original.headers_only,
    }


def _short(text: str | None) -> str | None:
    return text[:SHORT_CHARS] if text else text
