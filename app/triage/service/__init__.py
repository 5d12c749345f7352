"""Triage: routes complaints into cases, shows the queue, does with cases what staff decide.

`routing` opens and grows cases · `deciding` is what staff do · `timeline` what was done · `reporter` what the person
who reported may know · `reading` what the pages show.
"""

from app.triage.service.deciding import claim, note, reinstate, release, resolve, suspend, unmask
from app.triage.service.reporter import Decided, reporter_of, reporter_view, reporters_of
from app.triage.service.routing import route
from app.triage.service.timeline import Line, forget_events, forget_older_than, timeline

__all__ = [
    "Decided",
    "Line",
    "claim",
    "forget_events",
    "forget_older_than",
    "note",
    "reinstate",
    "release",
    "reporter_of",
    "reporter_view",
    "reporters_of",
    "resolve",
    "route",
    "suspend",
    "timeline",
    "unmask",
]
