"""The sign-in forms: those of Flask-Security, with the lockout before anything is hashed or compared."""

from __future__ import annotations

from typing import Any

from flask import current_app, g, request
from flask_login import current_user
from flask_security import forms as theirs
from flask_security.recovery_codes import MfRecoveryForm
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, RadioField, StringField, SubmitField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import EqualTo, InputRequired, Length

from app.staff import service, store
from app.staff.credentials import PASSWORD_CHARS
from app.staff.models import Staff

LOCKED = "Too many wrong attempts. Wait 15 minutes, then try again."
LOCKOUT = "abusedesk.lockout"


def _may_try(account: str) -> bool:
    return bool(current_app.extensions[LOCKOUT].attempt(account, request.remote_addr or ""))


def _was_right(account: str) -> None:
    current_app.extensions[LOCKOUT].right(account, request.remote_addr or "")


class SignInForm(theirs.LoginForm):
    """Address and password. There is no 'remember me': a session ends with the day."""

    email = EmailField("E-mail address", [InputRequired("Enter your e-mail address.")])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])
    remember = None
    submit = SubmitField("Sign in")

    def validate(self, **options: Any) -> bool:
        account = (self.email.data or "").strip().lower()
        if not account or not self.password.data:
            return bool(super().validate(**options))
        self.email.data = account
        if not _may_try(account):
            self.form_errors.append(LOCKED)
            return False
        if super().validate(**options):
            _was_right(account)
            return True
        service.failed(g.work, _row(self.user), "password")
        return False


class Attempt(FlaskForm):
    """A form with a secret of somebody known: refused while locked out, counted where the secret is wrong.

    tried: what the audit calls the secret.
    """

    tried = ""
    user: Any

    def validate(self, **options: Any) -> bool:
        assert self.user is not None
        if not _may_try(self.user.email):
            self.form_errors.append(LOCKED)
            return False
        if super().validate(**options):
            _was_right(self.user.email)
            return True
        service.failed(g.work, _row(self.user), self.tried)
        return False


class CodeForm(Attempt, theirs.TwoFactorVerifyCodeForm):
    """The six digits of the authenticator; each works once."""

    tried = "code"

    code = StringField(
        "Six-digit code",
        [InputRequired("Enter the code your authenticator shows.")],
        filters=[lambda text: "".join((text or "").split())],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 10},
    )
    submit = SubmitField("Continue")


class SetUpForm(theirs.TwoFactorSetupForm):
    """The one kind of second factor there is. (Theirs names its choices in a way that WTForms gives up.)"""

    setup = RadioField(
        "Second factor", choices=[SelectChoice("authenticator", "Authenticator")], validate_choice=False
    )


class NoRescueForm(theirs.TwoFactorRescueForm):
    """Never shown: a lost authenticator is a matter for recovery codes or a lead, not for a mail."""

    help_setup = RadioField(choices=[SelectChoice("help", "Help")])


class RecoveryForm(Attempt, MfRecoveryForm):
    """One of the codes written down; it is used up by this."""

    tried = "recovery code"

    code = StringField(
        "Recovery code",
        [InputRequired("Enter one of your recovery codes.")],
        filters=[lambda text: (text or "").strip().lower()],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    submit = SubmitField("Continue")

    def validate(self, **options: Any) -> bool:
        staff = _row(self.user)
        assert staff is not None
        store.lock_staff(g.work.session, staff)
        if not super().validate(**options):
            return False
        service.told(g.work, staff, "recovery-code-used")
        return True


class PasswordAgainForm(Attempt, theirs.VerifyForm):
    """The password once more, before something dangerous."""

    tried = "password again"
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])
    submit = SubmitField("Continue")


class NewPasswordForm(theirs.ChangePasswordForm):
    """The password now and the one to come, twice."""

    password = PasswordField("Password now", [InputRequired("Enter the password you have now."), Length(max=1000)])
    new_password = PasswordField(
        "New password",
        [InputRequired("Enter a new password."), Length(max=1000)],
        description=f"At least {PASSWORD_CHARS} characters. A few words in a row are easier to keep than symbols.",
        render_kw={"autocomplete": "new-password"},
    )
    new_password_confirm = PasswordField(
        "New password again",
        [EqualTo("new_password", "The two new passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Change password")

    def validate(self, **options: Any) -> bool:
        if not _may_try(current_user.email):
            self.form_errors.append(LOCKED)
            return False
        passed = bool(super().validate(**options))
        if passed or not self.password.errors:
            _was_right(current_user.email)
        else:
            service.failed(g.work, _row(current_user), "password again")
        return passed


class WelcomeForm(FlaskForm):
    """The first staff member's address and password."""

    email = EmailField("Your e-mail address", [InputRequired("Enter your e-mail address."), Length(max=254)])
    password = PasswordField(
        "Choose a password",
        [
            InputRequired("Choose a password."),
            Length(PASSWORD_CHARS, 1000, f"A password needs at least {PASSWORD_CHARS} characters."),
        ],
        description=f"At least {PASSWORD_CHARS} characters. A few words in a row are easier to keep than symbols.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "The password again",
        [EqualTo("password", "The two passwords differ.")],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Continue")


def _row(user: Any) -> Staff | None:
    """The staff member behind Flask-Login's proxy; None where the address is nobody's."""
    staff = user._get_current_object() if hasattr(user, "_get_current_object") else user
    return staff if isinstance(staff, Staff) else None
