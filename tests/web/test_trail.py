"""The log of the sites: an id a request, and nothing of what people write, from the form to the verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import structlog
from flask import Blueprint

from app.bootstrap import Desk
from app.errors import Conflict
from app.intake import service as intake
from app.intake.domain import Arrival, Door
from app.pipeline import work_off
from app.web.application import create_app
from app.web.site import Site
from app.web.surface import Surface
from tests.factories.sites import Visitor, colleague, desk_site, faults, generous, heading, public_site, reporter
from tests.logs import Log, kept, log
from tests.workers.mail import arf

__all__ = ["colleague", "desk_site", "kept", "log", "public_site", "reporter"]

ADDRESS, SUBJECT, WORDS = "jane.roe@home.example", "Sesame prize draw", "They phoned my grandmother"
MESSAGE = f"From: Shop <news@shop.example>\r\nTo: {ADDRESS}\r\nSubject: {SUBJECT}\r\n\r\nBuy now.\r\n"


@pytest.fixture
def trial(desk: Desk) -> Iterator[Visitor]:
    """A site with two views that log: one that works, one that breaks."""
    views = Blueprint("trial", __name__)

    @views.get("/trial/say")
    def say() -> str:
        structlog.get_logger().info("trial.said")
        return "said"

    @views.get("/trial/break")
    def broken() -> str:
        raise RuntimeError(ADDRESS)

    @views.get("/trial/conflict")
    def conflict() -> str:
        raise Conflict("No.")

    site: Site = create_app(generous(desk), Surface.PUBLIC)
    site.register_blueprint(views)
    yield Visitor(site.test_client())


def test_every_line_of_a_request_carries_its_id_and_so_does_the_answer(trial: Visitor, log: Log) -> None:
    ids = [trial.get("/trial/say").headers["X-Request-ID"] for _ in range(2)]
    assert [line["request"] for line in log.lines] == [ids[0], ids[0], ids[1], ids[1]]
    assert ids[0] != ids[1]


def test_the_id_is_ours_and_not_the_visitor_s(trial: Visitor, log: Log) -> None:
    answer = trial.get("/trial/say", headers={"X-Request-ID": ADDRESS})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])
    assert ADDRESS not in log.text


def test_a_request_is_told_by_endpoint_status_and_time(trial: Visitor, log: Log) -> None:
    for path in ("/trial/conflict", "/nope", "/healthz", "/static/icon.svg"):
        trial.get(path).close()
    told = [(line["endpoint"], line["status"]) for line in log.events("request")]
    assert told == [("trial.conflict", 409), (None, 404)]
    assert all(isinstance(line["ms"], int) for line in log.events("request"))


def test_a_fault_of_ours_gives_the_number_that_the_log_has(trial: Visitor, log: Log) -> None:
    answer = trial.get("/trial/break")
    assert heading(answer) == "Something went wrong on our side"
    [line] = log.events("request.failed")
    assert line["kind"] == "RuntimeError"
    assert str(line["request"]) in answer.text
    assert ADDRESS not in log.text


def test_nothing_that_people_write_reaches_the_log(
    desk: Desk, reporter: Visitor, colleague: Visitor, log: Log
) -> None:
    posted = reporter.post("/report", category="spam", source=MESSAGE, text=WORDS, reporter=ADDRESS)
    receipt = posted.headers["Location"].rpartition("/")[2]
    for path in (posted.headers["Location"], f"/status/{receipt}", f"/status?receipt={receipt}", "/status/NONE"):
        reporter.get(path)
    reporter.post("/report", category="", source=MESSAGE, reporter=ADDRESS)
    assert faults(colleague.post("/login", email=ADDRESS, password="wrong password"))
    colleague.get(f"/login?next=/queue?q={ADDRESS}")
    with desk.work() as work:
        intake.store_many(work, [Arrival(arf(7), Door.COMMAND), Arrival(MESSAGE.encode(), Door.LMTP)])
    while work_off(desk, 10):
        pass
    assert {line["event"] for line in log.lines} >= {"request", "pipeline.batch"}
    for private in (
        ADDRESS,
        "home.example",
        SUBJECT,
        WORDS,
        receipt,
        receipt[:5],
        "wrong password",
        "reader7",
        "offer 7",
    ):
        assert private not in log.text, private
