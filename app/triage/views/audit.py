"""The record of who did what. Here and not in audit, which stands left of staff and so knows no guards."""

from __future__ import annotations

from flask import g, render_template, request

from app.audit import service as audit_service
from app.staff.domain import Permission
from app.staff.guards import permitted
from app.triage import service
from app.triage.views.front import address, desk


@desk.get("/audit")
@permitted(Permission.READ_AUDIT)
def audit() -> str:
    """Entries, newest first, of one subject where asked for."""
    subject = request.args.get("subject", "").replace("\0", "").strip() or None
    before = request.args.get("before", "")
    found = audit_service.read(
        g.work,
        subject=subject,
        before=int(before[:18]) if before.isascii() and before.isdigit() else None,
        limit=service.PAGE + 1,
    )
    shown = found[: service.PAGE]
    older = address(before=shown[-1].seq) if len(found) > service.PAGE else None
    return render_template("triage/audit.html", entries=shown, subject=subject, older=older)
