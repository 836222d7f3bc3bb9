"""A short run of the attacker: nothing that happens to an engine changes what it says (P1, S12, S24)."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterword import network
from attack import attack


@pytest.mark.parametrize("seed", range(40))
def test_p1_nothing_that_happens_on_the_way_changes_what_is_said(seed: int, tmp_path: Path) -> None:
    attack(seed, "plain", tmp_path, kill=0.1)


@pytest.mark.skipif(not network.available(), reason="durable-rules cannot be imported here")
@pytest.mark.parametrize("seed", range(40, 50))
def test_p1_nor_does_it_under_the_other_network(seed: int, tmp_path: Path) -> None:
    attack(seed, "durable", tmp_path, kill=0)
