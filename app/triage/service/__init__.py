"""Triage: routes complaints into cases, and does with cases what staff decide."""

from app.triage.service.routing import route

__all__ = ["route"]
