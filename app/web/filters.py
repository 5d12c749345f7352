"""How dates, sizes and addresses are written on every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask, g
from markupsafe import Markup

STEPS = ((86400, "d"), (3600, "h"), (60, "min"))
UNITS = ("bytes", "KiB", "MiB", "GiB")


def install_filters(site: Flask) -> None:
    """Gives the templates `when`, `day`, `size`, `number` and `masked`."""
    site.add_template_filter(lambda at: when(at, _now()), "when")
    site.add_template_filter(day, "day")
    site.add_template_filter(size, "size")
    site.add_template_filter(number, "number")
    site.add_template_filter(masked, "masked")


def _now() -> datetime:
    work = g.get("work")
    return work.now if work is not None else datetime.now(UTC)


def when(at: datetime | None, now: datetime) -> Markup:
    """'22 Nov 2026, 14:05 (3 h ago)' in `<time>`, the zone on hover; a dash for None."""
    if at is None:
        return Markup("–")
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}" title="{}">{} <span class="ago">({})</span></time>').format(
        utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M:%S} UTC", _written(utc), ago(utc, now)
    )


def day(at: datetime | None) -> Markup:
    """'22 Nov 2026' in `<time>`; a dash for None."""
    if at is None:
        return Markup("–")
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(f"{utc:%Y-%m-%d}", f"{utc.day} {utc:%b %Y}")


def _written(utc: datetime) -> str:
    return f"{utc.day} {utc:%b %Y, %H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """'3 h ago', 'in 2 d', 'just now'."""
    distance = now - at
    amount = _length(abs(distance))
    if not amount:
        return "just now"
    return f"{amount} ago" if distance > timedelta() else f"in {amount}"


def _length(distance: timedelta) -> str:
    seconds = int(distance.total_seconds())
    for step, unit in STEPS:
        if seconds >= step:
            return f"{seconds // step} {unit}"
    return ""


def size(octets: int) -> str:
    """'812 bytes', '3.2 KiB', '10 MiB'."""
    amount = float(octets)
    for unit in UNITS:
        if amount < 1024 or unit == UNITS[-1]:
            break
        amount /= 1024
    return f"{amount:.0f} {unit}" if amount >= 10 or unit == "bytes" else f"{amount:.1f} {unit}"


def number(amount: int) -> str:
    """'10,000'."""
    return f"{amount:,}"


def masked(address: str | None) -> str:
    """'jane•••@home.example': enough to tell two people apart, not enough to write to one."""
    if not address:
        return "–"
    local, at, domain = address.rpartition("@")
    shown = local if at else domain
    kept = shown[: min(4, len(shown) // 2)]
    return f"{kept}•••{at}{domain if at else ''}"
