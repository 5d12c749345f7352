"""Keys in time: what DNS says now, what was seen before, and for how long that still counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.attribution.domain import Observed
from app.attribution.keys import KEPT, Keyring
from app.mail.domain import KeyAnswer, KeyState

NAME = "s1._domainkey.acme.test"
SEEN = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = b"v=DKIM1; p=old", b"v=DKIM1; p=new"


def keyring(answer: KeyAnswer) -> Keyring:
    return Keyring({NAME: answer}, {NAME: [Observed(NAME, OLD, SEEN - timedelta(days=90), SEEN)]})


def test_what_dns_says_now_comes_first() -> None:
    assert keyring(KeyAnswer(KeyState.FOUND, NEW)).now(SEEN, NAME) == KeyAnswer(KeyState.FOUND, NEW)


def test_a_key_that_is_gone_still_counts_for_mail_of_its_time() -> None:
    gone = keyring(KeyAnswer(KeyState.NONE))

    assert (gone.now(SEEN, NAME).state, gone.now(SEEN, NAME).txt) == (KeyState.CACHED, OLD)
    assert gone.now(SEEN + KEPT, NAME).state is KeyState.CACHED


def test_a_key_that_is_long_gone_proves_nothing() -> None:
    late = SEEN + KEPT + timedelta(seconds=1)

    assert keyring(KeyAnswer(KeyState.NONE)).now(late, NAME).state is KeyState.NONE
    assert keyring(KeyAnswer(KeyState.FOUND, NEW)).earlier(late, NAME) == []


def test_a_replaced_key_is_tried_as_rotated_and_the_present_one_is_not_tried_twice() -> None:
    [earlier] = keyring(KeyAnswer(KeyState.FOUND, NEW)).earlier(SEEN, NAME)

    assert (earlier.state, earlier.txt) == (KeyState.ROTATED, OLD)
    assert keyring(KeyAnswer(KeyState.FOUND, OLD)).earlier(SEEN, NAME) == []


def test_a_dns_that_does_not_answer_is_told_where_nothing_was_seen() -> None:
    assert Keyring({}, {}).now(SEEN, NAME).state is KeyState.DNS_FAILED
