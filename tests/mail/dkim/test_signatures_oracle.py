"""dkimpy as the oracle: freshly signed mail, changed in every way we can think of, judged by both.

Each mutation must get the same verdict from `dkim.DKIM(…).verify()` and from `judge`, for every signature of every
signing, or stand in `CORRECTIONS` with the rule that is on our side. An entry there is exact: both verdicts are
asserted, so that a library that learns better shows up here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import dkim
import pytest
from dkim.canonicalization import CanonicalizationPolicy
from hypothesis import example, given
from hypothesis import strategies as st

from app.mail.dkim.canonical import Letter
from app.mail.dkim.signatures import judge
from app.mail.domain import DkimResult, KeyAnswer, KeyState
from tests.factories.signed import MESSAGE, key_pair, record, sign_tags
from tests.mail.dkim.mutations import AFTER, FORMS, NAME, PAIRS, SIGNINGS, Case
from tests.mail.dkim.sayings import SAID

CORRECTIONS: dict[str, tuple[DkimResult, str]] = {
    "obsolete blank before the colon": (
        DkimResult.PASS,
        "RFC 5322 §4.5, RFC 6376 §3.4.2: white space before the colon is obsolete, and no error",
    ),
    "bare CR throughout": (
        DkimResult.PASS,
        "RFC 5322 §2.3 knows no bare CR: the line ends were changed on the way; dkimpy sees one long line",
    ),
    "key for e-mail and more": (DkimResult.PASS, "RFC 6376 §3.6.1: s= is a list"),
    "q= with a list": (DkimResult.PASS, "RFC 6376 §3.5: q= is a list; one method we know is enough"),
    "i= quoted-printable in its domain": (DkimResult.PASS, "RFC 6376 §3.5: i= is dkim-quoted-printable"),
    "i= folded in its domain": (DkimResult.PASS, "RFC 6376 §2.11: white space in dkim-quoted-printable is ignored"),
    "a tag with b= in it": (DkimResult.PASS, "RFC 6376 §3.7: only the value of the tag b= is emptied"),
    "blank behind b=": (DkimResult.PASS, "RFC 6376 §3.7: b= is emptied with the white space around its value"),
    "last line end cut": (
        DkimResult.PASS,
        "RFC 6376 §3.4.4: the line without its CRLF is one, so the blanks at its end are ignored",
    ),
    "field without a name": (DkimResult.PERMERROR, "RFC 5322 §2.2: a name has a character, and no colon"),
    "key for sha1 only": (DkimResult.PERMERROR, "RFC 6376 §6.1.2 (6): the hash must be one of h="),
    "tag name of the key is malformed": (DkimResult.PERMERROR, "RFC 6376 §3.2: letters, digits, underscores"),
    "tag name malformed": (DkimResult.PERMERROR, "RFC 6376 §3.2: letters, digits, underscores"),
    "d= with a dot at its end": (DkimResult.PERMERROR, "RFC 6376 §3.5: a domain name of RFC 5321 has none there"),
    "h= without From": (DkimResult.PERMERROR, "RFC 6376 §5.4: From MUST be signed"),
    "rsa-sha1": (DkimResult.PERMERROR, "RFC 8301 §3.1: MUST NOT be used for verifying"),
    "strict key, i= below d=": (DkimResult.PERMERROR, "RFC 6376 §3.6.1: under t=s both must be the same"),
    "a= says RSA, whatever the key": (DkimResult.PERMERROR, "RFC 6376 §6.1.2 (7): k= must fit a="),
    "a= says ed25519, whatever the key": (DkimResult.PERMERROR, "RFC 6376 §6.1.2 (7): k= must fit a="),
}
"""What is judged otherwise than by dkimpy: our verdict, and why. Where the clock is not that of now (`as_of`), a
test of its own in test_signatures.py speaks."""


@pytest.mark.parametrize("signing", SIGNINGS)
@pytest.mark.parametrize("mutation", AFTER)
def test_a_changed_message_gets_the_verdict_of_the_oracle(mutation: str, signing: str) -> None:
    assert_agreement(mutation, AFTER[mutation](SIGNINGS[signing]))


@pytest.mark.parametrize("form", FORMS, ids="/".join)
@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("saying", SAID)
def test_what_a_signer_says_gets_the_verdict_of_the_oracle(saying: str, kind: str, form: tuple[str, str]) -> None:
    assert_agreement(saying, said(saying, kind, form))


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_is_needed(name: str) -> None:
    if name in SAID:
        cases = [said(name, kind, form) for kind in PAIRS for form in FORMS]
    else:
        cases = [AFTER[name](signing) for signing in SIGNINGS.values()]

    assert any(differences(case) for case in cases)


@pytest.mark.parametrize("bits", [512, 768, 1023, 1024])
def test_a_key_is_long_enough_for_both_or_for_none(bits: int) -> None:
    pair = key_pair(bits)

    assert not differences(Case(sign_tags(MESSAGE, pair), {NAME: record(pair).encode()}))


@pytest.mark.parametrize("signing", SIGNINGS)
def test_what_is_signed_afresh_passes_here_and_there(signing: str) -> None:
    ours, theirs = verdicts(SIGNINGS[signing])

    assert set(ours) == {DkimResult.PASS}
    assert set(theirs) == {True}


HOSTILE = st.lists(
    st.sampled_from([b" ", b"\t", b"\r\n", b"\n", b"\r", b"a", b"\x0b", b"\x00", b"\xff"]), max_size=40
)


@given(HOSTILE.map(b"".join))
@example(b"")
@example(b"\r\n")
@example(b"a\r\r\n\r\n")
def test_a_body_is_canonicalised_as_by_the_oracle(body: bytes) -> None:
    # A LF in the header keeps a bare CR of the body what it is.
    message = b"A: b\r\n\r\n" + body
    plain = dkim.rfc822_parse(message)[1]

    for form in ("simple", "relaxed"):
        policy = CanonicalizationPolicy.from_c_value(f"simple/{form}".encode())
        # A last line without CRLF is a line, and blanks at its end are ignored (RFC 6376 §3.4.4); not by the oracle.
        whole = plain + b"\r\n" if form == "relaxed" and plain and not plain.endswith(b"\r\n") else plain
        assert Letter(message).body(form) == policy.canonicalize_body(whole)


@given(HOSTILE.map(b"".join))
def test_a_field_is_canonicalised_as_by_the_oracle(value: bytes) -> None:
    folded = value.replace(b"\r\n", b"\r\n ").replace(b"\n", b"\n ")
    message = b"Subject:" + folded + b"\r\n\r\n"
    headers = dkim.rfc822_parse(message)[0]

    for form in ("simple", "relaxed"):
        policy = CanonicalizationPolicy.from_c_value(form.encode())
        expected = b"".join(name + b":" + rest for name, rest in policy.canonicalize_headers(headers))
        assert Letter(message).header([b"subject"], form) == expected


def said(saying: str, kind: str, form: tuple[str, str]) -> Case:
    pair = PAIRS[kind]
    tags = {"c": "/".join(form)} | SAID[saying]
    extra = "t=s; " if saying.startswith("strict") else ""
    txt = record(pair, extra=extra).encode()
    return Case(sign_tags(MESSAGE, pair, **tags), {NAME: txt, "s1._domainkey.localhost": txt})


def assert_agreement(name: str, case: Case) -> None:
    for ours, theirs in differences(case):
        assert name in CORRECTIONS, f"we say {ours}, dkimpy says {theirs}"
        assert ours is CORRECTIONS[name][0]


def differences(case: Case) -> list[tuple[DkimResult, bool]]:
    pairs = zip(*verdicts(case), strict=True)
    return [(ours, theirs) for ours, theirs in pairs if (ours is DkimResult.PASS) is not theirs]


def verdicts(case: Case) -> tuple[list[DkimResult], list[bool]]:
    """Ours and the oracle's for each signature."""
    results = judge(case.message, headers_only=False, key_of=keys_of(case), as_of=datetime.now(UTC))
    return [each.result for each in results], [oracle(case, index) for index in range(len(results))]


def keys_of(case: Case) -> Callable[[str], KeyAnswer]:
    def key_of(name: str) -> KeyAnswer:
        txt = case.zone.get(name)
        return KeyAnswer(KeyState.NONE) if txt is None else KeyAnswer(KeyState.FOUND, txt)

    return key_of


def oracle(case: Case, index: int) -> bool:
    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return case.zone.get(name.decode().rstrip(".").lower())

    try:
        return bool(dkim.DKIM(case.message, minkey=1024).verify(idx=index, dnsfunc=answer))
    except Exception:  # noqa: BLE001 - it also raises IndexError, ValueError and AssertionError
        return False


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """dkimpy logs names and records; no test output needs them."""
    logging.getLogger("dkimpy").disabled = True
    yield
    logging.getLogger("dkimpy").disabled = False
