"""The record of the standing self-test, and its alarm."""

from __future__ import annotations

from datetime import datetime

from app.enforcement import proof_store
from app.enforcement.models import SelfTest
from app.enforcement.service.alarms import clear, raise_
from app.uow import Work

ALARM = "self-test"


def note_self_test(work: Work, fault: str, seconds: float) -> None:
    """Writes how a self-test went. fault: what went wrong, empty where nothing did: an alarm is raised, or over."""
    work.session.add(SelfTest(at=work.now, passed=not fault, seconds=seconds, said=fault))
    if fault:
        raise_(work, ALARM, f"The standing self-test failed. {fault}")
    else:
        clear(work, [ALARM])
    work.session.flush()


def last_self_test(work: Work) -> datetime | None:
    """When the last one was, None for never."""
    last = proof_store.last_self_test(work.session)
    return last.at if last else None


def tidy(work: Work, before: datetime) -> int:
    """Deletes tries and self-tests from before this moment; how many tries."""
    proof_store.drop_self_tests(work.session, before)
    return proof_store.drop_attempts(work.session, before)
