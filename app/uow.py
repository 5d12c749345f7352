"""One unit of work: a transaction, its vault, and what to do after the commit.

Whoever opens it commits it; a service never does, so services compose in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime

from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from app.errors import Unavailable
from app.ports import Bell, Clock, Queue, Vault
from app.settings import Settings
from app.values import dataclass

AWAY = (OperationalError, InterfaceError, DisconnectionError, PoolTimeout)
"""What is raised while the database does not answer, or answers that it cannot now."""

REFUSED = DBAPIError
"""What is raised where the database answers that it will not."""


@dataclass
class Work:
    """What a service is given: the session, the vault over it, the settings and the time.

    now: fixed for the whole unit of work, so that rows written together agree.
    """

    session: Session
    vault: Vault
    settings: Settings
    now: datetime
    jobs: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    bells: list[str] = field(default_factory=list)

    def enqueue(self, job: str, *arguments: str) -> None:
        """Asks for a job once this is committed; nothing is asked for when it is rolled back."""
        if (job, arguments) not in self.jobs:
            self.jobs.append((job, arguments))

    def ring(self, bell: str) -> None:
        """Rings `bell` once this is committed."""
        if bell not in self.bells:
            self.bells.append(bell)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is done in the block is undone at its end, and nothing comes of what it asked for: to try things."""
        asked, rung = len(self.jobs), len(self.bells)
        tried = self.session.begin_nested()
        try:
            yield
        finally:
            if tried.is_active:
                tried.rollback()
            del self.jobs[asked:], self.bells[rung:]


@dataclass(frozen=True)
class UnitOfWork:
    """Opens units of work."""

    new_session: Callable[[], Session]
    vault_for: Callable[[Session], Vault]
    settings: Settings
    clock: Clock
    queue: Queue
    bell: Bell

    @contextmanager
    def __call__(self) -> Iterator[Work]:
        """A unit of work that commits at the end of the block, and rolls back when the block raises.

        Raises Unavailable where the database does not answer.
        """
        try:
            with self.new_session() as session:
                work = self.open(session)
                with session.begin():
                    yield work
        except AWAY as fault:
            raise Unavailable("The database does not answer.") from fault
        self.after(work)

    def open(self, session: Session) -> Work:
        """A unit of work over a session that the caller commits; then `after` is the caller's to call."""
        return Work(session, self.vault_for(session), self.settings, self.clock.now())

    def after(self, work: Work) -> None:
        """What was asked for in `work`, done; call it once the commit stands."""
        for job, arguments in work.jobs:
            self.queue.enqueue(job, *arguments)
        for bell in work.bells:
            self.bell.ring(bell)
        work.jobs.clear()
        work.bells.clear()
