"""`abusedesk suspend` and `abusedesk reinstate`: a staff member's decision about a sender, taken at the command line.

They stand here and not in `enforcement`, for a decision in a case must show in the case's timeline.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import click

from app.bootstrap import opened
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionKind, case_reference
from app.enforcement.service import Decision
from app.errors import Conflict
from app.senders import service as senders
from app.staff.domain import Permission
from app.staff.service import actor_for
from app.triage import service
from app.uow import Work


class CaseNumber(click.ParamType[int]):
    """A case as people write it: `C1001`, `c1001` or `1001`."""

    name = "case"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        digits = str(value).strip().upper().removeprefix("C")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
            self.fail("is no case: write it as C1001", param, ctx)
        return int(digits)


OPTIONS = (
    click.argument("sender"),
    click.option("--case", "number", type=CaseNumber(), help="The case this is decided in, as in C1001."),
    click.option("--by", required=True, help="The sign-in address of the staff member who decided."),
    click.option("--reason", required=True, help="Why, for the record; staff only."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
)


def _decision(act: Callable[..., None]) -> Callable[..., None]:
    """The argument and options that every decision about a sender takes."""
    for option in reversed(OPTIONS):
        act = option(act)
    return act


@click.command()
@_decision
def suspend(sender: str, number: int | None, by: str, reason: str, as_json: bool) -> None:
    """Stop SENDER: within a second its logins may not send. With --case the case shows it."""
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, Permission.SUSPEND)
        if number is None:
            enforcement.act(work, actor, sender, Decision(ActionKind.SUSPEND, reason))
        else:
            demand_case_of(work, number, sender)
            service.suspend(work, actor, number, reason)
        logins = senders.logins_of(work, [sender]).get(sender, ())
    said = {"sender": sender, "suspended": True, "case": number, "by": actor.name, "logins": len(logins)}
    click.echo(json.dumps(said) if as_json else f"Sender {sender} is suspended. Logins stopped: {len(logins)}.")


@click.command()
@_decision
def reinstate(sender: str, number: int | None, by: str, reason: str, as_json: bool) -> None:
    """Let SENDER send again. With --case the case shows it."""
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, Permission.REINSTATE)
        if number is None:
            service.reinstate_sender(work, actor, sender, reason)
        else:
            demand_case_of(work, number, sender)
            service.reinstate(work, actor, number, reason)
    said = {"sender": sender, "suspended": False, "case": number, "by": actor.name}
    click.echo(json.dumps(said) if as_json else f"Sender {sender} may send again.")


def demand_case_of(work: Work, number: int, sender: str) -> None:
    """Raises NotFound, or Conflict where the case is about another sender."""
    senders.find(work, sender)
    if service.case(work, number).sender_id != sender:
        raise Conflict(f"Case {case_reference(number)} is not about sender {sender}.")
