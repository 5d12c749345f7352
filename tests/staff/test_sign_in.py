"""The door of the desk, as somebody at it sees it."""

from __future__ import annotations

from app.audit.domain import SYSTEM
from app.audit.service import read
from app.bootstrap import Desk
from app.staff import service
from app.staff.domain import Role
from app.web.site import Site
from tests.factories.sites import Visitor, code, faults, heading, hire

WRONG = "This address and password do not fit together."
LOCKED = "Too many wrong attempts. Wait 15 minutes, then try again."


def test_a_password_and_a_code_open_the_desk(desk: Desk, colleague: Visitor) -> None:
    assert colleague.sign_in(hire(desk)).headers["Location"] == "/"

    assert colleague.get("/account").status_code == 200


def test_a_password_alone_opens_nothing(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.post("/login", email=person.email, password=person.password)

    assert colleague.get("/account").headers["Location"] == "/login?next=/account"


def test_after_signing_in_one_comes_to_the_page_one_wanted(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    wanted = colleague.get("/account?x=1").headers["Location"]
    colleague.post(wanted, email=person.email, password=person.password)

    answer = colleague.post("/tf-validate?next=/account?x=1", code=code(person))

    assert answer.headers["Location"] == "/account?x=1"


def test_nobody_is_sent_to_another_site_after_signing_in(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    refused = colleague.post("/login?next=https://evil.example/", email=person.email, password=person.password)
    colleague.post("/login", email=person.email, password=person.password)

    assert refused.status_code == 200
    answer = colleague.post("/tf-validate?next=https://evil.example/", code=code(person))

    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)

    wrong = colleague.post("/login", email=person.email, password="not this one")
    unknown = colleague.post("/login", email="nobody@desk.example", password="not this one")

    assert faults(wrong) == faults(unknown) == [WRONG]


def test_a_removed_person_gets_the_same_answer_as_an_unknown_one(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    with desk.work() as work:
        service.remove(work, SYSTEM, person.email)

    assert faults(colleague.post("/login", email=person.email, password=person.password)) == [WRONG]


def test_the_session_of_a_removed_person_ends_at_once(desk: Desk, lead: Visitor) -> None:
    with desk.work() as work:
        service.remove(work, SYSTEM, "lead@desk.example")

    assert lead.get("/account").headers["Location"].startswith("/login")


def test_a_code_works_once(desk: Desk, desk_site: Site, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.sign_in(person)
    other = Visitor(desk_site.test_client())
    other.post("/login", email=person.email, password=person.password)

    assert faults(other.post("/tf-validate", code=code(person))) == [
        "This code is wrong or was used already. Wait for the next one."
    ]
    assert other.post("/tf-validate", code=code(person, 1)).status_code == 302


def test_after_five_wrong_passwords_the_right_one_is_refused_too(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    for _ in range(5):
        colleague.post("/login", email=person.email, password="not this one")

    assert faults(colleague.post("/login", email=person.email, password=person.password)) == [LOCKED]


def test_an_unknown_address_is_locked_like_a_known_one(colleague: Visitor) -> None:
    for _ in range(5):
        colleague.post("/login", email="nobody@desk.example", password="not this one")

    assert faults(colleague.post("/login", email="Nobody@desk.example ", password="x")) == [LOCKED]


def test_after_five_wrong_codes_the_right_one_is_refused_too(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.post("/login", email=person.email, password=person.password)
    for _ in range(5):
        colleague.post("/tf-validate", code="000000")

    assert faults(colleague.post("/tf-validate", code=code(person))) == [LOCKED]


def test_entering_the_password_again_does_not_buy_more_codes(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    for _ in range(5):
        colleague.post("/login", email=person.email, password=person.password)
        colleague.post("/tf-validate", code="000000")

    assert faults(colleague.post("/login", email=person.email, password=person.password)) == [LOCKED]


def test_one_address_cannot_try_many_accounts(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    for number in range(20):
        colleague.post("/login", email=f"guess{number}@desk.example", password="not this one")

    assert faults(colleague.post("/login", email=person.email, password=person.password)) == [LOCKED]
    elsewhere = Visitor(colleague.client, "198.51.100.9")
    assert elsewhere.sign_in(person).status_code == 302


def test_signing_in_makes_wrong_attempts_forgotten(desk: Desk, desk_site: Site) -> None:
    person = hire(desk)
    for step in (0, 1):
        visitor = Visitor(desk_site.test_client())
        for _ in range(4):
            visitor.post("/login", email=person.email, password="not this one")
        assert visitor.sign_in(person, step).status_code == 302


def test_the_lockout_holds_while_redis_is_away(desk: Desk, desk_site: Site) -> None:
    person = hire(desk)
    desk.redis.connection_pool.disconnect()
    desk.redis.connection_pool.connection_kwargs["path"] = "/nowhere/valkey.sock"
    visitor = Visitor(desk_site.test_client())
    for _ in range(5):
        visitor.post("/login", email=person.email, password="not this one")

    assert faults(visitor.post("/login", email=person.email, password=person.password)) == [LOCKED]


def test_a_recovery_code_opens_the_desk_once(desk: Desk, desk_site: Site, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.sign_in(person)
    codes = _recovery_codes(colleague)
    other = Visitor(desk_site.test_client())
    other.post("/login", email=person.email, password=person.password)
    assert other.post("/mf-recovery", code=codes[0].upper()).status_code == 302
    assert other.get("/account").status_code == 200

    again = Visitor(desk_site.test_client())
    again.post("/login", email=person.email, password=person.password)

    assert faults(again.post("/mf-recovery", code=codes[0])) == ["This recovery code is wrong or was used already."]


def test_wrong_recovery_codes_lock_the_account(desk: Desk, desk_site: Site, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.sign_in(person)
    codes = _recovery_codes(colleague)
    other = Visitor(desk_site.test_client())
    other.post("/login", email=person.email, password=person.password)
    for _ in range(5):
        other.post("/mf-recovery", code="aaaa-bbbb-cccc")

    assert faults(other.post("/mf-recovery", code=codes[0])) == [LOCKED]


def test_recovery_codes_are_shown_once_and_lie_sealed(desk: Desk, lead: Visitor) -> None:
    codes = _recovery_codes(lead)

    page = lead.get("/mf-recovery-codes?show_codes=1").text
    with desk.work() as work:
        kept = str(work.session.connection().exec_driver_sql("select mf_recovery_codes from staff").scalar())

    assert len(codes) == 10
    assert not any(each in page or each in kept for each in codes)


def test_signing_out_ends_every_session_also_a_copied_one(desk: Desk, desk_site: Site, lead: Visitor) -> None:
    thief = Visitor(desk_site.test_client())
    cookie = lead.client.get_cookie("abusedesk_desk")
    assert cookie is not None
    thief.client.set_cookie("abusedesk_desk", cookie.value)
    assert thief.get("/account").status_code == 200

    assert lead.post("/logout", "/account").headers["Location"] == "/login"

    assert thief.get("/account").status_code == 302


def test_signing_out_is_a_post_with_a_token(lead: Visitor) -> None:
    assert lead.get("/logout").status_code == 405
    assert lead.client.post("/logout").status_code == 400
    assert lead.get("/account").status_code == 200


def test_a_changed_password_ends_the_other_sessions(desk: Desk, desk_site: Site, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.sign_in(person)
    other = Visitor(desk_site.test_client())
    other.sign_in(person, 1)
    words = "four words in a row"

    answer = colleague.post(
        "/account/password", password=person.password, new_password=words, new_password_confirm=words
    )

    assert answer.headers["Location"] == "/account"
    assert colleague.get("/account").status_code == 200
    assert other.get("/account").status_code == 302


def test_a_new_password_needs_the_one_there_is(lead: Visitor) -> None:
    words = "four words in a row"

    answer = lead.post("/account/password", password="not this", new_password=words, new_password_confirm=words)

    assert faults(answer) == ["This is not your password."]


def test_no_token_or_json_stands_in_for_a_session(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    token = colleague.get("/login").text.partition('value="')[2].partition('"')[0]

    answer = colleague.client.post(
        "/login?include_auth_token",
        json={"email": person.email, "password": person.password},
        headers={"X-CSRFToken": token, "Accept": "application/json"},
    )

    assert answer.mimetype == "text/html"
    assert "authentication_token" not in answer.text
    assert colleague.get("/account", headers={"Authentication-Token": token}).status_code == 302


def test_what_happens_at_the_door_is_on_the_record(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.post("/login", email=person.email, password="not this one")
    colleague.sign_in(person)
    colleague.post("/logout", "/account")

    with desk.work() as work:
        entries = [(entry.actor, entry.action) for entry in read(work)]
    assert entries == [
        (person.email, "staff.signed-out"),
        (person.email, "staff.signed-in"),
        ("system", "staff.sign-in-failed"),
        ("operator", "staff.added"),
    ]


def test_a_new_authenticator_asks_for_a_fresh_password(desk: Desk, lead: Visitor) -> None:
    with lead.client.session_transaction() as session:
        session["fs_paa"] = session["fs_paa"] - 16 * 60

    for page in ("/mf-recovery-codes", "/tf-setup"):
        assert lead.get(page).headers["Location"].startswith("/verify?next=")
    assert lead.get("/account").status_code == 200


def test_the_password_again_makes_the_session_fresh(desk: Desk, colleague: Visitor) -> None:
    person = hire(desk)
    colleague.sign_in(person)
    with colleague.client.session_transaction() as session:
        session["fs_paa"] = session["fs_paa"] - 16 * 60

    answer = colleague.post("/verify?next=/mf-recovery-codes", password=person.password)

    assert answer.headers["Location"] == "/mf-recovery-codes"
    assert heading(colleague.get("/mf-recovery-codes")) == "Recovery codes"


def test_an_agent_sees_no_staff_page(desk: Desk, colleague: Visitor) -> None:
    colleague.sign_in(hire(desk, "agent@desk.example", Role.AGENT))

    assert colleague.get("/staff").status_code == 403


def _recovery_codes(visitor: Visitor) -> list[str]:
    page = visitor.post("/mf-recovery-codes").text
    return [line.partition("</li>")[0] for line in page.partition('<ul class="code">')[2].split("<li>")[1:]]
