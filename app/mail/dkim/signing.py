"""Signs a message with DKIM (RFC 6376) by dkimpy: for the demo's mail and for tests; reports are only verified."""

from __future__ import annotations

import base64

import dkim
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

SIGNED = (b"from", b"to", b"subject", b"date", b"message-id", b"feedback-id", b"list-unsubscribe")


def new_key(bits: int = 2048) -> tuple[bytes, str]:
    """A private key (PEM) and the TXT record of its public half (RFC 6376 §3.6.1)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return private, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


def signed(message: bytes, domain: str, selector: str, private: bytes) -> bytes:
    """The message (CRLF) with a DKIM-Signature on top, relaxed/relaxed, rsa-sha256."""
    header = dkim.sign(
        message,
        selector.encode(),
        domain.encode(),
        private,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=list(SIGNED),
    )
    return bytes(header) + message
