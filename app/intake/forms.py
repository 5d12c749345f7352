"""The public report form: what it asks, and how its answers become an arrival.

Two quiet checks tell people from programs: a field nobody sees and a signed time of loading. A report that fails
them is stored like any other, with a remark for the desk: a real complaint is never lost to a guess.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from flask import current_app
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from itsdangerous import BadSignature, URLSafeSerializer
from wtforms import EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from app.intake.domain import ASKED_TO_UNSUBSCRIBE, Arrival, Category, Door

CATEGORIES = (
    (Category.SPAM, "Unwanted mail (spam)"),
    (Category.UNSUBSCRIBE_IGNORED, "Mail that keeps coming after I unsubscribed"),
    (Category.PHISHING, "A message that wants my password or data (phishing)"),
    (Category.FRAUD, "A message that wants my money (fraud)"),
    (Category.MALWARE, "A dangerous attachment or download"),
    (Category.OTHER, "Something else"),
)
SIGNED_UP = (("no", "No"), ("yes", "Yes"), ("unsure", "I am not sure"))
TEXT_CHARS = 20_000
QUICKEST = 2
"""Seconds below which nobody has read the form, let alone filled it in."""

TEXT, RECEIVED, SUBSCRIBED, UNSUBSCRIBED, PASTED, CHECK = (
    "In the reporter's words",
    "When it came",
    "Did you sign up",
    ASKED_TO_UNSUBSCRIBE,
    "Also pasted",
    "Form check",
)
"""The questions as the desk reads them."""


class ReportForm(FlaskForm):
    """One report. The field names are part of the interface: scripts post to them."""

    category = RadioField(
        "What is it?",
        [InputRequired("Choose what you are reporting.")],
        choices=[SelectChoice(category.value, label) for category, label in CATEGORIES],
    )
    file = FileField("Upload the message")
    source = TextAreaField("Or paste its source here")
    text = TextAreaField(
        "What should we know?", [Length(max=TEXT_CHARS, message=f"Keep this under {TEXT_CHARS:,} characters.")]
    )
    received = StringField("When did it come?", [Length(max=200)])
    subscribed = RadioField(
        "Did you ever sign up for mail from this sender?",
        [Optional()],
        choices=[SelectChoice(*each) for each in SIGNED_UP],
        validate_choice=False,
    )
    unsubscribed = StringField("If you asked to unsubscribe: when, and how?", [Length(max=1000)])
    reporter = EmailField(
        "Your e-mail address",
        [
            Optional(),
            Length(max=254, message="This is too long for an e-mail address."),
            Regexp(
                r"^\s*[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+\s*$", message="Write the address like name@example.org."
            ),
        ],
    )
    website = StringField("Leave this empty")
    loaded = HiddenField()

    def validate(self, extra_validators: Mapping[str, object] | None = None) -> bool:
        """Needs a message or some words; everything else is optional."""
        fits = bool(super().validate(extra_validators))
        if not self.has_message() and not (self.text.data or "").strip():
            self.source.errors = ["Upload the message, paste its source, or tell us in your own words."]
            return False
        return fits

    def has_message(self) -> bool:
        """Whether there is a file or a pasted source with anything in it."""
        return bool((self.source.data or "").strip() or self._uploaded().strip())

    def _uploaded(self) -> bytes:
        """The whole file, however often it is asked for; empty where there is none."""
        if not self.file.data:
            return b""
        self.file.data.seek(0)
        return bytes(self.file.data.read())

    def stamp(self, now: datetime) -> None:
        """Notes when the form was handed out."""
        if not self.loaded.data:
            self.loaded.data = _signer().dumps(int(now.timestamp()))

    def arrival(self, now: datetime) -> Arrival:
        """What was filled in, as the form's door hands it over."""
        pasted = _message(self.source.data or "")
        uploaded = self._uploaded()
        words = {
            TEXT: self.text.data,
            RECEIVED: self.received.data,
            SUBSCRIBED: dict(SIGNED_UP).get(self.subscribed.data or "", (self.subscribed.data or "")[:100]),
            UNSUBSCRIBED: self.unsubscribed.data,
            PASTED: pasted.decode(errors="replace") if uploaded.strip() else "",
            CHECK: self._doubt(now),
        }
        return Arrival(
            raw=uploaded if uploaded.strip() else pasted,
            door=Door.FORM,
            category=Category(self.category.data),
            reporter=(self.reporter.data or "").strip() or None,
            words={question: said.strip() for question, said in words.items() if said and said.strip()},
        )

    def _doubt(self, now: datetime) -> str:
        """Why this may have been filled in by a program; empty where nothing speaks for it."""
        if self.website.data:
            return "A field that people do not see was filled in."
        try:
            since = now.timestamp() - int(_signer().loads(self.loaded.data or ""))
        except (BadSignature, ValueError, TypeError):
            return "Sent without loading the form, perhaps by a program."
        return "Sent faster than a person reads the form." if since < QUICKEST else ""


def _message(text: str) -> bytes:
    """A pasted source as bytes: without the empty lines that get in before it, its own lines as they are."""
    return re.sub(r"\A(?:[ \t]*\r?\n)+", "", text).encode("utf-8", "surrogatepass")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="report-form")
