"""Visitors for the pages under test."""

from tests.factories.sites import colleague, desk_site, lead, public_site, reporter

__all__ = ["colleague", "desk_site", "lead", "public_site", "reporter"]
