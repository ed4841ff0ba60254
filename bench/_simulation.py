"""The real runtime under virtual time, with seeded faults and sudden ends: one seed, one story.

People write numbered messages; the bot answers each with how many it has had and notes it once in the database. The process ends
at named points, the network breaks on the way there and back, updates come twice. In the end everything must add up.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, BasePersistence, MessageHandler, filters
from telegram.request import BaseRequest

from bot.clock import ManualClock
from bot.community.events import Event, Kind, note
from bot.errors import Refusal
from bot.runtime import points
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.runtime.service import AnyApplication
from bot.sandbox.door import WorldRequest
from bot.sandbox.world import World
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.keystore import DatabaseKeystore
from privacy.vault import Vault

TOKEN = "1:sandbox"  # invented
PEOPLE = 3
MARK = "(again?)"
POISON = "poison"


class Ended(BaseException):
    """The process ends here."""


class Service:
    """The service: counts what each person says, and notes it once."""

    def __init__(self, store: Store, failing: random.Random) -> None:
        self._store = store
        self._failing = failing
        self.guards: dict[str, Callable[[Session, str], bool]] = {}
        self.sweeps: list[Callable[[Bot], Any]] = []

    def build(self, request: BaseRequest, persistence: BasePersistence[Any, Any, Any]) -> AnyApplication:
        builder = Application.builder().token(TOKEN).request(request).get_updates_request(request)
        application = builder.persistence(persistence).updater(None).job_queue(None).build()
        application.add_handler(MessageHandler(filters.TEXT & filters.UpdateType.MESSAGE, self.heard))
        return application

    async def heard(self, update: Update, context: Any) -> None:
        if update.message is None or update.message.text is None or update.message.text.startswith("/"):
            return
        text = update.message.text
        context.user_data["count"] = context.user_data.get("count", 0) + 1
        note(self._store.current(), str(update.message.chat_id), Kind.ANSWERED, code=text)
        await update.message.reply_text(f"{context.user_data['count']} {text}")
        if text.startswith(POISON) or self._failing.random() < 0.02:
            raise ZeroDivisionError

    async def refused(self, application: AnyApplication, update: Update, refusal: Refusal) -> None:
        """Nothing here is refused."""

    async def failed(self, application: AnyApplication, update: Update) -> None:
        if update.effective_chat is not None:
            await application.bot.send_message(update.effective_chat.id, "failed")

    def unreachable(self, session: Session, chat_id: int) -> None:
        """Nobody is here."""

    def migrated(self, session: Session, old: int, new: int) -> None:
        """No groups here."""

    def repeated(self, html: str, reference: str) -> str:
        return f"{html} {MARK}"


class Story:
    """One seed."""

    def __init__(self, url: str, seed: int, *, probe: bool = False) -> None:
        self.url = url
        self.seed = seed
        self.random = random.Random(seed)
        self.clock = ManualClock()
        self.world = World(self.clock, token=TOKEN, seed=seed)
        self.world.limits = False
        self.keyring = Keyring.ephemeral(seed=b"simulation")
        self.said: dict[int, list[str]] = {}
        self.probe = probe
        self.ends = 0
        self.store: Store
        self.runtime: Runtime
        self._open()

    def _open(self) -> None:
        self.store = Store(self.url, self.clock)
        self.store.vault = Vault(self.keyring, DatabaseKeystore(self.store.current), database="simulation")
        settings = RuntimeSettings(TOKEN, api_url="http://sandbox", limits=False, probe=self.probe)
        service = Service(self.store, random.Random(self.seed * 31 + self.ends))
        self.runtime = Runtime(
            self.store, self.store.vault, self.clock, WorldRequest(self.world), service, settings
        )

    async def tell(self, rounds: int = 12) -> list[str]:
        """Live through it. Returns what did not add up, nothing if all did."""
        for person in range(1, PEOPLE + 1):
            self.world.phone(person).start()
            self.said[person] = []
        self.world.faults.chaos(0.15, self.seed)
        for _ in range(rounds):
            for _ in range(self.random.randrange(4)):
                self._say()
            if self.random.random() < 0.3:
                self.world.faults.duplicate(1)
            if self.random.random() < 0.6:
                self._end_somewhere()
            await self._run()
            self.clock.advance(self.random.choice((0.1, 1, 7, 40)))
        points.arm(None)
        self.world.faults.calm()
        for _ in range(14):
            await self._run()
            self.clock.advance(400)
        broken = await self._reckon()
        self.store.close()
        return broken

    def _say(self) -> None:
        person = self.random.randint(1, PEOPLE)
        name = POISON if self.random.random() < 0.03 else "word"
        text = f"{name}{person}-{len(self.said[person]) + 1}"
        self.said[person].append(text)
        self.world.phone(person).send(text)

    def _end_somewhere(self) -> None:
        name, left = self.random.choice(points.POINTS), self.random.randint(1, 4)

        def reached(here: str) -> None:
            nonlocal left
            if here == name:
                left -= 1
                if left == 0:
                    raise Ended

        points.arm(reached)

    async def _run(self) -> None:
        try:
            await self.runtime.settle()
        except Ended:
            await self._restart()
        except TelegramError:
            return  # a poll came to nothing; the loops would wait and try again
        else:
            if self.random.random() < 0.1:
                await self._restart()

    async def _restart(self) -> None:
        points.arm(None)
        self.ends += 1
        me = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not me]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self.store.close()
        self._open()

    async def _reckon(self) -> list[str]:
        return await reckon(self.store, self.world, self.said, probe=self.probe)


async def reckon(store: Store, world: World, said: dict[int, list[str]], *, probe: bool) -> list[str]:
    """What does not add up: lost, doubled, unanswered, twice without a mark, out of order."""
    async with store.transaction() as session:
        noted = Counter(event.code for event in session.exec(select(Event)))
    broken = []
    for person, texts in said.items():
        good = [text for text in texts if not text.startswith(POISON)]
        broken += [f"lost: {text}" for text in good if noted[text] == 0]
        broken += [f"doubled: {text}" for text in good if noted[text] > 1]
        broken += [f"poison was noted: {text}" for text in texts if text not in good and noted[text]]
        heard = [seen.text for seen in world.phone(person).heard]
        first = [text.removesuffix(f" {MARK}") for text in heard if text != "failed"]
        wanted = [f"{number} {text}" for number, text in enumerate(good, 1)]
        broken += [f"not answered: {text}" for text in wanted if text not in first]
        plain = Counter(text for text in heard if not text.endswith(MARK))
        broken += [f"twice without a mark: {text}" for text in wanted if plain[text] > 1]
        if probe:
            broken += [f"twice: {text}" for text in wanted if first.count(text) > 1]
        order = [text for text in dict.fromkeys(first) if text in wanted]
        if order != [text for text in wanted if text in order]:
            broken.append(f"out of order: {order}")
    return broken


async def tell(url: str, seed: int, *, probe: bool = False) -> list[str]:
    logging.getLogger("bot").setLevel(logging.CRITICAL)
    logging.getLogger("telegram").setLevel(logging.CRITICAL)
    return await Story(url, seed, probe=probe).tell()
