"""How a process ends: with a sentence and an exit code, not with a traceback."""

from __future__ import annotations

import pytest

from tests.workers.conftest import Processes

PROCESSES = ("worker", "mailbox", "lmtp", "schedule")


@pytest.mark.parametrize("name", PROCESSES)
def test_settings_that_cannot_be_read_are_named(processes: Processes, name: str) -> None:
    process = processes.start(name, lmtp="nowhere")
    assert process.wait(30) == 1
    assert "ABUSEDESK_LMTP" in processes.log(name).read_text()


def test_a_mailbox_address_that_cannot_be_read_is_refused_without_its_password(processes: Processes) -> None:
    process = processes.start("mailbox", imap_url="pop3://abuse:hunter2@mail.test")
    assert process.wait(30) == 1
    said = processes.log("mailbox").read_text()
    assert "ABUSEDESK_IMAP_URL" in said
    assert "hunter2" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_that_is_told_to_stop_ends_well(processes: Processes, name: str) -> None:
    process = processes.start(name, lmtp="127.0.0.1:0")
    processes.wait_until_up(name)
    process.terminate()
    assert process.wait(30) == 0
