"""Reading what was sent: CSV, JSON lines, KumoMTA, totals, providers; every fault with its line."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.senders.providers import PROVIDER, provider_of
from app.senders.roster import Fault
from app.senders.sent import LINE_BYTES, Sent, SentFormat, guessed, lines_of, read_csv, read_jsonl
from app.senders.sent_kumomta import read_kumomta
from app.senders.volumes import Total, read_totals

HEADING = b"time,sender,recipient,message_id,queue_id,stream,campaign\n"
KUMO: dict[str, Any] = {
    "type": "Delivery",
    "id": "1d98076abbbc11ed940250ebf67f93bd",
    "sender": "bounce@acme.test",
    "recipient": "Reader@Mailbox.test",
    "queue": "spring:acme@mailbox.test",
    "timestamp": 1678069691,
    "created": 1678069600,
    "meta": {},
    "headers": {"Message-ID": "<1@acme.test>", "Subject": "Sale"},
}


def csv_of(text: bytes) -> list[Sent | Fault]:
    return list(read_csv(lines_of(io.BytesIO(text))))


def kumomta(account: str = "tenant", **changes: Any) -> list[Sent | Fault]:
    line = json.dumps(KUMO | changes).encode() + b"\n"
    return list(read_kumomta(lines_of(io.BytesIO(line)), account))


def faults(found: list[Sent | Fault]) -> list[str]:
    return [each.text for each in found if isinstance(each, Fault)]


def test_a_row_is_read_with_its_names() -> None:
    [sent] = csv_of(HEADING + b"2026-01-31T13:00:00+01:00,acme,Karl@GMail.com,<1@acme.test>,B3F0A,marketing,jan\n")

    assert sent == Sent(
        line=2,
        sender="acme",
        login="",
        at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        message_id="1@acme.test",
        queue_id="B3F0A",
        recipient="karl@gmail.com",
        provider="google",
        stream="marketing",
        campaign="jan",
    )


def test_json_lines_say_the_same() -> None:
    row = {"time": 1769860800, "sender": "acme", "message_id": "1@acme.test", "recipient": "karl@gmail.com"}
    [sent] = list(read_jsonl(lines_of(io.BytesIO(json.dumps(row).encode()))))

    assert isinstance(sent, Sent)
    assert (sent.at, sent.provider, sent.line) == (datetime(2026, 1, 31, 12, tzinfo=UTC), "google", 1)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (b"yesterday,acme,,1@a.test,,,", "time must be"),
        (b"2026-01-31,no way,,1@a.test,,,", "sender must be"),
        (b"2026-01-31,acme,karl,1@a.test,,,", "recipient must be"),
        (b"2026-01-31,acme,karl@b.test,,,,", "A message_id or a queue_id"),
        (b"2026-01-31,acme", "has 2 columns, the first line 7"),
        (b'2026-01-31,acme,"karl', "not CSV"),
        (b"2026-01-31,acme,\xff@b.test,1@a.test,,,", "not UTF-8"),
        (b"2026-01-31,acme,,1\x00@a.test,,,", "message_id must be"),
        (b"2026-01-31,acme,,%s,,," % (b"x" * LINE_BYTES), "longer than"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_the_next_is_read(row: bytes, why: str) -> None:
    fault, good = csv_of(HEADING + row + b"\n2026-01-31,acme,,2@acme.test,,,\n")

    assert isinstance(fault, Fault)
    assert (fault.line, why in fault.text) == (2, True), fault.text
    assert isinstance(good, Sent)
    assert good.line == 3


@pytest.mark.parametrize("heading", [b"\n\n", b"time,sender,colour\n", b"message_id,recipient\n", b"\xff\n"])
def test_without_a_heading_of_known_names_nothing_is_read(heading: bytes) -> None:
    assert len(faults(csv_of(heading + b"a,b,c\nd,e,f\n"))) == 1


@pytest.mark.parametrize("line", [b"[]", b"{", b"null", b"[" * 60_000])
def test_what_is_no_object_is_a_fault(line: bytes) -> None:
    [fault] = list(read_jsonl(lines_of(io.BytesIO(line))))

    assert isinstance(fault, Fault)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (HEADING, SentFormat.CSV),
        (b"", SentFormat.CSV),
        (b'\n{"time": 1, "sender": "acme"}\n', SentFormat.JSONL),
        (json.dumps(KUMO).encode(), SentFormat.KUMOMTA),
        (b"Nov 23 03:00:00 mx postfix/smtpd[1]: connect from x[192.0.2.1]\n", SentFormat.POSTFIX),
        (b"2026-11-23T03:00:00.123456+01:00 mx postfix/qmgr[1]: B3F0A: removed\n", SentFormat.POSTFIX),
    ],
)
def test_the_format_is_told_by_the_first_line(text: bytes, kind: SentFormat) -> None:
    found, lines = guessed(lines_of(io.BytesIO(text)))

    assert found is kind
    assert b"".join(line for _, line in lines if isinstance(line, bytes)) == text.lstrip(b"\n")


def test_a_delivery_of_kumomta_is_read() -> None:
    [sent] = kumomta()

    assert isinstance(sent, Sent)
    assert (sent.sender, sent.campaign, sent.message_id) == ("acme", "spring", "1@acme.test")
    assert (sent.queue_id, sent.recipient) == (KUMO["id"], "reader@mailbox.test")
    assert sent.at == datetime.fromtimestamp(1678069691, UTC)


@pytest.mark.parametrize("kind", ["Reception", "Bounce", "TransientFailure", "Expiration", "OOB", "Feedback", None])
def test_nothing_but_a_delivery_counts(kind: str | None) -> None:
    assert kumomta(type=kind) == []


@pytest.mark.parametrize(
    ("account", "changes", "sender"),
    [
        ("tenant", {"meta": {"tenant": "shop"}}, "shop"),
        ("tenant", {"queue": "acme@mailbox.test"}, "acme"),
        ("tenant", {"queue": "spring:acme@mailbox.test!route.test"}, "acme"),
        ("meta:customer", {"meta": {"customer": "shop"}}, "shop"),
        ("header:X-Account", {"headers": {"x-account": ["old", "shop"]}}, "shop"),
    ],
)
def test_the_account_is_taken_from_where_it_is_said_to_be(account: str, changes: dict[str, Any], sender: str) -> None:
    [sent] = kumomta(account, **changes)

    assert isinstance(sent, Sent)
    assert sent.sender == sender


def test_each_recipient_of_a_batch_is_a_mail() -> None:
    found = kumomta(recipient=["a@mailbox.test", "b@mailbox.test"])

    assert [each.recipient for each in found if isinstance(each, Sent)] == ["a@mailbox.test", "b@mailbox.test"]


@pytest.mark.parametrize(
    "changes",
    [{"queue": "mailbox.test"}, {"id": 7}, {"timestamp": "then"}, {"recipient": []}, {"headers": {"message-id": 1}}],
)
def test_a_delivery_that_cannot_be_read_is_a_fault(changes: dict[str, Any]) -> None:
    assert len(faults(kumomta(**changes))) == 1


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("gmail.com", "google"),
        ("GoogleMail.com.", "google"),
        ("hotmail.co.uk", "microsoft"),
        ("web.de", "united internet"),
        ("tampabay.rr.com", "spectrum"),
        ("mail.shop.co.uk", "shop.co.uk"),
        ("[192.0.2.1]", "unknown"),
        ("", "unknown"),
        ("localhost", "localhost"),
    ],
)
def test_a_domain_belongs_to_a_provider(domain: str, provider: str) -> None:
    assert provider_of(domain) == provider


def test_no_domain_is_listed_for_two_providers() -> None:
    from app.senders.providers import DOMAINS

    assert sum(len(domains.split()) for domains in DOMAINS.values()) == len(PROVIDER)


def test_totals_are_read_as_csv_and_as_json_lines() -> None:
    table = b"day,sender,stream,provider,delivered\n2026-01-31,acme,,gmail.com,1200\n2026-01-31,acme,,google,many\n"
    line = b'{"day": "2026-01-31", "sender": "acme", "provider": "google", "delivered": 1200}\n'

    total, fault = read_totals(lines_of(io.BytesIO(table)))
    [same] = read_totals(lines_of(io.BytesIO(line)))

    assert total == Total(2, date(2026, 1, 31), "acme", "", "google", 1200)
    assert isinstance(fault, Fault)
    assert same == total._replace(line=1)
