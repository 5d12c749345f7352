"""Signed mail that nobody here wrote: the corpora of other verifiers, with their answers, and all mail at hand.

Read from beside the repository; skipped where it is not there. No failure prints an address: files are named only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import dkim
import pytest
from dkim.canonicalization import CanonicalizationPolicy
from dkim.util import parse_tag_value

from app.mail.dkim.canonical import Field, Letter
from app.mail.dkim.signatures import judge, names
from app.mail.dkim.tags import claim, unsigned_form
from app.mail.domain import DkimResult, HashState, KeyAnswer, KeyState, SignatureResult

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "corpus"
STALWART = CORPUS / "stalwartlabs+mail-auth" / "dkim"
DKIMPY = CORPUS / "pypi+dkimpy-1.1.8" / "data"
MIMEKIT = CORPUS / "jstedfast+MimeKit" / "dkim"
MAILAUTH = CORPUS / "postalsys+mailauth" / "dkim-ec"
MAIL_DKIM = CORPUS / "fastmail+mail-dkim"

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not on this machine")

Zone = Mapping[str, bytes | KeyAnswer]


def judged(message: bytes, zone: Zone, as_of: datetime | None = None) -> tuple[SignatureResult, ...]:
    return judge(message, headers_only=False, key_of=answers(zone), as_of=as_of or datetime.now(UTC))


def answers(zone: Zone) -> Callable[[str], KeyAnswer]:
    def key_of(name: str) -> KeyAnswer:
        found = zone.get(name, KeyAnswer(KeyState.NONE))
        return KeyAnswer(KeyState.FOUND, found) if isinstance(found, bytes) else found

    return key_of


# ------------------------------------------------------------------ Stalwart: records on top of the file


@pytest.mark.parametrize("path", sorted(STALWART.glob("*.txt")), ids=lambda path: path.name)
def test_signatures_of_stalwart_pass_as_of_their_time(path: Path) -> None:
    top, _, message = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    zone = {name.decode().lower(): txt for name, _, txt in (line.partition(b" ") for line in top.splitlines())}
    signed = [each.signed_at for each in judged(message, zone)]

    results = [judged(message, zone, at)[index] for index, at in enumerate(signed)]

    assert results
    assert {each.result for each in results} == {DkimResult.PASS}


def test_the_expired_signature_of_stalwart_holds_and_is_no_pass_today() -> None:
    path = existing(STALWART / "005.txt")
    record, _, message = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    name, _, txt = record.partition(b" ")

    (result,) = judged(message, {name.decode(): txt})

    assert (result.header_hash, result.body_hash) == (HashState.PASS, HashState.PASS)
    assert result.result is DkimResult.POLICY


# ------------------------------------------------------------------ dkimpy, MimeKit, mailauth


def test_the_examples_of_dkimpy_pass() -> None:
    key = existing(DKIMPY / "keys" / "test.txt").read_bytes()
    zone = {
        "test._domainkey.football.example.com": key,
        "brisbane._domainkey.football.example.com": (
            b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
        ),
    }

    results = judged((DKIMPY / "rfc6376.signed.rsa.msg").read_bytes(), zone)

    assert {each.result for each in results} == {DkimResult.PASS}


@pytest.mark.parametrize("bad", ["badk.txt", "badversion.txt", "test_bad.txt", "test_tlsrpt.txt"])
def test_the_bad_keys_of_dkimpy_are_unusable(bad: str) -> None:
    zone = {"test._domainkey.football.example.com": existing(DKIMPY / "keys" / bad).read_bytes()}

    (result,) = judged((DKIMPY / "rfc6376.signed.rsa.msg").read_bytes(), zone)

    assert (result.key, result.result) == (KeyState.INVALID, DkimResult.PERMERROR)


def test_the_gmail_message_of_mimekit_passes() -> None:
    lines = existing(MIMEKIT / "gmail.pub").read_bytes().split(b"-----")[2]
    zone = {"20120113._domainkey.gmail.com": b"v=DKIM1; k=rsa; p=" + b"".join(lines.split())}

    (result,) = judged((MIMEKIT / "gmail.msg").read_bytes(), zone)

    assert result.result is DkimResult.PASS


@pytest.mark.parametrize("path", [MIMEKIT / "rfc8463-example.msg", MAILAUTH / "signed.eml"], ids=lambda path: path)
def test_the_example_of_rfc_8463_passes_twice(path: Path) -> None:
    stored = json.loads(existing(MAILAUTH / "dns.json").read_text())
    zone = {name: "".join(found["TXT"][0]).encode() for name, found in stored.items() if "TXT" in found}

    results = judged(existing(path).read_bytes(), zone)

    assert [each.result for each in results] == [DkimResult.PASS, DkimResult.PASS]


# ------------------------------------------------------------------ Mail::DKIM


def expectations() -> list[tuple[str, str]]:
    if not MAIL_DKIM.is_dir():
        return []
    rows = [line.split("\t") for line in (MAIL_DKIM / "EXPECTED.tsv").read_text().splitlines()[1:]]
    return [(row[0], row[1]) for row in rows if (MAIL_DKIM / "corpus" / row[0]).exists()]


@pytest.mark.parametrize(("name", "expected"), expectations())
def test_mail_dkim_is_agreed_with_on_what_holds(name: str, expected: str) -> None:
    """'pass' there means that both hashes hold here, if the field is of DKIM at all: DomainKeys and the drafts
    before RFC 4871 (no v=1) are not. Its rsa-sha1 and its 512-bit keys hold, and are no PASS (RFC 8301); anything
    else there is no PASS here, g= included, which RFC 6376 §C.1 removed and no message here depends on."""
    message = (MAIL_DKIM / "corpus" / name).read_bytes()
    results = judged(message, mail_dkim_zone())
    holding = [each for each in results if (each.header_hash, each.body_hash) == (HashState.PASS, HashState.PASS)]

    if expected != "pass":
        assert DkimResult.PASS not in {each.result for each in results}
    elif re.search(rb"^DKIM-Signature:[^:]*\bv=1;", message, re.MULTILINE | re.IGNORECASE):
        assert holding
        assert all(each.result is DkimResult.PASS or "rsa-sha1" in each.reason for each in holding)
    else:
        assert not holding


def mail_dkim_zone() -> Zone:
    zone: dict[str, bytes | KeyAnswer] = {}
    for line in (MAIL_DKIM / "FAKE_DNS.dat").read_text().splitlines():
        name, _, txt = line.partition(" ")
        if txt.strip().startswith("~~"):
            zone[name.lower()] = KeyAnswer(KeyState.DNS_FAILED)
        elif txt.strip() not in ("", "NXDOMAIN"):
            zone[name.lower()] = txt.strip().strip('"').encode()
    return zone


# ------------------------------------------------------------------ every signed message, without its key


_SIGNATURE = re.compile(rb"^dkim-signature\s*:", re.MULTILINE | re.IGNORECASE)


def signed_mail() -> Iterator[tuple[str, bytes]]:
    """File name and message for every header block with a signature: the mail itself, and what it encloses."""
    for path in sorted(path for path in CORPUS.rglob("*") if path.is_file()):
        whole = path.read_bytes()
        starts = {_block_start(whole, match.start()) for match in _SIGNATURE.finditer(whole[:1_000_000])}
        yield from ((path.relative_to(CORPUS).as_posix(), whole[start:]) for start in sorted(starts))


def _block_start(whole: bytes, place: int) -> int:
    """Behind the last empty line in front of `place`; 0 where there is none."""
    ends = [match.end() for match in re.finditer(rb"\n\r?\n|\r\r", whole[:place])]
    return ends[-1] if ends else 0


def test_real_mail_is_hashed_as_by_the_oracle() -> None:
    """The same bytes are hashed for header and body as dkimpy hashes, for every signature that both can read."""
    compared, different = 0, []
    for name, message in signed_mail():
        for ours, theirs in digests(message):
            compared += 1
            if ours != theirs:
                different.append(name)

    assert not different
    assert compared > 20


def digests(message: bytes) -> Iterator[tuple[tuple[bytes, bytes], tuple[bytes, bytes]]]:
    """For each signature: the header bytes and the body hash, ours and dkimpy's; nothing where dkimpy cannot read."""
    try:
        headers, body = dkim.rfc822_parse(message)
    except (dkim.MessageFormatError, IndexError):
        return
    letter = Letter(message)
    theirs = [field for field in headers if field[0].lower() == b"dkim-signature"]
    for mine, their in zip(letter.signatures, theirs, strict=False):
        if b"\n" in message and claim(mine.value).fault is None:
            yield our_digests(letter, mine), their_digests(headers, body, their)


def our_digests(letter: Letter, field: Field) -> tuple[bytes, bytes]:
    read = claim(field.value)
    text = letter.header(read.signed, read.header_form) + unsigned_form(field, read.header_form)
    return text, letter.body_digest(read.body_form, read.length, "sha256")


def their_digests(headers: list[list[bytes]], body: bytes, field: list[bytes]) -> tuple[bytes, bytes]:
    tags = parse_tag_value(field[1])
    policy = CanonicalizationPolicy.from_c_value(tags.get(b"c", b"simple/simple"))
    names = [name.strip().lower() for name in tags[b"h"].split(b":")]
    hashed = dkim.HashThrough(hashlib.sha256(), debug=True)
    dkim.hash_headers(hashed, policy, policy.canonicalize_headers(headers), names, field, tags)
    length = int(tags[b"l"]) if b"l" in tags else None
    return hashed.hashed(), hashlib.sha256(policy.canonicalize_body(body)[:length]).digest()


def test_every_signed_message_is_judged_without_a_key() -> None:
    for path, message in signed_mail():
        asked: list[str] = []

        def key_of(name: str, asked: list[str] = asked) -> KeyAnswer:
            asked.append(name)
            return KeyAnswer(KeyState.NONE)

        results = judge(message, headers_only=False, key_of=key_of, as_of=datetime.now(UTC))

        assert set(asked) <= set(names(message)), path
        assert all(each.result is DkimResult.PERMERROR for each in results), path


def existing(path: Path) -> Path:
    if not path.exists():
        pytest.skip("this part of the corpus is not on this machine")
    return path
