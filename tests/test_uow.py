"""The unit of work: what is tried in it leaves no trace."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from app.bootstrap import Desk
from app.uow import Work

LOOPS = sa.text("select count(*) from feedback_loop")
TRIED = sa.text("delete from feedback_loop")


def try_out(work: Work) -> None:
    work.session.connection().execute(TRIED)
    work.enqueue("tried")
    work.ring("tried")
    assert work.session.connection().scalar(LOOPS) == 0


@pytest.mark.parametrize("refused", [False, True])
def test_what_is_tried_is_undone_and_what_was_asked_for_before_stays(desk: Desk, refused: bool) -> None:
    with desk.work() as work:
        before = work.session.connection().scalar(LOOPS)
        work.enqueue("before")
        work.ring("before")
        try:
            with work.undone():
                try_out(work)
                if refused:
                    raise ValueError
        except ValueError:
            assert refused

        assert before and work.session.connection().scalar(LOOPS) == before
        assert (work.jobs, work.bells) == ([("before", ())], ["before"])
        work.jobs.clear()
        work.bells.clear()
