"""What a look at DNS changed about a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.attribution.watching import Change, ChangeKind, Record, changes_of, departed
from app.mail.domain import KeyAnswer, KeyState

NAME = "s1._domainkey.acme.test"
SEEN = datetime(2026, 7, 10, tzinfo=UTC)
OLD, NEW, EMPTY = b"v=DKIM1; p=b2xk", b"v=DKIM1; p=bmV3", b"v=DKIM1; p="

THERE = Record(NAME, OLD, SEEN, SEEN)
LEFT = Record(NAME, OLD, SEEN, SEEN, SEEN + timedelta(days=1))
REVOKED = Record(NAME, EMPTY, SEEN, SEEN)


def found(txt: bytes) -> KeyAnswer:
    return KeyAnswer(KeyState.FOUND, txt)


@pytest.mark.parametrize(
    ("seen", "answer", "change", "gone"),
    [
        ([], found(OLD), ChangeKind.NEW, []),
        ([THERE], found(OLD), None, []),
        ([THERE], found(NEW), ChangeKind.NEW, [THERE]),
        ([LEFT], found(OLD), ChangeKind.BACK, []),
        ([THERE], found(EMPTY), ChangeKind.REVOKED, [THERE]),
        ([], found(EMPTY), ChangeKind.REVOKED, []),
        ([LEFT, REVOKED], found(EMPTY), None, []),
        ([THERE], KeyAnswer(KeyState.NONE), ChangeKind.GONE, [THERE]),
        ([LEFT], KeyAnswer(KeyState.NONE), None, []),
        ([], KeyAnswer(KeyState.NONE), None, []),
        ([THERE], KeyAnswer(KeyState.DNS_FAILED), None, []),
    ],
)
def test_each_change_is_told_once(
    seen: list[Record], answer: KeyAnswer, change: ChangeKind | None, gone: list[Record]
) -> None:
    assert changes_of({NAME: answer}, {NAME: seen}) == ([Change(NAME, change)] if change else [])
    assert departed({NAME: answer}, {NAME: seen}) == gone


@pytest.mark.parametrize(("record", "state"), [(THERE, "there"), (LEFT, "gone"), (REVOKED, "revoked")])
def test_how_a_record_stands(record: Record, state: str) -> None:
    assert record.state == state
