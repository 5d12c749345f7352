"""Which of the two sites a process serves."""

from __future__ import annotations

from enum import StrEnum


class Surface(StrEnum):
    """The public site and the staff desk share code, but no process, cookie or route."""

    PUBLIC = "public"
    DESK = "desk"
