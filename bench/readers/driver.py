"""One reader of feedback reports in a process of its own: reports go in, CPU seconds and answers come out.

    driver.py abusedesk|parsedmarc|mail-parser

    in     a batch: the number of reports (four bytes, big-endian), then each with its length before it
    out    a line of JSON a batch: {"cpu": [seconds, …], "answers": [{field: value}, …]}, one each a report, {} where
           the reader gave up

All reports of a batch are in memory before the clock runs. Measured is what it takes to get the values, in whatever
form the reader gives them; bringing them into the bench's words (epoch seconds, hashes) is not.
"""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, BinaryIO

Answer = dict[str, Any]
Read = Callable[[bytes], Answer]


def abusedesk() -> Read:
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    from app.mail.domain import Original
    from app.mail.read import read

    nothing = Original(raw=b"", headers_only=True, headers=())

    def answer(raw: bytes) -> Answer:
        found = read(raw)
        fields, first = found.fields, found.originals[0] if found.originals else nothing
        readers = fields.get("original-rcpt-to") or fields.get("removal-recipient") or first.recipients[:1]
        return {
            "type": found.feedback_type,
            "ip": fields.get("source-ip", (None,))[0],
            "recipients": readers,
            "arrived": found.arrived,
            "mail_from": fields.get("original-mail-from", (first.return_path,))[0],
            "domains": fields.get("reported-domain", ()),
            "results": fields.get("authentication-results", ()),
            "message_id": first.message_id,
            "from": first.from_,
            "subject": first.subject,
            "count": len(found.originals),
            "bytes": first.raw,
        }

    return answer


def parsedmarc() -> Read:
    """Its failure reports; offline, as it must be for a measurement. It keeps one value a field, and one mail."""
    from parsedmarc import parse_report_email

    def answer(raw: bytes) -> Answer:
        told = parse_report_email(raw, offline=True, always_use_local_files=True)
        report: Answer = told["report"]  # type: ignore[assignment]
        sample = report["parsed_sample"]
        to = [each["address"] for each in sample.get("delivered_to") or sample["to"]]
        reader = report["original_rcpt_to"] or report.get("removal_recipient")
        return {
            "type": report["feedback_type"],
            "ip": report["source"]["ip_address"],
            "recipients": [reader] if reader else to,
            "arrived": report["arrival_date_utc"],
            "mail_from": report["original_mail_from"] or _last(sample.get("return-path")),
            "domains": [report["reported_domain"]],
            "results": [report["authentication_results"] or ""],
            "message_id": _last(sample.get("message-id")),
            "from": (sample["from"] or {}).get("address"),
            "subject": sample["subject"],
            "bytes": report["sample"],
        }

    return answer


def mail_parser() -> Read:
    """It knows no feedback reports: its caller walks its message tree for the fields and has the reported mail parsed
    in its turn, which is done here as briefly as it can be."""
    from mailparser import MailParser, parse_from_bytes

    def answer(raw: bytes) -> Answer:
        parts = list(parse_from_bytes(raw).message.walk())
        fields = next((p.get_payload(0) for p in parts if p.get_content_type() == "message/feedback-report"), {})
        held = [p.get_payload() for p in parts if "rfc822" in p.get_content_type()]
        first = held[0][0] if isinstance(held[0], list) else held[0]
        mail = parse_from_bytes(first.encode()) if isinstance(first, str) else MailParser(first)
        every = fields.get_all if fields else lambda _, none: none
        readers = every("original-rcpt-to", None) or every("removal-recipient", None)
        return {
            "type": fields.get("feedback-type"),
            "ip": (fields.get("source-ip") or "").partition("(")[0],
            "recipients": readers or [address for _, address in mail.delivered_to or mail.to],
            "arrived": fields.get("arrival-date") or fields.get("received-date"),
            "mail_from": fields.get("original-mail-from") or _last(mail.return_path),
            "domains": every("reported-domain", ()),
            "results": every("authentication-results", ()),
            "message_id": _last(mail.message_id),
            "from": mail.from_[0][1] if mail.from_ else None,
            "subject": mail.subject,
            "count": len(held),
            "bytes": mail.message_as_string,
        }

    return answer


def _last(value: Any) -> Any:
    """Where both libraries give a list for a repeated field: the last, which is the sender's."""
    return value[-1] if isinstance(value, list) else value


READERS: dict[str, Callable[[], Read]] = {
    "abusedesk": abusedesk,
    "parsedmarc": parsedmarc,
    "mail-parser": mail_parser,
}


def main() -> None:
    out = os.fdopen(os.dup(1), "w")
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    logging.disable(logging.CRITICAL)
    read = READERS[sys.argv[1]]()
    gc.collect()
    gc.freeze()  # as a worker would that only reads
    while batch := _batch(sys.stdin.buffer):
        spent, answers = zip(*[_measured(read, raw) for raw in batch], strict=True)
        out.write(json.dumps({"cpu": spent, "answers": [_plain(each) for each in answers]}, default=list) + "\n")
        out.flush()


def _batch(source: BinaryIO) -> list[bytes]:
    many = int.from_bytes(source.read(4), "big")
    return [source.read(int.from_bytes(source.read(4), "big")) for _ in range(many)]


def _measured(read: Read, raw: bytes) -> tuple[float, Answer]:
    began = time.process_time()
    try:
        answer = read(raw)
    except Exception:  # noqa: BLE001 - a report that a reader gives up on is one it does not read
        answer = {}
    return time.process_time() - began, answer


def _plain(answer: Answer) -> Answer:
    if not answer:
        return {}
    raw = answer.pop("bytes", None)
    if raw is not None:
        raw = raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else raw
        answer["sha256"] = hashlib.sha256(raw).hexdigest()
    answer["arrived"] = _seconds(answer.get("arrived"))
    return answer


def _seconds(when: datetime | str | None) -> int | None:
    """Seconds since 1970; text is a mail's date, or parsedmarc's own form in UTC."""
    if isinstance(when, str):
        try:
            when = (
                datetime.strptime(when, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if when[4:5] == "-" else _mail(when)
            )
        except ValueError:
            return None
    return int(when.timestamp()) if when else None


def _mail(when: str) -> datetime:
    return parsedate_to_datetime(" ".join(when.split()))


if __name__ == "__main__":
    main()
