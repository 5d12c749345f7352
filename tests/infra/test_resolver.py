"""Looking keys up: one contract for the zone file and for real DNS packets, then what each does on its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.infra import resolver as module
from app.infra.resolver import Dns, ZoneFile, resolver_from
from app.mail.domain import KeyState
from app.ports import KeyResolver
from app.settings import Settings
from tests.services.dns import DnsServer

KEY = "v=DKIM1; k=rsa; p=" + "QUJD" * 100  # over 255 bytes: two strings in DNS
NAME = "s1._domainkey.example.com"

Start = Callable[[dict[str, list[str]]], KeyResolver]


def test_a_record_is_found_with_its_strings_joined(start: Start) -> None:
    answers = start({NAME: [KEY]}).look_up([NAME])

    assert answers[NAME].state is KeyState.FOUND
    assert answers[NAME].txt == KEY.encode()


def test_a_name_without_a_record_has_none(start: Start) -> None:
    answers = start({NAME: [KEY]}).look_up(["other._domainkey.example.com"])

    assert answers["other._domainkey.example.com"].state is KeyState.NONE
    assert answers["other._domainkey.example.com"].txt is None


def test_every_name_asked_for_has_an_answer_under_its_own_spelling(start: Start) -> None:
    asked = [NAME, NAME.upper(), NAME + ".", "none.example.com", "a..b", "x" * 70 + ".example.com", ""]

    answers = start({NAME: [KEY]}).look_up(asked)

    assert {name: answer.state for name, answer in answers.items()} == {
        NAME: KeyState.FOUND,
        NAME.upper(): KeyState.FOUND,
        NAME + ".": KeyState.FOUND,
        "none.example.com": KeyState.NONE,
        "a..b": KeyState.NONE,
        "x" * 70 + ".example.com": KeyState.NONE,
        "": KeyState.NONE,
    }


def test_no_names_give_no_answers(start: Start) -> None:
    assert start({}).look_up([]) == {}


def test_among_several_records_the_one_that_says_it_is_a_key_is_taken(start: Start) -> None:
    answers = start({NAME: ["verification=123", KEY]}).look_up([NAME])

    assert answers[NAME].txt == KEY.encode()


def test_an_empty_key_is_still_a_record(start: Start) -> None:
    assert start({NAME: ["v=DKIM1; p="]}).look_up([NAME])[NAME].txt == b"v=DKIM1; p="


def test_a_failure_is_told_apart_from_no_record(server: DnsServer) -> None:
    server.servfail.add(NAME)

    assert Dns((server.address,)).look_up([NAME])[NAME].state is KeyState.DNS_FAILED


def test_a_server_that_does_not_answer_is_a_failure(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKUP_SECONDS", 0.2)
    server.drop.add(NAME)

    assert Dns((server.address,)).look_up([NAME])[NAME].state is KeyState.DNS_FAILED


def test_a_port_where_nobody_listens_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKUP_SECONDS", 0.2)
    with DnsServer() as gone:
        address = gone.address

    assert Dns((address,)).look_up([NAME])[NAME].state is KeyState.DNS_FAILED


def test_a_cut_answer_is_asked_for_again_by_tcp(server: DnsServer) -> None:
    server.txt[NAME] = [KEY]
    server.truncate.add(NAME)

    assert Dns((server.address,)).look_up([NAME])[NAME].txt == KEY.encode()
    assert server.tcp[NAME] == 1


def test_an_alias_is_followed(server: DnsServer) -> None:
    server.cname[NAME] = "key.provider.example"
    server.txt["key.provider.example"] = [KEY]

    assert Dns((server.address,)).look_up([NAME])[NAME].txt == KEY.encode()


def test_a_name_that_exists_without_txt_has_no_record(server: DnsServer) -> None:
    server.empty.add(NAME)

    assert Dns((server.address,)).look_up([NAME])[NAME].state is KeyState.NONE


def test_one_bad_name_spoils_no_other_of_the_batch(server: DnsServer) -> None:
    good = [f"s{number}._domainkey.example.com" for number in range(40)]
    server.txt.update({name: [KEY] for name in good})
    server.servfail.add(NAME + ".bad")

    answers = Dns((server.address,)).look_up([*good, NAME + ".bad"])

    assert {answers[name].state for name in good} == {KeyState.FOUND}
    assert answers[NAME + ".bad"].state is KeyState.DNS_FAILED


def test_a_batch_stops_asking_when_its_time_is_over(server: DnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_SECONDS", -1.0)
    server.txt[NAME] = [KEY]

    assert Dns((server.address,)).look_up([NAME])[NAME].state is KeyState.DNS_FAILED
    assert not server.queries


@pytest.mark.parametrize(
    ("fate", "ttl", "kept", "gone"),
    [
        pytest.param("txt", 60, 55, 62, id="a record for its TTL"),
        pytest.param("txt", 86_400, 3_590, 3_602, id="a record for an hour at most"),
        pytest.param("none", 60, 295, 302, id="no record for five minutes"),
        pytest.param("servfail", 60, 4, 6, id="a failure for five seconds"),
    ],
)
def test_an_answer_is_kept(server: DnsServer, fate: str, ttl: int, kept: int, gone: int) -> None:
    server.ttl = ttl
    if fate == "txt":
        server.txt[NAME] = [KEY]
    elif fate == "servfail":
        server.servfail.add(NAME)
    clock = [1000.0]
    resolver = Dns((server.address,), now=lambda: clock[0])

    resolver.look_up([NAME])
    first = server.queries[NAME]
    clock[0] += kept
    resolver.look_up([NAME])
    assert server.queries[NAME] == first
    clock[0] += gone - kept
    resolver.look_up([NAME])
    assert server.queries[NAME] > first


def test_a_changed_zone_file_is_read_again(tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_text(f"{NAME}\tv=DKIM1; p=old\n")
    resolver = ZoneFile(zone)
    resolver.look_up([NAME])

    zone.write_text(f"{NAME}\tv=DKIM1; p=new\n")
    os.utime(zone, (1, 1))

    assert resolver.look_up([NAME])[NAME].txt == b"v=DKIM1; p=new"


def test_comments_and_empty_lines_of_a_zone_file_are_skipped(tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_text(f"# {NAME}\tv=DKIM1; p=comment\n\n   \nno tab here\n{NAME}.\t{KEY}\r\n")

    assert ZoneFile(zone).look_up([NAME])[NAME].txt == KEY.encode()


def test_a_zone_file_that_is_not_there_fails_for_now(tmp_path: Path) -> None:
    assert ZoneFile(tmp_path / "none").look_up([NAME])[NAME].state is KeyState.DNS_FAILED


def test_settings_choose_the_zone_file(tmp_path: Path) -> None:
    (tmp_path / "zone").write_text(f"{NAME}\t{KEY}\n")
    settings = Settings.from_environment({"ABUSEDESK_DNS_ZONE": str(tmp_path / "zone")})

    assert resolver_from(settings).look_up([NAME])[NAME].state is KeyState.FOUND


def test_settings_choose_the_servers(server: DnsServer) -> None:
    server.txt[NAME] = [KEY]
    settings = Settings.from_environment({"ABUSEDESK_DNS_SERVERS": "{}:{}".format(*server.address)})

    assert resolver_from(settings).look_up([NAME])[NAME].state is KeyState.FOUND


def test_without_settings_the_system_is_asked() -> None:
    assert isinstance(resolver_from(Settings.from_environment({})), Dns)


@pytest.fixture
def server() -> Iterator[DnsServer]:
    with DnsServer() as running:
        yield running


@pytest.fixture(params=["zone file", "DNS"])
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Start]:
    """Starts a resolver that knows the given records."""
    with ExitStack() as stack:

        def zone_file(records: dict[str, list[str]]) -> KeyResolver:
            lines = [f"{name}\t{txt}\n" for name, several in records.items() for txt in several]
            (tmp_path / "zone").write_text("".join(lines))
            return ZoneFile(tmp_path / "zone")

        def real(records: dict[str, list[str]]) -> KeyResolver:
            return Dns((stack.enter_context(DnsServer(txt=records)).address,))

        yield zone_file if request.param == "zone file" else real
