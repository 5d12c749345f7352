"""A database that lets nobody in, for as long as a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from app.settings import Settings


@contextmanager
def locked_out(settings: Settings) -> Iterator[Callable[[], None]]:
    """Nobody gets into the database, and whoever was in is out; until the end of the block, or until called."""
    here = sa.make_url(settings.database_url or "")
    admin = sa.create_engine(here.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)

    def say(statement: str) -> None:
        with admin.connect() as connection:
            connection.execute(sa.text(statement), {"name": here.database} if ":name" in statement else {})

    def let_in() -> None:
        say(f'alter database "{here.database}" allow_connections true')

    say(f'alter database "{here.database}" allow_connections false')
    say("select pg_terminate_backend(pid) from pg_stat_activity where datname = :name")
    try:
        yield let_in
    finally:
        let_in()
