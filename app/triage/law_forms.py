"""What staff say to the worksheet of a reported message."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from app.compliance.domain import NOTE_CHARS, Opinion
from app.compliance.jurisdiction import CHOICES


class OpinionForm(FlaskForm):
    """Whether the machine is right about a line. The opinion comes with the button that is pressed."""

    opinion = SelectField("Opinion", choices=[SelectChoice(each.value, each.value) for each in Opinion])
    note = TextAreaField("Note", [Length(max=NOTE_CHARS, message=f"There is room for {NOTE_CHARS:,} characters.")])

    def validate_note(self, field: TextAreaField) -> None:
        """A disagreement says why."""
        if self.opinion.data == Opinion.DISAGREE and not (field.data or "").strip():
            raise ValidationError("Say why you disagree.")


class CountryForm(FlaskForm):
    """Where the recipient lives; nothing chosen goes back to the guess."""

    country = SelectField(
        "The recipient lives in",
        choices=[SelectChoice("", "as guessed"), *(SelectChoice(code, name) for code, name in CHOICES.items())],
    )
