"""The Received chain (RFC 5321 §4.4), as real servers write it: Postfix, Exim, qmail, Exchange, Gmail and the rest.

A field is somebody's claim. Nothing is thrown away: what cannot be told apart stays in `Hop.text`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice

from app.mail import limits
from app.mail.domain import Hop
from app.mail.fields.dates import read_date

_COMMENTS = r"(?: \((?:[^()]++|\([^()]*+\))*+\))*+"
_USUAL = re.compile(
    rf"(?:from (?P<from_host>[\w.-]++|\[[\w.:]++\])(?P<seen>{_COMMENTS}) )?+by (?P<by_host>[\w.:-]++){_COMMENTS}"
    rf"(?: with (?:Microsoft )?+(?P<protocol>[A-Za-z][\w-]*+)(?: Server)?+{_COMMENTS})?+"
    rf"(?: id (?P<queue_id>[^\s;()<>\[\]]++){_COMMENTS})?+(?: via Frontend Transport)?+"
    rf"(?: for (?:<?(?P<for_address>[^\s<>;,()\[\]@]++@[^\s<>;,()\[\]]++)>?+|<[^\s<>;,()\[\]@]*+>){_COMMENTS})?+"
    r";(?P<at>[^;]*+)\Z"
)
"""A field with its clauses in the order of RFC 5321 §4.4, as most servers write it."""
_COMMENT = re.compile(r"\([^()]*+\)")
_FROM = re.compile(r"from (\S++)(.*?)(?= by |$)", re.IGNORECASE)
_BY = re.compile(r" by (?!(?:with|via|id|for) )(\[[^\s;\]]+|[^\s;\[]+)", re.IGNORECASE)
"""Some servers have no name to write, `by  with ESMTPA`."""
_WITH = re.compile(r" with (?:Microsoft )?([A-Za-z][\w-]*)", re.IGNORECASE)
_ID = re.compile(r" (?:internal )?id ([^\s;]+)", re.IGNORECASE)
_FOR = re.compile(r" for <?([^\s<>;,]+@[^\s<>;,]+)>?", re.IGNORECASE)
_IP = re.compile(
    r"(?<![\w.:-])(?:IPv6:)?([0-9A-Fa-f]{0,4}[:.][0-9A-Fa-f:.]{2,42})(?:%\w{1,16}\"?)?(?![\w.-])", re.IGNORECASE
)
_PORT_DIGITS = 5
_FETCHED = ("IMAP", "POP3")
_CHARS = 2_000
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def hops(values: Iterable[str]) -> tuple[Hop, ...]:
    """The Received fields `values`, topmost first, read; at most `limits.RECEIVED` of them."""
    return tuple([read_hop(value) for value in islice(values, limits.RECEIVED)])


def read_hop(text: str) -> Hop:
    """One unfolded Received value, taken apart. Never raises; what is not there is None."""
    flat = " ".join(text[:_CHARS].split())
    usual = _USUAL.match(flat)
    if usual:
        from_host, seen, by_host, protocol, queue_id, for_address, stamp = usual.groups()
        from_ip = ip_in(seen) or ip_in(from_host) if from_host else None
        return Hop(text, from_host, from_ip, by_host, protocol, queue_id, for_address, read_date(stamp))
    clauses, semicolon, stamp = flat.rpartition(";")
    clauses = clauses if semicolon else flat
    bare = _without_comments(clauses) if "(" in clauses else clauses.strip()
    from_host, from_ip = _from(clauses)
    return Hop(
        text=text,
        from_host=from_host,
        from_ip=from_ip,
        by_host=_first(_BY, f" {bare}"),
        protocol=_first(_WITH, bare),
        queue_id=_first(_ID, bare),
        for_address=_first(_FOR, bare),
        at=read_date(stamp if semicolon else flat[-60:]),
    )


def _without_comments(clauses: str) -> str:
    """`clauses` without comments, nor comments in comments."""
    bare = _COMMENT.sub("", clauses)
    return " ".join((_COMMENT.sub("", bare) if "(" in bare else bare).split())


def reception(chain: Iterable[Hop], latest: datetime | None = None) -> datetime | None:
    """The time of the topmost stamp that can be true: after 1990, not after `latest` (aware UTC, None: no bound).

    Who fetched the mail out of a mailbox (getmail, fetchmail) wrote when that was, which may be long after the mail
    arrived: such a stamp counts where there is no other.
    """
    fetched = None
    for hop in chain:
        if hop.at and hop.at > _OLDEST and (latest is None or hop.at <= latest):
            if not (hop.protocol or "").upper().startswith(_FETCHED):
                return hop.at
            fetched = fetched or hop.at
    return fetched


def ip_in(text: str) -> str | None:
    """The first IP address in `text`, in its canonical form without a port; an IPv4 address in IPv6 dress as IPv4."""
    for candidate in _IP.findall(text[:_CHARS]):
        ip = _canonical(candidate)
        if ip:
            return ip
    return None


@lru_cache(maxsize=4096)
def _canonical(candidate: str) -> str | None:
    try:
        ip = ipaddress.ip_address(_without_port(candidate.strip(".")))
    except ValueError:
        return None
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return str(mapped or ip)


def _without_port(candidate: str) -> str:
    """The address in `192.0.2.1:25`. Behind an IPv6 address without brackets no port can be told."""
    address, _, port = candidate.rpartition(":")
    return address if "." in address and len(port) <= _PORT_DIGITS and port.isdecimal() else candidate


def _from(clauses: str) -> tuple[str | None, str | None]:
    """Host and address of the from clause; what the server saw (in brackets) goes before what the client said."""
    match = _FROM.match(clauses)
    if not match:
        return None, None
    return _host(match[1]), ip_in(match[2]) or ip_in(match[1])


def _host(word: str) -> str | None:
    """The name in `name[192.0.2.1]`; an address literal stays as it is."""
    name = word.strip(";()")
    return (name if name.startswith("[") else name.partition("[")[0]) or None


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match[1].strip("[]<>") or None if match else None
