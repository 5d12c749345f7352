"""One leader among any number of processes, by an advisory lock of PostgreSQL."""

from __future__ import annotations

import zlib
from contextlib import suppress

import sqlalchemy as sa

from app.errors import Unavailable
from app.uow import AWAY, REFUSED

LEADER_LOCK = 0x61627574  # any number of ours, another than the migrations'
KEYS_LOCK = 0x61627575
"""Held by the one process that watches keys."""


def lock_for(name: str) -> int:
    """The lock of a lead that has a name, such as that over one mail server."""
    return zlib.crc32(f"abusedesk {name}".encode())


class Lead:
    """Whether this process leads: a session-level advisory lock, held for as long as the connection lives.

    lock: which lead it is, any number of ours.
    """

    def __init__(self, engine: sa.Engine, lock: int = LEADER_LOCK) -> None:
        self._engine = engine
        self._lock = lock
        self._connection: sa.Connection | None = None

    def held(self) -> bool:
        """Whether we lead now, taking the lead where nobody does.

        Raises Unavailable while the database is away.
        """
        try:
            if self._connection is None:
                self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            return self._ours(self._connection)
        except (REFUSED, *AWAY) as fault:
            self._hang_up()
            raise Unavailable("The database does not answer.") from fault

    def leave(self) -> None:
        """Lets another lead, at once."""
        if self._connection is not None:
            with suppress(sa.exc.SQLAlchemyError):  # the server may see late that the connection is gone
                self._connection.execute(sa.text("select pg_advisory_unlock_all()"))
        self._hang_up()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # closing would give it back to the pool, lock and all
            self._connection.close()
            self._connection = None

    def _ours(self, connection: sa.Connection) -> bool:
        held = sa.text(
            "select exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
            " and classid = 0 and objid = :lock and objsubid = 1) or pg_try_advisory_lock(:lock)"
        )
        return bool(connection.execute(held, {"lock": self._lock}).scalar())
