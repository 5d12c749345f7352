"""Triage: routes complaints into cases, shows the queue, does with cases what staff decide.

`routing` opens and grows cases · `ruling` acts in them where a rule says so · `backtesting` tries rules on the past ·
`deciding` is what staff do with a case · `enforcing` what to its sender · `weighing` how urgent it is then ·
`timeline` what was done · `reporter` what the person who reported may know · `reading` what the pages list · `letter`
a report, opened.
"""

from app.triage.queue import Row
from app.triage.service.deciding import claim, claim_next, note, release, resolve, unmask
from app.triage.service.enforcing import (
    act,
    act_on_sender,
    confirm,
    decline,
    hold,
    lift,
    reinstate,
    reinstate_sender,
    suspend,
    tell_ended,
    tell_proof,
    undo,
)
from app.triage.service.letter import Letter, Message, letter, reread
from app.triage.service.reading import (
    PAGE,
    Brief,
    Page,
    arrivals,
    briefs,
    case,
    cases_of_report,
    cases_of_reports,
    changed,
    counts,
    open_by_sender,
    queue,
    report,
    reports,
    subjects,
)
from app.triage.service.reporter import Decided, reporter_of, reporter_view, reporters_of
from app.triage.service.routing import route
from app.triage.service.timeline import Line, forget_events, lines_among, timeline, worded_before

__all__ = [
    "PAGE",
    "Brief",
    "Decided",
    "Letter",
    "Line",
    "Message",
    "Page",
    "Row",
    "act",
    "act_on_sender",
    "arrivals",
    "briefs",
    "case",
    "cases_of_report",
    "cases_of_reports",
    "changed",
    "claim",
    "claim_next",
    "confirm",
    "counts",
    "decline",
    "forget_events",
    "hold",
    "letter",
    "lift",
    "lines_among",
    "note",
    "open_by_sender",
    "queue",
    "reinstate",
    "reinstate_sender",
    "release",
    "report",
    "reporter_of",
    "reporter_view",
    "reporters_of",
    "reports",
    "reread",
    "resolve",
    "route",
    "subjects",
    "suspend",
    "tell_ended",
    "tell_proof",
    "timeline",
    "undo",
    "unmask",
    "worded_before",
]
