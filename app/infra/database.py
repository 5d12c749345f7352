"""The database: PostgreSQL by psycopg 3, and nothing else (see docs/adr). Engine, column types, migrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from psycopg.types.array import ListBinaryDumper
from sqlalchemy.dialects.postgresql import ARRAY, Insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel

from app.settings import Settings

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x61627573  # any number of ours; one migration at a time

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def engine_for(settings: Settings) -> sa.Engine:
    """The engine for `settings.database_url` (postgresql://…), made but not connected."""
    if not settings.database_url:
        raise ValueError("no database: go through infra.embedded.servers")
    engine = sa.create_engine(
        settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1),
        hide_parameters=True,  # the text of an error goes into logs, and the values are people's
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=15,
        connect_args={"connect_timeout": 5, "application_name": "abusedesk"},
    )
    sa.event.listen(engine, "connect", _lists_in_binary)
    return engine


def answers(session: Session) -> bool:
    """Whether the database answers now."""
    try:
        session.execute(sa.text("select 1"))
    except SQLAlchemyError:
        return False
    return True


def _lists_in_binary(connection: psycopg.Connection, _record: object) -> None:
    """Arrays travel in binary: as text, every byte string in them would be written as hex and quoted."""
    connection.adapters.register_dumper(list, ListBinaryDumper)


def migrate(settings: Settings) -> None:
    """Brings the database to the newest revision; does nothing where it is there already. Safe in parallel."""
    with _migrating(settings) as config:
        command.upgrade(config, "head")


def new_revision(settings: Settings, title: str) -> Path:
    """Writes a revision with what the models have and the database lacks; its file, to be read and corrected."""
    with _migrating(settings) as config:
        number = len(list((MIGRATIONS / "versions").glob("[0-9]*.py"))) + 1
        written = command.revision(config, message=title, rev_id=f"{number:04}", autogenerate=True)
        if written is None or isinstance(written, list):
            raise RuntimeError("Alembic wrote no single revision.")
        return Path(written.path)


def unmigrated(settings: Settings) -> str | None:
    """What the models have and the newest revision lacks, in Alembic's words; None where they agree."""
    with _migrating(settings) as config:
        try:
            command.check(config)
        except CommandError as fault:
            return str(fault)
    return None


@contextmanager
def _migrating(settings: Settings) -> Iterator[Config]:
    """Alembic's configuration over one connection that holds the migration lock."""
    engine = engine_for(settings)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("select pg_advisory_lock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
            config = Config(attributes={"connection": connection}, stdout=StringIO())
            config.set_main_option("script_location", str(MIGRATIONS))
            yield config
            connection.commit()
            connection.execute(sa.text("select pg_advisory_unlock(:lock)"), {"lock": MIGRATION_LOCK})
            connection.commit()
    finally:
        engine.dispose()


def kind_column(kind: type[StrEnum], name: str, *, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    """A column that holds an enum's values as text, checked by Python and by the database."""
    stored = sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        name=name,
        values_callable=lambda members: [member.value for member in members],
    )
    return sa.Column(name, stored, nullable=nullable, **options)


def among(column: Any, values: Iterable[Any]) -> sa.ColumnElement[bool]:
    """`column in values` as one array parameter: the statement stays the same however many there are."""
    found: sa.ColumnElement[bool] = column == sa.any_(sa.literal(list(values), ARRAY(column.type)))
    return found


def table_of(model: type[SQLModel]) -> sa.Table:
    """The table that a model stands for."""
    return SQLModel.metadata.tables[str(model.__tablename__)]


def as_table(table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> sa.Select[Any]:
    """The rows as a query of their own, each column one array parameter; every row names the same columns.

    A statement over it costs the same parsing for one row and for a thousand. Not for columns that are arrays.
    """
    columns = table_of(table).columns
    arrays = {name: sa.literal([row[name] for row in rows], ARRAY(columns[name].type)) for name in rows[0]}
    return sa.select(*(sa.func.unnest(array).label(name) for name, array in arrays.items()))


def inserting(table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """An INSERT of the rows in one statement, to which ON CONFLICT and RETURNING may be added. Not for no rows."""
    return upsert(table).from_select(list(rows[0]), as_table(table, rows))


def change_rows(session: Session, table: type[SQLModel], key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes columns of rows found by `key` in one statement. What the session holds of them is read anew."""
    if not rows:
        return
    columns = table_of(table).columns
    given = as_table(table, rows).subquery()
    changing = (
        sa.update(columns[key].table)
        .where(columns[key] == given.c[key])
        .values({name: given.c[name] for name in rows[0] if name != key})
    )
    session.connection().execute(changing)
    session.expire_all()


__all__ = [
    "among",
    "answers",
    "as_table",
    "change_rows",
    "engine_for",
    "inserting",
    "kind_column",
    "migrate",
    "table_of",
    "upsert",
]
