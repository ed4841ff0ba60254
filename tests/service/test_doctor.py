"""The doctor finds what is not well, and makes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import serve
from bot.app import open_store
from bot.clock import ManualClock, SystemClock
from bot.runtime import failures
from bot.runtime.tables import inbox, outbox
from bot.sandbox.world import World
from bot.settings import Settings
from privacy.keyring import Keyring
from tests.sandbox.test_doors import served


@pytest.fixture
async def world() -> AsyncIterator[tuple[World, str]]:
    async with served() as place:
        yield place


@pytest.fixture
async def settings(world: tuple[World, str], tmp_path: Path) -> Settings:
    """Of a service that was started once."""
    made = Settings(
        telegram_bot_token=world[0].token,
        telegram_api_url=world[1],
        database_url=f"sqlite:///{tmp_path}/town.db",
        keyring_file=tmp_path / "keys.json",
    )
    await serve.invite(made)
    return made


async def found(settings: Settings, clock: ManualClock | None = None) -> list[str]:
    """What is not well."""
    lines, well = await serve.doctor(settings, clock)
    bad = [line.removeprefix("BAD ").strip().partition(":")[0] for line in lines if line.startswith("BAD ")]
    assert well == (not bad)
    return bad


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


async def test_all_is_well(settings: Settings) -> None:
    lines, well = await serve.doctor(settings)
    assert well
    text = "\n".join(lines)
    for thing in (
        "token",
        "Telegram answers as @",
        "clock",
        "database sqlite",
        "dead letters: 0",
        "key file",
    ):
        assert thing in text


@pytest.mark.parametrize("name", ["database_url", "keyring_file"])
async def test_a_mistyped_address_makes_nothing(settings: Settings, tmp_path: Path, name: str) -> None:
    wrong = {"database_url": f"sqlite:///{tmp_path}/twon/town.db", "keyring_file": tmp_path / "key.json"}
    before = files(tmp_path)
    assert await found(settings.model_copy(update={name: wrong[name]})) == [name.upper()]
    assert files(tmp_path) == before


async def test_a_replay_at_a_mistyped_address_makes_nothing(settings: Settings, tmp_path: Path) -> None:
    before = files(tmp_path)
    wrong = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/twon.db"})
    with pytest.raises(serve.SettingsWrong, match="DATABASE_URL"):
        await serve.replay(wrong, "inbox:1")
    assert files(tmp_path) == before


async def test_a_clock_that_is_wrong_is_found(settings: Settings) -> None:
    assert await found(settings, ManualClock(datetime(2020, 1, 1, tzinfo=UTC))) == ["clock"]


async def test_a_token_that_is_wrong_is_found(settings: Settings) -> None:
    wrong = settings.model_copy(update={"telegram_bot_token": "2:nobodys"})
    assert (await found(wrong))[0] == "Telegram"


async def test_what_another_process_laid_aside_is_found(settings: Settings) -> None:
    store, _ = open_store(settings.database_url, Keyring.load(settings.keyring_file), SystemClock())
    now = SystemClock().now().timestamp()
    row = {"chat": 1, "tries": 5, "due_at": now}
    came = {"source": "1", "update_id": 1, "digest": 1, "deaths": 0, "received_at": now, "state": "dead"}
    went = {"id": 9, "method": "sendMessage", "priority": 1, "kind": "talk", "created_at": now, "floor": 0}
    plainly = {"ambiguous": False, "state": "sent", "error": "bad entities"}
    async with store.transaction() as session:
        session.connection().execute(inbox.insert().values(**row, **came))
        session.connection().execute(outbox.insert().values(**row, **went, **plainly))
        failures.note(session, "claim.ask_around", "c1", "KeyError", now)
    store.close()
    assert await found(settings) == [
        "messages that went out plainly",
        "timed work that fails",
        "dead letters",
    ]
