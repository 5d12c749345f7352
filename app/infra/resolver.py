"""Looks DKIM key records up: in DNS by dnspython, or in a zone file for tests, demos and machines without DNS.

Tells three answers apart: a record, no record (NXDOMAIN, no TXT), no answer now (timeout, SERVFAIL); only the last
is worth a retry. Not dkimpy's own `get_txt`: it appends local search domains, keeps nothing and mixes the three up.
A batch is looked up by several threads within `BATCH_SECONDS`: whoever signs reports with domains whose servers
never answer cannot hold a worker for longer.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.exception
import dns.name
import dns.nameserver
import dns.resolver

from app.mail.domain import KeyAnswer, KeyState
from app.ports import KeyResolver
from app.settings import Settings

LOOKUP_SECONDS = 2.5
BATCH_SECONDS = 15.0
THREADS = 16
FOUND_SECONDS = 3600.0
NONE_SECONDS = 300.0
FAILED_SECONDS = 5.0
CACHED_ANSWERS = 10_000

_NONE = KeyAnswer(KeyState.NONE)
_FAILED = KeyAnswer(KeyState.DNS_FAILED)


def resolver_from(settings: Settings) -> KeyResolver:
    """The resolver that the settings ask for: `dns_zone` as a file, else `dns_servers`, else the system's DNS."""
    if settings.dns_zone is not None:
        return ZoneFile(settings.dns_zone)
    return Dns(tuple((server.host, server.port) for server in settings.dns_servers))


class ZoneFile:
    """Key records of a file: `name TAB TXT` a line, empty lines and `#` comments skipped.

    Names in any case, with or without a trailing dot. Read again when the file's time or size changes. Where the
    file cannot be read, every answer is DNS_FAILED.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._records: Mapping[str, bytes] = {}
        self._lock = threading.Lock()

    def look_up(self, names: Iterable[str]) -> Mapping[str, KeyAnswer]:
        """The answer for every name (`app.ports.KeyResolver`)."""
        try:
            records = self._fresh()
        except OSError:
            return dict.fromkeys(names, _FAILED)
        return {name: _answer(records.get(_plain(name))) for name in names}

    def _fresh(self) -> Mapping[str, bytes]:
        with self._lock:
            state = self._path.stat()
            if self._seen != (state.st_mtime_ns, state.st_size):
                self._records = _zone(self._path.read_bytes())
                self._seen = (state.st_mtime_ns, state.st_size)
            return self._records


class Dns:
    """Key records of DNS, kept in this process: a record for its TTL and at most an hour, its absence for five
    minutes, a failure for five seconds.

    servers: (IP address, port) each; none: the system's. now: seconds of a clock that never goes back.
    """

    def __init__(
        self, servers: tuple[tuple[str, int], ...] = (), *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._dns = _configured(servers)
        self._now = now
        self._kept: OrderedDict[str, tuple[float, KeyAnswer]] = OrderedDict()
        self._lock = threading.Lock()

    def look_up(self, names: Iterable[str]) -> Mapping[str, KeyAnswer]:
        """The answer for every name (`app.ports.KeyResolver`); DNS_FAILED for what `BATCH_SECONDS` left unasked."""
        wanted = {name: _plain(name) for name in names}
        known = self._remembered(set(wanted.values()))
        missing = [name for name in dict.fromkeys(wanted.values()) if name not in known]
        known.update(zip(missing, self._ask_all(missing), strict=True))
        return {name: known[plain] for name, plain in wanted.items()}

    def _ask_all(self, names: list[str]) -> list[KeyAnswer]:
        until = time.monotonic() + BATCH_SECONDS
        if len(names) < 2:
            return [self._ask(name, until) for name in names]
        # Threads do not outlive a fork, and rq forks: so no pool is kept between batches.
        with ThreadPoolExecutor(min(THREADS, len(names))) as pool:
            return list(pool.map(lambda name: self._ask(name, until), names))

    def _ask(self, name: str, until: float) -> KeyAnswer:
        if time.monotonic() > until:
            return _FAILED
        answer, seconds = self._asked(name)
        self._remember(name, answer, seconds)
        return answer

    def _asked(self, name: str) -> tuple[KeyAnswer, float]:
        """The answer and for how many seconds it may be kept."""
        try:
            found = self._dns.resolve(dns.name.from_text(name), "TXT", search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return _NONE, NONE_SECONDS
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, dns.name.IDNAException):
            return _NONE, NONE_SECONDS  # no such name can exist
        except (dns.exception.DNSException, OSError):
            return _FAILED, FAILED_SECONDS
        records = [b"".join(record.strings) for record in found]
        return _answer(_key_record(records)), min(found.expiration - time.time(), FOUND_SECONDS)

    def _remembered(self, names: set[str]) -> dict[str, KeyAnswer]:
        with self._lock:
            kept = {name: self._kept[name] for name in names if name in self._kept}
        return {name: answer for name, (until, answer) in kept.items() if until > self._now()}

    def _remember(self, name: str, answer: KeyAnswer, seconds: float) -> None:
        with self._lock:
            self._kept[name] = (self._now() + seconds, answer)
            self._kept.move_to_end(name)
            while len(self._kept) > CACHED_ANSWERS:
                self._kept.popitem(last=False)


def _configured(servers: tuple[tuple[str, int], ...]) -> dns.resolver.Resolver:
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration:
        resolver = dns.resolver.Resolver(configure=False)  # knows no server: every answer is DNS_FAILED
    if servers:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(host, port) for host, port in servers]
    resolver.lifetime = LOOKUP_SECONDS
    resolver.timeout = LOOKUP_SECONDS / 2
    return resolver


def _zone(text: bytes) -> Mapping[str, bytes]:
    records: dict[str, list[bytes]] = {}
    for line in text.splitlines():
        name, _, txt = line.strip().partition(b"\t")
        if txt and not name.startswith(b"#"):
            records.setdefault(_plain(name.decode("utf-8", "replace")), []).append(txt.strip())
    return {name: found for name, several in records.items() if (found := _key_record(several)) is not None}


def _key_record(records: list[bytes]) -> bytes | None:
    """The key record among the TXT records of one name.

    RFC 6376 §3.6.2.2 leaves several records undefined; the first that says it is a key record is taken, else the
    first of all.
    """
    said = (record for record in records if record.lstrip().startswith(b"v=DKIM1"))
    return next(said, records[0] if records else None)


def _answer(record: bytes | None) -> KeyAnswer:
    return _NONE if record is None else KeyAnswer(KeyState.FOUND, record)


def _plain(name: str) -> str:
    return name.strip().rstrip(".").lower()
