"""Following a log that grows and is rotated: nothing lost, nothing doubled, whenever the follower ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.bootstrap import Desk
from app.errors import Conflict
from app.senders import follow_cli
from app.senders.follow_cli import Follower
from app.senders.log_file import LogFile
from app.settings import PREFIX
from tests.factories.customers import customers
from tests.senders.test_sent_postfix import mail
from tests.services.processes import ROOT
from tests.services.programs import wait_until

UTC = ZoneInfo("UTC")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


@pytest.fixture(autouse=True)
def known(desk: Desk) -> None:
    customers(desk, acme=[("login", "mailer@acme.test")])


def mails(desk: Desk, *numbers: int) -> str:
    at = desk.clock.now().isoformat()
    return "".join(f"{line}\n" for number in numbers for line in mail(f"B{number:05}", number, at=at))


def write(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


def run(desk: Desk, log: Path) -> bool:
    """A follower's life: from where the last stood to the end; whether it could find its file."""
    follower = Follower(desk, log, UTC)
    while follower.step():
        pass
    follower.close()
    return not follower.lost


def kept(desk: Desk) -> tuple[int, int]:
    """Mails in the log, and how many are counted."""
    with desk.engine.connect() as connection:
        rows = connection.execute(sa.text("select count(*) from sent")).scalar_one()
        return rows, connection.execute(sa.text("select coalesce(sum(counted), 0) from delivered")).scalar_one()


def test_what_is_written_meanwhile_is_read_once(desk: Desk, log: Path) -> None:
    follower = Follower(desk, log, UTC)
    assert follower.step() is None

    for number in range(3):
        write(log, mails(desk, number))
        assert follower.step() is not None
        assert follower.step() is None

    assert kept(desk) == (3, 3)
    follower.close()


@pytest.mark.parametrize("cut", [1, 100, 350, 600, 800, 950])
def test_a_mail_whose_lines_a_restart_parts_is_known(desk: Desk, log: Path, cut: int) -> None:
    text = mails(desk, 1)

    write(log, text[:cut])
    run(desk, log)
    write(log, text[cut:])
    run(desk, log)

    assert kept(desk) == (1, 1)


def test_a_line_that_is_not_whole_waits(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1)[:-5])
    file = LogFile(log, None)

    assert len(list(file.lines(10))) == 4
    write(log, "oved\n")
    assert [line.endswith(b"removed\n") for line in file.lines(10)] == [True]
    file.close()


def test_a_rotated_file_is_read_to_its_end_before_the_new_one(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1))
    follower = Follower(desk, log, UTC)
    follower.step()

    write(log, mails(desk, 2))
    log.rename(log.with_name("mail.log.1"))
    assert follower.step() is not None
    write(log, mails(desk, 3))
    follower.step()

    assert kept(desk) == (3, 3)
    follower.close()


def test_files_rotated_while_nobody_followed_are_all_read(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1))
    run(desk, log)
    for number in (2, 3):
        write(log, mails(desk, number))
        rotated = log.with_name(f"mail.log-{number}")
        log.rename(rotated)
        os.utime(rotated, (number, number))
        write(log, mails(desk, number + 10))
    write(log, mails(desk, 5))

    assert run(desk, log)
    assert kept(desk) == (6, 6)


def test_a_file_that_is_gone_is_told_of_and_the_new_one_read(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1))
    run(desk, log)
    log.unlink()
    write(log, mails(desk, 2, 3))

    assert not run(desk, log)
    assert kept(desk) == (3, 3)


def test_a_truncated_file_is_read_anew(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1, 2))
    follower = Follower(desk, log, UTC)
    follower.step()

    log.write_text(mails(desk, 3))
    follower.step()

    assert kept(desk) == (3, 3)
    follower.close()


def test_two_followers_of_one_log_do_not_both_go_on(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1))
    first, second = Follower(desk, log, UTC), Follower(desk, log, UTC)
    first.step()

    with pytest.raises(Conflict):
        second.step()
    first.close()
    second.close()


def test_what_waits_stands_sealed(desk: Desk, log: Path) -> None:
    write(log, mails(desk, 1)[:300])
    run(desk, log)

    with desk.engine.connect() as connection:
        row = connection.execute(sa.text("select p::text from log_place p")).scalar_one()
    assert "mailer@acme" not in row
    assert b"mailer@acme".hex() not in row


@pytest.fixture
def command(desk: Desk, log: Path) -> Iterator[list[str]]:
    yield [sys.executable, "-P", "-m", "app.cli", "sent", "follow", str(log)]


def start(desk: Desk, command: list[str]) -> subprocess.Popen[bytes]:
    settings = desk.settings
    own = {"data": settings.data, "database_url": settings.database_url, "redis_url": settings.redis_url}
    env = {PREFIX + name.upper(): str(value) for name, value in own.items()} | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=os.environ | env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_killed_at_any_time_it_loses_and_doubles_nothing(desk: Desk, log: Path, command: list[str]) -> None:
    many = 3 * follow_cli.LINES
    write(log, mails(desk, *range(many)))
    for share in (0, many // 5, many // 2):
        with start(desk, command) as process:
            wait_until(lambda share=share: kept(desk)[0] > share, "some are taken")
            process.send_signal(signal.SIGKILL)
    with start(desk, command) as process:
        wait_until(lambda: kept(desk)[0] >= many, "all are taken")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=30)

    assert process.returncode == 0, said
    assert kept(desk) == (many, many)
