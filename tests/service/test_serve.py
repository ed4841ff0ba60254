"""Running: led, introduced, stopped by the supervisor's signal; and a sentence when it cannot start."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from bot import serve
from bot.app import Jinlin, compose, open_store
from bot.clock import ManualClock
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.settings import SettingsWrong
from bot.store.leader import leader
from bot.store.store import Store
from privacy.keyring import Keyring
from tests.runtime.telegram import Telegram, fails


class Place:
    """The whole service on a Telegram in the same process."""

    def __init__(self, url: str) -> None:
        self.clock = ManualClock()
        self.telegram = Telegram(self.clock)
        self.store, _ = open_store(url, Keyring.ephemeral(seed=b"serve"), self.clock)
        self.service: Jinlin
        self.runtime: Runtime
        settings = RuntimeSettings("1:test", api_url="http://telegram.test")
        self.service, self.runtime = compose(self.store, self.clock, self.telegram, settings)

    @property
    def introduced(self) -> int:
        return self.telegram.methods().count("setMyCommands")


@pytest.fixture
def place(sqlite_url: str) -> Iterator[Place]:
    made = Place(sqlite_url)
    yield made
    made.store.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_ends_it_in_good_order(place: Place, number: signal.Signals) -> None:
    leading = asyncio.create_task(serve.lead(place.service, place.runtime))
    await place.clock.run(5)
    os.kill(os.getpid(), number)
    await place.clock.run(10)
    await asyncio.wait_for(leading, 5)


async def test_it_introduces_itself_until_telegram_has_heard(place: Place) -> None:
    slow = fails(429, "Too Many Requests: retry after 30", retry_after=30)
    place.telegram.order("setMyCommands", "reset before", slow, fails(500, "Internal Server Error"))
    leading = asyncio.create_task(serve.lead(place.service, place.runtime))
    await place.clock.run(25)
    assert place.introduced == 0
    await place.clock.run(100, turns=100)
    assert place.introduced == 2
    assert place.telegram.methods().count("setMyShortDescription") == 2
    place.runtime.stop()
    await place.clock.run(10)
    await leading


async def test_who_stands_by_introduces_nobody(place: Place) -> None:
    other = Store(place.store.url, place.clock)
    other.vault = place.store.vault
    async with leader(other, "1", place.clock):
        leading = asyncio.create_task(serve.lead(place.service, place.runtime))
        await place.clock.run(60)
        assert place.introduced == 0
    await place.clock.run(60, turns=100)
    assert place.introduced == 2
    place.runtime.stop()
    await place.clock.run(10)
    await leading
    other.close()


async def test_a_token_telegram_does_not_know_is_said_in_a_sentence(place: Place) -> None:
    place.telegram.order("getMe", fails(401, "Unauthorized"))
    with pytest.raises(SettingsWrong, match=r"TELEGRAM_BOT_TOKEN: .*@BotFather"):
        await serve.lead(place.service, place.runtime)
