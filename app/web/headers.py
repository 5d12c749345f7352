"""What each answer tells the browser not to do. Ten lines of ours; the add-on for it has not moved since 2023."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from app.settings import Settings
from app.web.surface import Surface

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # receipts stand in addresses: they go to nobody else
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
YEAR = 365 * 86400


def sealed_with(settings: Settings, surface: Surface) -> Callable[[Response], Response]:
    """The function that puts the headers on an answer; a view may have set a stricter policy of its own."""
    headers = dict(HEADERS)
    if settings.https:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"  # other names of the domain are not ours to bind
    if surface is Surface.DESK:
        headers["X-Robots-Tag"] = "noindex, nofollow"

    def seal(answer: Response) -> Response:
        for name, value in headers.items():
            answer.headers.setdefault(name, value)
        if surface is Surface.DESK and request.endpoint != "static":
            answer.headers["Cache-Control"] = "no-store"
        return answer

    return seal
