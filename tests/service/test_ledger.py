"""`run_bot.py ledger`: what was agreed to, for anybody to check."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.app import open_store
from bot.clock import SystemClock
from privacy import check, consent
from privacy.keyring import Keyring
from tests.service.conftest import Door


@pytest.fixture
def begun(door: Door, tmp_path: Path) -> Door:
    """A service in which two people have agreed."""

    async def agree() -> None:
        (tmp_path / "var").mkdir()
        ring = Keyring.load_or_create(tmp_path / "var" / "keys.json")
        store, _ = open_store(f"sqlite:///{tmp_path}/var/jinlin.db", ring, SystemClock())
        async with store.transaction() as session:
            for who in ("p1", "p2"):
                consent.record(
                    session,
                    person_id=who,
                    purpose="account",
                    given=True,
                    at=SystemClock().now(),
                    language="zh",
                )
        store.close()

    asyncio.run(agree())
    return door


def test_the_file_and_the_line_hold_for_whoever_checks(begun: Door, tmp_path: Path) -> None:
    code, said = begun("ledger", "ledger.jsonl")
    file = tmp_path / "ledger.jsonl"
    assert (code, "lines=2" in said) == (0, True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert check.main([str(file), said.strip()]) == 0
    lines = file.read_text().splitlines()
    file.write_text(lines[0] + "\n")
    assert check.main([str(file), said.strip()]) == 1


def test_a_file_that_is_there_is_not_written_over(begun: Door, tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("mine")
    code, said = begun("ledger", "ledger.jsonl")
    assert (code, "name a file that can be made anew" in said, "Not done." in said) == (1, True, True)
    assert (tmp_path / "ledger.jsonl").read_text() == "mine"


def test_without_a_file_it_shows_what_there_is(door: Door) -> None:
    code, said = door("ledger")
    assert (code, "run_bot.py ledger FILE" in said) == (2, True)
