"""What holds for every request: one unit of work, failures as pages, headers, rates, health."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Blueprint, g, request
from sqlalchemy import text

from app.bootstrap import Desk, wire
from app.errors import Conflict, Forbidden, NotFound, Rejected, Throttled, TooLarge, Unavailable
from app.infra.queue import redis_for
from app.web.application import create_app
from app.web.site import Site
from app.web.surface import Surface
from tests.factories.sites import Visitor, heading

PAGES = ("/", "/report", "/status", "/privacy", "/rules", "/how-to-report")

FAILURES = (
    (Rejected("No."), 400),
    (TooLarge("No."), 413),
    (NotFound("No."), 404),
    (Forbidden("No."), 403),
    (Conflict("No."), 409),
    (Throttled("No.", 40), 429),
    (Unavailable("No."), 503),
)


def test_what_a_successful_request_wrote_is_committed(desk: Desk, trial: Visitor) -> None:
    trial.get("/trial/write?answer=200")

    assert _written(desk) == 1


@pytest.mark.parametrize("answer", [400, 409, 500])
def test_what_a_failed_request_wrote_is_rolled_back(desk: Desk, trial: Visitor, answer: int) -> None:
    trial.get(f"/trial/write?answer={answer}")

    assert _written(desk) == 0


def test_what_a_request_that_broke_wrote_is_rolled_back(desk: Desk, trial: Visitor) -> None:
    assert trial.get("/trial/write-and-break").status_code == 500

    assert _written(desk) == 0


def test_a_job_is_asked_for_after_the_commit_only(desk: Desk, trial: Visitor) -> None:
    trial.get("/trial/job?answer=409")
    assert not desk.redis.keys("rq:job:*")

    trial.get("/trial/job?answer=200")
    assert desk.redis.keys("rq:job:*")


@pytest.mark.parametrize(("failure", "code"), FAILURES, ids=[type(each).__name__ for each, _ in FAILURES])
def test_each_failure_has_its_page(trial: Visitor, failure: Exception, code: int) -> None:
    answer = trial.get(f"/trial/fail/{type(failure).__name__}")

    assert answer.status_code == code
    assert heading(answer)
    assert "No." in answer.text


def test_too_often_says_when_to_come_back(trial: Visitor) -> None:
    assert trial.get("/trial/fail/Throttled").headers["Retry-After"] == "40"


def test_a_fault_of_ours_shows_nothing_of_its_cause(trial: Visitor, capsys: pytest.CaptureFixture[str]) -> None:
    answer = trial.get("/trial/break")

    assert heading(answer) == "Something went wrong on our side"
    assert "jane@home.example" not in answer.text
    logged = capsys.readouterr()
    assert "jane@home.example" not in logged.out + logged.err


def test_a_database_that_is_away_is_answered_503(desk: Desk) -> None:
    lost = create_app(_without_database(desk), Surface.PUBLIC)
    visitor = Visitor(lost.test_client())

    answer = visitor.get("/status/AAAAA-AAAAA-AAAAA-AAAAA")

    assert (answer.status_code, heading(answer)) == (503, "This is not available right now")
    assert visitor.get("/healthz").status_code == 200
    assert visitor.get("/readyz").status_code == 503


@pytest.mark.parametrize("surface", list(Surface))
def test_every_answer_carries_the_strict_headers(desk: Desk, surface: Surface) -> None:
    visitor = Visitor(create_app(desk, surface).test_client())

    for path in ("/", "/login", "/nope", "/static/abusedesk.css", "/healthz"):
        with visitor.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_desk_is_kept_in_no_cache(lead: Visitor) -> None:
    assert lead.get("/account").headers["Cache-Control"] == "no-store"


def test_https_makes_cookies_secure_and_sends_hsts(desk: Desk) -> None:
    secure = replace(desk, settings=replace(desk.settings, https=True))
    answer = Visitor(create_app(secure, Surface.PUBLIC).test_client()).get("/report")

    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert all(flag in answer.headers["Set-Cookie"] for flag in ("Secure", "HttpOnly", "SameSite=Lax"))


def test_the_two_sites_share_no_cookie(desk: Desk) -> None:
    names = {
        Visitor(create_app(desk, surface).test_client()).get(path).headers["Set-Cookie"].partition("=")[0]
        for surface, path in ((Surface.PUBLIC, "/report"), (Surface.DESK, "/login"))
    }

    assert names == {"abusedesk_public", "abusedesk_desk"}


def test_one_address_may_file_so_many_reports_and_no_more(desk: Desk) -> None:
    strict = replace(desk, settings=replace(desk.settings, form_rate="3/minute"))
    visitor = Visitor(create_app(strict, Surface.PUBLIC).test_client())

    codes = [visitor.post("/report", category="spam", text=f"No. {each}").status_code for each in range(4)]

    assert codes == [303, 303, 303, 429]
    elsewhere = Visitor(visitor.client, "198.51.100.9")
    assert elsewhere.post("/report", category="spam", text="Another").status_code == 303


def test_rates_hold_while_redis_is_away(desk: Desk) -> None:
    away = replace(
        desk, redis=redis_for("unix:///nowhere/valkey.sock"), settings=replace(desk.settings, form_rate="3/minute")
    )
    visitor = Visitor(create_app(away, Surface.PUBLIC).test_client())

    codes = [visitor.post("/report", category="spam", text=f"No. {each}").status_code for each in range(5)]

    assert codes[0] == 303
    assert codes[-1] == 429


def test_no_address_lies_in_redis_for_a_rate(desk: Desk) -> None:
    Visitor(create_app(desk, Surface.PUBLIC).test_client()).post("/report", category="spam", text="x")

    assert not any(b"203.0.113.7" in key for key in desk.redis.scan_iter())


def test_ready_names_what_answers(reporter: Visitor) -> None:
    assert reporter.get("/readyz").text == "database ok\nqueue ok\n"


@pytest.mark.parametrize("path", PAGES)
def test_every_public_page_is_whole(reporter: Visitor, path: str) -> None:
    page = reporter.get(path)

    assert page.status_code == 200
    assert f"<title>{heading(page)} –".replace("&#39;", "'") in page.text.replace("&#39;", "'")
    assert page.text.count("<h1>") == 1
    for link in ("/privacy", "/rules", "/how-to-report", "/status"):
        assert f'href="{link}"' in page.text.partition("<footer>")[2]
    assert "style=" not in page.text
    assert "onclick" not in page.text


def test_the_privacy_page_tells_the_days_that_are_set(desk: Desk) -> None:
    settings = replace(desk.settings, retention_raw_days=17, retention_personal_days=123)
    page = Visitor(create_app(replace(desk, settings=settings), Surface.PUBLIC).test_client()).get("/privacy").text

    assert "17 days" in page
    assert "123 days" in page


def _without_database(desk: Desk) -> Desk:
    return wire(replace(desk.settings, database_url="postgresql://nobody@127.0.0.1:1/none"))


def _written(desk: Desk) -> int:
    with desk.work() as work:
        return int(work.session.execute(text("select count(*) from role where name = 'trial'")).scalar_one())


@pytest.fixture
def trial(public_site: Site) -> Visitor:
    public_site.register_blueprint(_trial_pages())
    return Visitor(public_site.test_client())


def _trial_pages() -> Blueprint:
    pages = Blueprint("trial", __name__)

    def write() -> None:
        g.work.session.execute(text("insert into role (name) values ('trial')"))

    @pages.get("/trial/write")
    def _write() -> tuple[str, int]:
        write()
        return "written", int(request.args["answer"])

    @pages.get("/trial/job")
    def _job() -> tuple[str, int]:
        g.work.enqueue("work-off")
        return "asked", int(request.args["answer"])

    @pages.get("/trial/write-and-break")
    def _write_and_break() -> str:
        write()
        raise RuntimeError("broken")

    @pages.get("/trial/break")
    def _break() -> str:
        raise RuntimeError("jane@home.example is not a number")

    @pages.get("/trial/fail/<name>")
    def _fail(name: str) -> str:
        raise next(failure for failure, _ in FAILURES if type(failure).__name__ == name)

    return pages


def test_a_static_file_is_kept_for_a_year_under_its_digest_and_asked_for_anew_without(desk_site: Site) -> None:
    client = desk_site.test_client()
    page = client.get("/login").text
    [sheet] = re.findall(r'href="(/static/abusedesk\.css\?v=[0-9a-f]{12})"', page)
    with client.get(sheet) as kept:
        assert kept.headers["Cache-Control"] == "public, max-age=31536000"
    with client.get("/static/desk/keys.js") as module:
        assert module.headers["Cache-Control"].startswith("no-cache")
    with client.get("/static/desk/keys.js", headers={"If-None-Match": module.headers["ETag"]}) as same:
        assert same.status_code == 304
