"""Look-up keys: HMAC-SHA256 cut to 16 bytes, whatever is looked up."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis import strategies as st

from app.infra.sealing import LOOK_UP_BYTES, look_up_key
from app.infra.secrets import Secrets

purposes = st.text(st.characters(codec="utf-8"), max_size=200)
words = st.text(st.characters(), max_size=200)
"""What comes from outside may hold half a surrogate pair."""


@given(st.binary(min_size=32, max_size=32), purposes, words)
def test_a_look_up_key_is_what_hmac_says(key: bytes, purpose: str, value: str) -> None:
    text = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")

    expected = hmac.digest(key, text, hashlib.sha256)[:LOOK_UP_BYTES]

    secrets = Secrets({}, key, b"", b"", b"", b"", {})
    assert [look_up_key(secrets, purpose, value) for _ in range(2)] == [expected] * 2
