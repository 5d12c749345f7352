"""One bad message never stops the others of its batch."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa

from app.bootstrap import Desk
from app.intake.domain import Arrival, Door, Stored
from app.mail import limits
from tests.workers.mail import arf
from workers.storing import Answer, Unstored, Why, store_apart

Raws = Callable[[], list[bytes]]
BAD = b"Subject: the database takes offence\r\n\r\nat this\r\n"


def store(desk: Desk, *messages: bytes) -> list[Answer]:
    return store_apart(desk.work, [Arrival(each, Door.LMTP) for each in messages])


@pytest.fixture
def touchy(desk: Desk) -> Desk:
    """A desk whose database refuses one message, by its size, as if there were a fault in it."""
    with desk.engine.begin() as connection:
        connection.execute(
            sa.text(
                "create function take_offence() returns trigger language plpgsql as"
                f" $$ begin if new.size = {len(BAD)} then raise 'offended'; end if; return new; end $$"
            )
        )
        connection.execute(
            sa.text("create trigger touchy before insert on report for each row execute function take_offence()")
        )
    return desk


def test_all_that_is_well_is_stored_with_a_receipt_each(desk: Desk, raws: Raws) -> None:
    answers = store(desk, arf(1), arf(2))
    assert len({each.receipt for each in answers if isinstance(each, Stored)}) == 2
    assert raws() == [arf(1), arf(2)]


def test_nothing_is_stored_of_nothing(desk: Desk) -> None:
    assert store(desk) == []


@pytest.mark.parametrize("unfit", [b"", b"x" * (limits.MESSAGE_BYTES + 1)])
def test_what_the_intake_refuses_is_refused_with_a_sentence_and_the_rest_is_stored(
    desk: Desk, raws: Raws, unfit: bytes
) -> None:
    answers = store(desk, arf(1), unfit, arf(2), arf(3))
    refused = answers[1]
    assert isinstance(refused, Unstored)
    assert (refused.why, bool(refused.reason)) == (Why.REFUSED, True)
    assert raws() == [arf(1), arf(2), arf(3)]


def test_what_breaks_the_database_is_left_out_and_the_rest_is_stored(touchy: Desk, raws: Raws) -> None:
    messages = [arf(1), arf(2), BAD, arf(3), arf(4), arf(5), BAD]
    answers = store(touchy, *messages)
    assert [isinstance(each, Unstored) for each in answers] == [each == BAD for each in messages]
    assert answers[2] == Unstored(Why.BROKEN)
    assert raws() == [arf(number) for number in range(1, 6)]


def test_while_the_storage_is_away_all_are_to_come_again(
    desk: Desk, raws: Raws, outage: Callable[[], AbstractContextManager[None]]
) -> None:
    with outage():
        assert store(desk, arf(1), arf(2)) == [Unstored(Why.AWAY)] * 2
    assert raws() == []


def test_the_fault_is_logged_without_what_was_in_the_message(
    touchy: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    store(touchy, BAD)
    said = "".join(capsys.readouterr())
    assert "storage.broken" in said
    assert "offence" not in said
