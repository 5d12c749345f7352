"""Sealing at rest: AES-256-GCM, a key per owner, each wrapped by a master key (NIST SP 800-38D).

A sealed value is nonce (12 bytes) + ciphertext + tag (16), bound by the associated data to the place it stands
in, so a value copied to another row or column does not open. A wrapped key is the id of its master key (1 byte)
and then the same shape, bound to its owner. Field encryption of ORM add-ons was not taken: one key for all rows
cannot forget one of them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Column, Field, Index, LargeBinary, Session, SQLModel, col, delete, select

from app.errors import Rejected, Unavailable
from app.infra.database import among, engine_for, inserting, table_of
from app.infra.secrets import Secrets
from app.settings import Settings

NONCE_BYTES = 12
LOOK_UP_BYTES = 16


class SealingKey(SQLModel, table=True):
    """The wrapped key of one owner. No row: what was sealed under it is gone, and so is the way to look it up.

    address_keys: keyed hashes of the e-mail addresses that the sealed values mention.
    """

    __tablename__ = "sealing_key"
    __table_args__: Any = (Index("ix_sealing_key_address_keys", "address_keys", postgresql_using="gin"),)

    owner: UUID = Field(primary_key=True)
    wrapped: bytes
    address_keys: list[bytes] | None = Field(default=None, sa_column=Column(ARRAY(LargeBinary), nullable=True))


class SessionVault:
    """The Vault of one database session; see `app.ports.Vault`."""

    def __init__(self, secrets: Secrets, session: Session) -> None:
        self._secrets = secrets
        self._session = session
        self._address_keys: dict[str, bytes] = {}
        self._opened: dict[UUID, bytes] = {}
        self._masters = {number: AESGCM(key) for number, key in secrets.master.items()}

    def create(self, owners: Iterable[UUID]) -> dict[UUID, bytes]:
        keys = {owner: AESGCM.generate_key(bit_length=256) for owner in owners}
        rows = [{"owner": owner, "wrapped": self._wrap(owner, key)} for owner, key in keys.items()]
        if rows:
            self._session.connection().execute(inserting(SealingKey, rows))
        self._opened |= keys
        return dict(keys)

    def tag(self, addresses: Mapping[UUID, Iterable[str]]) -> None:
        # The keys of an owner travel as one byte string: an array of arrays cannot have rows of different lengths.
        keys = {owner: b"".join({self._address_key(each) for each in some}) for owner, some in addresses.items()}
        keys = {owner: joined for owner, joined in keys.items() if joined}
        if not keys:
            return
        owner, joined = (
            sa.func.unnest(sa.literal(list(values), ARRAY(type_))).label(name)
            for name, values, type_ in (("owner", keys, sa.Uuid()), ("joined", keys.values(), sa.LargeBinary()))
        )
        given = sa.select(owner, joined).subquery()
        start = sa.func.generate_series(1, sa.func.length(given.c.joined), LOOK_UP_BYTES).column_valued("start")
        each = sa.func.substr(given.c.joined, start, LOOK_UP_BYTES)
        cut = sa.select(sa.func.array_agg(each)).correlate(given).scalar_subquery()
        table = table_of(SealingKey)
        tagging = table.update().where(table.c.owner == given.c.owner).values(address_keys=cut)
        self._session.connection().execute(tagging)

    def mentioning(self, address: str) -> list[UUID]:
        wanted = col(SealingKey.address_keys).contains([self._address_key(address)])
        return list(self._session.exec(select(SealingKey.owner).where(wanted)).all())

    def _address_key(self, address: str) -> bytes:
        known = self._address_keys.get(address)  # a loop's own addresses stand in each of its reports
        if known is None:
            known = self._address_keys[address] = self.look_up_key("address", address.strip().lower())
        return known

    def open(self, owners: Iterable[UUID]) -> dict[UUID, bytes]:
        asked = list(owners)
        missing = [owner for owner in asked if owner not in self._opened]
        if missing:
            wanted = select(SealingKey.owner, SealingKey.wrapped).where(among(col(SealingKey.owner), missing))
            self._opened |= {owner: self._unwrap(owner, wrapped) for owner, wrapped in self._session.exec(wanted)}
        return {owner: self._opened[owner] for owner in asked if owner in self._opened}

    def destroy(self, owners: Iterable[UUID]) -> int:
        going = list(owners)
        for owner in going:
            self._opened.pop(owner, None)
        gone = self._session.exec(delete(SealingKey).where(among(col(SealingKey.owner), going)))
        return int(gone.rowcount)

    def seal(self, key: bytes, place: str, value: bytes) -> bytes:
        return _seal(AESGCM(key), place.encode(), value)

    def unseal(self, key: bytes, place: str, sealed: bytes) -> bytes:
        return _unseal(AESGCM(key), place.encode(), sealed)

    def look_up_key(self, purpose: str, value: str) -> bytes:
        return look_up_key(self._secrets, purpose, value)

    @property
    def token_keys(self) -> Mapping[int, bytes]:
        return self._secrets.token

    @property
    def audit_key(self) -> bytes:
        return self._secrets.audit

    def _wrap(self, owner: UUID, key: bytes) -> bytes:
        newest = max(self._masters)
        return bytes([newest]) + _seal(self._masters[newest], b"sealing_key:" + owner.bytes, key)

    def _unwrap(self, owner: UUID, wrapped: bytes) -> bytes:
        master = self._masters.get(wrapped[0])
        if master is None:
            raise Unavailable(f"Master key {wrapped[0]} is missing from the secrets file.")
        return _unseal(master, b"sealing_key:" + owner.bytes, wrapped[1:])


def look_up_key(secrets: Secrets, purpose: str, value: str) -> bytes:
    """As `Vault.look_up_key`, for who has no database session."""
    return look_up(secrets.look_up, purpose)(value)


@lru_cache(maxsize=64)
def look_up(key: bytes, purpose: str) -> Callable[[str], bytes]:
    """What makes look-up keys of one purpose. key: at most one block of 64 bytes.

    The two hashes of HMAC-SHA256 are kept with the key already in them (RFC 2104 §4): `hmac` looks its algorithm up
    each time, which takes longer than to hash.
    """
    begun, outer = (hashlib.sha256(bytes(each ^ pad for each in key.ljust(64, b"\0"))) for pad in (0x36, 0x5C))
    begun.update(f"{purpose}\0".encode())

    def keyed(value: str) -> bytes:
        inner, whole = begun.copy(), outer.copy()
        inner.update(value.encode("utf-8", "surrogatepass"))
        whole.update(inner.digest())
        return whole.digest()[:LOOK_UP_BYTES]

    return keyed


def anything_sealed(settings: Settings) -> bool:
    """Whether the database has any sealing key."""
    engine = engine_for(settings)
    try:
        with engine.connect() as connection:
            return bool(connection.execute(sa.select(sa.exists(sa.select(col(SealingKey.owner))))).scalar())
    finally:
        engine.dispose()


def _seal(cipher: AESGCM, place: bytes, value: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, value, place)


def _unseal(cipher: AESGCM, place: bytes, sealed: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)
    except (InvalidTag, ValueError) as fault:
        raise Rejected("A sealed value was changed or stands in another place than it was sealed for.") from fault
