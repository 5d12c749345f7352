"""The first staff member of a new installation."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp

from app.bootstrap import Desk
from app.staff import service, store
from tests.factories.sites import Visitor, faults, heading, hire

WORDS = "four words in a row"


def test_the_link_leads_the_first_one_to_a_working_desk(desk: Desk, colleague: Visitor) -> None:
    page = f"/welcome/{_token(desk)}"
    answer = colleague.post(page, email=" First@Desk.example", password=WORDS, again=WORDS)
    assert answer.headers["Location"] == "/tf-setup"

    key = re.search(r'class="code">([A-Z2-7-]+)<', colleague.post("/tf-setup", setup="authenticator").text)
    assert key is not None
    code = pyotp.TOTP(key.group(1).replace("-", "")).now()
    assert colleague.post("/tf-validate", code=code).headers["Location"] == "/"

    assert "first@desk.example" in colleague.get("/staff").text


def test_without_the_second_factor_the_first_one_sees_nothing(desk: Desk, colleague: Visitor) -> None:
    colleague.post(f"/welcome/{_token(desk)}", email="first@desk.example", password=WORDS, again=WORDS)

    assert colleague.get("/staff").headers["Location"].startswith("/login")


def test_a_used_link_is_gone(desk: Desk, colleague: Visitor) -> None:
    page = f"/welcome/{_token(desk)}"
    colleague.post(page, email="first@desk.example", password=WORDS, again=WORDS)

    assert colleague.get(page).status_code == 404


def test_a_link_ends_after_seven_days(desk: Desk, colleague: Visitor) -> None:
    token = _token(desk)
    with desk.work() as work:
        for link in store.unused_links(work.session):
            link.expires_at -= timedelta(days=7)

    assert colleague.get(f"/welcome/{token}").status_code == 404


def test_a_new_link_ends_the_one_before(desk: Desk, colleague: Visitor) -> None:
    first, second = _token(desk), _token(desk)

    assert colleague.get(f"/welcome/{first}").status_code == 404
    assert heading(colleague.get(f"/welcome/{second}")) == "Welcome"


def test_a_link_is_worth_nothing_once_there_is_staff(desk: Desk, colleague: Visitor) -> None:
    token = _token(desk)
    hire(desk)

    assert colleague.get(f"/welcome/{token}").status_code == 404


def test_there_is_no_link_where_there_is_staff(desk: Desk) -> None:
    hire(desk)

    with desk.work() as work:
        assert service.welcome(work) is None


def test_the_token_itself_is_not_kept(desk: Desk) -> None:
    token = _token(desk)

    with desk.work() as work:
        kept = work.session.connection().exec_driver_sql("select welcome_link::text from welcome_link").scalar()
    assert token not in str(kept)
    assert token.encode().hex() not in str(kept)


def test_a_short_password_is_refused_and_the_address_is_kept(desk: Desk, colleague: Visitor) -> None:
    answer = colleague.post(f"/welcome/{_token(desk)}", email="first@desk.example", password="short", again="short")

    assert faults(answer) == ["A password needs at least 12 characters."]
    assert 'value="first@desk.example"' in answer.text


def test_an_address_that_is_none_is_refused(desk: Desk, colleague: Visitor) -> None:
    answer = colleague.post(f"/welcome/{_token(desk)}", email="first", password=WORDS, again=WORDS)

    assert faults(answer) == ["This is not an e-mail address."]


def _token(desk: Desk) -> str:
    with desk.work() as work:
        token = service.welcome(work)
    assert token is not None
    return token
