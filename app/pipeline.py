"""One batch of reports, from stored bytes to verdicts and cases: the story of the product on one page.

    claim     take reports that wait, for a while, so that no other worker has them too
    read      what kind of mail it is, what it complains of, the reported messages as exact slices
    verify    the DKIM signatures of each reported message, with the keys as of the report's arrival; and the report's
              own, where it says that a feedback loop we know has sent it
    repair    those of ours that broke where a feedback loop hid the recipient: put back, they verify
    attribute weigh every clue: whose mail was it, proven, likely, unproven or contradicted
    suppress  who complained or opted out, and is certainly known, gets no more mail of that sender
    route     count what is counted, open or join the case of what a person must decide; act where a rule says so
    write     all of it in one transaction, or nothing

Reading and judging hold no transaction. Whatever is at fault with one report is that report's fate: it goes to the
quarantine with its reason and the batch goes on. Working a report off again ends the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

import structlog

from app.attribution import service as attribution
from app.attribution.asking import sent_question
from app.attribution.domain import Judged
from app.attribution.evidence import Evidence, evidence_of
from app.attribution.judge import attribute
from app.attribution.keys import Keyring, awaits_dns, judge_signatures
from app.attribution.loops import Loop, is_worth_verifying, origin_of, refusal
from app.attribution.loops_service import known as known_loops
from app.attribution.places import OurPlaces
from app.attribution.repairs import repaired
from app.bootstrap import Desk
from app.draft import Draft, finding_of
from app.enforcement.service import suppressing as enforcement
from app.enforcement.wishes import wish_of
from app.errors import Unavailable
from app.infra.collector import uncollected
from app.intake import service as intake
from app.intake.domain import Claimed, Door
from app.mail.dkim import signatures
from app.mail.dkim.signatures import Signed
from app.mail.domain import Kind, Reading
from app.mail.every_address import every_address
from app.mail.read import read, read_source
from app.mail.repair.recipients import recipients
from app.ports import SentFact, SentLog, SentQuestion
from app.senders.sent_service import sent_answers
from app.triage import service as triage
from app.triage.domain import Incoming
from app.triage.incoming import incoming_of
from app.uow import Work

log = structlog.get_logger(__name__)


@uncollected()
def work_off(desk: Desk, limit: int) -> int:
    """Takes up to `limit` waiting reports through the whole way; how many were taken, 0 where nothing waits.

    Raises Unavailable where the database is away; what was taken is then taken again once its lease is over.
    """
    with desk.work() as work:
        drafts = [Draft(claimed) for claimed in intake.claim(work, limit)]
    if not drafts:
        return 0
    _each(drafts, _read)
    keyring = _verify(desk, drafts)
    _attribute(desk, keyring, drafts)
    _write_isolated(desk, drafts)
    log.info("pipeline.batch", reports=len(drafts), faults=sum(1 for draft in drafts if draft.fault))
    return len(drafts)


def _each(drafts: Sequence[Draft], step: Callable[[Draft], None]) -> None:
    """One step for every report that is still without fault; what goes wrong is that report's fate alone."""
    for draft in drafts:
        if draft.fault:
            continue
        try:
            step(draft)
        except Exception as fault:  # noqa: BLE001 - the input is hostile, so anything may be met here
            draft.fault = (
                f"It could not be read ({type(fault).__name__} in {getattr(step, '__name__', 'judging').strip('_')})."
            )
            log.warning("pipeline.fault", report=str(draft.claimed.id), error=type(fault).__name__)


def _read(draft: Draft) -> None:
    if draft.claimed.attempts > intake.MOST_ATTEMPTS:
        draft.fault = f"It took its worker down {intake.MOST_ATTEMPTS} times and was not tried again."
        return
    draft.addresses = every_address(draft.claimed.raw)  # first: what cannot be read must be found to be erased
    draft.reading = _reading(draft.claimed)


def _reading(claimed: Claimed) -> Reading:
    if claimed.door is not Door.FORM:
        return read(claimed.raw)
    told = read_source(claimed.raw) if claimed.raw.strip() else None
    if told is None or told.kind is Kind.UNREADABLE:
        return Reading(Kind.PERSON, None, True, defects=told.defects if told else ())
    return told


def _verify(desk: Desk, drafts: Sequence[Draft]) -> Keyring:
    with desk.work() as work:
        loops = known_loops(work)
    _each(drafts, partial(_split, loops))
    split = [each for draft in drafts for each in (draft.outer, *draft.signed) if each]
    names = sorted({name for each in split for name in signatures.names(each)})
    with desk.work() as work:
        seen = attribution.seen_keys(work, names)
    keyring = Keyring(desk.resolver.look_up(names), seen)
    _each(drafts, partial(_verify_origin, keyring, loops))
    _each(drafts, partial(_verify_one, keyring))
    with desk.work() as work:
        attribution.keep_keys(work, keyring)
    return keyring


def _split(loops: Sequence[Loop], draft: Draft) -> None:
    if draft.reading and is_worth_verifying(draft.reading, loops):
        draft.outer = Signed(draft.claimed.raw)
    draft.signed = [Signed(each.raw) if each and each.verifiable else None for each in draft.originals]


def _verify_origin(keyring: Keyring, loops: Sequence[Loop], draft: Draft) -> None:
    """Who sent the report; one that must be signed and is not, is no complaint to act on."""
    if draft.reading is None or draft.outer is None:
        return
    arrived = draft.claimed.arrived_at
    results = signatures.judge(draft.outer, headers_only=False, key_of=partial(keyring.now, arrived), as_of=arrived)
    draft.origin = origin_of(draft.reading, results, loops)
    draft.origin_awaits_dns = draft.origin.loop is None and awaits_dns(results)
    refused = refusal(draft.reading, draft.origin)
    if refused:
        draft.reading = replace(draft.reading, is_complaint=False, reason=refused)


def _verify_one(keyring: Keyring, draft: Draft) -> None:
    as_of = draft.as_of
    draft.signatures = [
        judge_signatures(original, keyring, as_of, signed) if original else ()
        for original, signed in zip(draft.originals, draft.signed, strict=True)
    ]


def _attribute(desk: Desk, keyring: Keyring, drafts: Sequence[Draft]) -> None:
    places = OurPlaces(desk.settings.our_hosts, desk.settings.our_networks)
    _each(drafts, partial(_gather, places, desk.secrets.token))
    known = iter(_looked_up(desk, drafts))
    for draft in drafts:
        draft.evidence = list(islice(known, len(draft.evidence)))
    _each(drafts, partial(_repair, keyring))
    _each(drafts, _judge)


def _looked_up(desk: Desk, drafts: Sequence[Draft]) -> list[Evidence]:
    """The evidence of all drafts with what our records know of it: identities, tokens, the send log."""
    evidence = [each for draft in drafts for each in draft.evidence]
    originals = [each for draft in drafts for each in draft.originals if draft.evidence]
    questions = [sent_question(*each) for each in zip(originals, evidence, strict=True)]
    outside = _asked_outside(desk.sent_log, questions) if desk.sent_log else None
    with desk.work() as work:
        answers = sent_answers(work, questions) if outside is None else outside
        return attribution.with_identities(work, attribution.with_records(work, evidence, answers))


def _asked_outside(sent_log: SentLog, questions: Sequence[SentQuestion]) -> Sequence[tuple[SentFact, ...]]:
    """What the provider's own log answers; while it is away, reports are judged without it rather than not at all."""
    try:
        return sent_log.answers(questions)
    except Unavailable as fault:
        log.warning("pipeline.sent_log", error=type(fault).__name__)
        return [()] * len(questions)


def _gather(places: OurPlaces, token_keys: Mapping[int, bytes], draft: Draft) -> None:
    draft.evidence = [
        evidence_of(draft.reading, original, results, places, draft.claimed.arrived_at, draft.origin, token_keys)
        for original, results in zip(draft.originals, draft.signatures, strict=True)
        if draft.reading
    ]


def _repair(keyring: Keyring, draft: Draft) -> None:
    """Evidence with broken signatures of ours repaired; needs to know whose domains they are, so it comes late."""
    reading, reporter = draft.reading, draft.claimed.reporter
    for at, original in enumerate(draft.originals):
        if reading and original:
            logged = [address for fact in draft.evidence[at].sent for address in fact.recipients]
            candidates = recipients(reading, original, reporter, logged, draft.signed[at])
            draft.evidence[at] = repaired(
                draft.evidence[at], original, candidates, keyring, draft.as_of, draft.signed[at]
            )


def _judge(draft: Draft) -> None:
    for position, (original, evidence) in enumerate(zip(draft.originals, draft.evidence, strict=True)):
        attributed = attribute(evidence)
        judged = Judged(
            report=draft.claimed.id,
            position=position,
            feedback_type=draft.reading.feedback_type if draft.reading else None,
            counts=bool(draft.reading and draft.reading.is_complaint) and not attributed.replayed,
            attribution=attributed,
            signatures=evidence.signatures,
            message_id=original.message_id if original else None,
            sent_at=evidence.at,
        )
        draft.judged.append(judged)
        wish = wish_of(draft.claimed, draft.reading, original, evidence, judged) if draft.reading else None
        draft.wishes += [wish] if wish else []


def _write_isolated(desk: Desk, drafts: Sequence[Draft]) -> None:
    """Writes a batch; where that fails, its halves, until the one report at fault stands alone."""
    fault = _written(desk, drafts)
    if fault is None:
        return
    log.warning("pipeline.write", reports=len(drafts), error=type(fault).__name__)
    if len(drafts) > 1:
        _write_isolated(desk, drafts[: len(drafts) // 2])
        _write_isolated(desk, drafts[len(drafts) // 2 :])
    elif drafts[0].fault:
        raise fault
    else:
        drafts[0].fault = f"What was found could not be stored ({type(fault).__name__})."
        _write_isolated(desk, drafts)


def _written(desk: Desk, drafts: Sequence[Draft]) -> Exception | None:
    """Writes a batch in one transaction; what went wrong where nothing was written. Raises Unavailable."""
    try:
        with desk.work() as work:
            _write(work, drafts)
    except Unavailable:
        raise
    except Exception as fault:  # noqa: BLE001 - the caller finds the report that it comes from
        return fault
    return None


def _write(work: Work, drafts: Sequence[Draft]) -> None:
    findings = [finding_of(draft, work.now) for draft in drafts]
    waiting = {finding.report for finding in findings if finding.retry_at}
    ours = intake.finish(work, [draft.claimed for draft in drafts], findings)
    done = [draft for draft in drafts if draft.claimed.id in ours - waiting and not draft.fault]
    new = attribution.write(work, [judged for draft in done for judged in draft.judged])
    enforcement.suppress(work, [wish for draft in done for wish in draft.wishes])
    # Last: a rule that acts locks the audit's head.
    triage.route(
        work, [each for draft in done for each in _incoming(work, draft) if (each.report, each.position) in new]
    )


def _incoming(work: Work, draft: Draft) -> list[Incoming]:
    if draft.reading is None or not draft.reading.is_complaint:
        return []
    return [incoming_of(work.vault.look_up_key, draft.claimed, draft.reading, each) for each in draft.judged]
