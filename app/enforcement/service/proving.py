"""Brings decisions to a mail server and keeps the score: what is due there, and what came of it.

The mail server is spoken to between the two, outside any transaction: `due` says what to do, `settle` writes what
happened. Doing either twice does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.enforcement import proof_store, store
from app.enforcement.domain import BITING, ActionKind
from app.enforcement.models import Action, Application
from app.enforcement.proof import LOOK_AGAIN, Stage, retry_after, stage_after, stops
from app.enforcement.service.alarms import clear, raise_
from app.enforcement.service.orders import key_of, order_of
from app.enforcement.service.standing import Standing, standing
from app.ports import Applied, Observed, Order
from app.uow import Work
from app.values import dataclass

MOST = 200
"""Senders that are brought to one mail server in one round."""

SAID_CHARS = 300

LATER = 9
"""Tries, two minutes by `retry_after`, after which what could not be looked at is no longer taken for proven."""

LINGER = timedelta(hours=1)
"""How long a sender is looked after when a hold of it has ended: a mail that was answered HOLD may still be handed
in, and what ended may have begun since we looked last."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done at a mail server now. again: senders whose order was proven there and is looked at again.
    standing: the orders of all senders that have any."""

    orders: tuple[Order, ...]
    again: frozenset[str]
    standing: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one order at a mail server. lost: what was seen where it was in force and was found not to be; it
    was told again then."""

    order: Order
    applied: Applied
    observed: Observed
    lost: Observed | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A stop reached another stage at a mail server, which a case should tell."""

    sender: str
    case_number: int | None
    stage: Stage
    said: str


def due(work: Work, connector: str, node: str, *, whole: bool = False) -> Due:
    """What this mail server is to be told or looked at for, now; what is wanted is noted as asked for.

    Orders whose sender has nothing in force any more are among it, until the mail server was seen to let it through.
    whole: give `standing` also where nothing is due, so that a connector that writes a whole can take out what stands
    there and should not.
    """
    bites = standing(work)
    rows = proof_store.applications(work.session, connector, node)
    over = store.ended_keeping(work.session, work.now - LINGER, work.now, None)
    lately = {each.sender_id for each in over if each.kind is ActionKind.HOLD}
    holding = proof_store.holding(work.session, node)  # also what a server holds that was forgotten and comes back
    rest = standing(work, [sender for sender in {*rows, *lately, *holding} if sender not in bites])
    all_of_them = [*bites.values(), *rest.values()]
    for each in all_of_them:
        rows[each.sender] = _asked(work, connector, node, each, rows.get(each.sender))
    work.session.flush()
    # What is new goes before what failed before, and that before what is only looked at again.
    waiting = sorted(rows.values(), key=lambda row: (row.applied == row.wanted, row.tries > 0, row.next_at))
    # Nothing waits longer than LOOK_AGAIN: what seems to was written by a clock that was ahead.
    turn = [row for row in waiting if not work.now < row.next_at <= work.now + LOOK_AGAIN][:MOST]
    if not turn and not whole:
        return Due((), frozenset(), ())
    orders = _orders(work, node, all_of_them, rows, holding)
    return Due(
        orders=tuple(orders[row.sender_id] for row in turn if row.sender_id in orders),
        again=frozenset(row.sender_id for row in turn if row.stage is Stage.PROVEN),
        standing=tuple(orders[sender] for sender in bites),
    )


def _orders(
    work: Work,
    node: str,
    wanted: Sequence[Standing],
    rows: Mapping[str, Application],
    holding: Mapping[str, datetime],
) -> dict[str, Order]:
    senders = [each.sender for each in wanted]
    held = proof_store.held(work.session, node, senders)
    lately = work.now - LINGER
    since = {each: min(rows[each].applied_at or holding.get(each, lately), lately) for each in senders}
    ended = store.ended_keeping(work.session, min(since.values(), default=work.now), work.now, senders)
    by_sender: dict[str, list[Action]] = {}
    for each in ended:
        if store.end_of(each) >= since[each.sender_id]:
            by_sender.setdefault(each.sender_id, []).append(each)
    return {
        each.sender: order_of(each, held=held.get(each.sender, ()), ended=by_sender.get(each.sender, ()))
        for each in wanted
    }


def _asked(work: Work, connector: str, node: str, of: Standing, row: Application | None) -> Application:
    wanted = key_of(of)
    if row is not None and row.wanted == wanted:
        return row
    strongest = max(of.measures, key=lambda each: BITING.index(each.kind), default=None)
    number = strongest.case_number if strongest else row.case_number if row else None
    if row is None:
        row = Application(
            connector=connector,
            node=node,
            sender_id=of.sender,
            wanted=wanted,
            stage=Stage.ASKED,
            stops=False,
            asked_at=work.now,
            next_at=work.now,
        )
        work.session.add(row)
    row.wanted, row.stage, row.stops, row.case_number = wanted, Stage.ASKED, stops(of.measures), number
    row.newest = max((each.since for each in of.measures), default=None)
    row.asked_at, row.next_at, row.tries, row.said, row.proven_at = work.now, work.now, 0, "", None
    return row


def settle(work: Work, connector: str, node: str, results: Sequence[Result]) -> tuple[Turn, ...]:
    """Writes what came of the orders; the stages that stops reached by it, which cases should tell."""
    rows = proof_store.applications(work.session, connector, node)
    _note(work, connector, node, results)
    known = {each.order.sender: each.applied.held for each in results if each.applied.held is not None}
    if known:
        proof_store.write_held(work.session, node, work.now, known)
    over = _over_meanwhile(work, [each.order for each in results if each.lost])
    current = [each for each in results if each.order.sender not in over]
    turns = [turn for each in current for turn in _settled(work, rows.get(each.order.sender), each)]
    done = [each.order.sender for each in results if _is_over(rows.get(each.order.sender), each, work.now)]
    if done:
        proof_store.remove(work.session, connector, node, done)
    return tuple(turns)


def _over_meanwhile(work: Work, orders: Sequence[Order]) -> set[str]:
    """Senders of whom something else is wanted by now, though nobody asked for it yet: what ended while we looked was
    not lost."""
    now = standing(work, [each.sender for each in orders]) if orders else {}
    return {each.sender for each in orders if each.sender in now and key_of(now[each.sender]) != each.key}


def _settled(work: Work, row: Application | None, result: Result) -> list[Turn]:
    # Decided anew meanwhile: what was found is about an order that is no more.
    if row is None or row.wanted != result.order.key:
        return []
    turns = _lost(work, row, result.lost) if result.lost else []
    before = row.stage
    row.stage = _stage(row, result, work.now)
    row.said = (result.observed.said or result.applied.said)[:SAID_CHARS]
    if result.applied.ok:
        row.applied, row.applied_at = row.wanted, work.now
    row.tries = 0 if row.stage is Stage.PROVEN and not result.observed.later else row.tries + 1
    row.proven_at = (row.proven_at or work.now) if row.stage is Stage.PROVEN else None
    row.next_at = work.now + _wait(row, result)
    work.session.add(row)
    return [*turns, *_turned(work, row, before)]


def _lost(work: Work, row: Application, seen: Observed) -> list[Turn]:
    """What was proven once and was not so any more leaked until now, also where it was mended at once: no time is
    given."""
    row.asked_at, row.tries = work.now, 0
    if not row.stops:
        return []
    before, row.stage, row.said = row.stage, Stage.LEAKING, seen.said[:SAID_CHARS]
    return _turned(work, row, before)


def _stage(row: Application, result: Result, now: datetime) -> Stage:
    if result.lost and row.stops and result.observed.in_force is not True:
        return Stage.LEAKING
    if result.observed.later and row.stage is Stage.PROVEN and row.tries < LATER:
        return Stage.PROVEN
    return stage_after(
        applied=result.applied.ok,
        seen=result.observed.in_force,
        is_stop=row.stops,
        asked_at=row.asked_at,
        now=now,
    )


def _wait(row: Application, result: Result) -> timedelta:
    seen = result.observed
    settled = (row.stage is Stage.PROVEN and not seen.later) or (
        row.stage is Stage.APPLIED and seen.in_force is None and not row.stops
    )
    return LOOK_AGAIN if settled else retry_after(row.tries)


def _turned(work: Work, row: Application, before: Stage) -> list[Turn]:
    key = alarm_key(row.connector, row.node, row.sender_id)
    if row.stage is before:
        return []
    if row.stage is Stage.LEAKING:
        raise_(work, key, _alarm_text(row), sender=row.sender_id, case_number=row.case_number)
    elif row.stage is Stage.PROVEN or not row.stops:
        clear(work, [key])
    if not row.stops or row.stage not in (Stage.LEAKING, Stage.PROVEN):
        return []
    return [Turn(row.sender_id, row.case_number, row.stage, f"{place(row.connector, row.node)}: {row.said}")]


def _is_over(row: Application | None, result: Result, now: datetime) -> bool:
    """Whether nothing is left to be done: no line, no hold that ended lately, no mail known to be on hold, and the
    mail server lets the sender through, or cannot say."""
    if row is None or row.wanted != result.order.key or result.order.lines:
        return False
    if any(each.line.kind == "hold" and each.at > now - LINGER for each in result.order.ended):
        return False
    if result.order.held and result.applied.held is None:
        return False  # nobody could look whether its mail was let go
    return row.stage is Stage.PROVEN or (result.applied.ok and result.observed.in_force is None)


def _note(work: Work, connector: str, node: str, results: Sequence[Result]) -> None:
    common = {"at": work.now, "connector": connector, "node": node}
    rows = []
    for each in results:
        of = common | {"sender_id": each.order.sender, "key": each.order.key}
        seen = each.observed.in_force
        if each.lost:
            rows.append(of | {"what": "observe", "ok": False, "said": each.lost.said[:SAID_CHARS]})
        rows.append(of | {"what": "apply", "ok": each.applied.ok, "said": each.applied.said[:SAID_CHARS]})
        rows.append(of | {"what": "observe", "ok": seen is True, "said": each.observed.said[:SAID_CHARS]})
    proof_store.note_attempts(work.session, rows)


def alarm_key(connector: str, node: str, sender: str) -> str:
    """What an alarm about a stop that does not bite is known by."""
    return f"leak:{connector}:{node}:{sender}"


def _alarm_text(row: Application) -> str:
    return f"Sender {row.sender_id} should be stopped at {place(row.connector, row.node)} and is not proven to be."


def place(connector: str, node: str) -> str:
    """A mail server as people read it."""
    return f"{connector} ({node})" if node else connector
