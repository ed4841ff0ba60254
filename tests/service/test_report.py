"""`run_bot.py report`: the five ledgers as a table, for whoever runs the service."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import open_store
from bot.clock import SystemClock
from bot.community import people
from bot.community.cases import Case
from bot.community.events import Event
from bot.data import Local
from privacy.keyring import Keyring
from tests.service.conftest import Door

LOCAL, NOW = Local.load(), SystemClock().now()
LAST = (NOW.astimezone(LOCAL.tz).replace(day=1, hour=12) - timedelta(days=3)).astimezone(LOCAL.tz)


@pytest.fixture
def begun(door: Door, tmp_path: Path) -> Door:
    """A service that received seven needs in the last month."""

    async def live() -> None:
        (tmp_path / "var").mkdir()
        ring = Keyring.load_or_create(tmp_path / "var" / "keys.json")
        store, _ = open_store(f"sqlite:///{tmp_path}/var/jinlin.db", ring, SystemClock())
        async with store.transaction() as session:
            person = people.register(session, telegram_id=1, language="zh")
            for number in range(7):
                case = Case(number=number + 1, person_id=person.id, state="open", skill="repair", area="b1")
                case.received_at = case.promised_at = LAST
                session.add(case)
                session.flush()
                session.add(Event(at=LAST, case_id=case.id, kind="received"))
        store.close()

    asyncio.run(live())
    return door


def test_the_last_month_is_written_and_the_sentence_with_it(begun: Door, tmp_path: Path) -> None:
    code, said = begun("report", "report.csv")
    assert (code, "a rate describes the month, it is not a goal" in said) == (0, True)
    written = (tmp_path / "report.csv").read_text(encoding="utf-8-sig")
    assert "一个率说的是这个月，不是目标。\n" in written
    month = f"{LAST:%Y-%m}"
    assert f"{month},1,all,received,7,,\n" in written
    assert f"{month},1,b1,received,7,,\n" in written
    assert f"{month},1,b2,received,0,,\n" in written


@pytest.mark.parametrize("period", ["2026-13", "october"])
def test_what_is_no_period_is_said(begun: Door, tmp_path: Path, period: str) -> None:
    code, said = begun("report", "report.csv", period)
    assert (code, "write a period as 2026-10" in said) == (1, True)
    assert not (tmp_path / "report.csv").exists()


def test_a_file_that_is_there_is_not_written_over(begun: Door, tmp_path: Path) -> None:
    (tmp_path / "report.csv").write_text("mine")
    code, said = begun("report", "report.csv")
    assert (code, "made anew" in said) == (1, True)
    assert (tmp_path / "report.csv").read_text() == "mine"
