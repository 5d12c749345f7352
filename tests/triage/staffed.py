"""The scene's desk with staff in front of it: fixtures to import, and how to read a page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import pytest

from app.bootstrap import Desk
from app.settings import Settings
from app.staff.domain import Role
from app.triage import service
from app.triage.queue import Row
from app.web.site import Site
from tests.factories.sites import Visitor, desk_site, hire
from tests.triage.scene import Scene, scene_of, wired

__all__ = ["desk_site"]

Enter = Callable[..., Visitor]


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    with wired(settings) as desk:
        yield desk


@pytest.fixture
def scene(desk: Desk) -> Scene:
    return scene_of(desk)


@pytest.fixture
def enter(desk: Desk, desk_site: Site) -> Enter:
    """Signs somebody of a role in."""

    def enter(role: Role = Role.SENIOR, name: str = "") -> Visitor:
        visitor = Visitor(desk_site.test_client())
        visitor.sign_in(hire(desk, f"{name or role}@desk.example", role))
        return visitor

    return enter


def case_now(desk: Desk, row: Row) -> Row:
    with desk.work() as work:
        return service.case(work, row.number)


def rows_of(page: str) -> list[str]:
    """The numbers of the cases that a list links to."""
    return re.findall(r'<a href="/cases/(\d+)">', page)


def said(page: str) -> str:
    """The words of a page, without its tags."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))
