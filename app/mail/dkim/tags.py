"""What one DKIM-Signature field says: its tag list read and held against RFC 6376 §3.5.

Reads leniently where the RFC leaves room (white space, unknown tags, `q=` with further methods) and names the
first fault where it does not. Not `dkim.util.parse_tag_value`: it takes any junk after a tag name's first letter,
and `validate_signature_fields` looks at the clock, misses `From` in h= and refuses an encoded i=.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from app.mail.dkim.canonical import RELAXED, SIMPLE, Field, relaxed_field
from app.mail.fields.address import ascii_domain
from app.values import dataclass

ALGORITHMS = ("rsa-sha256", "ed25519-sha256", "rsa-sha1")

_TAG_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9_]*")
_SIGNATURE_TAG = re.compile(rb"(;\s*+b\s*+=)[^;]*+")
_DOMAIN = re.compile(r"(?:[^\s.@;:,<>()\[\]\\\"]{1,63}\.)*[^\s.@;:,<>()\[\]\\\"]{1,63}")
_LAST_SECOND = 253_402_300_799  # of the year 9999; above it a time is taken for infinite (RFC 6376 §3.5)


class MalformedError(ValueError):
    """The tag list or one of its values breaks the RFC; the text is a clause that says how."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One DKIM-Signature field, understood.

    signed: h= in lower case, in its order. signature, body_hash: decoded b= and bh=. length: l= in octets of the
    canonical body, None where the whole body is signed. identity: the domain of i=, lower case, d= by default.
    fault: a clause that says why the field cannot be used (permanent); what was read before it is still there.
    """

    domain: str = ""
    selector: str = ""
    algorithm: str = ""
    header_form: str = SIMPLE
    body_form: str = SIMPLE
    signed: tuple[bytes, ...] = ()
    signature: bytes = b""
    body_hash: bytes = b""
    length: int | None = None
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    identity: str = ""
    fault: str | None = None

    @property
    def key_name(self) -> str:
        """Where the key is in DNS, without a trailing dot (RFC 6376 §3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


def tags(text: bytes) -> dict[bytes, bytes]:
    """The tag list as a mapping, white space around values gone (RFC 6376 §3.2).

    Raises MalformedError for a piece that is no `name=value`, or a name that repeats.
    """
    pieces = text.strip().removesuffix(b";").split(b";")
    found: dict[bytes, bytes] = {}
    for piece in pieces:
        name, equals, value = piece.partition(b"=")
        name = name.strip()
        if not equals or not (name.isalpha() or _TAG_NAME.fullmatch(name)):
            raise MalformedError("its tag list is malformed")
        if name in found:
            raise MalformedError(f"its tag {name.decode('ascii')}= stands twice")
        found[name] = value.strip()
    return found


def claim(value: bytes) -> Claim:
    """What the field with this value (all behind the colon) says; a fault is in the answer, never raised."""
    read: dict[str, object] = {}
    try:
        _read(tags(value), read)
    except MalformedError as fault:
        read["fault"] = str(fault)
    return Claim(**read)  # type: ignore[arg-type]


def unsigned_form(field: Field, form: str) -> bytes:
    """The signature's own field as it was hashed: b= emptied, no CRLF at its end (RFC 6376 §3.7)."""
    emptied = _emptied(field.value)
    if form == RELAXED:
        return relaxed_field(field.name.lower(), emptied)
    return (field.name + field.colon + emptied).removesuffix(b"\r")


def _emptied(value: bytes) -> bytes:
    found = _SIGNATURE_TAG.search(b";" + value)  # the first tag has no semicolon of its own
    return value if found is None else value[: found.end(1) - 1] + value[found.end() - 1 :]


def _read(found: Mapping[bytes, bytes], read: dict[str, object]) -> None:
    """Puts the values into `read` one by one, so that a fault keeps what came before it."""
    read["domain"] = domain = _domain(found, b"d")
    read["selector"] = _domain(found, b"s")
    read["algorithm"] = _text(found, b"a")
    read["signed"] = signed = tuple(name.strip().lower() for name in _needed(found, b"h").split(b":"))
    read["length"] = _length(found)
    read["signed_at"] = signed_at = _time(found, b"t")
    read["expires_at"] = expires_at = _time(found, b"x")
    read["identity"] = identity = _identity(found, domain)
    read["header_form"], read["body_form"] = _forms(found)
    read["signature"], read["body_hash"] = _base64(found, b"b"), _base64(found, b"bh")
    if _needed(found, b"v") != b"1":
        raise MalformedError("its version is not 1")
    if read["algorithm"] not in ALGORITHMS:
        raise MalformedError("its algorithm is unknown")
    if b"dns/txt" not in [each.strip() for each in found.get(b"q", b"dns/txt").split(b":")]:
        raise MalformedError("its key is not to be asked for in DNS")
    if b"from" not in signed:  # RFC 6376 §5.4: From MUST be signed
        raise MalformedError("it does not sign the From field")
    if identity != domain and not identity.endswith("." + domain):
        raise MalformedError("its i= is not at or below its d=")
    if signed_at and expires_at and expires_at <= signed_at:
        raise MalformedError("it expires before it was made")


def _needed(found: Mapping[bytes, bytes], tag: bytes) -> bytes:
    if tag not in found:
        raise MalformedError(f"its tag {tag.decode('ascii')}= is missing")
    return found[tag]


def _text(found: Mapping[bytes, bytes], tag: bytes) -> str:
    return _needed(found, tag).decode("utf-8", "replace")


def _domain(found: Mapping[bytes, bytes], tag: bytes) -> str:
    # RFC 8616 §4: d= and s= may be internationalised, in UTF-8; keys and identities are told by the A-label.
    name = ascii_domain(_text(found, tag))
    if len(name) > 253 or not _DOMAIN.fullmatch(name):
        raise MalformedError(f"its tag {tag.decode('ascii')}= is no domain name")
    return name


def _base64(found: Mapping[bytes, bytes], tag: bytes) -> bytes:
    try:
        decoded = binascii.a2b_base64(b"".join(_needed(found, tag).split()), strict_mode=True)
    except binascii.Error:
        decoded = b""
    if not decoded:
        raise MalformedError(f"its tag {tag.decode('ascii')}= is not base64")
    return decoded


def _number(found: Mapping[bytes, bytes], tag: bytes) -> int | None:
    digits = found.get(tag)
    if digits is None:
        return None
    if not digits.isdigit() or len(digits) > 76:  # RFC 6376 §3.5: l= has at most 76 digits, t= and x= 12
        raise MalformedError(f"its tag {tag.decode('ascii')}= is no number")
    return int(digits)


def _length(found: Mapping[bytes, bytes]) -> int | None:
    return _number(found, b"l")


def _time(found: Mapping[bytes, bytes], tag: bytes) -> datetime | None:
    seconds = _number(found, tag)
    if seconds is None or (tag == b"x" and seconds > _LAST_SECOND):
        return None
    return datetime.fromtimestamp(min(seconds, _LAST_SECOND), UTC)


def _identity(found: Mapping[bytes, bytes], domain: str) -> str:
    """The domain of i=, its dkim-quoted-printable undone (RFC 6376 §2.11)."""
    if b"i" not in found:
        return domain
    text = quopri.decodestring(b"".join(found[b"i"].split())).decode("utf-8", "replace")
    return ascii_domain(text.rpartition("@")[2])


def _forms(found: Mapping[bytes, bytes]) -> tuple[str, str]:
    header, _, body = _text(found, b"c").partition("/") if b"c" in found else (SIMPLE, "", SIMPLE)
    if b"/" not in found.get(b"c", b""):
        body = SIMPLE  # RFC 6376 §3.5: only one algorithm named is the header's
    if header not in (SIMPLE, RELAXED) or body not in (SIMPLE, RELAXED):
        raise MalformedError("its canonicalisation is unknown")
    return header, body
