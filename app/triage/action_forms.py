"""What is to be done to a sender, as a page asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, NumberRange, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from app.enforcement.domain import MOST_PER_HOUR, WORDS_CHARS, ActionKind, Queued
from app.enforcement.grounds import Clause

SPANS = {
    "": ("Until it is lifted", None),
    "1h": ("For an hour", timedelta(hours=1)),
    "4h": ("For 4 hours", timedelta(hours=4)),
    "1d": ("For a day", timedelta(days=1)),
    "3d": ("For 3 days", timedelta(days=3)),
    "7d": ("For 7 days", timedelta(days=7)),
    "30d": ("For 30 days", timedelta(days=30)),
}
KINDS = {
    ActionKind.NOTE: "Note: remember something, nothing happens",
    ActionKind.WARN: "Warn: it is told, and asked to answer",
    ActionKind.THROTTLE: "Throttle: so many recipients an hour",
    ActionKind.HOLD: "Hold: mail is accepted and kept back",
    ActionKind.SUSPEND: "Suspend: mail is refused",
    ActionKind.TERMINATE: "Close the account: two people",
}
_FITS = Length(max=WORDS_CHARS, message=f"There is room for {WORDS_CHARS:,} characters.")


def _only_for_a_throttle(form: ActionForm, field: IntegerField) -> None:
    """A limit is needed for a throttle; for anything else whatever was typed is left aside."""
    if form.kind.data == ActionKind.THROTTLE and field.raw_data and field.raw_data[0].strip():
        return
    field.errors = []  # "not a number" of an empty field
    if form.kind.data == ActionKind.THROTTLE:
        raise StopValidation("Say how many recipients an hour.")
    raise StopValidation


class CheckboxesField(SelectMultipleField):
    """Several of some choices, a box each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ActionForm(FlaskForm):
    """An action on the sender of a case. What may be chosen is told by `offer`."""

    kind = SelectField("Action", [DataRequired("Choose an action.")], choices=[])
    scope = SelectField("Of the sender", choices=[])
    per_hour = IntegerField(
        "Recipients an hour",
        [
            _only_for_a_throttle,
            NumberRange(1, MOST_PER_HOUR, f"A limit is 1 to {MOST_PER_HOUR:,} recipients an hour."),
        ],
        description="Only for a throttle.",
    )
    span = SelectField("How long", choices=[SelectChoice(key, words) for key, (words, _) in SPANS.items()])
    grounds = CheckboxesField("Grounds", choices=[])
    facts = TextAreaField(
        "Facts, told to the sender",
        [_FITS],
        description="What happened, without any address and without anything about a reporter.",
    )
    reason = TextAreaField("Reason, for the record", [DataRequired("Say why: it is kept on the record."), _FITS])
    override = BooleanField("Although whose mail it was is not likely enough: a second person must agree")

    def offer(self, kinds: Sequence[ActionKind], scopes: Sequence[str], clauses: Sequence[Clause]) -> ActionForm:
        """The form with what may be chosen."""
        self.kind.choices = [SelectChoice(each.value, KINDS[each]) for each in kinds]
        self.scope.choices = [SelectChoice(each, _scope_words(each)) for each in scopes]
        self.grounds.choices = [SelectChoice(each.id, each.title) for each in clauses]
        return self

    def until(self, now: datetime) -> datetime | None:
        """When it ends by itself."""
        span = SPANS.get(self.span.data or "", SPANS[""])[1]
        return now + span if span else None


def _scope_words(scope: str) -> str:
    kind, _, value = scope.partition(":")
    return f"{kind.capitalize()} {value}" if value else "All of it"


class EndForm(FlaskForm):
    """Why an action ends, and what becomes of mail that was kept back."""

    reason = TextAreaField("Reason", [DataRequired("Say why: it is kept on the record."), _FITS])
    queued = SelectField(
        "Mail that was kept back",
        default=Queued.RELEASE.value,
        choices=[
            SelectChoice(Queued.RELEASE.value, "Is delivered now"),
            SelectChoice(Queued.DISCARD.value, "Is thrown away"),
        ],
    )
