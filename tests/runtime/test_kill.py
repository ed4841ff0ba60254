"""A real bot process is killed with SIGKILL again and again, at named points and at any instant, over a broken network."""

from __future__ import annotations

import pytest

from bench.kill import lay

pytestmark = pytest.mark.processes
KILLS = 12  # for each database and each way: 48 in all


@pytest.mark.parametrize("probe", [False, True])
def test_nothing_is_lost_and_nothing_is_doubled_unmarked(database_url: str, probe: bool) -> None:
    seed = 7 + probe
    broken, said = lay(KILLS, seed, url=database_url, probe=probe)
    assert broken == [], f"seed {seed}"
    assert said > 40  # there was something to lose; on a slow machine the load gives way and says less
