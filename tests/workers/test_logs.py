"""What processes of ours write to their log: lines of JSON, with the job's id, and nothing of what is in a mail."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from rq import Queue

from app.bootstrap import Desk
from app.intake.domain import Arrival, Door
from app.intake.service import store_many
from app.jobs import QUEUE, WORK_OFF
from tests.services.programs import free_port, wait_until
from tests.workers.conftest import Processes
from tests.workers.mail import arf


def lines(path: Path, event: str) -> list[dict[str, object]]:
    """The lines of one event; every whole line there is must be JSON."""
    written = path.read_text()
    whole = written[: written.rfind("\n") + 1].splitlines()
    return [line for line in map(json.loads, whole) if line["event"] == event]


def test_a_worker_s_lines_carry_the_id_of_the_job(desk: Desk, processes: Processes) -> None:
    with desk.work() as work:
        store_many(work, [Arrival(arf(1), Door.COMMAND)])
        work.enqueue(WORK_OFF.name)
    processes.start("worker")
    log = processes.log("worker")
    wait_until(lambda: bool(lines(log, "reports.worked_off")), "the report is worked off")
    [batch], [done] = lines(log, "pipeline.batch"), lines(log, "reports.worked_off")
    assert batch["job"] == done["job"]
    assert "reader1" not in log.read_text()


def test_a_job_that_fails_is_told_by_kind_and_place(desk: Desk, processes: Processes) -> None:
    Queue(QUEUE, connection=desk.redis, serializer="json").enqueue("workers.jobs.nobody", args=["jane@home.example"])
    processes.start("worker")
    log = processes.log("worker")
    wait_until(lambda: bool(lines(log, "job.failed")), "the failure is told")
    [failed] = lines(log, "job.failed")
    assert failed["job"]
    assert failed["kind"] == "ValueError"  # rq: there is no such function
    assert "jane@home.example" not in log.read_text()


def test_gunicorn_speaks_our_form_and_tells_no_address(processes: Processes) -> None:
    port = free_port()
    process = processes.start("web public", public=f"127.0.0.1:{port}")
    log = processes.log("web public")
    wait_until(lambda: _answers(port), "it listens")
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"GET /status/ABCDE-FGHJK NONSENSE/9\r\n\r\n")
        client.recv(1000)
    wait_until(lambda: bool(lines(log, "library")), "the nonsense is told")
    process.terminate()
    assert process.wait(30) == 0
    assert "ABCDE" not in log.read_text()
    assert "Traceback" not in log.read_text()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return b" 200 " in client.recv(100)
    except OSError:
        return False
