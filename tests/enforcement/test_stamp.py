"""Each mail says whose it is, in a field that is read back whole wherever it comes from."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enforcement.snapshot import Owner
from app.enforcement.stamp import Stamp, provider_id
from app.senders import tokens

KEYS = {1: b"k" * 32}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
UID = UUID(int=0xACE0_0000_0000_0001_0000_0000_0000_0000)
ACME = Owner(UID.bytes, "news")


@pytest.mark.parametrize("field", ["feedback-id", "cfbl-feedback-id"])
def test_the_token_is_found_again_and_names_sender_and_stream(field: str) -> None:
    stamped = Stamp(field, KEYS, "Relay GmbH").field(ACME, NOW)

    (found,) = tokens.find(KEYS, [stamped.partition(": ")[2]])
    assert (found.valid, found.sender, found.stream) == (True, UID.bytes[:8], "news")
    assert stamped.lower().startswith(f"{field}: ")


def test_a_feedback_id_has_four_parts_and_the_providers_last() -> None:
    parts = Stamp("feedback-id", KEYS, "Relay GmbH").field(ACME, NOW).partition(": ")[2].split(":")

    assert parts[1:] == ["ace0000000000001.news", "ace0000000000001", "relaygmbh"]


def test_where_mail_is_not_stamped_there_is_no_field() -> None:
    assert Stamp("no", KEYS, "Relay").field(ACME, NOW) == ""


@given(st.text(max_size=60))
def test_a_stream_whose_name_does_not_fit_is_left_out(stream: str) -> None:
    stamped = Stamp("feedback-id", KEYS, "Relay").field(Owner(UID.bytes, stream), NOW)

    (found,) = tokens.find(KEYS, [stamped])
    assert found.valid
    assert found.stream in ("", stream)
    assert stamped.isascii()
    assert stamped.isprintable()


@given(st.text())
def test_the_providers_id_has_five_to_fifteen_letters_and_digits(organisation: str) -> None:
    made = provider_id(organisation)

    assert 5 <= len(made) <= 15
    assert made.isalnum()
    assert made.isascii()
