"""The inputs that the fuzzer found worth keeping are read within all bounds, and so are those made of them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.mail.bounds import broken
from tests.mail.damage import damaged, swollen
from tests.mail.test_corpus import CORPUS
from tests.mail.test_hostile import SLACK

SEEDS = sorted((Path(__file__).parents[1] / "corpus_fuzz").glob("*.eml"))
MAILS = [path.read_bytes() for path in (*sorted(CORPUS.glob("*.eml")), *SEEDS)]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_a_kept_seed_breaks_no_promise(seed: Path) -> None:
    assert broken(seed.read_bytes(), slack=SLACK, memory=True) is None


@pytest.mark.parametrize("number", range(10))
def test_a_mail_with_planned_damage_breaks_no_promise(number: int) -> None:
    chance = Random(number)
    for _ in range(25):
        raw = damaged(chance.choice(MAILS), chance, MAILS)
        assert broken(raw, slack=SLACK, law=False) is None, raw


@pytest.mark.parametrize("number", range(20))
def test_a_mail_swollen_by_one_of_its_pieces_breaks_no_promise(number: int) -> None:
    chance = Random(number)
    raw = swollen(damaged(chance.choice(MAILS), chance, MAILS), chance, 200_000)

    assert broken(raw, slack=SLACK, memory=True, law=False) is None


def test_the_seeds_are_few_and_small() -> None:
    assert 20 <= len(SEEDS) <= 60
    assert all(seed.stat().st_size <= 4_096 for seed in SEEDS)
