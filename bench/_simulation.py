"""The real runtime under virtual time, with seeded faults and sudden ends: one seed, one story.

People write numbered messages, change them and tap; the bot answers each with how many it has had and notes it once in the
database; a sweep says once more what is due. The process ends at named points, the database is in trouble, the network breaks on
the way there and back, updates come twice. In the end everything must add up.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import TelegramError
from telegram.ext import Application, BasePersistence, CallbackQueryHandler, MessageHandler, filters
from telegram.request import BaseRequest

from bench._neighbours import ANSWERED, CARD, DUE, MARK, POISON, REFUSED, TAPPED, Neighbours, says, withdrawn
from bot.clock import ManualClock
from bot.community.events import Event, note
from bot.errors import Refusal
from bot.runtime import points, ticker
from bot.runtime.delivery import NEWS, Delivery, delivering
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.runtime.service import AnyApplication, Sweep
from bot.runtime.trouble import is_trouble
from bot.sandbox.door import WorldRequest
from bot.sandbox.world import World
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.vault import Vault

TOKEN = "1:sandbox"  # invented
KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("more", callback_data="more")]])
TURNS = 40  # of the event loop at each instant
NEVER = 10.0**7  # seconds
TROUBLED = (
    "poller.before_commit",
    "worker.before_commit",
    "sender.before_claim",
    "sender.before_settle",
    "ticker.before_commit",
)
_DONE = aliased(Event)
_DUE = (  # noted and not spoken of again
    select(Event.id)
    .where(Event.kind == ANSWERED)
    .where(~select(_DONE.id).where(_DONE.kind == DUE, _DONE.code == Event.code).exists())
    .order_by(col(Event.id))
)


def _hasty(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # processes end here, machines do not


class Ended(BaseException):
    """The process ends here."""


class No(Refusal):
    """Not like this."""


class Service:
    """The service: counts what each person says and how often she taps, notes it once, and comes back to it once."""

    def __init__(self, store: Store, failing: random.Random) -> None:
        self._store = store
        self._failing = failing
        self.guards: dict[str, Callable[[Session, str], bool]] = {
            "still": lambda _, text: not withdrawn(text)
        }
        self.sweeps = [Sweep("due", self.due, self.speak)]

    def build(self, request: BaseRequest, persistence: BasePersistence[Any, Any, Any]) -> AnyApplication:
        builder = Application.builder().token(TOKEN).request(request).get_updates_request(request)
        application = builder.persistence(persistence).updater(None).job_queue(None).build()
        application.add_handler(CallbackQueryHandler(self.tapped))
        application.add_handler(MessageHandler(filters.TEXT, self.heard))
        return application

    async def heard(self, update: Update, context: Any) -> None:
        message = update.effective_message
        if message is None or message.text is None:
            return
        text = message.text
        if text.startswith("/"):
            await message.reply_text(CARD, reply_markup=KEYS)
        else:
            context.user_data["count"] = context.user_data.get("count", 0) + 1
            note(self._store.current(), str(message.chat_id), ANSWERED, code=text)
            await context.bot.send_message(message.chat_id, f"{context.user_data['count']} {text}")
        if text.startswith(REFUSED):
            raise No
        self._fail(sure=text.startswith(POISON))

    async def tapped(self, update: Update, context: Any) -> None:
        query = update.callback_query
        if query is None or query.message is None:
            return
        context.user_data["taps"] = context.user_data.get("taps", 0) + 1
        note(self._store.current(), str(query.message.chat.id), TAPPED, code=query.id)
        await query.edit_message_text(f"{context.user_data['taps']} taps", reply_markup=KEYS)
        self._fail()

    def due(self, session: Session) -> list[str]:
        return [str(number) for number in session.exec(_DUE)]

    async def speak(self, bot: Bot, item: str) -> None:
        """Everything that was noted is spoken of once more; some of it is withdrawn before it is said."""
        session = self._store.current()
        line = session.get_one(Event, int(item))
        note(session, line.case_id, DUE, code=line.code)
        with delivering(Delivery(priority=NEWS, guard=f"still:{line.code}")):
            await bot.send_message(int(line.case_id), f"due {line.code}")
        self._fail()

    async def refused(self, application: AnyApplication, update: Update, refusal: Refusal) -> None:
        await self._say(application, update)

    async def failed(self, application: AnyApplication, update: Update) -> None:
        await self._say(application, update)

    def unreachable(self, session: Session, chat_id: int) -> None:
        """Nobody shuts us out."""

    def migrated(self, session: Session, old: int, new: int) -> None:
        """No groups here."""

    def faded(self) -> str:
        return "…"

    def repeated(self, html: str, reference: str) -> str:
        return f"{html} {MARK}"

    async def _say(self, application: AnyApplication, update: Update) -> None:
        message = update.effective_message
        if message is not None:
            await application.bot.send_message(message.chat_id, says(message.text or ""))

    def _fail(self, *, sure: bool = False) -> None:
        if sure or self._failing.random() < 0.02:
            raise ZeroDivisionError


class Story:
    """One seed. In the odd ones the loops run and the clock is walked; in the even ones one thing is done after the other."""

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.seed = seed
        self.loops = seed % 2 == 1
        self.probe = seed % 8 in (3, 6)
        self.random = random.Random(seed)
        self.clock = ManualClock()
        self.world = World(self.clock, token=TOKEN, seed=seed)
        self.world.limits = False
        self.neighbours = Neighbours(self.world, self.random, poison=0.03)
        self.keyring = Keyring.ephemeral(seed=b"simulation")
        self.ends = 0
        self.broken: list[str] = []
        self.tick = 3.0  # seconds between sweeps
        self.life: asyncio.Task[None] | None = None
        self.store: Store
        self.runtime: Runtime
        self._open()

    def _open(self) -> None:
        self.store = Store(self.url, self.clock)
        event.listen(self.store.engine, "connect", _hasty)
        self.store.vault = Vault(self.keyring, self.store.keystore, database="simulation")
        settings = RuntimeSettings(TOKEN, api_url="http://sandbox", limits=False, probe=self.probe)
        service = Service(self.store, random.Random(self.seed * 31 + self.ends))
        self.runtime = Runtime(
            self.store, self.store.vault, self.clock, WorldRequest(self.world), service, settings
        )

    async def tell(self, rounds: int = 10) -> list[str]:
        """Live through it. Returns what did not add up, nothing if all did."""
        self.neighbours.start()
        self.world.faults.chaos(0.15, self.seed)
        for _ in range(rounds):
            for _ in range(self.random.randrange(4)):
                self.neighbours.act()
            if self.random.random() < 0.3:
                self.world.faults.duplicate(1)
            if (chance := self.random.random()) < 0.55:
                self._end_somewhere()
            elif chance < 0.7:
                self._trouble_somewhere()
            await self._live(self.random.choice((0.1, 1, 7, 40)))
        points.arm(None)
        self.world.faults.calm()
        self.tick = 20
        for _ in range(14):
            await self._live(60 if self.loops else 400)
        await self._stop()
        self.broken += await self.neighbours.reckon(self.store, probe=self.probe)
        self.store.close()
        return self.broken

    def _end_somewhere(self) -> None:
        """The process ends when the code comes to some point for some time: of all its tasks nothing goes on."""
        name, left = self.random.choice(points.POINTS), self.random.randint(1, 4)
        story = asyncio.current_task()

        def reached(here: str) -> None:
            nonlocal left
            left -= here == name
            if left == 0 and here == name:
                for task in asyncio.all_tasks() - {story, asyncio.current_task()}:
                    task.cancel()
                raise Ended

        points.arm(reached)

    def _trouble_somewhere(self) -> None:
        name, left = self.random.choice(TROUBLED), self.random.randint(1, 3)

        def reached(here: str) -> None:
            nonlocal left
            left -= here == name
            if left >= 0 and here == name:
                raise OperationalError("COMMIT", None, psycopg.errors.DiskFull())

        points.arm(reached)

    async def _live(self, seconds: float) -> None:
        if self.loops:
            await self._walk(seconds)
        else:
            await self._settle()
            self.clock.advance(seconds)

    async def _settle(self) -> None:
        try:
            await self.runtime.settle()
        except Ended:
            await self._restart()
        except (TelegramError, DBAPIError):
            return  # it came to nothing; the loops would wait and try again
        else:
            if self.random.random() < 0.1:
                await self._restart()

    async def _walk(self, seconds: float) -> None:
        if self.life is None:
            self.life = asyncio.create_task(self._process())
        await self.clock.run(seconds, turns=TURNS)
        if self.life.done() or self.random.random() < 0.1:
            await self._stop()
            await self._restart()

    async def _process(self) -> None:
        """The loops, and the sweeps at their side: the ticker's scheduler lives by the machine's clock, not by ours."""
        ticking = asyncio.create_task(self._ticking())
        try:
            await self.runtime.run()
        finally:
            ticking.cancel()

    async def _ticking(self) -> None:
        while True:
            await self.clock.sleep(self.tick)
            await self.runtime.tick()

    async def _stop(self) -> None:
        """In good order, unless it has ended already."""
        if self.life is None:
            return
        if asked := not self.life.done():
            self.runtime.stop()
        for _ in range(20):
            await self.clock.run(1, turns=TURNS)
            if self.life.done():
                break
        else:
            self.broken.append("did not stop")
            self.life.cancel()
        (ended,) = await asyncio.gather(self.life, return_exceptions=True)
        if isinstance(ended, Exception) and not (
            asked and is_trouble(ended)
        ):  # last words may fall into trouble
            self.broken.append(f"ended by itself: {ended!r}")
        self.life = None

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


async def tell(url: str, seed: int) -> list[str]:
    """What does not add up in the story of this seed."""
    for name in ("bot", "telegram", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    every, ticker.EVERY = ticker.EVERY, NEVER
    try:
        return await Story(url, seed).tell()
    finally:
        ticker.EVERY = every
        points.arm(None)
