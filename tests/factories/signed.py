"""Freshly signed mail for tests and measurements: keys, zone lines, and DKIM signatures made by dkimpy.

`sign` is `dkim.sign`. `sign_tags` signs any tag list, also what no decent signer would write (x= in the past, From
left out of h=, rsa-sha1 and so on), with dkimpy's canonicalisation and `cryptography`'s keys: nothing of the
verifier under test takes part.
"""

from __future__ import annotations

import base64
import hashlib
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from dkim.canonicalization import CanonicalizationPolicy

HEADERS = ("from", "to", "subject", "date", "message-id")

MESSAGE = (
    b"Received: from app.example.com by mx.example.com with ESMTP id q1;\r\n"
    b"\tMon, 2 Mar 2026 10:00:00 +0000\r\n"
    b"From: Shop <news@example.com>\r\n"
    b"To: Reader\t<reader@example.net>\r\n"
    b"Subject: A   folded\r\n subject  with   blanks \r\n"
    b"Date: Mon, 2 Mar 2026 10:00:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\n"
    b"\r\n"
    b"Hello,  reader. \r\n\r\n\tSecond  line\t\r\n\r\n\r\n"
)


@dataclass(frozen=True)
class KeyPair:
    """private: what dkimpy takes (PEM, or the base64 seed of ed25519). public: p= in base64. kind: k=."""

    kind: str
    private: bytes
    public: str

    @property
    def algorithm(self) -> str:
        return f"{self.kind}-sha256"


@cache
def key_pair(bits: int = 2048, number: int = 0) -> KeyPair:
    """An RSA key pair, the same for the same arguments within a run. bits: 1024 or more; 512 and 768 too."""
    private = _short_rsa_key(bits) if bits < 1024 else rsa.generate_private_key(65537, bits)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    der = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return KeyPair("rsa", pem, base64.b64encode(der).decode())


@cache
def ed25519_pair(number: int = 0) -> KeyPair:
    """An ed25519 key pair (RFC 8463), the same for the same number within a run."""
    private = ed25519.Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return KeyPair("ed25519", base64.b64encode(seed), base64.b64encode(public).decode())


def zone_line(domain: str, selector: str, public: KeyPair, *, extra: str = "") -> str:
    """The key record as a line of a zone file. extra: further tags, such as `t=y; `, in front of p=."""
    return f"{selector}._domainkey.{domain}\t{record(public, extra=extra)}"


def record(public: KeyPair, *, extra: str = "") -> str:
    """The TXT record of the key."""
    return f"v=DKIM1; k={public.kind}; {extra}p={public.public}"


def sign(
    message: bytes,
    domain: str,
    selector: str,
    private: KeyPair,
    *,
    canonical: tuple[str, str] = ("relaxed", "relaxed"),
    headers: Sequence[str] | None = HEADERS,
    identity: str | None = None,
    length: bool = False,
) -> bytes:
    """The message with a signature by `dkim.sign` on top. headers: h=, None for dkimpy's choice, which oversigns."""
    field = dkim.sign(
        message,
        selector.encode(),
        domain.encode(),
        private.private,
        identity=identity.encode() if identity else None,
        canonicalize=(canonical[0].encode(), canonical[1].encode()),
        signature_algorithm=private.algorithm.encode(),
        include_headers=None if headers is None else [name.encode() for name in headers],
        length=length,
    )
    return bytes(field) + message


def sign_tags(message: bytes, private: KeyPair, **tags: str | None) -> bytes:
    """The message with a valid signature over exactly these tags on top.

    tags: in their order, behind the defaults (v a c d s h bh); None leaves a tag out. bh= is computed where it is
    not given, l= included. b= comes last unless it is among the tags, whose text then follows the signature.
    """
    given: dict[str, str | None] = {"v": "1", "a": private.algorithm, "c": "relaxed/relaxed", "d": "example.com"}
    given |= {"s": "s1", "h": ":".join(HEADERS), "bh": ""} | tags
    said = {name: text for name, text in given.items() if text is not None} | ({} if "b" in tags else {"b": ""})
    hashed = "sha1" if said.get("a", "").endswith("sha1") else "sha256"
    form = CanonicalizationPolicy.from_c_value(said.get("c", "simple/simple").encode())
    headers, body = dkim.rfc822_parse(message)
    if said.get("bh") == "":
        length = int(said["l"]) if said.get("l", "").isdigit() else None
        digest = hashlib.new(hashed, form.canonicalize_body(body)[:length]).digest()
        said["bh"] = base64.b64encode(digest).decode()
    names = [name.strip().lower().encode() for name in said.get("h", "").split(":")]
    chosen = dkim.select_headers(form.canonicalize_headers(headers), names)
    (own,) = form.canonicalize_headers([(b"DKIM-Signature", _tag_list(said | {"b": ""}))])
    text = b"".join(name + b":" + rest for name, rest in [*chosen, (own[0], own[1].rstrip())])
    said["b"] = base64.b64encode(_signature(private, text, hashed)).decode() + said["b"]
    return b"DKIM-Signature:" + _tag_list(said) + b"\r\n" + message


def _tag_list(said: Mapping[str, str]) -> bytes:
    return (" " + "; ".join(f"{name}={text}" for name, text in said.items())).encode()


def _signature(pair: KeyPair, text: bytes, hashed: str) -> bytes:
    if pair.kind == "ed25519":
        own = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(pair.private))
        return own.sign(hashlib.sha256(text).digest())
    key = load_pem_private_key(pair.private, None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.sign(text, padding.PKCS1v15(), SHA1() if hashed == "sha1" else SHA256())


def _short_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """A key that `generate_private_key` rightly refuses to make. Its primes are likely, not proven."""
    while True:
        p, q = _prime(bits // 2), _prime(bits - bits // 2)
        phi = (p - 1) * (q - 1)
        if p != q and (p * q).bit_length() == bits and math.gcd(65537, phi) == 1:
            break
    d = pow(65537, -1, phi)
    public = rsa.RSAPublicNumbers(65537, p * q)
    private = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
    return private.private_key(unsafe_skip_rsa_key_validation=True)


def _prime(bits: int) -> int:
    while True:
        number = secrets.randbits(bits) | 1 | 3 << (bits - 2)
        if all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7, 11)):
            return number
