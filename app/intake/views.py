"""The public site: the question, the form, the receipt and how a report stands.

What becomes of a report is decided to the right of intake. Whoever decides puts a function into
`site.extensions[DECISION]`, taking the unit of work and the report's id and giving None while nothing is decided,
or something with `decided_at` (aware UTC) and `outcome` (a sentence for the reporter).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from app.errors import NotFound, Rejected, TooLarge
from app.intake import service
from app.intake.domain import RECEIPT_ALPHABET, Category, ReportState
from app.intake.forms import ReportForm
from app.uow import Work

DECISION = "abusedesk.decision"

public = Blueprint("report", __name__)

DOORS = (
    (Category.SPAM, "Unwanted mail", "Advertising or newsletters that you never asked for."),
    (Category.UNSUBSCRIBE_IGNORED, "I unsubscribed, it keeps coming", "You asked them to stop and they did not."),
    (
        Category.PHISHING,
        "Phishing, fraud or malware",
        "It wants your password, your money, or you to open something.",
    ),
    (Category.OTHER, "Something else", "Anything else about mail that was sent through us."),
)


class Decision(Protocol):
    """What was decided about a report, as far as its reporter may know."""

    decided_at: datetime
    outcome: str


@public.get("/")
def start() -> str:
    """The one question."""
    return render_template("intake/start.html", doors=DOORS)


@public.get("/report")
def form() -> str:
    """The form, with the kind chosen on the start page."""
    empty = ReportForm(formdata=None, category=request.args.get("category"))
    empty.stamp(g.work.now)
    return render_template("intake/form.html", form=empty)


@public.post("/report")
def submit() -> Answer | tuple[str, int]:
    """Stores a report; its receipt is shown only once it is safe."""
    sent = ReportForm()
    if not sent.validate_on_submit():
        return _again(sent)
    try:
        stored = service.store(g.work, sent.arrival(g.work.now))
    except TooLarge as fault:
        sent.file.errors = [str(fault)]
        return _again(sent)
    except Rejected as fault:
        sent.source.errors = [str(fault)]
        return _again(sent)
    return redirect(url_for("report.thanks", receipt=stored.receipt), 303)


def _again(sent: ReportForm) -> tuple[str, int]:
    sent.stamp(g.work.now)
    return render_template("intake/form.html", form=sent, lost_file=bool(sent.file.data)), 400


@public.get("/report/thanks/<receipt>")
def thanks(receipt: str) -> Response:
    """The receipt, big."""
    status = service.status(g.work, as_receipt(receipt))
    return _private(render_template("intake/thanks.html", report=status))


@public.get("/status")
def find() -> Answer | str:
    """Where a receipt is typed in."""
    typed = request.args.get("receipt", "").strip()
    if typed:
        return redirect(url_for("report.status", receipt=as_receipt(typed)), 303)
    return render_template("intake/find.html")


@public.get("/status/<receipt>")
def status(receipt: str) -> Response:
    """How a report stands, step by step."""
    try:
        report = service.status(g.work, as_receipt(receipt))
    except NotFound:
        return _private(render_template("intake/unknown.html"), 404)
    return _private(
        render_template(
            "intake/status.html",
            report=report,
            decision=_decision(g.work, report.report),
            read=report.state is not ReportState.RECEIVED,
            aside=report.state is ReportState.SET_ASIDE,
        )
    )


_MISREAD = str.maketrans("OIL", "011")  # letters that receipts do not have, and what they were read from


def as_receipt(typed: str) -> str:
    """A receipt as it is kept, from one typed off paper: any case, with or without its hyphens."""
    code = re.sub(f"[^{RECEIPT_ALPHABET}]", "", typed.upper().translate(_MISREAD))
    return "-".join(code[at : at + 5] for at in range(0, len(code), 5)) or "-"


def _decision(work: Work, report: UUID) -> Decision | None:
    ask: Callable[[Work, UUID], Decision | None] | None = current_app.extensions.get(DECISION)
    return ask(work, report) if ask else None


def _private(page: str, code: int = 200) -> Response:
    answer = make_response(page, code)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Cache-Control"] = "no-store"
    return answer
