"""Many processes reach for the same needs: each need has one helper, nobody is over her own limit, nothing is lost."""

from __future__ import annotations

import asyncio

from bench import claims as bench


def test_processes_race_for_the_same_needs(database_url: str) -> None:
    broken, told = bench.lay(database_url, processes=4, needs=6, seed=7)
    assert broken == {"over-filled": 0, "lost": 0, "above own max_open": 0}
    assert sum(len(report.won) for report in told) >= 6


def test_the_reckoning_sees_what_does_not_add_up(sqlite_url: str) -> None:
    broken, told = bench.lay(sqlite_url, processes=1, needs=3, seed=7)
    assert set(broken.values()) == {0}
    told[0].won.append("nobody's")
    assert asyncio.run(bench.reckon(sqlite_url, told))["lost"] == 1
