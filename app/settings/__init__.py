"""Settings: read once from the environment, frozen, typed. docs/configuration.md is made from the fields below.

Every variable is `ABUSEDESK_` and the field's name in capitals. Nothing else in the product reads the
environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field, fields
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from app.errors import Rejected
from app.settings import readers
from app.settings.readers import Address, Network
from app.values import dataclass

__all__ = ["PREFIX", "Address", "Described", "Network", "Settings", "described"]

PREFIX = "ABUSEDESK_"


def _setting(read: Callable[[str], Any], default: str, meaning: str) -> Any:
    """A field of Settings; an empty default is given to `read` too, except for paths and URLs, where it is None."""
    value = read(default) if default or read in readers.LISTS else None
    return field(default=value, metadata={"read": read, "default": default, "meaning": meaning})


@dataclass(frozen=True)
class Settings:
    """Everything an operator may choose; see `Settings.from_environment`."""

    data: Path = _setting(readers.path, "./var", "The one folder that holds all data and the generated secrets.")
    database_url: str | None = _setting(
        readers.url("postgresql", "postgresql+psycopg"),
        "",
        "A PostgreSQL of one's own (postgresql://…); empty: the embedded one.",
    )
    redis_url: str | None = _setting(
        readers.url("redis", "rediss", "unix"),
        "",
        "A Redis or Valkey of one's own (redis://…); empty: the embedded one.",
    )
    secrets: Path | None = _setting(
        readers.path, "", "The file with the secrets; empty: `secrets.json` in the data folder."
    )

    public: Address = _setting(readers.address, "127.0.0.1:8000", "Where the public site listens (host:port).")
    desk: Address = _setting(readers.address, "127.0.0.1:8001", "Where the staff desk listens (host:port).")
    lmtp: Address = _setting(readers.address, "127.0.0.1:8024", "Where the LMTP door listens (host:port).")
    policy: Address = _setting(
        readers.address, "127.0.0.1:8025", "Where the Postfix policy service listens (host:port)."
    )
    public_url: str | None = _setting(
        readers.url("http", "https"),
        "",
        "Address of the public site as people see it, for links; empty: http:// and where it listens.",
    )
    desk_url: str | None = _setting(
        readers.url("http", "https"),
        "",
        "Address of the desk as staff see it, for links; empty: http:// and where it listens.",
    )
    proxies: int = _setting(
        readers.whole(0, 10), "0", "How many reverse proxies in front of the web processes set X-Forwarded-*."
    )
    https: bool = _setting(readers.flag, "no", "Whether people reach the sites by HTTPS: cookies Secure, HSTS sent.")

    log: str = _setting(
        readers.log_form,
        "auto",
        "How processes log: json (an object a line), text, or auto: text on a terminal, else json.",
    )

    form_rate: str = _setting(
        readers.rate,
        "30/minute",
        "How many reports one address may file by the form (count/second, /minute, /hour or /day).",
    )
    sign_in_rate: str = _setting(
        readers.rate,
        "10/minute",
        "How many passwords and codes one address may try at the desk (count/minute and the like).",
    )

    imap_url: str | None = _setting(
        readers.url("imap", "imaps"),
        "",
        "The report mailbox, imap(s)://user:password@host:port/FOLDER (percent-encoded); empty: no mailbox is read.",
    )
    imap_processed: str = _setting(str, "Processed", "The folder that stored mails are moved to.")
    lmtp_recipients: tuple[str, ...] = _setting(
        readers.names, "", "Addresses the LMTP door takes mail for (address or @domain); empty: all."
    )

    dns_servers: tuple[Address, ...] = _setting(
        readers.servers, "", "DNS servers to ask (ip or ip:port); empty: the system's."
    )
    dns_zone: Path | None = _setting(
        readers.path, "", "A zone file (name TAB TXT a line) that replaces DNS altogether."
    )
    keys_hours: int = _setting(
        readers.whole(1, 168), "6", "Hours between two looks at the DKIM keys that are followed."
    )
    our_hosts: tuple[str, ...] = _setting(
        readers.names,
        "",
        "Host names of our own mail servers as they write them in Received (a name also covers what is below it).",
    )
    our_networks: tuple[Network, ...] = _setting(
        readers.networks, "", "Networks our own mail servers send from (CIDR)."
    )

    organisation: str = _setting(str, "the mail provider", "The provider's name, as the pages say it.")
    contact: str = _setting(
        str, "", "How people reach the provider about privacy and abuse, shown on the public pages."
    )

    retention_raw_days: int = _setting(readers.days, "90", "Days that raw messages are kept.")
    retention_personal_days: int = _setting(readers.days, "365", "Days that other personal columns are kept.")
    retention_sent_days: int = _setting(
        readers.days, "30", "Days that the send log is kept, and how old a line may be when it is imported."
    )
    retention_volumes_days: int = _setting(readers.days, "400", "Days that daily delivered volumes are kept.")
    sent_url: str | None = _setting(
        readers.url("http", "https"),
        "",
        "Where the provider's own send log answers look-ups (docs/send-log.md); empty: our own table is asked.",
    )
    sent_token: str | None = _setting(str, "", "The bearer token for that address.")
    clauses: Path | None = _setting(
        readers.path,
        "",
        "A JSON file with the clauses of the acceptable-use policy (docs/enforcement.md); empty: ours.",
    )
    undo_minutes: int = _setting(
        readers.whole(0, 1440), "30", "Minutes in which an action can be undone in one click."
    )
    stamp: str = _setting(
        readers.stamp,
        "no",
        "The header field that the policy service stamps a trace token into: feedback-id, cfbl-feedback-id or no.",
    )
    postfix_maps: Path | None = _setting(
        readers.path, "", "The folder in which the lookup tables for Postfix are written; empty: none are."
    )
    postfix_config: Path | None = _setting(
        readers.path, "", "Postfix's configuration folder on this machine; empty: its queue is not looked into."
    )
    postfix_node: str = _setting(
        str,
        "",
        "The name of the Postfix on this machine among several, kept where the host's changes; empty: the host's.",
    )
    probe_url: str | None = _setting(
        readers.url("smtp", "smtps"),
        "",
        "Where and as whom a suspension is tried out: smtp(s)://login:password@host:port (percent-encoded).",
    )
    probe_sender: str | None = _setting(
        str, "", "The sender's id of the probe account; empty: no standing self-test."
    )
    probe_minutes: int = _setting(readers.whole(1, 1440), "60", "Minutes between two standing self-tests.")
    kumomta_urls: tuple[str, ...] = _setting(
        readers.http_urls, "", "The HTTP listeners of all KumoMTA nodes, comma or space between them."
    )
    hook_url: str | None = _setting(
        readers.url("http", "https"),
        "",
        "Where each enforcement order is posted (docs/connectors.md); empty: nowhere.",
    )
    alarm_url: str | None = _setting(readers.url("http", "https"), "", "Where alarms are posted; empty: nowhere.")
    hook_key: str | None = _setting(str, "", "The key that signs what is posted to the two addresses above.")
    alarm_to: tuple[str, ...] = _setting(readers.names, "", "Mail addresses that alarms are sent to.")
    smtp_url: str | None = _setting(
        readers.url("smtp", "smtps"),
        "",
        "The mail server that notices and alarms are handed to: smtp(s)://[login:password@]host:port; empty: none.",
    )
    mail_from: str | None = _setting(str, "", "The address that notices and alarms come from.")
    suppression_token: str | None = _setting(
        str, "", "The bearer token by which a platform pulls suppressions (docs/suppression.md); empty: closed."
    )
    clicks_open: int = _setting(
        readers.count, "25", "Feedback-loop complaints about one sender in seven days that open a case."
    )
    clicks_raise: int = _setting(
        readers.count, "100", "Feedback-loop complaints about one sender in seven days that raise the case."
    )
    batch: int = _setting(readers.count, "500", "Reports that one job works off at a time.")

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
        return cls(**({"data": readers.path("./var")} | values))

    @property
    def public_site(self) -> str:
        """The public site's address for links, without a slash at its end."""
        return (self.public_url or f"http://{self.public}").rstrip("/")

    @property
    def desk_site(self) -> str:
        """The desk's address for links, without a slash at its end."""
        return (self.desk_url or f"http://{self.desk}").rstrip("/")

    @property
    def probe_login(self) -> str:
        """The login of the probe account, lower case; empty where there is none."""
        return unquote(urlsplit(self.probe_url or "").username or "").lower()

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
