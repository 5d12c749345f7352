"""Passwords and TOTP secrets, made and hashed exactly as the sign-in pages read them.

passlib (the library Flask-Security itself uses) is called directly, so that a command needs no Flask: passwords
are argon2id over HMAC-SHA-512 with the installation's pepper, TOTP secrets (RFC 6238) lie encrypted at rest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata
from typing import NamedTuple

from passlib.context import CryptContext  # type: ignore[import-untyped]
from passlib.totp import TOTP  # type: ignore[import-untyped]

from app.errors import Rejected
from app.values import dataclass

PASSWORD_CHARS = 12
"""The fewest characters of a password."""

ISSUER = "abusedesk"
_WORDS = "abcdefghjkmnpqrstuvwxyz23456789"


class SecondFactor(NamedTuple):
    """sealed: for the database. secret: base32, for the authenticator. uri: otpauth://…, the same to scan."""

    sealed: str
    secret: str
    uri: str


@dataclass(frozen=True, repr=False)
class Credentials:
    """pepper, totp, recovery: 32 bytes each, from the secrets file."""

    pepper: bytes
    totp: bytes
    recovery: bytes

    @property
    def salt(self) -> str:
        """What passwords are keyed with before they are hashed (SECURITY_PASSWORD_SALT)."""
        return base64.b64encode(hmac.digest(self.pepper, b"staff.password", hashlib.sha256)).decode()

    @property
    def totp_secrets(self) -> dict[int, str]:
        """The keys that TOTP secrets are encrypted with at rest (SECURITY_TOTP_SECRETS)."""
        return {1: base64.b64encode(self.totp).decode()}

    @property
    def recovery_keys(self) -> list[bytes]:
        """The Fernet keys that recovery codes are encrypted with at rest."""
        return [base64.urlsafe_b64encode(self.recovery)]

    def hashed(self, password: str) -> str:
        """The hash that is stored. Raises Rejected for a password that is too short."""
        normal = unicodedata.normalize("NFKD", password)
        if len(normal) < PASSWORD_CHARS:
            raise Rejected(f"A password needs at least {PASSWORD_CHARS} characters.")
        keyed = hmac.digest(self.salt.encode(), normal.encode(), hashlib.sha512)
        return str(CryptContext(schemes=["argon2"]).hash(base64.b64encode(keyed).decode("ascii")))

    def second_factor(self, email: str) -> SecondFactor:
        """A fresh TOTP secret for a staff member."""
        totp = TOTP.using(issuer=ISSUER, secrets=self.totp_secrets).new()
        return SecondFactor(str(totp.to_json(encrypt=True)), str(totp.base32_key), str(totp.to_uri(email)))


def new_password() -> str:
    """A password nobody chose: four groups of five characters (99 bits)."""
    return "-".join("".join(secrets.choice(_WORDS) for _ in range(5)) for _ in range(4))


def new_token() -> str:
    """An unguessable token for a link (256 bits)."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
