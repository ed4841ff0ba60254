"""The loops together: poller, worker, sender and ticker, in the one process that leads."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.clock import Clock
from bot.runtime import letters, settle
from bot.runtime.capture import OutboxRequest
from bot.runtime.failures import Failure, every
from bot.runtime.health import Health, measure
from bot.runtime.highest import Highest
from bot.runtime.pace import Pace
from bot.runtime.poller import Poller
from bot.runtime.seals import Seals
from bot.runtime.sender import Sender
from bot.runtime.sending import Sending
from bot.runtime.service import AnyApplication, Service
from bot.runtime.ticker import Ticker
from bot.runtime.waiting import Lull, Signal
from bot.runtime.wire import Wire, pause
from bot.runtime.worker import Worker
from bot.store.leader import leader
from bot.store.store import Store
from privacy.vault import Vault

UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
SHORTEST, LONGEST = 0.5, 30.0  # seconds between tries to reach Telegram at start

T = TypeVar("T")
_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """Before the work began."""


@dataclass(frozen=True)
class RuntimeSettings:
    """`probe` looks for a message that may have arrived before repeating; `limits` keeps the pace."""

    token: str = field(repr=False)
    api_url: str = "https://api.telegram.org"
    probe: bool = False
    limits: bool = True
    poll: float = 50.0  # seconds a poll may wait; Telegram allows 50
    allowed_updates: tuple[str, ...] = UPDATES

    @property
    def source(self) -> str:
        """The bot's own number, which is no secret."""
        return self.token.partition(":")[0][:32]


class Runtime:
    """`run` until `stop`; or, in a test, `start`, then `settle` as often as you like, then `close`."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        clock: Clock,
        transport: BaseRequest,
        service: Service,
        settings: RuntimeSettings,
    ) -> None:
        self._store = store
        self._clock = clock
        self._service = service
        self._settings = settings
        self._seals = Seals(vault)
        self._news = Signal(clock)
        self._sent = Signal(clock)
        lull = Lull(clock)
        self._stop = asyncio.Event()
        highest = Highest()
        self.started = asyncio.Event()  # this process leads, and Telegram knows it
        self._transport = transport
        self.request = OutboxRequest(store, self._seals, clock)
        self.wire = Wire(transport, api_url=settings.api_url, token=settings.token)
        self.pace = Pace(limits=settings.limits)
        self.poller = Poller(
            store,
            self._seals,
            clock,
            self.wire,
            source=settings.source,
            allowed=settings.allowed_updates,
            news=self._news,
            lull=lull,
            highest=highest,
        )
        self.worker = Worker(
            store, self._seals, clock, service, self.request, news=self._news, lull=lull, sent=self._sent
        )
        sending = Sending(self.wire, service.repeated, highest)
        self.sender = Sender(
            store,
            self._seals,
            clock,
            service,
            sending,
            self.pace,
            work=self._sent,
            lull=lull,
            highest=highest,
            probe=settings.probe,
        )
        self.request.committed = self.sender.answer
        self.ticker = Ticker(
            store,
            clock,
            self.request,
            lambda: service.sweeps,
            lambda: self.bot,
            fade=lambda session, now: settle.fade(session, self._seals, service.faded(), now),
            sent=self._sent,
        )

    @property
    def application(self) -> AnyApplication:
        """The present Application; a refusal or an error replaces it."""
        return self.worker.application

    @property
    def bot(self) -> Bot:
        """The bot whose calls are captured. Only inside a transaction."""
        bot: Bot = self.application.bot
        return bot

    async def run(self) -> None:
        """Lead, and work until stopped. Raises what ended a loop; whoever watches the process restarts it.

        Raises InvalidToken when Telegram does not know the bot.
        """
        with suppress(_Stopped):
            async with AsyncExitStack() as stack:
                leading = leader(self._store, self._settings.source, self._clock)
                await self._unless_stopped(stack.enter_async_context(leading))
                stack.push_async_callback(self.close)
                await self._unless_stopped(self.start())
                gc.freeze()  # what is loaded by now stays; looking through it again and again is felt as a pause
                await self._work()

    async def start(self) -> None:
        """Take up what the last process left. Does nothing the second time."""
        if self.started.is_set():
            return
        await self._transport.initialize()
        self.request.me = await self.until_heard(self._me)
        await self.sender.start()
        await self.worker.start()
        await self.ticker.begin()
        self.started.set()

    def stop(self) -> None:
        """End in good order: the update in hand is finished, what is under way is settled."""
        self._stop.set()

    async def close(self) -> None:
        """Let go of the network."""
        self.ticker.stop()
        await self._transport.shutdown()

    async def settle(self) -> None:
        """Until quiet: do what is due, take what came, handle it, send it. Waits for no clock."""
        await self.start()
        await self.ticker.tick()
        await self.pass_on()

    async def pass_on(self) -> None:
        """Until quiet: take what came, handle it, send it. What is due waits."""
        while await self.poll() + await self.work() + await self.send():
            pass

    async def poll(self) -> int:
        """Take what has come. Returns how many were new. Raises TelegramError."""
        return await self.poller.step(0)

    async def work(self) -> int:
        """Handle what is due. Returns how many updates were tried."""
        return await self.worker.step()

    async def send(self) -> int:
        """Send what may go now, and wait for the answers. Returns how many rows moved."""
        return await self.sender.drain()

    async def tick(self) -> None:
        """Run every sweep once."""
        await self.ticker.tick()

    def wake(self, session: Session, chat_id: int) -> None:
        """The chat came back (/start): what was kept for it goes out when the transaction commits."""
        if settle.wake(session, self._seals.chat(chat_id), self._clock.now().timestamp()):
            self._store.after_commit(self._sent.set)

    async def replay(self, letter: str) -> None:
        """Try a dead letter again ("inbox:5", "outbox:7"). Raises LookupError when there is none."""
        async with self._store.transaction() as session:
            letters.replay(session, letter, self._clock.now().timestamp())
            self._store.after_commit(self._news.set)
            self._store.after_commit(self._sent.set)

    async def dead_letters(self) -> list[letters.Letter]:
        """What was laid aside, oldest first, without any word of anybody."""
        async with self._store.transaction() as session:
            return letters.dead(session)

    async def failures(self) -> list[Failure]:
        """Timed work that is due and fails."""
        async with self._store.transaction() as session:
            return every(session)

    async def health(self) -> Health:
        """Numbers for `doctor`."""
        async with self._store.transaction() as session:
            return measure(session, now=self._clock.now().timestamp(), last_poll=self.poller.last_poll)

    async def _unless_stopped(self, beginning: Coroutine[Any, Any, None]) -> None:
        """Raises _Stopped: who only waits, for the lead or for Telegram, has nothing to finish."""
        begun = asyncio.create_task(beginning)
        stopping = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({begun, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                raise _Stopped
            await begun
        finally:
            stopping.cancel()
            begun.cancel()
            await asyncio.wait({begun})

    async def until_heard(self, call: Callable[[], Awaitable[T]]) -> T:
        """What Telegram answers, asked until it does. Raises InvalidToken or BadRequest: asking again will not help."""
        wait = SHORTEST
        while True:
            try:
                return await call()
            except RetryAfter as error:
                await self._clock.sleep(pause(error))
            except (InvalidToken, BadRequest):
                raise
            except TelegramError as error:
                _log.warning(
                    "Telegram cannot be reached (%s), once more in %.1f s", type(error).__name__, wait
                )
                await self._clock.sleep(wait)
                wait = min(wait * 2, LONGEST)

    async def _me(self) -> dict[str, Any]:
        me = await self.wire.call("getMe")
        if not isinstance(me, dict):
            raise TelegramError("Invalid server response")
        return me

    async def _work(self) -> None:
        with suppress(TelegramError, DBAPIError):  # what the loop itself deals with
            await self.poller.step(0)  # so the sender knows how far message ids have come
        polling = asyncio.create_task(self.poller.run(self._settings.poll), name="poller")
        working = asyncio.create_task(self.worker.run(), name="worker")
        sending = asyncio.create_task(self.sender.run(), name="sender")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        self.ticker.start()
        loops = {polling, working, sending}
        try:
            await asyncio.wait({*loops, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            self.ticker.stop()
            polling.cancel()  # nothing of a poll is confirmed before it is committed
            self.worker.stop()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({polling, working})
            self.sender.stop()
            await asyncio.wait({sending})
        for loop in loops:
            if not loop.cancelled() and (error := loop.exception()) is not None:
                raise error
        try:
            await self.poller.confirm()
        except TelegramError as error:
            _log.info("Telegram was not told what is safe (%s); it will repeat it", type(error).__name__)
