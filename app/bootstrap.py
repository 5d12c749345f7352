"""Settings → wired product. The one file that knows all adapters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module

import redis
import sqlalchemy as sa
from sqlmodel import Session

from app.errors import Unavailable
from app.infra.clock import SystemClock
from app.infra.connectors import connectors_from
from app.infra.database import engine_for, migrate
from app.infra.embedded import servers
from app.infra.mailer import mailer_from
from app.infra.poster import poster_from
from app.infra.queue import RedisBell, RedisQueue, redis_for
from app.infra.resolver import resolver_from
from app.infra.sealing import SessionVault, anything_sealed
from app.infra.secrets import Secrets, secrets_of
from app.infra.sent_http import sent_log_from
from app.ports import Clock, Connector, KeyResolver, Mailer, Poster, SentLog
from app.settings import Settings
from app.uow import UnitOfWork
from app.values import dataclass

WITH_TABLES = (
    "audit",
    "staff",
    "senders",
    "intake",
    "attribution",
    "compliance",
    "enforcement",
    "notices",
    "triage",
    "privacy",
)


def load_tables() -> None:
    """Makes every table known: one that refers to another feature's is of use only with it."""
    for feature in WITH_TABLES:
        import_module(f"app.{feature}.models")


@dataclass(frozen=True)
class Desk:
    """The wired product: what every process holds one of.

    work: `with desk.work() as work:` is one transaction. sent_log: the provider's own, None where our table is it.
    connectors: the mail servers that decisions are brought to. mailer: what hands mail out, None where no mail server
    is set. poster: what posts, None where no address is set.
    """

    settings: Settings
    secrets: Secrets
    engine: sa.Engine
    redis: redis.Redis
    queue: RedisQueue
    resolver: KeyResolver
    clock: Clock
    work: UnitOfWork
    sent_log: SentLog | None = None
    connectors: tuple[Connector, ...] = ()
    mailer: Mailer | None = None
    poster: Poster | None = None

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()
        self.redis.close()


def wire(settings: Settings, *, clock: Clock | None = None, resolver: KeyResolver | None = None) -> Desk:
    """The product over the servers named in `settings`; connects to nothing yet.

    Raises Unavailable where the secrets cannot be read, Rejected for an address that nothing can be sent to.
    """
    load_tables()
    secrets = secrets_of(settings)
    engine = engine_for(settings)
    connection = redis_for(settings.redis_url or "")
    queue = RedisQueue(connection)
    ticking = clock or SystemClock()
    work = UnitOfWork(
        new_session=partial(Session, engine, expire_on_commit=False),
        vault_for=partial(SessionVault, secrets),
        settings=settings,
        clock=ticking,
        queue=queue,
        bell=RedisBell(connection),
    )
    keys = resolver or resolver_from(settings)
    return Desk(
        settings,
        secrets,
        engine,
        connection,
        queue,
        keys,
        ticking,
        work,
        sent_log_from(settings),
        connectors=connectors_from(settings),
        mailer=mailer_from(settings),
        poster=poster_from(settings, ticking),
    )


def _refuse_new_secrets(settings: Settings) -> None:
    """Raises Unavailable where the secrets are missing though something is sealed: new ones could not open it."""
    if not settings.secrets_file.exists() and anything_sealed(settings):
        raise Unavailable(f"The database is sealed, and its secrets file {settings.secrets_file} is not here.")


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Desk]:
    """The wired product for one command: its servers running, its database migrated, closed at the end."""
    with servers(settings or Settings.from_environment()) as running:
        migrate(running)
        _refuse_new_secrets(running)
        desk = wire(running)
        try:
            yield desk
        finally:
            desk.close()
