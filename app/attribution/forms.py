"""The form over one known feedback loop."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Regexp

from app.attribution.loops import Loop
from app.attribution.loops_service import NAME_CHARS, NOTE_CHARS

_LIST_CHARS = 6_000


class LoopForm(FlaskForm):
    """A loop as staff write it: one domain or address a line."""

    id = StringField(
        "Id",
        [
            DataRequired("Give it an id."),
            Length(max=40, message="An id has at most 40 characters."),
            Regexp(r"[a-z0-9][a-z0-9-]*\Z", message="An id is small letters, digits and hyphens."),
        ],
        description="A short word that stays, such as yahoo.",
    )
    name = StringField(
        "Name", [DataRequired("Give it a name."), Length(max=NAME_CHARS, message="The name is too long.")]
    )
    domains = TextAreaField(
        "Signing domains",
        [
            DataRequired("Say which domains sign its reports."),
            Length(max=_LIST_CHARS, message="The list is too long."),
        ],
        description="One a line. What stands in d= of the report's own DKIM signature; what is below it counts too.",
    )
    senders = TextAreaField(
        "From",
        [DataRequired("Say who its reports are from."), Length(max=_LIST_CHARS, message="The list is too long.")],
        description="One address or domain a line. At a mailbox provider's own domain give the whole address.",
    )
    active = BooleanField("Its reports count as authenticated", default=True)
    note = TextAreaField("Note", [Length(max=NOTE_CHARS, message="The note is too long.")])

    def loop(self) -> Loop:
        """What was written, not yet tidied."""
        return Loop(
            id=self.id.data or "",
            name=self.name.data or "",
            domains=tuple((self.domains.data or "").split()),
            senders=tuple((self.senders.data or "").split()),
            active=bool(self.active.data),
            note=self.note.data or "",
        )


def form_of(loop: Loop) -> LoopForm:
    """The form filled in with a loop as it is."""
    return LoopForm(
        formdata=None,
        data={
            "id": loop.id,
            "name": loop.name,
            "domains": "\n".join(loop.domains),
            "senders": "\n".join(loop.senders),
            "active": loop.active,
            "note": loop.note,
        },
    )
