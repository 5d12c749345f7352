"""The desk's pages: queue, cases, reports, senders, rules, audit."""

from app.triage.views import actions, audit, cases, law, queue, reports, rules, senders
from app.triage.views.front import desk, public

__all__ = ["actions", "audit", "cases", "desk", "law", "public", "queue", "reports", "rules", "senders"]
