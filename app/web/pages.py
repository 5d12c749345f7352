"""The public site's standing pages: how data is handled, the rules for senders, how to report."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

public = Blueprint("pages", __name__)


@public.get("/privacy")
def privacy() -> str:
    """What is kept of a report, why and how long."""
    return render_template("public/privacy.html")


@public.get("/rules")
def rules() -> str:
    """What the provider's customers must keep to."""
    return render_template("public/rules.html")


@public.get("/how-to-report")
def how_to_report() -> str:
    """What a good report has in it, and how to get it out of one's mail program."""
    return render_template("public/how_to_report.html")


@public.get("/robots.txt")
def robots() -> Response:
    """Search engines may read the standing pages, not anybody's report."""
    return Response("User-agent: *\nDisallow: /status\nDisallow: /report/thanks\n", mimetype="text/plain")
