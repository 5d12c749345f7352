"""The door of the desk: Flask-Security with its traps closed.

Second factor required, each code works once, recovery codes sealed, wrong attempts counted and refused, generic
answers, no mail, no JSON, no token in place of a session, every event in the audit record. Sign-in and its forms
live in `app.staff`; here they are wired.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import g, session
from flask_login import user_logged_out
from flask_security import MailUtil, Security, SQLAlchemySessionUserDatastore, signals
from flask_security.mail_util import EmailValidateException
from flask_security.totp import Totp
from werkzeug.local import LocalProxy

from app.errors import Rejected
from app.infra.lockout import Lockout
from app.staff import forms, guards, service
from app.staff.credentials import ISSUER, PASSWORD_CHARS, Credentials
from app.staff.domain import sign_in_address
from app.staff.models import RoleRow, Staff
from app.web.site import Site

CLOSED = ("two_factor_rescue", "tf_select")
"""Endpoints the library brings that this desk has no use for: they have no guard, so they do not open."""

MESSAGES = {
    "GENERIC_AUTHN_FAILED": ("This address and password do not fit together.", "error"),
    "DISABLED_ACCOUNT": ("This address and password do not fit together.", "error"),
    "INVALID_PASSWORD": ("This is not your password.", "error"),
    "PASSWORD_INVALID_LENGTH": (f"A password needs at least {PASSWORD_CHARS} characters.", "error"),
    "PASSWORD_IS_THE_SAME": ("Choose a password that differs from the one you have.", "error"),
    "PASSWORD_CHANGE": ("Your password is changed. Other sessions of yours have ended.", "success"),
    "TWO_FACTOR_INVALID_TOKEN": ("This code is wrong or was used already. Wait for the next one.", "error"),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": ("You are signed in.", "success"),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": ("Your new authenticator is set up.", "success"),
    "TWO_FACTOR_PERMISSION_DENIED": ("Start again with your address and password.", "error"),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": ("Choose the authenticator.", "error"),
    "TWO_FACTOR_SETUP_EXPIRED": ("This took too long. Start the set-up again.", "error"),
    "INVALID_RECOVERY_CODE": ("This recovery code is wrong or was used already.", "error"),
    "INVALID_REDIRECT": ("Sign in here, without an address to go on to.", "error"),
    "UNAUTHENTICATED": ("Sign in to go on.", "info"),
    "REAUTHENTICATION_REQUIRED": ("Enter your password again to go on.", "info"),
    "REAUTHENTICATION_SUCCESSFUL": ("Thank you. You can go on now.", "success"),
}


class Datastore(SQLAlchemySessionUserDatastore):
    """Staff in the request's unit of work; what is to be committed waits for the end of the request."""

    def __init__(self) -> None:
        super().__init__(LocalProxy(lambda: g.work.session), Staff, RoleRow)  # type: ignore[arg-type]

    def commit(self) -> None:
        g.work.session.flush()


class OnceOnly(Totp):
    """TOTP of which each code works once (RFC 6238 §5.2), also when it is sent twice at the same moment."""

    def get_last_counter(self, user: Any) -> int | None:
        service.lock(g.work, user)
        counter: int | None = user.totp_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        user.totp_counter = tmatch.counter


class NoMail(MailUtil):
    """Addresses as `staff.domain` writes them; nothing is sent."""

    def send_mail(self, *_: Any, **__: Any) -> None:
        """Does nothing: the desk tells people on its pages."""

    def normalize(self, email: str) -> str:
        try:
            return sign_in_address(email)
        except Rejected as fault:
            raise EmailValidateException(str(fault)) from fault

    validate = normalize


def install_sign_in(site: Site) -> None:
    """Puts sign-in before `site` and closes all that has no guard."""
    product = site.product
    credentials = Credentials(product.secrets.look_up, product.secrets.totp, product.secrets.recovery)
    site.extensions["abusedesk.credentials"] = credentials
    key = hmac.digest(product.secrets.look_up, b"lockout", hashlib.sha256)
    site.extensions[forms.LOCKOUT] = Lockout(product.redis, key)
    site.config.update(_configuration(credentials))
    security = Security(
        site,
        Datastore(),
        login_form=forms.SignInForm,
        verify_form=forms.PasswordAgainForm,
        change_password_form=forms.NewPasswordForm,
        two_factor_verify_code_form=forms.CodeForm,
        two_factor_setup_form=forms.SetUpForm,
        two_factor_rescue_form=forms.NoRescueForm,
        mf_recovery_form=forms.RecoveryForm,
        mail_util_cls=NoMail,
        totp_cls=OnceOnly,
    )
    security.want_json(lambda request: False)
    security.login_manager.request_loader(lambda request: None)  # no token stands in for a session
    _guard_their_views(site)
    guards.refuse_unmarked(site)
    _keep_record(site)


def _configuration(credentials: Credentials) -> dict[str, object]:
    options: dict[str, object] = {
        "PASSWORD_HASH": "argon2",
        "PASSWORD_SCHEMES": ["argon2"],
        "PASSWORD_SALT": credentials.salt,
        "PASSWORD_LENGTH_MIN": PASSWORD_CHARS,
        "API_ENABLED_METHODS": ["session"],
        "RETURN_GENERIC_RESPONSES": True,
        "JOIN_USER_ROLES": False,
        "DATETIME_FACTORY": lambda: datetime.now(UTC),
        "FRESHNESS": timedelta(seconds=guards.FRESH),
        "FRESHNESS_GRACE_PERIOD": timedelta(0),
        "CHANGEABLE": True,
        "CHANGE_URL": "/account/password",
        "POST_CHANGE_VIEW": "/account",
        "SEND_PASSWORD_CHANGE_EMAIL": False,
        "LOGOUT_CSRF": True,
        "POST_LOGOUT_VIEW": "/login",
        "CLI_USERS_NAME": None,
        "CLI_ROLES_NAME": None,
        "STATIC_FOLDER": None,
    }
    options |= _second_factor(credentials)
    return {f"SECURITY_{name}": value for name, value in options.items()} | {
        f"SECURITY_MSG_{name}": message for name, message in MESSAGES.items()
    }


def _second_factor(credentials: Credentials) -> dict[str, object]:
    return {
        "TWO_FACTOR": True,
        "TWO_FACTOR_REQUIRED": True,
        "TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "TWO_FACTOR_AUTHENTICATOR_VALIDITY": 30,
        "TWO_FACTOR_RESCUE_EMAIL": False,
        "TWO_FACTOR_POST_SETUP_VIEW": "/account",
        "TWO_FACTOR_IMPLEMENTATIONS": {"code": "flask_security.twofactor.CodeTfPlugin"},
        "TOTP_SECRETS": credentials.totp_secrets,
        "TOTP_ISSUER": ISSUER,
        "MULTI_FACTOR_RECOVERY_CODES": True,
        "MULTI_FACTOR_RECOVERY_CODES_N": 10,
        "MULTI_FACTOR_RECOVERY_CODES_KEYS": credentials.recovery_keys,
    }


def _guard_their_views(site: Site) -> None:
    for name in ("verify", "change_password"):
        site.view_functions[f"security.{name}"] = guards.signed_in(site.view_functions[f"security.{name}"])
    for name in ("mf_recovery_codes", "two_factor_setup_validate"):
        view = site.view_functions[f"security.{name}"]
        site.view_functions[f"security.{name}"] = guards.signed_in(view, fresh=True)


def _keep_record(site: Site) -> None:
    """Every sign-in, sign-out and change of credentials goes into the audit record."""

    def signed_in(_: Any, user: Staff, authn_via: Any = None, **__: Any) -> None:
        site.extensions[forms.LOCKOUT].forget(user.email)
        if authn_via != ["change"]:
            service.told(g.work, user, "signed-in")

    def confirmed(_: Any, user: Staff, **__: Any) -> None:
        if session.get("tf_state") == "validating_profile":
            service.told(g.work, user, "second-factor-set-up")

    def changed(_: Any, user: Any, **__: Any) -> None:
        service.told(g.work, user, "second-factor-changed")

    def password(_: Any, user: Any, **__: Any) -> None:
        service.told(g.work, user, "password-changed")

    def signed_out(_: Any, user: Any = None, **__: Any) -> None:
        if isinstance(user, Staff):
            service.end_sessions(user)  # a cookie is only signed: without this a stolen one would outlive sign-out
            service.told(g.work, user, "signed-out")

    signals.user_authenticated.connect(signed_in, site, weak=False)
    signals.tf_code_confirmed.connect(confirmed, site, weak=False)
    signals.tf_profile_changed.connect(changed, site, weak=False)
    signals.password_changed.connect(password, site, weak=False)
    user_logged_out.connect(signed_out, site, weak=False)
