"""What `abusedesk up` runs, and that one data folder is up once."""

from __future__ import annotations

import socket
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import Conflict, Rejected
from app.settings import Address, Settings
from workers import up, web

REPOSITORY = Path(__file__).parents[2]


def test_every_process_of_the_procfile_runs(tmp_path: Path) -> None:
    lines = (REPOSITORY / "Procfile").read_text().splitlines()
    listed = [line.split(" -m ")[1].split() for line in lines if " -m " in line]
    settings = Settings(data=tmp_path, imap_url="imap://there/INBOX")
    ran = [list(program.argv[3:]) for program in up.programs(settings, {})]
    assert sorted(ran) == sorted(listed)
    assert {tuple(program.argv[:3]) for program in up.programs(settings, {})} == {(sys.executable, "-P", "-m")}


def test_no_mailbox_is_read_where_none_is_named(tmp_path: Path) -> None:
    assert "mailbox" not in [program.name for program in up.programs(Settings(data=tmp_path), {})]


def test_processes_are_told_the_servers_and_the_data_folder(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url="postgresql://d", redis_url="unix:///r")
    assert up.environment(settings) == {
        "ABUSEDESK_DATA": str(tmp_path),
        "ABUSEDESK_DATABASE_URL": "postgresql://d",
        "ABUSEDESK_REDIS_URL": "unix:///r",
    }


def test_a_data_folder_is_up_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with up._only_here(settings), pytest.raises(Conflict, match="up already"):
        up.up(settings)


def test_an_address_that_is_taken_stops_the_start_before_any_server_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = Address("127.0.0.1", other.getsockname()[1])
        free = Address("127.0.0.1", 0)
        settings = Settings(data=tmp_path, public=free, desk=free, lmtp=taken, policy=free)
        with pytest.raises(Conflict, match=f"{taken} is taken .* ABUSEDESK_LMTP"):
            up.up(settings)
    assert not (tmp_path / "postgres").exists()


def test_each_site_listens_where_the_settings_say_without_a_control_socket(tmp_path: Path) -> None:
    settings = replace(Settings(data=tmp_path), public=Address("::1", 81), desk=Address("127.0.0.1", 82))
    public, desk = web.argv("public", settings), web.argv("desk", settings)
    assert (public[0], desk[0]) == ("app.wsgi:public", "app.wsgi:desk")
    assert (public[public.index("--bind") + 1], desk[desk.index("--bind") + 1]) == ("[::1]:81", "127.0.0.1:82")
    assert "--no-control-socket" in public
    assert "--no-control-socket" in desk


def test_a_site_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="public or desk"):
        web.argv("", Settings(data=tmp_path))
