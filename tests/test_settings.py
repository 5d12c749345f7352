"""Settings are read once, say which one is wrong, and are documented as they are."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from app.errors import Rejected
from app.infra.database import unmigrated
from app.settings import Address, Settings, described

CONFIGURATION = Path(__file__).parents[1] / "docs" / "configuration.md"


def test_without_environment_everything_has_its_default() -> None:
    settings = Settings.from_environment({})

    assert settings.public == Address("127.0.0.1", 8000)
    assert settings.database_url is None and settings.our_hosts == ()
    assert settings.data == Path("var").resolve()


def test_values_are_read_into_their_types() -> None:
    settings = Settings.from_environment(
        {
            "ABUSEDESK_DNS_SERVERS": "192.0.2.1 192.0.2.2:5353, [2001:db8::1]:53",
            "ABUSEDESK_OUR_NETWORKS": "198.51.100.0/24 2001:db8::/32",
            "ABUSEDESK_OUR_HOSTS": "Relay.Example, out.example",
            "ABUSEDESK_DESK": "[::1]:9001",
        }
    )

    assert settings.dns_servers == (Address("192.0.2.1", 53), Address("192.0.2.2", 5353), Address("2001:db8::1", 53))
    assert settings.our_networks == (ip_network("198.51.100.0/24"), ip_network("2001:db8::/32"))
    assert settings.our_hosts == ("relay.example", "out.example")
    assert str(settings.desk) == "[::1]:9001"


@pytest.mark.parametrize("name", ["PUBLIC", "BATCH", "OUR_NETWORKS", "HTTPS", "DNS_SERVERS", "FORM_RATE"])
def test_a_wrong_value_is_named_but_not_repeated(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        Settings.from_environment({f"ABUSEDESK_{name}": "not/this"})

    assert f"ABUSEDESK_{name}" in str(refused.value) and "not/this" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://secret@there/db"),
        ("REDIS_URL", "http://secret@there"),
        ("IMAP_URL", "ftp://secret@there/INBOX"),
        ("DESK_URL", "secret.example"),
        ("PROXIES", "-1"),
        ("RETENTION_RAW_DAYS", "9999999"),
        ("BATCH", "0"),
    ],
)
def test_a_value_that_would_fail_only_later_is_refused_at_once(name: str, value: str) -> None:
    with pytest.raises(Rejected) as refused:
        Settings.from_environment({f"ABUSEDESK_{name}": value})

    assert f"ABUSEDESK_{name}" in str(refused.value) and "secret" not in str(refused.value)


def test_links_lead_to_where_the_sites_listen_unless_told_otherwise() -> None:
    here = Settings.from_environment({"ABUSEDESK_DESK": "127.0.0.1:9001", "ABUSEDESK_PUBLIC": "[::1]:9000"})
    told = Settings.from_environment({"ABUSEDESK_DESK_URL": "https://desk.example/"})

    assert (here.public_site, here.desk_site) == ("http://[::1]:9000", "http://127.0.0.1:9001")
    assert told.desk_site == "https://desk.example"


def test_the_documentation_has_every_setting_as_it_is() -> None:
    written = CONFIGURATION.read_text()

    for each in described():
        default = f"`{each.default}`" if each.default else "empty"
        assert f"| `{each.name}` | {each.meaning} | {default} |" in written


def test_the_migrations_make_what_the_models_say(settings: Settings) -> None:
    assert unmigrated(settings) is None
