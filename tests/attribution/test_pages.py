"""The desk's pages about feedback loops."""

from __future__ import annotations

from app.attribution import loops_service as service
from app.bootstrap import Desk
from app.staff.domain import Role
from app.staff.service import Added
from tests.factories.sites import Visitor, colleague, desk_site, faults, hire, lead

__all__ = ["colleague", "desk_site", "lead"]


BOX = {
    "id": "box",
    "name": "Box",
    "domains": "loop.box.test",
    "senders": "feedback@box.test\nbox.test",
    "active": "y",
}


def signed_in(desk: Desk, colleague: Visitor, role: Role) -> Visitor:
    person: Added = hire(desk, f"{role}@desk.example", role)
    assert colleague.sign_in(person).status_code == 302
    return colleague


def test_a_lead_adds_a_loop_and_switches_it_off(desk: Desk, lead: Visitor) -> None:
    assert "Yahoo and AOL" in lead.get("/loops").text
    assert lead.post("/loops", **BOX).status_code == 303
    page = lead.get("/loops").text
    assert "feedback@box.test, box.test" in page and "counts from the next report on" in page

    assert lead.post("/loops/box", **{name: BOX[name] for name in ("name", "domains", "senders")}).status_code == 303
    with desk.work() as work:
        assert not service.find(work, "box").active


def test_what_cannot_be_is_said_and_nothing_is_kept(desk: Desk, lead: Visitor) -> None:
    empty = lead.post("/loops")
    assert (empty.status_code, len(faults(empty))) == (422, 4)
    wrong = lead.post("/loops", **BOX | {"domains": "localhost"})
    assert (wrong.status_code, faults(wrong)) == (422, ["localhost is neither a domain nor an address."])
    twice = lead.post("/loops", **BOX | {"id": "yahoo"})
    assert (twice.status_code, faults(twice)) == (422, ["There is a loop with this id."])
    changed = lead.post("/loops/yahoo", **BOX | {"senders": "a b@c"})
    assert changed.status_code == 422
    with desk.work() as work:
        assert {each.loop.id for each in service.kept(work)} == {"microsoft", "validity", "yahoo"}
        assert service.find(work, "yahoo").name == "Yahoo and AOL"


def test_an_agent_reads_and_changes_nothing(desk: Desk, colleague: Visitor) -> None:
    agent = signed_in(desk, colleague, Role.AGENT)
    page = agent.get("/loops").text
    assert "Yahoo and AOL" in page and "Add a loop" not in page
    assert "Keep" not in agent.get("/loops/yahoo").text
    assert agent.post("/loops/yahoo", token_from="/account/password", **BOX).status_code == 403


def test_no_such_loop(lead: Visitor) -> None:
    assert lead.get("/loops/nobody").status_code == 404
