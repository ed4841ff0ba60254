"""`python -m bench kill --kills N --seed S`: a running bot under load over a broken network, killed again and again."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._killed import live, open_store
from bench._neighbours import Neighbours
from bench._simulation import TOKEN
from bot.clock import SystemClock
from bot.runtime.points import POINTS
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World
from bot.store.database import upgrade

PATIENCE = 75.0  # seconds in which the last process must get on; the longest wait between two tries is 60
MUCH = 200  # answers owed at which people wait before they go on, for a busy computer falls behind
LIFE = 0.6  # seconds a process lives at most
LOAD = 30  # messages and taps a second
SILENCE = 0.2  # seconds of a time-out: no process lives as long as a client waits


class Siege:
    """One database, one world, many short lives."""

    def __init__(self, url: str, seed: int, *, probe: bool) -> None:
        self.url = url
        self.seed = seed
        self.probe = probe
        self.random = random.Random(seed)
        self.world = World(SystemClock(), token=TOKEN, seed=seed)
        self.world.limits = False
        self.world.faults.silence = SILENCE
        self.neighbours = Neighbours(
            self.world, self.random, poison=0.0
        )  # it is laid aside after minutes only
        self.kills = 0
        self.broken: list[str] = []
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["bench._killed"])
        with socket.socket() as free:
            free.bind((HOST, 0))
            self._port = free.getsockname()[1]

    async def lay(self, kills: int) -> list[str]:
        """Kill so many times, then let it live. Returns what did not add up."""
        self.neighbours.start()
        async with LocalServer(create_app(self.world), self._port).running():
            # a probe is forty calls or more: it must have a chance to come to its end
            self.world.faults.chaos(0.01 if self.probe else 0.08, self.seed)
            loading = asyncio.create_task(self._load())
            while self.kills < kills and not self.broken:
                await self._short_life()
            loading.cancel()
            self.world.faults.calm()
            survivor = self._start(None)
            await self._until_quiet()
            survivor.terminate()
            await asyncio.to_thread(survivor.join, 20)
            graceful = survivor.exitcode == 0
            if survivor.is_alive():
                survivor.kill()
        store = open_store(self.url)
        self.broken += await self.neighbours.reckon(store, probe=self.probe)
        store.close()
        return self.broken if graceful else [*self.broken, "did not stop in good order"]

    async def _short_life(self) -> None:
        if self.random.random() < 0.3:
            self.world.faults.duplicate(1)
        at_point = self.random.choice(POINTS) if self.random.random() < 0.6 else None
        process = self._start(at_point)
        life = 3.0 if at_point else self.random.uniform(0.02, LIFE)
        await asyncio.to_thread(process.join, life)
        process.kill()
        await asyncio.to_thread(process.join)
        if process.exitcode == -signal.SIGKILL:
            self.kills += 1
        else:  # nobody asked it to
            self.broken.append(f"a process ended by itself with {process.exitcode} (point {at_point})")

    def _start(self, point: str | None) -> Any:
        arguments = (
            self.url,
            f"http://{HOST}:{self._port}",
            point,
            self.random.randint(1, 12),
            self.random.randrange(10**6),
            self.probe,
        )
        process = self._processes.Process(target=live, args=arguments, daemon=True)
        process.start()
        return process

    async def _load(self) -> None:
        while True:
            if len(self.neighbours.owed()) < MUCH:
                self.neighbours.act()
            await asyncio.sleep(1 / LOAD)

    async def _until_quiet(self) -> None:
        """Until all adds up, or it gets no better."""
        least, ends = sys.maxsize, time.monotonic()
        store = open_store(self.url)
        while broken := await self.neighbours.reckon(store, probe=self.probe):
            if len(broken) < least:
                least, ends = len(broken), time.monotonic() + PATIENCE
            elif time.monotonic() > ends:
                break
            await asyncio.sleep(0.5)
        store.close()


def lay(kills: int, seed: int, *, url: str | None = None, probe: bool = False) -> tuple[list[str], int]:
    """What did not add up, and how many messages and taps there were."""
    with tempfile.TemporaryDirectory() as folder:
        if url is None:
            url = f"sqlite:///{Path(folder)}/kill.db"
            upgrade(url)
        siege = Siege(url, seed, probe=probe)
        broken = asyncio.run(siege.lay(kills))
        return broken, siege.neighbours.actions


def main(argv: list[str]) -> dict[str, Any]:
    reader = argparse.ArgumentParser(prog="bench kill")
    reader.add_argument("--kills", type=int, default=40)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--probe", action="store_true")
    given = reader.parse_args(argv)
    began = time.perf_counter()
    broken, said = lay(given.kills, given.seed, probe=given.probe)
    for line in broken:
        print(line)
    return {
        "bench": "kill",
        "figures": {"kills": given.kills, "updates": said, "seconds": round(time.perf_counter() - began, 1)},
        "reach": [
            {"what": "lost, doubled, unmarked or out of order", "value": len(broken), "op": "<=", "limit": 0}
        ],
    }
