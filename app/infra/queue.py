"""The job queue and the bell over Redis or Valkey (rq, redis-py). Both are wake-ups only: when Redis is away
they say so in the log and go on, for the sweep and the listeners' own look find what was missed."""

from __future__ import annotations

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry as Attempts
from rq import Queue as RqQueue
from rq import Retry

from app.jobs import JOBS, QUEUE, Job

log = structlog.get_logger(__name__)

ASKED = "abusedesk:asked:"
ASKED_SECONDS = 60
"""How long a `once` job counts as asked for when no worker takes it: after that it is asked for again."""


def redis_for(url: str) -> redis.Redis:
    """A client for redis://, rediss:// or unix:// that gives up after two seconds."""
    return redis.Redis.from_url(
        url,
        socket_timeout=5,
        socket_connect_timeout=2,
        retry=Attempts(NoBackoff(), 1),
        health_check_interval=30,
    )


class RedisQueue:
    """`app.ports.Queue` over rq, JSON only: whoever can write to Redis cannot have workers unpickle a thing."""

    def __init__(self, connection: redis.Redis) -> None:
        self._redis = connection
        self._queue = RqQueue(QUEUE, connection=connection, serializer="json")

    def enqueue(self, job: str, *arguments: str) -> None:
        try:
            self._enqueue(JOBS[job], arguments)
        except redis.RedisError:
            log.warning("queue.away", job=job)

    def _enqueue(self, job: Job, arguments: tuple[str, ...]) -> None:
        if job.once and not self._redis.set(ASKED + job.name, "1", nx=True, ex=ASKED_SECONDS):
            return
        self._queue.enqueue(
            job.function,
            args=arguments,
            job_timeout=job.timeout,
            retry=Retry(max=job.retries, interval=list(job.wait)),
            result_ttl=0,
            failure_ttl=7 * 86400,
        )

    def taken(self, job: str) -> None:
        """Called by a worker before it looks for work: what is asked for from now on needs another run."""
        self._redis.delete(ASKED + job)


def answers(connection: redis.Redis) -> bool:
    """Whether Redis answers now."""
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False


class RedisBell:
    """`app.ports.Bell` over publish."""

    def __init__(self, connection: redis.Redis) -> None:
        self._redis = connection

    def ring(self, name: str) -> None:
        try:
            self._redis.publish(channel(name), "1")
        except redis.RedisError:
            log.warning("bell.away", bell=name)


def channel(name: str) -> str:
    """The channel a bell rings on."""
    return f"abusedesk:bell:{name}"
