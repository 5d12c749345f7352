"""Where the log goes (structlog). What it says are dotted events with counts and ids, never what is in a mail."""

from __future__ import annotations

import logging
import sys

import structlog


def for_a_command() -> None:
    """The log of a command: warnings and worse, to standard error. Standard output is for what was asked."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # the one of the moment
    )
