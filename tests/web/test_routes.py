"""Every route of the desk has a guard, or stands on the short list of the door itself."""

from __future__ import annotations

import pytest

from app.bootstrap import Desk
from app.staff.domain import Permission, Role, permitted
from app.staff.guards import OPEN
from app.web.application import create_app
from app.web.site import Site
from app.web.surface import Surface
from tests.factories.sites import Visitor, generous, hire

REFUSED = {"security.two_factor_rescue", "security.tf_select"}
"""Brought by the library, not wanted: they have no guard and so do not open."""

THE_DOOR = {
    "static",
    "health.alive",
    "health.ready",
    "staff.welcome",
    "staff.enrol",
    "security.login",
    "security.logout",
    "security.two_factor_setup",
    "security.two_factor_token_validation",
    "security.mf_recovery",
}


def test_the_list_of_open_routes_is_this_and_no_longer() -> None:
    assert OPEN == THE_DOOR


def test_every_other_route_of_the_desk_is_guarded(desk_site: Site) -> None:
    bare = {
        rule.endpoint
        for rule in desk_site.url_map.iter_rules()
        if getattr(desk_site.view_functions[rule.endpoint], "guard", None) is None
    }

    assert bare - THE_DOOR == REFUSED


def test_every_change_asks_for_a_permission_of_its_own(desk_site: Site) -> None:
    own_account = {rule for rule in desk_site.view_functions if rule.startswith("security.")} | THE_DOOR
    changes = {
        rule.endpoint: getattr(desk_site.view_functions[rule.endpoint], "permission", None)
        for rule in desk_site.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint not in own_account
    }

    assert all(isinstance(permission, Permission) for permission in changes.values()), changes


def test_nothing_of_the_desk_opens_without_signing_in(desk_site: Site, colleague: Visitor) -> None:
    for path in _pages(desk_site):
        answer = colleague.get(path)
        assert answer.status_code in (302, 404), path
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login"), path


def test_a_change_without_signing_in_is_answered_401(colleague: Visitor) -> None:
    assert colleague.post("/account/password", "/login", password="x").status_code == 401


def test_an_unwanted_route_of_the_library_does_not_open(lead: Visitor) -> None:
    assert lead.get("/tf-rescue").status_code == 404
    assert lead.get("/tf-select").status_code == 404


@pytest.mark.parametrize("role", list(Role))
def test_each_page_opens_to_the_roles_that_may_and_to_no_other(desk: Desk, role: Role) -> None:
    site = create_app(generous(desk), Surface.DESK)
    visitor = Visitor(site.test_client())
    visitor.sign_in(hire(desk, f"{role}@desk.example", role))

    for path, permission in _permissions(site).items():
        allowed = permission in permitted(frozenset({role}))
        assert (visitor.get(path).status_code != 403) == allowed, path


def test_the_public_site_has_no_route_of_the_desk(public_site: Site, desk_site: Site) -> None:
    both = {rule.endpoint for rule in public_site.url_map.iter_rules()} & {
        rule.endpoint for rule in desk_site.url_map.iter_rules()
    }

    assert both == {"static", "health.alive", "health.ready"}


def test_what_is_for_machines_is_this_and_closed_without_a_token(public_site: Site, reporter: Visitor) -> None:
    for_machines = {rule.endpoint: rule.rule for rule in public_site.url_map.iter_rules() if "/api/" in rule.rule}

    assert for_machines.keys() == {"suppressions.pull", "suppressions.check"}
    assert reporter.get(for_machines["suppressions.pull"]).status_code == 404
    assert reporter.client.post(for_machines["suppressions.check"], json={}).status_code == 404


def _pages(site: Site) -> list[str]:
    return [
        rule.rule
        for rule in site.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in THE_DOOR
    ]


def _permissions(site: Site) -> dict[str, Permission]:
    found = {}
    for rule in site.url_map.iter_rules():
        permission = getattr(site.view_functions[rule.endpoint], "permission", None)
        if permission is not None and "GET" in (rule.methods or ()) and not rule.arguments:
            found[rule.rule] = permission
    return found
