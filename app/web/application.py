"""Makes a site: the public one or the desk, over the wired product.

Features bring their pages: where `app.<feature>.views` or `app.<feature>.api` has a blueprint named `public` or
`desk`, it is served on that surface and on no other.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Flask, url_for
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app.bootstrap import Desk
from app.mail import limits
from app.settings import Settings
from app.web.errors import translate_failures
from app.web.filters import install_filters
from app.web.headers import sealed_with
from app.web.health import health
from app.web.rail import install_rail
from app.web.rates import limit_rates
from app.web.sign_in import install_sign_in
from app.web.site import Site
from app.web.surface import Surface
from app.web.trail import keep_trail

TEMPLATES = Path(__file__).parents[2] / "templates"
FEATURES = (
    "audit",
    "staff",
    "senders",
    "intake",
    "attribution",
    "compliance",
    "enforcement",
    "notices",
    "triage",
    "insight",
    "privacy",
)
FORM_BYTES = limits.MESSAGE_BYTES + 1024 * 1024
"""The whole form: a message at its limit, the words around it and what multipart adds."""
SESSION = timedelta(hours=12)


def create_app(desk: Desk, surface: Surface) -> Site:
    """The site for one surface. Connects to nothing until a request comes."""
    site = Site(desk, str(TEMPLATES))
    site.config.update(_configuration(desk, surface))
    keep_trail(site)
    csrf = CSRFProtect(site)
    install_filters(site)
    translate_failures(site)
    site.after_request(sealed_with(desk.settings, surface))
    site.register_blueprint(health)
    if surface is Surface.DESK:
        install_sign_in(site)
    for blueprint in _blueprints(surface):
        site.register_blueprint(blueprint)
    if surface is Surface.DESK:
        install_rail(site)
    csrf.exempt("app.intake.views.submit")  # its form checks by itself, and keeps what was typed
    csrf.exempt("app.enforcement.api.check")  # opened by a bearer token, which no browser adds by itself
    _tell_templates(site, surface)
    limit_rates(site)
    return _behind_proxies(site, desk.settings)


def _configuration(desk: Desk, surface: Surface) -> dict[str, object]:
    return {
        "SECRET_KEY": hmac.digest(desk.secrets.web, surface.encode(), hashlib.sha256),
        "SESSION_COOKIE_NAME": f"abusedesk_{surface}",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": desk.settings.https,
        "PERMANENT_SESSION_LIFETIME": SESSION,
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": 100,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form typed slowly is not lost
        "TRAP_HTTP_EXCEPTIONS": False,
        "PROPAGATE_EXCEPTIONS": False,
    }


def _blueprints(surface: Surface) -> list[Blueprint]:
    found = []
    edges = (f"app.{name}.{edge}" for name in FEATURES for edge in ("views", "api"))
    for feature in (*edges, "app.web.pages"):
        if find_spec(feature.rpartition(".")[0]) and find_spec(feature):
            blueprint = getattr(import_module(feature), surface.value, None)
            if isinstance(blueprint, Blueprint):
                found.append(blueprint)
    return found


def _tell_templates(site: Site, surface: Surface) -> None:
    settings = site.product.settings
    site.jinja_env.globals.update(
        asset=partial(_asset, _digests(site)),
        surface=surface,
        settings=settings,
        organisation=settings.organisation,
        contact=settings.contact,
    )
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True


def _digests(site: Flask) -> dict[str, str]:
    folder = Path(site.static_folder or "")
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in folder.rglob("*")
        if file.is_file()
    }


def _asset(digests: dict[str, str], name: str) -> str:
    """The address of a static file, different once its content is."""
    return url_for("static", filename=name, v=digests.get(name))


def _behind_proxies(site: Site, settings: Settings) -> Site:
    hops = settings.proxies
    if hops:
        site.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            site.wsgi_app, x_for=hops, x_proto=hops, x_host=hops, x_port=0, x_prefix=0
        )
    return site
