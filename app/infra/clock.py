"""The machine's clock, as a port: tests give another."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        """The time now, aware UTC."""
        return datetime.now(UTC)
