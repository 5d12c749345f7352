"""The blueprints that the pages are registered on, and what their templates are given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, g, request
from flask.blueprints import BlueprintSetupState

from app.attribution.domain import Strength, Verdict
from app.enforcement.domain import case_reference
from app.mail.fields.address import addresses_in
from app.senders.domain import SenderStatus
from app.triage import service
from app.triage.domain import CaseKind
from app.triage.priority import band
from app.triage.service.letter import Letter
from app.triage.showing import concealer, line, source_text, visible
from app.uow import Work
from app.web.filters import ago, masked

desk = Blueprint("triage", __name__)
public = Blueprint("decision", __name__)

Choice = TypeVar("Choice", bound=StrEnum)

VERDICT_TONES = {
    Verdict.PROVEN: "good",
    Verdict.LIKELY: "fair",
    Verdict.UNPROVEN: "none",
    Verdict.CONTRADICTED: "bad",
}
STATUS_TONES = {SenderStatus.ACTIVE: "good", SenderStatus.SUSPENDED: "bad", SenderStatus.CLOSED: "none"}
STRENGTH_TONES = {
    Strength.PROVES: "good",
    Strength.STRONG: "fair",
    Strength.WEAK: "none",
    Strength.CONTRADICTS: "bad",
}
KIND_WORDS = {
    CaseKind.FEEDBACK: "complaint clicks",
    CaseKind.REPLAY: "mail replayed by others",
    CaseKind.UNSUBSCRIBE_IGNORED: "unsubscribe ignored",
}


@desk.record_once
def tell_templates(state: BlueprintSetupState) -> None:
    """Gives the desk's templates, macros too, the words and tones of cases."""
    state.app.jinja_env.globals.update(
        ref=case_reference,
        band=band,
        line=line,
        visible=visible,
        source_text=source_text,
        since=lambda at: ago(at, g.work.now),
        kind_words=lambda kind: KIND_WORDS.get(kind, str(kind)),
        verdict_tones=VERDICT_TONES,
        status_tones=STATUS_TONES,
        strength_tones=STRENGTH_TONES,
    )


def chosen(kind: type[Choice], name: str) -> Choice | None:
    """The query parameter as one of the enum's values; None where it is absent or none of them."""
    try:
        return kind(request.args.get(name, ""))
    except ValueError:
        return None


def cleaner(letter: Letter) -> Callable[[str | None], str]:
    """A function that makes text of this report fit to be shown: reporter and recipients masked, nothing unseen."""
    known = {address for said in letter.addresses for address in addresses_in(said)}
    conceal = concealer(known, masked)
    return lambda text: visible(conceal(text or ""))


def address(**changes: object) -> str:
    """The page's own address with query parameters changed; None takes one out, as does every change of filter
    the place in the list."""
    arguments: Mapping[str, object] = {**request.args.to_dict(), "before": None, "after": None, **changes}
    kept = {name: str(value) for name, value in arguments.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


@public.record_once
def tell_reporters(state: BlueprintSetupState) -> None:
    """Lets the public status page ask what was decided."""
    state.app.extensions["abusedesk.decision"] = _decision


def _decision(work: Work, report: UUID) -> service.Decided | None:
    decided = service.reporter_view(work, report)
    return decided if decided.outcome else None


def moment(text: str) -> datetime | None:
    """A time in UTC out of a query parameter, None where it is none."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
