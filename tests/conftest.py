"""Servers and settings for all tests: real PostgreSQL, real Valkey, one of each a run, a database for each test.

ABUSEDESK_DATABASE_URL and ABUSEDESK_REDIS_URL name others to run the same tests on: the user must be allowed to
create databases there, and the Redis database named is emptied. No other ABUSEDESK_ variable is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.pool import NullPool

from app.bootstrap import Desk, wire
from app.infra.database import migrate
from app.infra.embedded import servers as embedded_servers
from app.settings import PREFIX, Settings
from app.web.site import Site

_DATABASE_URL = os.environ.get(f"{PREFIX}DATABASE_URL") or None
_REDIS_URL = os.environ.get(f"{PREFIX}REDIS_URL") or None
for _name in [name for name in os.environ if name.startswith(PREFIX)]:
    del os.environ[_name]


SLOWEST = ("journeys", "browser", "workers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders whose tests take longest come first, so that at the end nobody waits for one of them alone."""
    items.sort(key=lambda item: item.path.parent.name not in SLOWEST)


@dataclass(frozen=True)
class Databases:
    """Makes and drops databases on the run's PostgreSQL."""

    url: str

    def create(self, name: str, template: str = "template1") -> str:
        """The address of the new database `name`, a copy of `template`."""
        self._say(f'create database "{name}" template "{template}" strategy file_copy')
        return sa.make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def drop(self, name: str) -> None:
        """Drops `name`, ending whatever still uses it."""
        self._say(f'drop database if exists "{name}" with (force)')

    def _say(self, statement: str) -> None:
        engine = sa.create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(sa.text(statement))


class _Compiled(BytecodeCache):
    """Templates as the first test that needed them compiled them: each test has a site of its own."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        known = self._known.get((bucket.key, bucket.checksum))
        if known is not None:
            bucket.bytecode_from_string(known)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


Site.jinja_options = {**Site.jinja_options, "bytecode_cache": _Compiled()}


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings that name the run's PostgreSQL and Valkey; their database is empty."""
    data = tmp_path_factory.mktemp("servers")
    given = Settings(data=data, database_url=_DATABASE_URL, redis_url=_REDIS_URL)
    with embedded_servers(given, durable=False) as settings:
        assert settings.database_url is not None
        url = settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
        yield replace(settings, database_url=url)


@pytest.fixture(scope="session")
def databases(servers: Settings) -> Databases:
    return Databases(servers.database_url or "")


@pytest.fixture(scope="session")
def template(servers: Settings, databases: Databases) -> Iterator[str]:
    """The name of a database at the newest revision, to copy."""
    name = f"test_{os.getpid()}_template"
    migrate(replace(servers, database_url=databases.create(name)))
    yield name
    databases.drop(name)


@pytest.fixture(scope="session")
def _numbers() -> Callable[[], int]:
    return count(1).__next__


@pytest.fixture
def settings(
    servers: Settings, databases: Databases, template: str, tmp_path: Path, _numbers: Callable[[], int]
) -> Iterator[Settings]:
    """Settings of a test's own: an empty data folder, a fresh migrated database, an empty Valkey database."""
    name = f"test_{os.getpid()}_{_numbers()}"
    url = databases.create(name, template)
    with redis.Redis.from_url(servers.redis_url or "") as connection:
        connection.flushdb()
    yield replace(servers, data=tmp_path / "var", database_url=url)
    databases.drop(name)


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    """The wired product on the test's own database; its DNS is the (empty) zone file of `zone`."""
    zone = settings.data / "zone.tsv"
    zone.parent.mkdir(parents=True, exist_ok=True)
    zone.touch()
    wired = wire(replace(settings, dns_zone=zone))
    yield wired
    wired.close()


@pytest.fixture
def zone(desk: Desk) -> Callable[[str], None]:
    """Adds a line (`name TAB TXT`) to the DNS of `desk`."""

    def add(line: str) -> None:
        assert desk.settings.dns_zone is not None
        with desk.settings.dns_zone.open("a") as file:
            file.write(line.rstrip("\n") + "\n")

    return add
