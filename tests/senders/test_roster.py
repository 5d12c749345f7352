"""A roster is read whole, or its faults are told by line."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.senders.domain import IdentityFact, IdentityKind, SenderStatus
from app.senders.roster import read_roster

JSON = """{"senders": [
  {"id": "acme", "name": "Acme Ltd", "contact": "post@acme.example", "identities": [
    {"kind": "dkim", "value": "Acme.Example.", "selector": "S1", "since": "2026-01-01"},
    {"kind": "ip", "value": "198.51.100.7/32"}]},
  {"id": "shop", "name": "Shop", "contact": "", "parent": "acme", "status": "closed",
   "identities": []}
]}"""

CSV = """id,name,contact,parent,status,kind,value,selector,since,until
acme,Acme Ltd,post@acme.example,,,dkim,acme.example,s1,2026-01-01,
acme,,,,,login,Mailer@Acme.Example,,,
shop,Shop,,acme,closed,,,,,
"""


def test_json_gives_senders_with_their_identities() -> None:
    roster = read_roster(JSON)

    assert roster.faults == ()
    acme, shop = roster.senders
    assert acme.identities == (
        IdentityFact("acme", IdentityKind.DKIM, "acme.example", "s1", datetime(2026, 1, 1, tzinfo=UTC)),
        IdentityFact("acme", IdentityKind.IP, "198.51.100.7"),
    )
    assert (shop.parent, shop.status, shop.line) == ("acme", SenderStatus.CLOSED, 5)


def test_csv_rows_of_one_sender_become_one_sender() -> None:
    roster = read_roster(CSV)

    assert roster.faults == ()
    assert [each.id for each in roster.senders] == ["acme", "shop"]
    assert [each.value for each in roster.senders[0].identities] == ["acme.example", "mailer@acme.example"]


def test_a_domain_is_kept_as_mail_names_it() -> None:
    text = """{"senders": [
      {"id": "a", "identities": [{"kind": "domain", "value": "Bücher.Example"}]},
      {"id": "b", "identities": [{"kind": "dkim", "value": "news at shop"}]},
      {"id": "c", "identities": [{"kind": "dkim", "value": "*.shop.example"}]}
    ]}"""

    roster = read_roster(text)

    assert [each.value for each in roster.senders[0].identities] == ["xn--bcher-kva.example"]
    assert [fault.line for fault in roster.faults] == [3, 4]


@pytest.mark.parametrize("field", ["name", "contact"])
@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
def test_what_the_database_cannot_keep_is_a_fault(field: str, text: str) -> None:
    faults = read_roster(f'{{"senders": [{{"id": "a", "{field}": "x{text}"}}]}}').faults

    assert [fault.line for fault in faults] == [1]


def test_a_date_before_all_dates_is_a_fault() -> None:
    identity = '{"kind": "login", "value": "x", "since": "0001-01-01T00:00:00+14:00"}'

    assert read_roster(f'[{{"id": "a", "identities": [{identity}]}}]').faults


def test_the_lines_of_a_large_roster_are_found_in_one_pass() -> None:
    text = "[" + ",\n".join(f'{{"id": "s{number}", "name": "{"x" * 200}"}}' for number in range(20_000)) + "]"

    begun = time.process_time()
    roster = read_roster(text)

    assert roster.senders[-1].line == 20_000
    assert time.process_time() - begun < 5, "it was 14 s when each sender cost a copy of the rest"


def test_each_fault_is_told_with_its_line() -> None:
    text = """{"senders": [
      {"id": "ok", "identities": []},
      {"id": "bad id"},
      {"id": "b", "identities": [{"kind": "ip", "value": "nowhere"}]},
      {"id": "c", "identities": [{"kind": "dkim", "value": "x.test", "since": "2026-02-01", "until": "2026-01-01"}]},
      {"id": "ok"},
      7
    ]}"""

    faults = read_roster(text).faults

    assert sorted(fault.line for fault in faults) == [3, 4, 5, 6, 7]
    assert all(
        fault.text.endswith(".") or ":" in fault.text or "must" in fault.text or "+" in fault.text for fault in faults
    )


def test_a_csv_fault_is_told_with_the_line_of_its_sender() -> None:
    roster = read_roster("id,kind,value\nacme,dkim,acme.example\nshop,magic,x\n")

    assert [fault.line for fault in roster.faults] == [3]


def test_broken_json_names_the_line() -> None:
    assert read_roster('{"senders": [\n{"id": "a",}\n]}').faults[0].line == 2


@given(st.text(max_size=300))
def test_no_text_makes_the_reading_fail(text: str) -> None:
    roster = read_roster(text)
    assert isinstance(roster.senders, tuple)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda v: (
            st.lists(v)
            | st.dictionaries(
                st.sampled_from(["id", "name", "identities", "kind", "value", "since", "parent", "status"]), v
            )
        ),
        max_leaves=9,
    )
)
def test_no_shape_of_json_makes_the_reading_fail(value: object) -> None:
    import json

    read_roster(json.dumps({"senders": value}))
    read_roster(json.dumps(value))
