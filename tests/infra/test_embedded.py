"""The embedded servers: shared, stopped by the last, and unharmed by kill -9 anywhere."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from app.errors import Unavailable
from app.infra.embedded import Embedded, servers
from app.infra.places import Place, socket_root
from app.infra.postgres import Postgres
from app.infra.valkey import Valkey
from app.settings import Settings

USER = """
import sys, time
from pathlib import Path
from app.infra.embedded import servers
from app.settings import Settings
with servers(Settings(data=Path(sys.argv[1])), durable=False):
    sys.stdout.write("up\\n"); sys.stdout.flush(); time.sleep(600)
"""


def test_both_servers_run_until_the_end_of_the_block(data: Path) -> None:
    with servers(Settings(data=data), durable=False) as settings:
        assert one(settings, "select 1") == 1
        assert keys(settings).ping()
        pid = postmaster(data)
    assert not alive(pid)
    eventually(lambda: not running(data))


def test_a_second_user_shares_and_only_the_last_stops_them(data: Path) -> None:
    with servers(Settings(data=data), durable=False) as first:
        before = running(data)
        with servers(Settings(data=data), durable=False) as second:
            assert second == first
            assert running(data) == before
        assert one(first, "select 1") == 1
    eventually(lambda: not running(data))


def test_the_first_user_may_leave_before_the_second(data: Path) -> None:
    with user_process(data) as other, servers(Settings(data=data), durable=False) as settings:
        end(other, signal.SIGKILL)
        time.sleep(0.3)  # the keeper looks every 0.1 s
        assert one(settings, "select 1") == 1


def test_nothing_runs_after_all_users_were_killed(data: Path) -> None:
    with user_process(data) as only:
        assert running(data)
        end(only, signal.SIGKILL)
        eventually(lambda: not running(data))


def test_a_killed_postgres_is_back_with_what_was_committed(data: Path) -> None:
    with servers(Settings(data=data)) as settings:
        one(settings, "create table kept as select 7 as number")
        killed = postmaster(data)
        os.kill(killed, signal.SIGKILL)
        eventually(lambda: postmaster(data) not in (0, killed) and embedded(data)[0].server.answers())
        assert one(settings, "select number from kept") == 7


def test_servers_end_with_their_killed_keepers_and_start_again(data: Path) -> None:
    with servers(Settings(data=data)) as settings:
        one(settings, "create table kept as select 7 as number")
        with keys(settings) as connection:
            connection.set("kept", "7")
            assert connection.waitaof(1, 0, 5000)[0] == 1  # on disk: appendfsync everysec
        for keeper in keepers(data):
            end(keeper, signal.SIGKILL)
        eventually(lambda: not running(data))
        with servers(Settings(data=data)):
            assert one(settings, "select number from kept") == 7
            assert keys(settings).get("kept") == b"7"


def test_the_queue_survives_a_restart(data: Path) -> None:
    with servers(Settings(data=data)) as settings:
        keys(settings).rpush("queue", "a", "b")
    with servers(Settings(data=data)) as settings:
        assert keys(settings).lrange("queue", 0, -1) == [b"a", b"b"]


def test_a_pid_file_of_another_program_does_not_stop_the_start(data: Path) -> None:
    with servers(Settings(data=data), durable=False):
        pass
    (data / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{data}/postgres\n")
    with servers(Settings(data=data), durable=False) as settings:
        assert one(settings, "select 1") == 1


def test_a_half_made_cluster_is_made_anew(data: Path) -> None:
    (data / "postgres.new" / "base").mkdir(parents=True)
    with servers(Settings(data=data), durable=False) as settings:
        assert one(settings, "select 1") == 1


def test_folders_are_ours_alone_and_those_above_stay_as_they_were(tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    above.chmod(0o755)
    before = modes(above)
    with servers(Settings(data=above / "var"), durable=False):
        made = [above / "var" / name for name in ("", "run", "postgres", "valkey")]
        assert {folder.stat().st_mode & 0o777 for folder in made} == {0o700}
    assert modes(above) == before


def test_a_long_data_path_puts_the_sockets_under_tmp(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 25)
    with servers(Settings(data=data), durable=False) as settings:
        assert one(settings, "select 1") == 1
        assert socket_root(data).stat().st_mode & 0o777 == 0o700
    shutil.rmtree(socket_root(data))


def test_a_socket_folder_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    data = tmp_path / ("long" * 25)
    socket_root(data).symlink_to(tmp_path)
    try:
        with pytest.raises(Unavailable, match="someone else"):
            Place(data, "valkey").make()
    finally:
        socket_root(data).unlink()


def test_servers_of_ones_own_are_taken_as_they_are(tmp_path: Path) -> None:
    own = Settings(data=tmp_path / "var", database_url="postgresql://there/db", redis_url="redis://there")
    with servers(own) as settings:
        assert settings is own
    assert not (tmp_path / "var").exists()


def test_a_server_that_cannot_start_is_named_with_its_reason(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("9\n")
    with (
        pytest.raises(Unavailable, match=r"embedded postgres does not start.*PostgreSQL 9"),
        servers(Settings(data=data)),
    ):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to be someone else")
class TestWithoutNamespaces:
    @pytest.fixture(autouse=True)
    def _no_unshare(self, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        programs = open_folder / "programs"
        programs.mkdir()
        (programs / "test").symlink_to(shutil.which("test") or "/usr/bin/test")
        monkeypatch.setenv("PATH", str(programs))

    def test_root_runs_postgres_as_nobody(self, open_folder: Path) -> None:
        with servers(Settings(data=open_folder / "var"), durable=False) as settings:
            assert one(settings, "select 1") == 1
            assert psutil.Process(postmaster(open_folder / "var")).username() == "nobody"

    def test_a_folder_out_of_reach_is_named(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        with (
            pytest.raises(Unavailable, match="nobody cannot reach"),
            servers(Settings(data=tmp_path / "var"), durable=False),
        ):
            pass


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="abusedesk-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


class user_process:  # noqa: N801 - used as a block, as `servers` is
    """Another process that uses the servers of `data`; killed at the end of the block."""

    def __init__(self, data: Path) -> None:
        argv = [sys.executable, "-c", USER, str(data)]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> psutil.Process:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "up\n"
        return psutil.Process(self.process.pid)

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


def one(settings: Settings, statement: str) -> object:
    address = (settings.database_url or "").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        found = connection.execute(statement.encode())
        return found.fetchall()[0][0] if found.description else None


def keys(settings: Settings) -> redis.Redis:
    return redis.Redis.from_url(settings.redis_url or "", single_connection_client=True)


def embedded(data: Path) -> tuple[Embedded, Embedded]:
    return Embedded(Postgres(Place(data, "postgres"))), Embedded(Valkey(Place(data, "valkey")))


def processes(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        ended = process.info["status"] == psutil.STATUS_ZOMBIE
        if not ended and mark in (process.info["cmdline"] or ()):
            found.append(process)
    return found


def keepers(data: Path) -> list[psutil.Process]:
    return [each for each in processes(str(data)) if "app.infra.keeper" in each.info["cmdline"]]


def running(data: Path) -> set[int]:
    """The pids of the keepers and servers of `data`."""
    marks = (str(data), str(data / "postgres"))
    found = {each.pid for mark in marks for each in processes(mark) if "-c" not in each.info["cmdline"][1:2]}
    return found | {pid for pid in [postmaster(data)] if pid and alive(pid)}


def postmaster(data: Path) -> int:
    record = data / "postgres" / "postmaster.pid"
    return int(record.read_text().split()[0]) if record.exists() else 0


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def end(process: psutil.Process, how: signal.Signals) -> None:
    process.send_signal(how)


def eventually(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def modes(folder: Path) -> list[tuple[int, int, int]]:
    found = [each.stat() for each in (folder, *folder.parents)]
    return [(each.st_mode, each.st_uid, each.st_gid) for each in found]
