"""Reads KumoMTA's log: a JSON record a line, of its log files or its log hook (pure).

Only `Delivery` records count; all others are passed over. What the log must be told to hold (`configure_local_logs`
or `configure_log_hook`): `headers = {'Message-ID'}`, and the `meta` names that are asked for below. Without the
header a mail is found by its spool id alone. The record: docs.kumomta.com, reference/log_record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.mail.original import message_id
from app.senders.roster import ID, Fault
from app.senders.sent import (
    ADDRESS_CHARS,
    LINE_BYTES,
    MESSAGE_ID_CHARS,
    NAME_CHARS,
    QUEUE_ID_CHARS,
    Line,
    Reading,
    Sent,
    address_of,
    attempt,
    json_object,
    moment_of,
    provider_for,
    text_of,
)

TENANT = "tenant"
"""The account is the tenant: `meta.tenant`, or the tenant in the queue's name, `campaign:tenant@domain`."""

RECIPIENTS = 1_000


def read_kumomta(lines: Iterator[Line], account: str = TENANT) -> Reading:
    """What the records say, a mail for each recipient.

    account: where the sender's id stands: `tenant`, `meta:NAME` or `header:NAME`.
    """
    for number, line in lines:
        found = attempt(number, line, lambda number, line: _delivered(number, line, account))
        if isinstance(found, Fault):
            yield found
        else:
            yield from found


def _delivered(number: int, line: str, account: str) -> list[Sent]:
    record = json_object(line)
    if record.get("type") != "Delivery":
        return []
    campaign, tenant = _queue_names(text_of(record, "queue", LINE_BYTES))
    meta, headers = _table(record, "meta"), _table(record, "headers")
    sender = _account(account, tenant, meta, headers)
    if not ID.fullmatch(sender):
        raise ValueError("The record names no account where it was looked for.")
    queue_id = text_of(record, "id", QUEUE_ID_CHARS)
    if not queue_id:
        raise ValueError("The record has no id.")
    return [
        Sent(
            line=number,
            sender=sender,
            login="",
            at=moment_of(record.get("timestamp")),
            message_id=message_id(text_of(headers, "message-id", MESSAGE_ID_CHARS)) or "",
            queue_id=queue_id,
            recipient=recipient,
            provider=provider_for(recipient),
            stream=text_of(meta, "stream", NAME_CHARS),
            campaign=(text_of(meta, "campaign", NAME_CHARS) or campaign)[:NAME_CHARS],
        )
        for recipient in _recipients(record)
    ]


def _queue_names(queue: str) -> tuple[str, str]:
    """Campaign and tenant of a queue's name `campaign:tenant@domain`; either may be missing."""
    named, at, _ = queue.rpartition("@")
    campaign, _, tenant = named.rpartition(":") if at else ("", "", "")
    return campaign, tenant


def _table(record: Mapping[str, object], name: str) -> dict[str, object]:
    """Names in lower case; of a header that stands more than once, the last."""
    table = record.get(name)
    if not isinstance(table, dict):
        return {}
    return {
        str(key).lower(): value[-1] if isinstance(value, list) and value else value for key, value in table.items()
    }


def _account(account: str, tenant: str, meta: Mapping[str, object], headers: Mapping[str, object]) -> str:
    kind, _, name = account.partition(":")
    if kind == "meta":
        return text_of(meta, name.lower(), NAME_CHARS)
    if kind == "header":
        return text_of(headers, name.lower(), NAME_CHARS)
    return text_of(meta, TENANT, NAME_CHARS) or tenant


def _recipients(record: Mapping[str, object]) -> list[str]:
    """The envelope's recipients: a text, or a list where a batch was delivered at once."""
    given = record.get("recipient")
    listed = given if isinstance(given, list) else [given]
    if not listed or len(listed) > RECIPIENTS:
        raise ValueError(f"A record has 1 to {RECIPIENTS} recipients.")
    return [address_of(text_of({"recipient": each}, "recipient", ADDRESS_CHARS)) for each in listed]
