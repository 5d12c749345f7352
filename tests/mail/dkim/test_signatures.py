"""What `names` and `judge` answer: three parts apart, one word, one sentence. Against the oracle: see beside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from app.mail import limits
from app.mail.dkim.canonical import Field
from app.mail.dkim.signatures import judge, names
from app.mail.dkim.tags import unsigned_form
from app.mail.domain import DkimResult, HashState, KeyAnswer, KeyState, SignatureResult
from tests.factories.signed import MESSAGE, ed25519_pair, key_pair, record, sign_tags

KEY = key_pair(1024)
TXT = record(KEY).encode()
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SIGNED = sign_tags(MESSAGE, KEY, t=str(int(NOW.timestamp())))
PASS, FAIL, ABSENT, UNKNOWN = HashState.PASS, HashState.FAIL, HashState.ABSENT, HashState.UNKNOWN


def answers(state: KeyState = KeyState.FOUND, txt: bytes | None = TXT) -> Callable[[str], KeyAnswer]:
    return lambda name: KeyAnswer(state, txt)


def judged(
    message: bytes,
    key_of: Callable[[str], KeyAnswer] = answers(),
    *,
    headers_only: bool = False,
    as_of: datetime = NOW,
) -> SignatureResult:
    (result,) = judge(message, headers_only=headers_only, key_of=key_of, as_of=as_of)
    return result


# ------------------------------------------------------------------ names


def test_the_keys_of_all_signatures_are_named_once_in_order() -> None:
    message = sign_tags(sign_tags(sign_tags(MESSAGE, KEY, s="A"), KEY, s="b", d="Example.NET"), KEY, s="a")

    assert names(message) == ("a._domainkey.example.com", "b._domainkey.example.net")


def test_unsigned_mail_names_no_key() -> None:
    assert names(MESSAGE) == names(b"") == names(b"\r\n\r\n") == ()


def test_a_signature_in_the_body_counts_for_nothing() -> None:
    assert names(MESSAGE + SIGNED) == ()
    assert judge(MESSAGE + SIGNED, headers_only=False, key_of=answers(), as_of=NOW) == ()


def test_a_signature_too_malformed_to_say_names_no_key() -> None:
    assert names(b"DKIM-Signature: ...\r\n" + SIGNED) == ("s1._domainkey.example.com",)


def test_the_first_signatures_are_judged_and_the_rest_is_left() -> None:
    message = MESSAGE
    for number in range(limits.SIGNATURES + 5):
        message = sign_tags(message, KEY, s=f"s{number}")

    assert len(names(message)) == limits.SIGNATURES
    results = judge(message, headers_only=False, key_of=answers(), as_of=NOW)
    assert [each.selector for each in results] == [f"s{number}" for number in range(16, 4, -1)]


@pytest.mark.parametrize("form", ["simple", "relaxed"])
@pytest.mark.parametrize(
    ("tags", "hashed"),
    [
        (b"b=AA; v=1", b"b=; v=1"),
        (b"v=1; b=A\r\n A", b"v=1; b="),
        (b"v=1; b = AA ; bh=b=A", b"v=1; b =; bh=b=A"),
        (b"bh=A;b=A;z=b", b"bh=A;b=;z=b"),
    ],
)
def test_only_what_the_tag_b_holds_is_left_out_of_the_hash(tags: bytes, hashed: bytes, form: str) -> None:
    field = Field(b"DKIM-Signature", b":", tags + b"\r")

    assert unsigned_form(field, form) == (b"dkim-signature:" if form == "relaxed" else b"DKIM-Signature:") + hashed


# ------------------------------------------------------------------ what is told


def test_a_valid_signature_tells_what_it_says() -> None:
    message = sign_tags(MESSAGE, KEY, t="1772452800", x="1773057600", l="5")

    assert judged(message) == SignatureResult(
        domain="example.com",
        selector="s1",
        header_hash=PASS,
        body_hash=PASS,
        key=KeyState.FOUND,
        result=DkimResult.PASS,
        reason="The signature is valid for the first 5 bytes of the body; what follows is not signed.",
        signed=("from", "to", "subject", "date", "message-id"),
        algorithm="rsa-sha256",
        signed_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
        expires_at=datetime(2026, 3, 9, 12, 0, tzinfo=UTC),
        body_length=5,
    )


def test_a_domain_that_only_tests_is_told() -> None:
    result = judged(SIGNED, answers(txt=record(KEY, extra="t=y; ").encode()))

    assert result.testing
    assert result.result is DkimResult.PASS
    assert result.reason == "The signature is valid; the domain says it is only testing (t=y)."


HEADER_CHANGED = SIGNED.replace(b"Subject: A", b"Subject: B")
BODY_CHANGED = SIGNED.replace(b"Hello", b"Howdy")
BOTH_CHANGED = HEADER_CHANGED.replace(b"Hello", b"Howdy")


@pytest.mark.parametrize(
    ("message", "headers_only", "parts", "result", "reason"),
    [
        (SIGNED, False, (PASS, PASS), DkimResult.PASS, "The signature is valid."),
        (
            SIGNED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
            True,
            (PASS, ABSENT),
            DkimResult.NEUTRAL,
            "The header signature is valid; the body is not here to be judged.",
        ),
        (
            BODY_CHANGED,
            False,
            (PASS, FAIL),
            DkimResult.FAIL,
            "The header signature is valid; the body is not the one that was signed.",
        ),
        (
            HEADER_CHANGED,
            False,
            (FAIL, PASS),
            DkimResult.FAIL,
            "The header signature is not valid; the body is the one that was signed.",
        ),
        (BOTH_CHANGED, False, (FAIL, FAIL), DkimResult.FAIL, "The header signature is not valid."),
        (HEADER_CHANGED, True, (FAIL, ABSENT), DkimResult.FAIL, "The header signature is not valid."),
        (
            b"From: other@example.com\r\n" + SIGNED,
            False,
            (FAIL, PASS),
            DkimResult.FAIL,
            "The message has more From fields than the signature covers.",
        ),
        (
            b"no field\r\n" + SIGNED,
            False,
            (PASS, PASS),
            DkimResult.PERMERROR,
            "The message is broken: a line of its header block is no header field.",
        ),
    ],
    ids=["whole", "headers only", "body", "header", "both", "header, no body", "second From", "broken"],
)
def test_header_and_body_are_judged_apart(
    message: bytes, headers_only: bool, parts: tuple[HashState, HashState], result: DkimResult, reason: str
) -> None:
    found = judged(message, headers_only=headers_only)

    assert (found.header_hash, found.body_hash, found.result, found.reason) == (*parts, result, reason)


# ------------------------------------------------------------------ the key


@pytest.mark.parametrize("state", [KeyState.FOUND, KeyState.CACHED, KeyState.ROTATED])
def test_where_a_good_key_is_from_is_passed_on(state: KeyState) -> None:
    result = judged(SIGNED, answers(state))

    assert (result.key, result.result) == (state, DkimResult.PASS)


@pytest.mark.parametrize(
    ("answer", "key", "result", "reason"),
    [
        (
            KeyAnswer(KeyState.DNS_FAILED),
            KeyState.DNS_FAILED,
            DkimResult.TEMPERROR,
            "DNS gave no answer about the key; asking again may help.",
        ),
        (
            KeyAnswer(KeyState.UNASKED),
            KeyState.UNASKED,
            DkimResult.TEMPERROR,
            "DNS gave no answer about the key; asking again may help.",
        ),
        (
            KeyAnswer(KeyState.NONE),
            KeyState.NONE,
            DkimResult.PERMERROR,
            "There is no key record for this signature.",
        ),
        (
            KeyAnswer(KeyState.FOUND),
            KeyState.NONE,
            DkimResult.PERMERROR,
            "There is no key record for this signature.",
        ),
        (
            KeyAnswer(KeyState.FOUND, b"v=DKIM1; p="),
            KeyState.REVOKED,
            DkimResult.PERMERROR,
            "The key was revoked: its record is empty.",
        ),
        (
            KeyAnswer(KeyState.REVOKED, TXT),
            KeyState.REVOKED,
            DkimResult.PERMERROR,
            "The key was revoked: its record is empty.",
        ),
        (
            KeyAnswer(KeyState.FOUND, b"v=DKIM1; p=A"),
            KeyState.INVALID,
            DkimResult.PERMERROR,
            "The key record cannot be used: its key is not base64.",
        ),
        (
            KeyAnswer(KeyState.FOUND, b"v=DKIM1; k=dsa; p=AAAA"),
            KeyState.INVALID,
            DkimResult.PERMERROR,
            "The key record cannot be used: its key is of an unknown kind.",
        ),
        (
            KeyAnswer(KeyState.FOUND, b"s=tlsrpt; " + TXT),
            KeyState.INVALID,
            DkimResult.PERMERROR,
            "The key record cannot be used: it is not for e-mail.",
        ),
        (
            KeyAnswer(KeyState.FOUND, b"h=sha1; " + TXT),
            KeyState.INVALID,
            DkimResult.PERMERROR,
            "The key record cannot be used: the key record does not allow this hash.",
        ),
        (
            KeyAnswer(KeyState.FOUND, record(ed25519_pair()).encode()),
            KeyState.INVALID,
            DkimResult.PERMERROR,
            "The key record cannot be used: the key is of another kind than the signature.",
        ),
        (
            KeyAnswer(KeyState.FOUND, TXT + b"A" * 9_000),
            KeyState.INVALID,
            DkimResult.PERMERROR,
            "The key record cannot be used: it is over 8192 bytes.",
        ),
    ],
)
def test_without_a_usable_key_the_body_is_still_judged(
    answer: KeyAnswer, key: KeyState, result: DkimResult, reason: str
) -> None:
    found = judged(SIGNED, lambda name: answer)

    assert (found.header_hash, found.body_hash) == (UNKNOWN, PASS)
    assert (found.key, found.result, found.reason) == (key, result, reason)


def test_a_key_is_asked_for_only_by_a_name_that_was_given() -> None:
    message = b"DKIM-Signature: v=1; d=example.com\r\n" + sign_tags(SIGNED, KEY, s="s2")
    keys = dict.fromkeys(names(message), KeyAnswer(KeyState.FOUND, TXT))

    results = judge(message, headers_only=False, key_of=keys.__getitem__, as_of=NOW)

    assert [each.result for each in results] == [DkimResult.PERMERROR, DkimResult.PASS, DkimResult.PASS]
