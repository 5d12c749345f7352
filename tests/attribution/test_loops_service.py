"""The list of known feedback loops: as it starts, and as staff and operators change it."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace

import pytest
from click.testing import CliRunner

from app.attribution import loops_cli
from app.attribution import loops_service as service
from app.attribution.loops import Loop
from app.audit import service as audit
from app.audit.domain import Actor
from app.bootstrap import Desk
from app.errors import NotFound, Rejected

KIM = Actor("kim@desk.example")
BOX = Loop("box", "Box", ("loop.box.test",), ("feedback@box.test", "box.test"), note="Asked for in May.")


def put(desk: Desk, loop: Loop) -> Loop:
    with desk.work() as work:
        return service.put(work, KIM, loop)


def known(desk: Desk) -> dict[str, Loop]:
    with desk.work() as work:
        return {each.id: each for each in service.known(work)}


def test_the_well_known_loops_are_there_from_the_start(desk: Desk) -> None:
    assert known(desk).keys() == {"microsoft", "validity", "yahoo"}


def test_a_loop_is_added_and_changed_and_each_change_is_on_record(desk: Desk) -> None:
    put(desk, BOX)
    put(desk, BOX)
    put(desk, replace(BOX, active=False))
    assert "box" not in known(desk)
    with desk.work() as work:
        assert service.find(work, "box") == replace(BOX, active=False)
        entries = audit.read(work, subject="loop:box")
    assert [each.actor for each in entries] == ["kim@desk.example"] * 2


def test_what_is_written_is_tidied(desk: Desk) -> None:
    kept = put(
        desk, replace(BOX, name=" The  Box ", domains=("@LOOP.Box.test.", "loop.box.test"), senders=("@Box.test",))
    )
    assert (kept.name, kept.domains, kept.senders) == ("The Box", ("loop.box.test",), ("box.test",))


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Box 1"},
        {"name": " "},
        {"domains": ()},
        {"senders": (" ",)},
        {"domains": ("localhost",)},
        {"domains": ("a..test",)},
        {"senders": ("two@at@box.test",)},
        {"senders": tuple(f"b{n}.test" for n in range(30))},
        {"note": "x" * 501},
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(desk: Desk, wrong: dict[str, object]) -> None:
    with pytest.raises(Rejected, match=r"\.$"):
        put(desk, replace(BOX, **wrong))  # type: ignore[arg-type]
    assert "box" not in known(desk)


def test_a_loop_that_is_not_there_is_not_found(desk: Desk) -> None:
    with desk.work() as work, pytest.raises(NotFound):
        service.find(work, "nobody")


def test_operators_list_and_change_loops(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops_cli, "opened", lambda: nullcontext(desk))

    def run(*words: str) -> list[dict[str, object]]:
        done = CliRunner().invoke(loops_cli.loops, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return [json.loads(line) for line in done.output.splitlines()]

    (added,) = run("set", "box", "--name", "Box", "--domain", "loop.box.test", "--from", "box.test", "--json")
    assert added["domains"] == ["loop.box.test"]
    (changed,) = run("set", "box", "--off", "--json")
    assert (changed["name"], changed["active"]) == ("Box", False)
    assert [each["id"] for each in run("--json")] == ["box", "microsoft", "validity", "yahoo"]
