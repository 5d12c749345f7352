"""Settings: read once from the environment, frozen, typed. docs/configuration.md is made from the fields below.

Every variable is `ABUSEDESK_` and the field's name in capitals. Nothing else in the product reads the
environment.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from app.errors import Rejected

PREFIX = "ABUSEDESK_"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Address(NamedTuple):
    """Where a server listens or is reached."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _address(text: str) -> Address:
    host, _, port = text.strip().rpartition(":")
    if not host or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("must be host:port")
    return Address(host.strip("[]"), int(port))


def _names(text: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in text.replace(",", " ").split())


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part) for part in _names(text))


def _servers(text: str) -> tuple[Address, ...]:
    """DNS servers: `ip` or `ip:port` (or `[ip6]:port`), comma or space between them."""
    return tuple(_server(part) for part in _names(text))


def _server(text: str) -> Address:
    try:
        return Address(str(ipaddress.ip_address(text)), 53)
    except ValueError:
        return _address(text)


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _whole(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds, which belong to them."""

    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(f"must be from {least} to {most}")
        return number

    return read


_days, _count = _whole(1, 36_500), _whole(1, 1_000_000)


def _url(*schemes: str) -> Callable[[str], str]:
    """A reader of URLs that have one of these schemes."""

    def read(text: str) -> str:
        if urlsplit(text).scheme not in schemes:
            raise ValueError(f"must start with {schemes[0]}://")
        return text

    return read


def _rate(text: str) -> str:
    count, _, span = text.strip().lower().partition("/")
    if not count.isdigit() or int(count) < 1 or span not in ("second", "minute", "hour", "day"):
        raise ValueError("must be count/second, count/minute, count/hour or count/day")
    return f"{int(count)}/{span}"


def _log_form(text: str) -> str:
    form = text.strip().lower()
    if form not in ("json", "text", "auto"):
        raise ValueError("must be json, text or auto")
    return form


def _flag(text: str) -> bool:
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


def _setting(read: Callable[[str], Any], default: str, meaning: str) -> Any:
    """A field of Settings; an empty default is given to `read` too, except for paths and URLs, where it is None."""
    value = read(default) if default or read in (_names, _networks, _servers) else None
    return field(default=value, metadata={"read": read, "default": default, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """Everything an operator may choose; see `Settings.from_environment`."""

    data: Path = _setting(_path, "./var", "The one folder that holds all data and the generated secrets.")
    database_url: str | None = _setting(
        _url("postgresql", "postgresql+psycopg"),
        "",
        "A PostgreSQL of one's own (postgresql://…); empty: the embedded one.",
    )
    redis_url: str | None = _setting(
        _url("redis", "rediss", "unix"), "", "A Redis or Valkey of one's own (redis://…); empty: the embedded one."
    )
    secrets: Path | None = _setting(_path, "", "The file with the secrets; empty: `secrets.json` in the data folder.")

    public: Address = _setting(_address, "127.0.0.1:8000", "Where the public site listens (host:port).")
    desk: Address = _setting(_address, "127.0.0.1:8001", "Where the staff desk listens (host:port).")
    lmtp: Address = _setting(_address, "127.0.0.1:8024", "Where the LMTP door listens (host:port).")
    policy: Address = _setting(_address, "127.0.0.1:8025", "Where the Postfix policy service listens (host:port).")
    public_url: str | None = _setting(
        _url("http", "https"),
        "",
        "Address of the public site as people see it, for links; empty: http:// and where it listens.",
    )
    desk_url: str | None = _setting(
        _url("http", "https"),
        "",
        "Address of the desk as staff see it, for links; empty: http:// and where it listens.",
    )
    proxies: int = _setting(
        _whole(0, 10), "0", "How many reverse proxies in front of the web processes set X-Forwarded-*."
    )
    https: bool = _setting(_flag, "no", "Whether people reach the sites by HTTPS: cookies Secure, HSTS sent.")

    log: str = _setting(
        _log_form, "auto", "How processes log: json (an object a line), text, or auto: text on a terminal, else json."
    )

    form_rate: str = _setting(
        _rate,
        "30/minute",
        "How many reports one address may file by the form (count/second, /minute, /hour or /day).",
    )
    sign_in_rate: str = _setting(
        _rate,
        "10/minute",
        "How many passwords and codes one address may try at the desk (count/minute and the like).",
    )

    imap_url: str | None = _setting(
        _url("imap", "imaps"),
        "",
        "The report mailbox, imap(s)://user:password@host:port/FOLDER (percent-encoded); empty: no mailbox is read.",
    )
    imap_processed: str = _setting(str, "Processed", "The folder that stored mails are moved to.")
    lmtp_recipients: tuple[str, ...] = _setting(
        _names, "", "Addresses the LMTP door takes mail for (address or @domain); empty: all."
    )

    dns_servers: tuple[Address, ...] = _setting(
        _servers, "", "DNS servers to ask (ip or ip:port); empty: the system's."
    )
    dns_zone: Path | None = _setting(_path, "", "A zone file (name TAB TXT a line) that replaces DNS altogether.")
    keys_hours: int = _setting(_whole(1, 168), "6", "Hours between two looks at the DKIM keys that are followed.")
    our_hosts: tuple[str, ...] = _setting(
        _names,
        "",
        "Host names of our own mail servers as they write them in Received (a name also covers what is below it).",
    )
    our_networks: tuple[Network, ...] = _setting(_networks, "", "Networks our own mail servers send from (CIDR).")

    organisation: str = _setting(str, "the mail provider", "The provider's name, as the pages say it.")
    contact: str = _setting(
        str, "", "How people reach the provider about privacy and abuse, shown on the public pages."
    )

    retention_raw_days: int = _setting(_days, "90", "Days that raw messages are kept.")
    retention_personal_days: int = _setting(_days, "365", "Days that other personal columns are kept.")
    retention_sent_days: int = _setting(
        _days, "30", "Days that the send log is kept, and how old a line may be when it is imported."
    )
    retention_volumes_days: int = _setting(_days, "400", "Days that daily delivered volumes are kept.")
    sent_url: str | None = _setting(
        _url("http", "https"),
        "",
        "Where the provider's own send log answers look-ups (docs/send-log.md); empty: our own table is asked.",
    )
    sent_token: str | None = _setting(str, "", "The bearer token for that address.")
    clicks_open: int = _setting(
        _count, "25", "Feedback-loop complaints about one sender in seven days that open a case."
    )
    clicks_raise: int = _setting(
        _count, "100", "Feedback-loop complaints about one sender in seven days that raise the case."
    )
    batch: int = _setting(_count, "500", "Reports that one job works off at a time.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process.

        A variable that is unset or empty leaves the default. Raises Rejected naming the first variable whose
        value cannot be read, without repeating the value: it may be a secret.
        """
        given = os.environ if environment is None else environment
        values: dict[str, Any] = {}
        for each in fields(cls):
            text = given.get(PREFIX + each.name.upper(), "")
            if not text:
                continue
            try:
                values[each.name] = each.metadata["read"](text)
            except ValueError as fault:
                raise Rejected(f"{PREFIX}{each.name.upper()} cannot be read: {each.metadata['meaning']}") from fault
        return cls(**({"data": _path("./var")} | values))

    @property
    def public_site(self) -> str:
        """The public site's address for links, without a slash at its end."""
        return (self.public_url or f"http://{self.public}").rstrip("/")

    @property
    def desk_site(self) -> str:
        """The desk's address for links, without a slash at its end."""
        return (self.desk_url or f"http://{self.desk}").rstrip("/")

    @property
    def secrets_file(self) -> Path:
        """Where the generated secrets are, mode 0600."""
        return self.secrets or self.data / "secrets.json"


class Described(NamedTuple):
    """A setting as the documentation tells it."""

    field: str
    name: str
    meaning: str
    default: str


def described() -> list[Described]:
    """Every setting in its order."""
    return [
        Described(each.name, PREFIX + each.name.upper(), each.metadata["meaning"], each.metadata["default"])
        for each in fields(Settings)
    ]
