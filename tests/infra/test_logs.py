"""The log of a process: its two forms, and what it never says."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import threading
from datetime import datetime

import pytest
import structlog

from app.errors import Rejected
from app.infra.logs import cause, for_a_process
from app.settings import Settings
from tests.logs import Log, kept, log

__all__ = ["kept", "log"]

ADDRESS = "jane.roe@home.example"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def say(form: str, out: io.StringIO) -> str:
    for_a_process(form, out)
    structlog.get_logger().info("mailbox.read", moved=3, folder="Processed reports")
    return out.getvalue()


def test_json_is_an_object_a_line_with_time_and_level(log: Log) -> None:
    structlog.get_logger().warning("mailbox.away", failures=2)
    [line] = log.lines
    assert datetime.fromisoformat(str(line.pop("time"))).tzinfo is not None
    assert line == {"event": "mailbox.away", "level": "warning", "failures": 2}


def test_text_is_key_values(kept: None) -> None:
    said = say("text", io.StringIO())
    assert "mailbox.read" in said
    assert "folder='Processed reports' moved=3" in said
    assert "\x1b" not in said


def test_auto_is_text_on_a_terminal_and_json_elsewhere(kept: None) -> None:
    assert say("auto", io.StringIO()).startswith("{")
    assert "\x1b[" in say("auto", Terminal())
    assert say("json", Terminal()).startswith("{")


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_line_is_broken_and_no_terminal_is_steered_by_what_is_logged(kept: None, form: str) -> None:
    out = io.StringIO()
    for_a_process(form, out)
    structlog.get_logger().info("policy.junk", said="a\n{}\x1b[2J")
    assert out.getvalue().count("\n") == 1
    assert "\x1b" not in out.getvalue()


def test_what_is_below_info_is_not_said(log: Log) -> None:
    structlog.get_logger().debug("nothing")
    logging.getLogger("rq.worker").info("nothing")
    assert log.lines == []


def test_libraries_are_heard_without_what_they_filled_in(log: Log) -> None:
    logging.getLogger("rq.worker").warning("job %s of %s:\nfailed %d times", "j1", ADDRESS, 3)
    [line] = log.lines
    assert (line["event"], line["logger"], line["level"]) == ("library", "rq.worker", "warning")
    assert (line["pattern"], line["numbers"]) == ("job %s of %s: failed %d times", [3])
    assert ADDRESS not in log.text


def test_a_finished_sentence_of_a_library_is_not_told(log: Log) -> None:
    logging.getLogger("gunicorn.error").error(f"no such path: /status/{ADDRESS}")
    logging.getLogger("x").error("about %(who)s", {"who": ADDRESS})
    assert len(log.lines) == 2
    assert ADDRESS not in log.text


def test_an_exception_is_told_by_kind_and_place(log: Log) -> None:
    try:
        raise ExceptionGroup("both", [ValueError(ADDRESS)])
    except ExceptionGroup:
        logging.getLogger("asyncio").exception("task failed for %s", ADDRESS)
    [line] = log.lines
    assert line["kind"] == "ValueError"
    assert ADDRESS not in log.text


def test_a_cause_names_the_innermost_place_first() -> None:
    def deep() -> None:
        raise Rejected(ADDRESS)

    with pytest.raises(Rejected) as refused:
        deep()
    told = cause(refused.value)
    assert told["kind"] == "Rejected"
    assert told["at"].startswith("infra/test_logs.py:")
    assert told["at"].split(" < ")[0].endswith(" deep")


def test_what_nobody_caught_is_told_without_its_words(log: Log) -> None:
    def fail() -> None:
        raise RuntimeError(ADDRESS)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    [line] = log.events("process.broken")
    assert (line["kind"], line["level"]) == ("RuntimeError", "critical")
    assert ADDRESS not in log.text


def test_a_process_that_breaks_says_no_words_either() -> None:
    broken = (
        f"from app.infra.logs import for_a_process; for_a_process('json'); raise RuntimeError({ADDRESS!r})"  # as is
    )
    done = subprocess.run([sys.executable, "-c", broken], capture_output=True, text=True)
    assert done.returncode == 1
    assert "process.broken" in done.stdout
    assert ADDRESS not in done.stdout + done.stderr


def test_the_form_is_a_setting() -> None:
    assert Settings.from_environment({"ABUSEDESK_LOG": " JSON "}).log == "json"
    with pytest.raises(Rejected, match="ABUSEDESK_LOG"):
        Settings.from_environment({"ABUSEDESK_LOG": "xml"})
