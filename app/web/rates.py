"""How often one address may ask. Counted in Redis, in the process's memory while Redis is away: never unlimited.

What is counted by is a keyed hash of the address (IPv6: of its /64), so that no address lies in Redis or a log.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress

from flask import request
from flask_limiter import Limiter

from app.settings import Settings
from app.web.site import Site

STATUS_RATE = "120/minute"
PULL_RATE = "600/minute"
"""A platform may pull a list of a million within two minutes; who guesses tokens gets nowhere."""


def limit_rates(site: Site) -> None:
    """Puts a limit on every endpoint of `_rates` that `site` has."""
    key = hmac.digest(site.product.secrets.look_up, b"rate", hashlib.sha256)
    limiter = Limiter(
        key_func=lambda: _asker(key),
        app=site,
        storage_uri="redis://",
        storage_options={"connection_pool": site.product.redis.connection_pool},  # type: ignore[dict-item]
        key_prefix="abusedesk:rate",
        strategy="fixed-window",
        in_memory_fallback_enabled=True,
    )
    for endpoint, (rate, method) in _rates(site.product.settings).items():
        if view := site.view_functions.get(endpoint):
            site.view_functions[endpoint] = limiter.limit(rate, methods=[method])(view)  # type: ignore[assignment]


def _rates(settings: Settings) -> dict[str, tuple[str, str]]:
    sign_in = (settings.sign_in_rate, "POST")
    return {
        "report.submit": (settings.form_rate, "POST"),
        "report.find": (STATUS_RATE, "GET"),
        "report.status": (STATUS_RATE, "GET"),
        "suppressions.pull": (PULL_RATE, "GET"),
        "suppressions.check": (PULL_RATE, "POST"),
        "staff.enrol": sign_in,
        "security.login": sign_in,
        "security.two_factor_token_validation": sign_in,
        "security.two_factor_setup_validate": sign_in,
        "security.mf_recovery": sign_in,
        "security.verify": sign_in,
        "security.change_password": sign_in,
    }


def _asker(key: bytes) -> str:
    return hmac.new(key, _network(request.remote_addr or "").encode(), hashlib.sha256).hexdigest()[:24]


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return address if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
