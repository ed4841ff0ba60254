"""The bot process that is killed: a small service on the real runtime, over HTTP, on a database of its own."""

from __future__ import annotations

import asyncio
import logging
import random
import signal

from bench._simulation import TOKEN, Service
from bot.clock import SystemClock
from bot.runtime import failures, points, ticker
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.runtime.transport import AiohttpRequest
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.vault import Vault


def open_store(url: str) -> Store:
    store = Store(url, SystemClock())
    store.vault = Vault(Keyring.ephemeral(seed=b"kill"), store.keystore, database="kill")
    return store


def live(url: str, api_url: str, point: str | None, time: int, seed: int, probe: bool) -> None:
    """Until SIGTERM, or until the point is reached for the `time`-th time."""
    logging.disable(logging.CRITICAL)
    ticker.EVERY, failures.WAIT = 0.1, 0.5  # lives are short
    if point is not None:
        points.arm(points.kill_at(point, time))
    asyncio.run(_live(url, api_url, seed, probe))


async def _live(url: str, api_url: str, seed: int, probe: bool) -> None:
    store = open_store(url)
    settings = RuntimeSettings(TOKEN, api_url=api_url, limits=False, probe=probe, poll=2)
    service = Service(store, random.Random(seed))
    runtime = Runtime(store, store.vault, SystemClock(), AiohttpRequest(), service, settings)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, runtime.stop)
    await runtime.run()
    store.close()
