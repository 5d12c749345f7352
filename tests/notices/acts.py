"""What tests of notices do to senders, and the job that tells of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import EmailMessage
from uuid import UUID

from app.audit.domain import OPERATOR, Actor
from app.bootstrap import Desk
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionKind, scope_of
from app.enforcement.service import Decision
from app.notices import service
from app.notices.domain import NoticeFact
from app.ports import Mailer
from app.senders.roster import read_roster
from app.senders.service import import_roster

ANNA = Actor("anna@desk.test", 1)
BERT = Actor("bert@desk.test", 2)
CONTACT = "post@acme.test"


@dataclass
class Dying:
    """A mailer whose process dies once the server has taken the mail."""

    mailer: Mailer | None

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        assert self.mailer is not None
        self.mailer.send(message, sender, recipient)
        raise KeyboardInterrupt


def sender(desk: Desk, name: str = "acme", *, called: str = "Acme Mailings", contact: str = CONTACT) -> None:
    """A customer, or his new name and contact."""
    logins = [{"kind": "login", "value": f"mailer@{name}.test", "stream": "news"}]
    listed = {"id": name, "name": called, "contact": contact, "identities": logins}
    with desk.work() as work:
        done = import_roster(work, OPERATOR, read_roster(json.dumps({"senders": [listed]})))
    assert not done.faults, done.faults


def act(
    desk: Desk, kind: ActionKind = ActionKind.SUSPEND, *, to: str = "acme", scope: str = "sender", **more: object
) -> UUID:
    with desk.work() as work:
        decision = Decision(kind, str(more.pop("reason", "secret reason")), scope_of(scope), **more)  # type: ignore[arg-type]
        return enforcement.act(work, ANNA, to, decision)


def lift(desk: Desk, action: UUID) -> None:
    with desk.work() as work:
        enforcement.lift(work, BERT, action, "secret mending")


def tell(desk: Desk) -> service.Sent:
    """What the job does."""
    return service.notify(desk.work, desk.mailer)


def notices(desk: Desk, action: UUID) -> tuple[NoticeFact, ...]:
    with desk.work() as work:
        return service.of_actions(work, [action]).get(action, ())


def states(desk: Desk, action: UUID) -> list[str]:
    return [each.state for each in notices(desk, action)]
