"""The desk's pages: queue, cases, reports, senders, audit."""

from app.triage.views import actions, audit, cases, law, queue, reports, senders
from app.triage.views.front import desk, public

__all__ = ["actions", "audit", "cases", "desk", "law", "public", "queue", "reports", "senders"]
