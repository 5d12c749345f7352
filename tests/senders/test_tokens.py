"""Trace tokens: made, found wherever receivers leave them, and not to be forged."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime
from uuid import UUID

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from app.audit.domain import OPERATOR
from app.bootstrap import Desk
from app.errors import NotFound, Rejected
from app.infra.secrets import add_token_key, secrets_of
from app.senders import token_cli, tokens, tokens_service
from app.senders.roster import read_roster
from app.senders.service import import_roster

KEYS = {1: b"a" * 32, 2: b"b" * 32}
UID = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")
AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
TOKEN = tokens.make(KEYS, UID, AT, stream="bulk", campaign="spring-26")


def found(*texts: str) -> list[tokens.Token]:
    return list(tokens.find(KEYS, texts))


def test_a_token_says_sender_stream_campaign_and_minute() -> None:
    (token,) = found(f"n1:{TOKEN}:bulk:relay")
    assert (token.valid, token.key, token.at, token.sender) == (True, 2, AT, UID.bytes[:8])
    assert (token.stream, token.campaign) == ("bulk", "spring-26")


def test_a_token_fits_a_local_part_and_any_case() -> None:
    short = tokens.make(KEYS, UID, AT)
    assert short.isalnum() and short == short.lower() and len(short) <= 40 and len(TOKEN) <= 64
    assert found(short.upper())[0].valid


@pytest.mark.parametrize(
    "text",
    [
        f"<{TOKEN}@bounce.relay.test>",
        f"bounce+{TOKEN}=reader@relay.test",
        f"<mailto:u-{TOKEN}@relay.test>, <https://relay.test/u/{TOKEN}?x=1>",
        f"{TOKEN[:20]}\r\n\t{TOKEN[20:]}",
        f"{TOKEN[:2]} {TOKEN[2:30]} {TOKEN[30:]}",
        f"{TOKEN[:31]}=\r\n{TOKEN[31:]}",
        f"adtwhatever {TOKEN}",
    ],
)
def test_a_token_is_found_wherever_it_stands_and_however_it_was_folded(text: str) -> None:
    assert [each.valid for each in found(text)].count(True) == 1


@given(st.integers(3, len(TOKEN) - 1), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_token_with_another_letter_is_not_genuine(at: int, letter: str) -> None:
    other = TOKEN[:at] + letter + TOKEN[at + 1 :]
    raw = [token.sender for token in found(other) if token.valid]
    # The last letter has bits that say nothing.
    assert other == TOKEN or at == len(TOKEN) - 1 or not raw


@pytest.mark.parametrize("cut", [20, 40, len(TOKEN) - 2, len(TOKEN)])
@pytest.mark.parametrize(
    "behind", ["word", "two words", "a long sentence of many words that goes on and on and on and on", "99"]
)
def test_words_behind_a_folded_token_make_no_other_of_it(cut: int, behind: str) -> None:
    assert [each.valid for each in found(f"trace {TOKEN[:cut]}\r\n {TOKEN[cut:]} {behind}")] == [True]


def test_a_cut_token_beside_the_whole_one_is_no_made_up_one() -> None:
    assert [each.valid for each in found(f"<{TOKEN[:45]}@x> {TOKEN}")] == [True]
    assert [each.valid for each in found(f"<{TOKEN[:45]}@x>")] == [False]


def test_a_key_that_is_gone_makes_it_no_token_of_ours() -> None:
    assert tokens.find({1: KEYS[1]}, [TOKEN]) == ()


def test_earlier_keys_still_check() -> None:
    old = tokens.make({1: KEYS[1]}, UID, AT)
    assert found(old)[0].valid and found(old)[0].key == 1


def test_few_tokens_are_looked_at_however_many_there_are() -> None:
    many = " ".join(tokens.make(KEYS, UUID(int=n << 64), AT) for n in range(40))
    assert len(found(*[many] * 3)) == tokens.MOST


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert all(not token.valid for token in found(text, "adt" + text))


@pytest.mark.parametrize(
    "words", [{"stream": "Bulk"}, {"campaign": "a b"}, {"stream": "x" * 30, "campaign": "y" * 30}]
)
def test_what_does_not_fit_is_refused(words: dict[str, str]) -> None:
    with pytest.raises(Rejected):
        tokens.make(KEYS, UID, AT, **words)


@pytest.fixture
def acme(desk: Desk) -> str:
    with desk.work() as work:
        import_roster(work, OPERATOR, read_roster('{"senders": [{"id": "acme"}, {"id": "other"}]}'))
    return "acme"


def test_a_token_names_its_sender_and_no_other(desk: Desk, acme: str) -> None:
    with desk.work() as work:
        made = [tokens_service.make(work, sender) for sender in ("acme", "other")]
        read = tokens.find(work.vault.token_keys, made)
        assert [tokens_service.owners(work, read)[token.sender] for token in read] == ["acme", "other"]
        with pytest.raises(NotFound):
            tokens_service.make(work, "nobody")


def test_operators_make_and_check_tokens(desk: Desk, acme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_cli, "opened", lambda: nullcontext(desk))

    def run(*words: str, given: str | None = None) -> tuple[int, str]:
        done = CliRunner().invoke(token_cli.token, words, input=given)
        return done.exit_code, done.stdout

    code, made = run("make", "--sender", "acme", "--stream", "bulk", "--at", "2026-11-23")
    assert code == 0
    code, told = run("check", "-", "--json", given=f"Feedback-ID: {made}")
    assert code == 0
    assert json.loads(told) == {
        "valid": True,
        "sender": "acme",
        "stream": "bulk",
        "campaign": "",
        "at": "2026-11-23T00:00:00+00:00",
        "key": 1,
    }
    assert run("check", made.strip()[:-9] + "aaaaaaaaa")[0] == 1
    assert run("check", "nothing here")[0] == 1


def test_a_new_key_makes_and_the_earlier_one_still_checks(desk: Desk, acme: str) -> None:
    with desk.work() as work:
        old = tokens_service.make(work, "acme")
    before = secrets_of(desk.settings)

    assert add_token_key(desk.settings) == 2

    after = secrets_of(desk.settings)
    assert (after.master, after.look_up, after.token[1]) == (before.master, before.look_up, before.token[1])
    assert desk.settings.secrets_file.stat().st_mode & 0o777 == 0o600
    new = tokens.make(after.token, UID, AT)
    assert [token.key for token in tokens.find(after.token, [old, new]) if token.valid] == [1, 2]
