"""`abusedesk act` and `abusedesk actions`: what staff do to a sender, how it ends, and whether it holds.

They stand here and not in `enforcement`, for a decision in a case must show in the case's timeline.
"""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from app.bootstrap import opened
from app.enforcement import service as enforcement
from app.enforcement.domain import ActionFact, ActionKind, Queued, Waiting, scope_of
from app.enforcement.proof import Stage
from app.enforcement.service import Decision
from app.errors import NotFound
from app.staff.service import actor_for
from app.triage import service
from app.triage.decision_cli import CaseNumber, demand_case_of
from app.triage.may import TO_DO, TO_END
from app.uow import Work

_SPAN = re.compile(r"([0-9]{1,4})([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class Until(click.ParamType[datetime | timedelta]):
    """When something ends: `90m`, `4h`, `7d` from now, or a time as in 2026-01-31T12:00."""

    name = "until"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        span = _SPAN.fullmatch(str(value).strip().lower())
        if span:
            return int(span[1]) * _UNITS[span[2]]
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("is no end: write 90m, 4h, 7d or 2026-01-31T12:00", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=UTC)


_BY = click.option("--by", required=True, help="The sign-in address of the staff member who decided.")
_REASON = click.option("--reason", required=True, help="Why, for the record; staff only.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command(
    help="Do something to SENDER: note, warn, throttle, hold, suspend or terminate. Exit code 0 once it is so."
)
@click.argument("kind", type=click.Choice([each.value for each in ActionKind]))
@click.argument("sender")
@click.option("--scope", default="sender", help="sender, stream:NAME, domain:NAME or login:NAME.")
@click.option("--per-hour", type=int, help="Recipients an hour, of a throttle.")
@click.option("--until", type=Until(), help="When it ends by itself: 90m, 4h, 7d or a time (UTC).")
@click.option("--ground", "grounds", multiple=True, help="The id of a clause of the acceptable-use policy.")
@click.option("--facts", default="", help="What the sender is told happened; no addresses.")
@click.option("--case", "number", type=CaseNumber(), help="The case this is decided in, as in C1001.")
@click.option("--override", is_flag=True, help="Although the verdict is too weak: a second person must agree.")
@click.option("--key", help="Asking twice with one key is asking once.")
@click.option("--dry-run", is_flag=True, help="Only say whether it could be done, and what it would hit.")
@_BY
@_REASON
@_JSON
def act(
    kind: str,
    sender: str,
    scope: str,
    per_hour: int | None,
    until: datetime | timedelta | None,
    grounds: tuple[str, ...],
    facts: str,
    number: int | None,
    override: bool,
    key: str | None,
    dry_run: bool,
    by: str,
    reason: str,
    as_json: bool,
) -> None:
    wanted = ActionKind(kind)
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, TO_DO[wanted])
        ends = work.now + until if isinstance(until, timedelta) else until
        decision = Decision(
            wanted, reason, scope_of(scope), facts, grounds, per_hour, ends, case_number=number, key=key
        )
        with work.undone() if dry_run else nullcontext():
            if number is None:
                done = enforcement.action(work, enforcement.act(work, actor, sender, decision))
            else:
                demand_case_of(work, number, sender)
                done = service.act(work, actor, number, decision, override=override)
            told = _told(done)
        if dry_run:
            told = {"dry_run": True} | told | {"action": None} | _preview(work, sender)
    _tell(told, as_json)


@click.group(help="What was done to senders: list it, end it, agree with it, see whether it holds.")
def actions() -> None:
    pass


@actions.command("list", help="What is in force for SENDER; without one, what waits for a person.")
@click.argument("sender", required=False)
@click.option("--all", "every", is_flag=True, help="Also what has ended.")
@_JSON
def list_(sender: str | None, every: bool, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        if sender is None:
            found = enforcement.waiting(work)
        else:
            found = enforcement.history(work, sender) if every else enforcement.in_force(work, sender)
    for each in found:
        _tell(_told(each), as_json)


@actions.command(help="End the action with this id; what others say stands.")
@click.argument("action", type=click.UUID)
@click.option("--discard", is_flag=True, help="Throw away the mail that was kept back, in place of delivering it.")
@_BY
@_REASON
def lift(action: UUID, discard: bool, by: str, reason: str) -> None:
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, TO_END[enforcement.action(work, action).kind])
        service.lift(work, actor, action, reason, Queued.DISCARD if discard else Queued.RELEASE)
    click.echo("Ended.")


@actions.command(help="Take back what was just done: everything is as it was before.")
@click.argument("action", type=click.UUID)
@_BY
def undo(action: UUID, by: str) -> None:
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, TO_END[enforcement.action(work, action).kind])
        service.undo(work, actor, action)
    click.echo("Undone.")


@actions.command(help="Agree with what waits: as the second person, or with what a rule did.")
@click.argument("action", type=click.UUID)
@_BY
def agree(action: UUID, by: str) -> None:
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, TO_DO[enforcement.action(work, action).kind])
        service.confirm(work, actor, action)
    click.echo("Agreed.")


@actions.command(help="Do not agree with what waits: it does not happen, or is taken back.")
@click.argument("action", type=click.UUID)
@_BY
@_REASON
def refuse(action: UUID, by: str, reason: str) -> None:
    with opened() as desk, desk.work() as work:
        actor = actor_for(work, by, TO_END[enforcement.action(work, action).kind])
        service.decline(work, actor, action, reason)
    click.echo("Not agreed.")


@actions.command(help="Say what an action on SENDER would hit.")
@click.argument("sender")
@_JSON
def preview(sender: str, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        _tell(_preview(work, sender), as_json)


@actions.command(
    help="Say whether what was decided about SENDER holds at the mail servers. Exit code 1 where mail leaks."
)
@click.argument("sender")
@_JSON
@click.pass_context
def proof(ctx: click.Context, sender: str, as_json: bool) -> None:
    with opened() as desk, desk.work() as work:
        found = enforcement.proofs(work, [sender]).get(sender, ())
    if not found:
        raise NotFound("Nothing was asked of any mail server for this sender, or none is connected.")
    for each in found:
        at = enforcement.place(each.connector, each.node)
        told = {"at": at, "stage": each.stage, "stops": each.stops, "asked": each.asked_at, "said": each.said}
        _tell(told | {"proven": each.proven_at}, as_json)
    ctx.exit(1 if any(each.stage is Stage.LEAKING for each in found) else 0)


def _told(fact: ActionFact) -> dict[str, object]:
    state = "waits" if fact.waiting is Waiting.SECOND else fact.ending or "in force"
    return {
        "action": fact.id,
        "sender": fact.sender,
        "kind": fact.kind,
        "scope": str(fact.scope),
        "state": state,
        "by": fact.by,
        "rule": fact.rule,
        "waits_for": fact.waiting,
        "per_hour": fact.per_hour,
        "case": fact.case_number,
        "since": fact.since,
        "until": fact.until,
        "ended": fact.ended_at,
    }


def _preview(work: Work, sender: str) -> dict[str, object]:
    hits = enforcement.preview(work, sender)
    return {
        "queued": sum(each.waiting for each in hits.queued) if hits.queued else None,
        "held": sum(each.held for each in hits.queued) if hits.queued else None,
        "delivered": hits.volume or None,
        "transactional": hits.transactional,
        "campaigns": [name for name, _ in hits.campaigns],
        "logins": len(hits.logins),
        "streams": list(hits.streams),
        "domains": list(hits.domains),
        "siblings": [each.id for each in hits.siblings],
        "children": [each.id for each in hits.children],
    }


def _tell(told: dict[str, object], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, default=str))
        return
    click.echo(", ".join(f"{name} {_word(value)}" for name, value in told.items() if value not in (None, [], {}, "")))


def _word(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key or 'no-stream'}={each}" for key, each in value.items())
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
