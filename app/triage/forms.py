"""The desk's forms: what staff write when they decide."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.enforcement.automatic import TEXT_CHARS
from app.triage.domain import Outcome
from app.triage.service.deciding import WORDS_CHARS

_FITS = Length(max=WORDS_CHARS, message=f"There is room for {WORDS_CHARS:,} characters.")


def by_name(faulty: FlaskForm | None) -> dict[str, FlaskForm]:
    """A form that is to be shown again, under its name on the page; nothing where there is none."""
    return {faulty._prefix.rstrip("-"): faulty} if faulty else {}


class NoteForm(FlaskForm):
    """A note for colleagues."""

    text = TextAreaField("Note", [DataRequired("Write a note."), _FITS])


class ReasonForm(FlaskForm):
    """Why something is done; kept on the record."""

    reason = TextAreaField("Reason", [DataRequired("Say why: it is kept on the record."), _FITS])


class RulesForm(FlaskForm):
    """Rules as a file has them; `automatic.read_rules` judges them."""

    rules = TextAreaField(
        "Rules (JSON)",
        [
            DataRequired("Write the rules."),
            Length(max=TEXT_CHARS, message=f"There is room for {TEXT_CHARS:,} characters."),
        ],
        description="They take the place of all rules in force.",
    )


class ResolveForm(FlaskForm):
    """How a case ends."""

    outcome = SelectField(
        "Outcome",
        [DataRequired("Choose an outcome.")],
        choices=[
            SelectChoice("", "Choose"),
            *(SelectChoice(each.value, each.value.capitalize()) for each in Outcome),
        ],
    )
    reason = TextAreaField("Reason", [DataRequired("Say why: it is kept on the record."), _FITS])
