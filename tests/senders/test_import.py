"""Importing senders: whole or not at all, the same again changes nothing, a suspension stays."""

from __future__ import annotations

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.privacy.service import erase
from app.senders import service
from app.senders.domain import IdentityKind, SenderStatus
from app.senders.roster import read_roster
from tests.senders.test_roster import CSV, JSON


def test_a_roster_is_written_and_the_same_again_changes_nothing(desk: Desk) -> None:
    first = _import(desk, JSON)
    again = _import(desk, JSON)

    assert (first.new, first.known) == (2, 0)
    assert (again.new, again.known) == (0, 2)
    with desk.work() as work:
        assert len(service.identities(work, "acme")) == 2
        assert service.contact_of(work, "acme") == "post@acme.example"
        assert service.find(work, "shop").parent == "acme"


def test_a_parent_may_be_listed_after_its_child(desk: Desk) -> None:
    done = _import(desk, '{"senders": [{"id": "child", "parent": "top"}, {"id": "top"}]}')

    assert (done.new, done.faults) == (2, ())


def test_with_one_bad_row_nothing_is_imported(desk: Desk) -> None:
    done = _import(desk, '{"senders": [{"id": "good"},\n{"id": "orphan", "parent": "nobody"}]}')

    assert [fault.line for fault in done.faults] == [2]
    with desk.work() as work:
        assert service.page(work) == []


def test_a_sender_that_would_be_its_own_parent_is_refused(desk: Desk) -> None:
    _import(desk, '{"senders": [{"id": "top"}, {"id": "child", "parent": "top"}]}')

    itself = _import(desk, '{"senders": [{"id": "self", "parent": "self"}]}')
    round_about = _import(desk, '{"senders": [\n{"id": "top", "parent": "child"}]}')

    assert [fault.text for fault in itself.faults] == ["Sender self: its parents lead back to itself."]
    assert [fault.line for fault in round_about.faults] == [2]


def test_an_import_does_not_lift_a_suspension(desk: Desk) -> None:
    _import(desk, JSON)
    with desk.work() as work:
        service.set_status(work, "acme", SenderStatus.SUSPENDED)

    _import(desk, JSON.replace('"contact": "post', '"status": "active", "contact": "post'))

    with desk.work() as work:
        assert service.find(work, "acme").status is SenderStatus.SUSPENDED


def test_logins_are_found_by_sender_and_identities_by_value(desk: Desk) -> None:
    _import(desk, CSV)

    with desk.work() as work:
        assert service.logins_of(work, ["acme", "shop"]) == {"acme": ("mailer@acme.example",)}
        found = service.known_identities(work, {IdentityKind.DKIM: ["acme.example"], IdentityKind.IP: []})
    assert [fact.sender for fact in found] == ["acme"]


def test_the_contact_does_not_stand_readable_in_the_row(desk: Desk) -> None:
    _import(desk, JSON)

    with desk.engine.connect() as connection:
        row = connection.exec_driver_sql("select sender::text from sender where id = 'acme'").scalar_one()
    assert "post" not in row and b"post@acme.example".hex() not in row


def _import(desk: Desk, text: str) -> service.Imported:
    with desk.work() as work:
        return service.import_roster(work, OPERATOR, read_roster(text))


def test_a_contact_can_be_forgotten_by_its_address_and_imported_anew(desk: Desk) -> None:
    _import(desk, JSON)

    erase(desk.work, OPERATOR, "Post@acme.example")

    with desk.work() as work:
        assert service.contact_of(work, "acme") is None
        assert service.find(work, "acme").name == "Acme Ltd"
    _import(desk, JSON)
    with desk.work() as work:
        assert service.contact_of(work, "acme") == "post@acme.example"
