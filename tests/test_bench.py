"""What the benchmarks share with the product is still there: they run by hand only, and nobody else would notice."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.mark.parametrize("name", ["naive", "pipeline", "scaling", "reports", "peers.letters"])
def test_a_part_of_a_benchmark_can_be_imported(name: str) -> None:
    import_module(f"bench.{name}")
