"""Whoever changes, removes or reorders what was done is found out, and the first broken entry is named."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.audit import service
from app.audit.domain import OPERATOR
from app.audit.service import Broken
from app.bootstrap import Desk
from tests.audit.conftest import ANNA, ENTRIES

Tamper = Callable[..., None]
Ask = Callable[[], Broken | None]

CHANGES = {
    "at": "at + interval '1 second'",
    "actor": "'bob@desk.test'",
    "action": "'case.resolve'",
    "subject": "'case:77'",
    "detail_id": "gen_random_uuid()",
    "detail": "detail || '\\x00'::bytea",
    "previous": "sha256('x')",
    "hash": "sha256('x')",
}


def test_an_untouched_chain_holds(chain: Desk, broken: Ask) -> None:
    assert broken() is None


def test_an_empty_chain_holds(desk: Desk, broken: Ask) -> None:
    assert broken() is None


@pytest.mark.parametrize("column", CHANGES)
@pytest.mark.parametrize("entry", [1, 3, ENTRIES])
def test_a_changed_entry_is_named(chain: Desk, tamper: Tamper, broken: Ask, column: str, entry: int) -> None:
    tamper(f"update audit_entry set {column} = {CHANGES[column]} where seq = :seq", seq=entry)

    found = broken()

    assert found is not None
    assert found.seq == entry
    assert f"entry {entry}" in found.reason


def test_a_changed_number_shows_as_a_missing_entry(chain: Desk, tamper: Tamper, broken: Ask) -> None:
    tamper("update audit_entry set seq = 77 where seq = 3")

    assert broken() == Broken(3, "entry 3 is missing; the next one there is 4")


@pytest.mark.parametrize("entry", [1, 3, ENTRIES])
def test_a_removed_entry_is_named(chain: Desk, tamper: Tamper, broken: Ask, entry: int) -> None:
    tamper("delete from audit_entry where seq = :seq", seq=entry)

    found = broken()

    assert found is not None
    assert found.seq == entry
    assert f"entry {entry} is missing" in found.reason


def test_all_entries_removed_is_found(chain: Desk, tamper: Tamper, broken: Ask) -> None:
    tamper("delete from audit_entry")

    assert broken() == Broken(1, f"entry 1 is missing: the head stands at {ENTRIES}")


def test_two_entries_swapped_are_found_at_the_first(chain: Desk, tamper: Tamper, broken: Ask) -> None:
    tamper(
        "update audit_entry set seq = -seq where seq in (2, 4)",
        "update audit_entry set seq = 6 + seq where seq < 0",
    )

    assert broken() == Broken(2, "entry 2 does not follow the entry before it")


def test_two_entries_with_their_contents_swapped_are_found_at_the_first(
    chain: Desk, tamper: Tamper, broken: Ask
) -> None:
    tamper(
        "update audit_entry a set actor = b.actor, action = b.action, subject = b.subject, at = b.at"
        " from audit_entry b where (a.seq, b.seq) in ((2, 4), (4, 2))"
    )

    assert broken() == Broken(2, "entry 2 was changed")


def test_an_entry_put_behind_the_head_is_found(chain: Desk, tamper: Tamper, broken: Ask) -> None:
    tamper(
        "insert into audit_entry select 6, at, actor, action, subject, gen_random_uuid(), detail, hash, hash"
        " from audit_entry where seq = 5"
    )

    assert broken() == Broken(6, "entry 6 was changed")


def test_a_last_entry_removed_together_with_the_heads_number_is_found(
    chain: Desk, tamper: Tamper, broken: Ask
) -> None:
    tamper("delete from audit_entry where seq = 5", "update audit_head set seq = 4")

    assert broken() == Broken(4, "the head does not agree with entry 4")


def test_last_entries_removed_with_the_head_set_back_to_an_older_entry_are_found(
    chain: Desk, tamper: Tamper, broken: Ask
) -> None:
    tamper(
        "delete from audit_entry where seq = 5",
        "update audit_head set seq = 4, hash = (select hash from audit_entry where seq = 4)",
    )

    assert broken() == Broken(5, "the head was set back or changed: entry 5 may be missing")


@pytest.mark.parametrize(
    ("change", "named"), [("seq = 9", ENTRIES + 1), ("seq = 2", 2), ("hash = sha256('x')", ENTRIES)]
)
def test_a_changed_head_is_found(chain: Desk, tamper: Tamper, broken: Ask, change: str, named: int) -> None:
    tamper(f"update audit_head set {change}")

    found = broken()

    assert found is not None
    assert found.seq == named
    assert "head" in found.reason


@pytest.mark.parametrize(
    "statement", ["update audit_entry set actor = 'x'", "delete from audit_entry", "truncate audit_entry"]
)
def test_the_database_refuses_to_change_or_remove_an_entry(chain: Desk, statement: str) -> None:
    with pytest.raises(DBAPIError), chain.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_forgetting_a_detail_leaves_the_chain_whole(chain: Desk, broken: Ask) -> None:
    with chain.work() as work:
        [third] = [each for each in service.read(work) if each.seq == 3]
        assert third.detail == {"note": "note 3"}
        newest_first = service.readable_before(work, chain.clock.now(), 10)
        assert service.forget(work, [newest_first[2]]) == 1

    with chain.work() as work:
        assert [each.detail for each in service.read(work, limit=3)][-1] is None
    assert broken() is None


def test_a_forgotten_detail_is_not_found_by_the_address_in_it_any_more(desk: Desk) -> None:
    with desk.work() as work:
        service.record(work, ANNA, "case.note", "case:1", {"note": "Mr Karl wrote from Karl@Example.org again"})
    with desk.work() as work:
        found = work.vault.mentioning("karl@example.org")
        assert service.among(work, found) == found
        assert service.forget(work, found) == 1

    with desk.work() as work:
        assert work.vault.mentioning("karl@example.org") == []


def test_many_writers_at_once_keep_the_chain(desk: Desk, broken: Ask) -> None:
    def write(number: int) -> None:
        with desk.work() as work:
            service.record(work, OPERATOR, "case.note", f"case:{number}", {"note": "n"})

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(80)))

    assert broken() is None
    with desk.work() as work:
        assert service.length(work) == 80


def test_a_check_among_writers_finds_nothing_wrong(chain: Desk, broken: Ask) -> None:
    def write(number: int) -> None:
        with chain.work() as work:
            service.record(work, OPERATOR, "case.note", f"case:{number}")

    with ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(write, number) for number in range(60)]
        checks = [broken() for _ in range(20)]
        assert all(each.result() is None for each in writing)

    assert checks == [None] * 20


def test_an_entry_of_a_unit_of_work_that_failed_leaves_no_gap(chain: Desk, broken: Ask) -> None:
    with pytest.raises(RuntimeError), chain.work() as work:
        service.record(work, ANNA, "case.note", "case:9")
        raise RuntimeError("later on")
    with chain.work() as work:
        service.record(work, ANNA, "case.note", "case:10")

    assert broken() is None


def test_the_chain_holds_whatever_time_zone_the_database_is_in(chain: Desk, broken: Ask) -> None:
    with chain.engine.begin() as connection:
        name = connection.execute(sa.text("select current_database()")).scalar()
        connection.execute(sa.text(f"alter database \"{name}\" set timezone to 'Asia/Kathmandu'"))
    chain.engine.dispose()

    assert broken() is None
