"""Where the log goes (structlog). What it says are dotted events with counts and ids, never what is in a mail.

A process writes a line an event to standard output, JSON or, on a terminal, key-values; the web adds the id of the
request, a worker that of its job. What libraries say through `logging` goes the same way from WARNING on, without
what they filled in: that may be an address, a path with a receipt, a row of the database. So of a sentence only its
pattern is told, and of an exception only its kind and where it was raised.
"""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog
from structlog.typing import Processor

PLACES = 8
"""How many places of a traceback are told, the innermost first."""

log = structlog.get_logger(__name__)


def for_a_command() -> None:
    """The log of a command: warnings and worse, to standard error. Standard output is for what was asked."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the one of the moment
    )


def for_a_process(form: str, out: TextIO | None = None) -> None:
    """The log of a process. form: `json`, `text`, or `auto`: text on a terminal, JSON elsewhere. out: default stdout.

    Also what libraries log, and an exception that nobody caught, which Python would print with its words.
    """
    stream = out or sys.stdout
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            _renderer(form, stream.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    root = logging.getLogger()
    root.handlers[:] = [_FromLibraries(logging.WARNING)]
    root.setLevel(logging.WARNING)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _renderer(form: str, terminal: bool) -> Processor:
    if form == "text" or (form == "auto" and terminal):
        return structlog.dev.ConsoleRenderer(colors=terminal, timestamp_key="time", repr_native_str=True)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def cause(fault: BaseException) -> dict[str, str]:
    """What is told of an exception: its `kind`, and `at` which places, the innermost first. Never its words."""
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return {"kind": type(fault).__name__, "at": " < ".join(_places(fault.__traceback__)[-PLACES:][::-1])}


def _places(trace: TracebackType | None) -> list[str]:
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{'/'.join(Path(code.co_filename).parts[-2:])}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places


class _FromLibraries(logging.Handler):
    """Hands on what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        """One line. A sentence that has nothing to fill in may have been filled in before: it stays away."""
        pattern = " ".join(str(record.msg).split()) if record.args else None
        numbers = [each for each in record.args or () if isinstance(each, int)] or None
        said = {"pattern": pattern, "numbers": numbers, "line": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[1]:
            said |= cause(record.exc_info[1])
        told = {name: value for name, value in said.items() if value is not None}
        log.log(record.levelno, "library", logger=record.name, **told)


def _uncaught(kind: type[BaseException], fault: BaseException | None, trace: TracebackType | None) -> None:
    if fault is None or issubclass(kind, (KeyboardInterrupt, SystemExit)):
        return
    log.critical("process.broken", **cause(fault))
