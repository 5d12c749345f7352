"""Hosts, addresses and networks: which are ours, and where a mail came into the recipient's house (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from app.mail.domain import Hop
from app.mail.fields.received import ip_in
from app.settings import Network
from app.values import dataclass

_PRIVATE = tuple(
    ip_network(each)
    for each in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("fc00::/7", "fe80::/10", "::1/128"),
    )
)


@dataclass(frozen=True, slots=True)
class OurPlaces:
    """How our own mail servers are known: their host names (and what is below them) and their networks."""

    hosts: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    def has_host(self, host: str | None) -> bool:
        return bool(host) and _is_at_or_below(host, self.hosts)

    def has_address(self, text: str | None) -> bool:
        address = address_of(text)
        return address is not None and any(address in network for network in self.networks)

    def took_over(self, hops: Sequence[Hop]) -> bool:
        """Whether the recipient's own servers say that they had the mail from one of ours, or one of ours took it."""
        at = border(hops)
        return at is not None and self.handled(hops[at])

    def believed(self, hops: Sequence[Hop]) -> Sequence[Hop]:
        """The hops that the recipient's own servers wrote, and those below too where the mail came from us."""
        at = border(hops)
        return hops if at is None or self.handled(hops[at]) else hops[: at + 1]

    def took_part(self, hops: Sequence[Hop]) -> bool:
        """Whether one of ours stands in the believed part of the path."""
        return any(self.handled(hop) for hop in self.believed(hops))

    def handled(self, hop: Hop) -> bool:
        """Whether one of ours took the mail in, or handed it over, at this hop."""
        return self.has_host(hop.by_host) or self.handed_over(hop)

    def handed_over(self, hop: Hop) -> bool:
        """Whether the client at this hop was one of ours."""
        if self.has_address(hop.from_ip):
            return True
        # The name alone is what the client said (HELO): where the address it came from is known, that decides.
        return self.has_host(hop.from_host) and not (self.networks and hop.from_ip)

    @property
    def known(self) -> bool:
        return bool(self.hosts or self.networks)


def border(hops: Sequence[Hop]) -> int | None:
    """At which hop the mail came into the recipient's house, the topmost one from a public address; None where no hop
    tells. What stands below it was written by whoever handed the mail over."""
    return next((at for at, hop in enumerate(hops) if _is_public(hop.from_ip) and not _is_neighbour(hop)), None)


def covers(network: str, address: str) -> bool:
    """Whether an IP identity (address or network) has the address in it."""
    inner = address_of(address)
    return inner is not None and inner in _network(network)


def closeness(network: str) -> int:
    """How narrow an IP identity is: the length of its prefix."""
    return _network(network).prefixlen


@lru_cache(maxsize=10_000)
def _is_at_or_below(host: str, hosts: tuple[str, ...]) -> bool:
    name = host.lower().rstrip(".")
    return any(name == each or name.endswith(f".{each}") for each in hosts)


@lru_cache(maxsize=10_000)
def _network(text: str) -> Network:
    return ip_network(text, strict=False)


@lru_cache(maxsize=10_000)  # the same few servers of ours stand in every report
def networks_around(text: str) -> tuple[str, ...]:
    """The address and each network it may have been listed by, so that one equality look-up finds both."""
    address = address_of(text)
    if address is None:
        return ()
    lengths = range(8 if address.version == 4 else 32, address.max_prefixlen)
    return (str(address), *(str(ip_network((address, length), strict=False)) for length in lengths))


@lru_cache(maxsize=10_000)
def _is_public(text: str | None) -> bool:
    address = address_of(text)
    return address is not None and not any(address in network for network in _PRIVATE)


def _is_neighbour(hop: Hop) -> bool:
    """Whether the client's address is near the server's own, which large providers write behind `by host`.

    Names do not count: the client says its own.
    """
    client, server = address_of(hop.from_ip), address_of(_written_by(hop.text, hop.by_host))
    return client is not None and server is not None and client in _neighbourhood(server)


@lru_cache(maxsize=64)  # one report asks for the same few lines again and again
def _written_by(line: str, by_host: str | None) -> str | None:
    """The address that stands behind `by host` in a Received line, None where none does."""
    behind = " ".join(line.split()).partition(f" by {by_host} (")[2]
    return ip_in(behind.partition(")")[0]) if behind else None


def _neighbourhood(address: IPv4Address | IPv6Address) -> Network:
    return ip_network((address, 24 if address.version == 4 else 32), strict=False)


@lru_cache(maxsize=10_000)
def address_of(text: str | None) -> IPv4Address | IPv6Address | None:
    """The IP address in `text`, an IPv4 one where it is written as IPv6; None where there is none."""
    try:
        address = ip_address((text or "").strip().strip("[]").removeprefix("IPv6:"))
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
