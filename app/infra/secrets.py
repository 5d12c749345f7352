"""The product's secrets: one file, mode 0600, generated on first start and never printed.

{"master": {"1": …}, "look_up": …, "audit": …, "web": …, "totp": …, "recovery": …}, each 32 random bytes in
base64. `master` holds every master key by its id; the highest id seals, the others still open. "token": {"2": …}
holds the later keys of trace tokens; the first is derived, so that a file from before tokens serves. Several hosts
share one file by ABUSEDESK_SECRETS.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from app.errors import Unavailable
from app.settings import Settings
from app.values import dataclass

SINGLE = ("look_up", "audit", "web", "totp", "recovery")


@dataclass(frozen=True, repr=False)
class Secrets:
    """Each 32 bytes. master: key id (1 to 255) → key. token: the same for trace tokens, the highest id makes. The
    rest: keyed hashes, audit chain, cookies and forms, TOTP secrets at rest, recovery codes at rest."""

    master: Mapping[int, bytes]
    look_up: bytes
    audit: bytes
    web: bytes
    totp: bytes
    recovery: bytes
    token: Mapping[int, bytes]


def secrets_of(settings: Settings) -> Secrets:
    """The secrets of this installation, generated if there are none yet (safe when two processes start at once).

    Raises Unavailable where the file cannot be read or is damaged: going on with new secrets would make
    everything sealed so far unreadable.
    """
    path = settings.secrets_file
    if not path.exists():
        _generate(path)
    try:
        return _parse(json.loads(path.read_text()))
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Unavailable(f"The secrets file {path.name} cannot be read; restore it from a backup.") from fault


def _generate(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = _written(path, {"master": {"1": _fresh()}} | {name: _fresh() for name in SINGLE})
    try:
        os.link(temporary, path)  # fails where another process was first: then its file stands
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def _written(path: Path, content: Mapping[str, object]) -> Path:
    """The content in a file of its own beside `path`, on the disk."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _parse(content: dict[str, object]) -> Secrets:
    master = content["master"]
    if not isinstance(master, dict) or not master:
        raise ValueError("no master key")
    single = {name: _bytes(content[name]) for name in SINGLE}
    first = hmac.digest(single["look_up"], b"trace-token key 1", hashlib.sha256)
    return Secrets(master=_by_id(master), token={1: first} | _by_id(content.get("token", {})), **single)


def _by_id(listed: object) -> dict[int, bytes]:
    if not isinstance(listed, dict):
        raise TypeError("keys are listed by their id")
    keys = {int(key_id): _bytes(text) for key_id, text in listed.items()}
    if any(not 0 < key_id < 256 for key_id in keys):
        raise ValueError("a key's id is 1 to 255")
    return keys


def add_token_key(settings: Settings) -> int:
    """Adds a key of trace tokens to the secrets file; its id. The earlier ones still check what they made.

    A process makes tokens with it once it starts anew. Raises Unavailable where the file cannot be written, or where
    there is no id left.
    """
    path = settings.secrets_file
    try:
        with path.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # one at a time; what is read is what stands there then
            content = json.loads(path.read_text())
            new = max(_parse(content).token) + 1
            if new > 255:
                raise Unavailable("There are 255 keys of trace tokens already.")
            content.setdefault("token", {})[str(new)] = _fresh()
            temporary = _written(path, content)
            temporary.replace(path)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Unavailable(f"The secrets file {path.name} cannot be changed.") from fault
    return new


def _bytes(text: object) -> bytes:
    value = base64.b64decode(str(text), validate=True)
    if len(value) != 32:
        raise ValueError("a secret must have 32 bytes")
    return value
