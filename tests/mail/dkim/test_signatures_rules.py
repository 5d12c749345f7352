"""Rules that keep a signature from passing though both its hashes hold, and fields too malformed to be judged."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.mail.dkim.signatures import Signed, names
from app.mail.domain import DkimResult, KeyState
from tests.factories.signed import MESSAGE, key_pair, record, sign_tags
from tests.mail.dkim.test_signatures import KEY, PASS, SIGNED, UNKNOWN, answers, judged


@pytest.mark.parametrize(
    ("tags", "extra", "result", "reason"),
    [
        ({"a": "rsa-sha1"}, "", DkimResult.PERMERROR, "made with rsa-sha1"),
        ({"i": "a@b.example.com"}, "t=s; ", DkimResult.PERMERROR, "for its own domain only (t=s)"),
        ({"x": "1772000000"}, "", DkimResult.POLICY, "had expired (x=)"),
        ({"t": "1773000000"}, "", DkimResult.POLICY, "after the message arrived"),
    ],
)
def test_a_rule_overrules_valid_hashes(
    tags: dict[str, str | None], extra: str, result: DkimResult, reason: str
) -> None:
    found = judged(sign_tags(MESSAGE, KEY, **tags), answers(txt=record(KEY, extra=extra).encode()))

    assert (found.header_hash, found.body_hash, found.result) == (PASS, PASS, result)
    assert reason in found.reason


@pytest.mark.parametrize("end", [b"-- \r\n", b" \t\r\n", b"last\t \r\n"])
def test_a_last_line_whose_end_a_boundary_took_is_a_line(end: bytes) -> None:
    # RFC 2046 §5.1.1: the CRLF before a boundary is the boundary's. RFC 6376 §3.4.4: blanks at a line's end go first.
    whole = sign_tags(MESSAGE.partition(b"\r\n\r\n")[0] + b"\r\n\r\nHello\r\n" + end, KEY, c="relaxed/relaxed")

    assert judged(whole).result is DkimResult.PASS
    assert judged(whole[:-2]).result is DkimResult.PASS


@pytest.mark.parametrize("tail", [b";", b"; ", b";\r\n\t"])
def test_blanks_at_the_end_of_a_simple_signature_field_are_signed(tail: bytes) -> None:
    # RFC 6376 §3.7: all of the field but its last CRLF.
    head, body = b"From: Ann <ann@example.com>\r\n", b"Hello\r\n"
    hashed = base64.b64encode(hashlib.sha256(body).digest())
    tags = b" v=1; a=rsa-sha256; c=simple/simple; d=example.com; s=s1; h=from; bh=" + hashed + b"; b=%s" + tail
    own = load_pem_private_key(KEY.private, None)
    assert isinstance(own, RSAPrivateKey)
    signed = own.sign(head + b"DKIM-Signature:" + tags % b"", PKCS1v15(), SHA256())
    field = b"DKIM-Signature:" + tags % base64.b64encode(signed) + b"\r\n"

    assert judged(field + head + b"\r\n" + body).result is DkimResult.PASS


@pytest.mark.parametrize(
    "tags",
    [
        {"d": "bücher.example"},
        {"d": "BÜCHER.example", "i": "news@bücher.example"},
        {"d": "xn--bcher-kva.example", "i": "news@mail.bücher.example"},
    ],
)
def test_an_internationalised_domain_is_told_by_its_a_label(tags: dict[str, str | None]) -> None:
    # RFC 8616 §4; the sender's identities are kept so, and a key is looked up so.
    message = sign_tags(MESSAGE, KEY, **tags)
    found = judged(message)

    assert (found.result, found.domain) == (DkimResult.PASS, "xn--bcher-kva.example")
    assert [name.partition("._domainkey.")[2] for name in names(Signed(message))] == ["xn--bcher-kva.example"]


def test_a_short_key_never_passes() -> None:
    short = key_pair(768)
    found = judged(sign_tags(MESSAGE, short), answers(txt=record(short).encode()))

    assert (found.header_hash, found.result) == (PASS, DkimResult.POLICY)
    assert found.reason == "The signature is valid, but its key of 768 bits is shorter than 1024."


def test_expiry_counts_from_the_arrival_and_not_from_now() -> None:
    expired_long_ago = sign_tags(MESSAGE, KEY, t="1300000000", x="1300600000")
    arrival = datetime.fromtimestamp(1300100000, UTC)

    assert judged(expired_long_ago, as_of=arrival).result is DkimResult.PASS
    assert judged(expired_long_ago, as_of=arrival + timedelta(days=30)).result is DkimResult.POLICY
    assert judged(expired_long_ago, as_of=arrival - timedelta(days=30)).result is DkimResult.POLICY


@pytest.mark.parametrize(
    ("pattern", "replacement", "reason"),
    [
        (b"v=1; ", b"v=1; v=1; ", "its tag v= stands twice"),
        (b"v=1; ", b"v=1; junk; ", "its tag list is malformed"),
        (b"v=1; ", b"", "its tag v= is missing"),
        (b"v=1; ", b"v=2; ", "its version is not 1"),
        (b"rsa-sha256", b"rsa-md5", "its algorithm is unknown"),
        (b"c=relaxed", b"c=nofws", "its canonicalisation is unknown"),
        (b"h=from:", b"h=", "it does not sign the From field"),
        (b"d=example.com", b"d=exa mple.com", "its tag d= is no domain name"),
        (b"s=s1", b"s=s1; i=a@example.net", "its i= is not at or below its d="),
        (b"s=s1", b"s=s1; q=http", "its key is not to be asked for in DNS"),
        (b"s=s1", b"s=s1; l=-1", "its tag l= is no number"),
        (b"s=s1", b"s=s1; x=1000", "it expires before it was made"),
        (b" b=[^\r]*", b" b=?", "its tag b= is not base64"),
    ],
)
def test_a_malformed_field_is_named_and_not_judged(pattern: bytes, replacement: bytes, reason: str) -> None:
    found = judged(re.sub(pattern, replacement, SIGNED, count=1))

    assert (found.header_hash, found.body_hash, found.key) == (UNKNOWN, UNKNOWN, KeyState.UNASKED)
    assert found.result is DkimResult.PERMERROR
    assert found.reason == f"The signature field cannot be used: {reason}."
