"""Adding, listing and removing staff."""

from __future__ import annotations

import pytest

from app.audit.domain import OPERATOR
from app.audit.service import read
from app.bootstrap import Desk
from app.errors import Conflict, NotFound, Rejected
from app.staff import service, store
from app.staff.credentials import Credentials
from app.staff.domain import Role, sign_in_address
from tests.factories.sites import Visitor, hire


def test_an_address_is_added_once_whatever_its_case(desk: Desk) -> None:
    hire(desk, "Ann@Desk.example")

    with pytest.raises(Conflict):
        hire(desk, "ann@desk.EXAMPLE")


def test_a_removed_person_can_come_back_with_new_credentials(desk: Desk, colleague: Visitor) -> None:
    before = hire(desk)
    with desk.work() as work:
        service.remove(work, OPERATOR, before.email)

    after = hire(desk, role=Role.AGENT)

    assert colleague.sign_in(after).status_code == 302
    assert (after.password, after.totp_secret) != (before.password, before.totp_secret)
    with desk.work() as work:
        assert [(one.email, one.roles, one.active) for one in service.members(work)] == [
            ("lead@desk.example", ("agent",), True)
        ]


def test_nobody_is_removed_twice(desk: Desk) -> None:
    person = hire(desk)
    with desk.work() as work:
        service.remove(work, OPERATOR, person.email)

    with pytest.raises(NotFound), desk.work() as work:
        service.remove(work, OPERATOR, person.email)


def test_neither_password_nor_secret_lies_in_the_database(desk: Desk) -> None:
    person = hire(desk)

    with desk.work() as work:
        row = store.by_email(work.session, person.email)
        assert row is not None
        kept = str(row.model_dump())
    assert person.password not in kept
    assert person.totp_secret not in kept


def test_adding_and_removing_are_on_the_record(desk: Desk) -> None:
    person = hire(desk)
    with desk.work() as work:
        service.remove(work, OPERATOR, person.email)

    with desk.work() as work:
        assert [entry.action for entry in read(work)] == ["staff.removed", "staff.added"]


def test_the_same_password_has_another_hash_each_time() -> None:
    credentials = Credentials(b"p" * 32, b"t" * 32, b"r" * 32)

    assert credentials.hashed("four words in a row") != credentials.hashed("four words in a row")


@pytest.mark.parametrize("text", ["", "ann", "ann@", "@desk.example", "a b@desk.example", "<a@b.example>", "a@b@c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        sign_in_address(text)
