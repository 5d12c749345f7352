"""Hostile mail: `judge` and `names` never raise, never pass junk, and take time that is linear in the size."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mail.dkim.signatures import judge, names
from app.mail.domain import DkimResult, HashState, KeyAnswer, KeyState, SignatureResult
from tests.factories.signed import MESSAGE, key_pair, record, sign_tags

KEY = key_pair(1024)
TXT = record(KEY).encode()
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SIGNED = sign_tags(MESSAGE, KEY)


def judged(message: bytes, txt: bytes = TXT, headers_only: bool = False) -> tuple[SignatureResult, ...]:
    return judge(message, headers_only=headers_only, key_of=lambda name: KeyAnswer(KeyState.FOUND, txt), as_of=NOW)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n", b"\r"])
def test_line_ends_may_have_been_changed_on_the_way(line_end: bytes) -> None:
    assert judged(SIGNED.replace(b"\r\n", line_end))[0].result is DkimResult.PASS


@pytest.mark.parametrize(
    "filler", [b" " * 200_000, b"\t " * 100_000, b"\r\n" * 100_000, b" \r\n" * 60_000, b"a \r" * 60_000]
)
@pytest.mark.parametrize("form", ["relaxed/relaxed", "simple/simple"])
def test_a_body_made_to_be_slow_is_not(filler: bytes, form: str) -> None:
    message = sign_tags(MESSAGE, KEY, c=form) + filler + b"x"
    start = time.process_time()
    judged(message)

    assert time.process_time() - start < 0.2


@pytest.mark.parametrize("filler", [b" " * 32_000, b";" * 32_000, b"\r\n " * 10_000, b": " * 16_000, b"b=" * 16_000])
@pytest.mark.parametrize("tag", [b"h=", b"b=", b"i=", b"z=", b""])
def test_a_field_made_to_be_slow_is_not(filler: bytes, tag: bytes) -> None:
    message = b"DKIM-Signature: v=1; " + tag + filler + b"; s=s1; " + SIGNED.removeprefix(b"DKIM-Signature: v=1;")
    start = time.process_time()
    judged(message)
    names(message)

    assert time.process_time() - start < 0.2


def test_a_header_block_over_the_limit_is_no_pass() -> None:
    padding = b"X-Pad: " + b"x" * 1000 + b"\r\n"
    head, blank, body = SIGNED.partition(b"\r\n\r\n")
    message = head + b"\r\n" + padding * 300 + blank[2:] + body

    assert judged(message)[0].reason == "The message is broken: its header block is over 262144 bytes."


def test_too_many_header_fields_are_no_pass() -> None:
    head, blank, body = SIGNED.partition(b"\r\n\r\n")
    message = head + b"\r\n" + b"A: b\r\n" * 3000 + blank[2:] + body

    assert judged(message)[0].reason == "The message is broken: it has over 2000 header fields."


def test_a_signature_behind_too_many_fields_is_not_looked_at() -> None:
    assert names(b"A: b\r\n" * 3000 + SIGNED) == ()
    assert judged(b"A: b\r\n" * 3000 + SIGNED) == ()


PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        b"v=1 a=rsa-sha256 a=ed25519-sha256 c=relaxed/simple d=example.com s=s1 h=from:to bh=AAAA b=AAAA i==C3@x l=5 "
        b"l= t=99999999999999 x=1 q=dns/txt ; ; ; \r\n From:x \r\n\r\n DKIM-Signature: p=AAAA k=rsa v=DKIM1".split(
            b" "
        )
    ),
)
JUNK = st.lists(PIECES, max_size=30).map(b" ".join)


@given(JUNK, JUNK, JUNK, st.booleans())
def test_junk_is_judged_and_never_raises(field: bytes, rest: bytes, txt: bytes, headers_only: bool) -> None:
    message = b"DKIM-Signature:" + field + b"\r\n" + rest

    results = judged(message, txt, headers_only)

    assert len(results) >= 1
    assert all(each.result is not DkimResult.PASS and each.reason.endswith(".") for each in results)
    assert all(name == name.lower() for name in names(message))


@given(st.integers(0, len(SIGNED)), st.binary(min_size=1, max_size=3), st.integers(0, 3))
def test_a_signed_message_with_a_bite_out_of_it_never_raises(place: int, junk: bytes, cut: int) -> None:
    message = SIGNED[:place] + junk + SIGNED[place + cut :]

    judged(message)


@given(st.integers(0, len(TXT)), st.binary(max_size=3), st.integers(0, 3))
def test_a_key_record_with_a_bite_out_of_it_never_raises(place: int, junk: bytes, cut: int) -> None:
    txt = TXT[:place] + junk + TXT[place + cut :]

    assert judged(SIGNED, txt)[0].body_hash is HashState.PASS
