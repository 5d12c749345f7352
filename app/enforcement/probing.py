"""A probe: mail of the probe account that the policy service treats as if another sender handed it in (pure).

Nobody knows a customer's password, and nothing is proven by asking ourselves. So the probe account hands in mail at
the mail server itself, with an envelope sender that names whose place it takes; what the mail server answers then is
what that sender would be answered. Only the probe account can do so, and no probe is ever sent to its end.

    adp.<uid of the sender, 32 hex>.<digest of the login or domain, 8 hex>@<domain of the probe account>
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

_LOCAL = re.compile(r"adp\.([0-9a-f]{32})\.([0-9a-f]{8})")


class Probed(NamedTuple):
    """Whose place a probe takes. uid: the sender's, 16 bytes. name: digest of the login or domain."""

    uid: bytes
    name: str


def digest_of(name: str) -> str:
    """How a probe names a login or domain (lower case)."""
    return hashlib.blake2s(name.encode(), digest_size=4).hexdigest()


def probe_local(uid: bytes, name: str) -> str:
    """The local part of a probe's envelope sender."""
    return f"adp.{uid.hex()}.{digest_of(name)}"


def read_probe(envelope_sender: str) -> Probed | None:
    """Whose place the mail with this envelope sender is to take; None where it is no probe."""
    match = _LOCAL.fullmatch(envelope_sender.lower().rpartition("@")[0])
    return Probed(bytes.fromhex(match[1]), match[2]) if match else None
