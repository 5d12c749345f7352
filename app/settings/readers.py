"""How the text of an environment variable becomes a setting. Every reader raises ValueError for what is unfit."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Address(NamedTuple):
    """Where a server listens or is reached."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address(text: str) -> Address:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("must be host:port")
    return Address(host.strip("[]"), int(port))


def names(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.replace(",", " ").split())


def networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in names(text))


def servers(text: str) -> tuple[Address, ...]:
    """DNS servers: `ip` or `ip:port` (or `[ip6]:port`), comma or space between them."""
    return tuple(server(part) for part in names(text))


def server(text: str) -> Address:
    try:
        return Address(str(ipaddress.ip_address(text)), 53)
    except ValueError:
        return address(text)


def path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds, which belong to them."""

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(f"must be from {least} to {most}")
        return number

    return read


days, count = whole(1, 36_500), whole(1, 1_000_000)


def url(*schemes: str) -> Callable[[str], str]:
    """A reader of URLs that have one of these schemes."""

    def read(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"must start with {schemes[0]}://")
        return text

    return read


def http_urls(text: str) -> tuple[str, ...]:
    """HTTP addresses, comma or space between them, each without a slash at its end."""
    read = url("http", "https")
    return tuple(read(part).rstrip("/") for part in text.replace(",", " ").split())


def stamp(text: str) -> str:
    name = text.strip().lower()
    if name not in ("feedback-id", "cfbl-feedback-id", "no"):
        raise ValueError("must be feedback-id, cfbl-feedback-id or no")
    return name


def rate(text: str) -> str:
    count, _, span = text.strip().lower().partition("/")
    if not count.isdigit() or int(count) < 1 or span not in ("second", "minute", "hour", "day"):
        raise ValueError("must be count/second, count/minute, count/hour or count/day")
    return f"{int(count)}/{span}"


def log_form(text: str) -> str:
    form = text.strip().lower()
    if form not in ("json", "text", "auto"):
        raise ValueError("must be json, text or auto")
    return form


def flag(text: str) -> bool:
    words = {
        "1": True,
        "yes": True,
        "true": True,
        "on": True,
        "0": False,
        "no": False,
        "false": False,
        "off": False,
    }
    if text.strip().lower() not in words:
        raise ValueError("must be yes or no")
    return words[text.strip().lower()]


LISTS = (names, networks, servers, http_urls)
"""Readers to which nothing is an empty list."""
