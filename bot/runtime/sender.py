"""Out of the outbox to Telegram: claimed and committed, asked again, sent, settled and committed.

Within a chat first in, first out; a row left "sending" may have arrived and is never silently repeated.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.clock import Clock
from bot.runtime import calls, settle
from bot.runtime.answers import Outcome
from bot.runtime.calls import Call
from bot.runtime.highest import Highest
from bot.runtime.pace import LONGEST, Pace
from bot.runtime.points import point
from bot.runtime.seals import Seals
from bot.runtime.sending import Claimed, Sending
from bot.runtime.service import Service
from bot.runtime.tables import message_map, outbox
from bot.runtime.trouble import is_trouble
from bot.runtime.waiting import Lull, Signal, give_way
from bot.store.store import Store
from privacy.prepared import Prepared

WIDTH = 32  # sends under way at once
LAST_WORDS = 5.0  # seconds for them to end when the process is to stop
TROUBLE = 1.0
TRIES = 5  # of a message whose guard raises, or that cannot be opened
AGAIN = 5.0  # seconds between them
GATHER = 0.05  # seconds for which messages, but no answers to taps, may gather while updates are handled
COPIES = 4  # that may have arrived, the marked ones among them
COPY_WAIT = 20.0  # 1, 20, 400 seconds before each

_log = logging.getLogger(__name__)
_OPEN = outbox.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'sending'")])
_PENDING = outbox.c.state == sa.literal_column("'pending'")


def _heads() -> sa.Select[Any]:
    """The first open row of each chat, and every answer to a tap; the urgent first."""
    earlier = outbox.alias()
    behind = (
        sa.exists()
        .where(earlier.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'sending'")]))
        .where(earlier.c.chat == outbox.c.chat, earlier.c.id < outbox.c.id, earlier.c.priority != 0)
    )
    now: sa.BindParameter[float] = sa.bindparam("now")
    due = sa.or_(outbox.c.due_at <= now, outbox.c.set_at > now)  # set in the future: the clock went back
    return (
        sa.select(outbox)
        .where(_OPEN, _PENDING, due, sa.or_(outbox.c.priority == 0, ~behind))
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(sa.bindparam("most"))
    )


_NEXT_DUE = Prepared(
    sa.select(sa.func.min(outbox.c.due_at)).where(_OPEN, _PENDING, outbox.c.due_at > sa.bindparam("now"))
)
_LATELY = (
    sa.select(message_map.c.chat, message_map.c.sent_at)
    .where(message_map.c.sent_at > sa.bindparam("since"))
    .order_by(message_map.c.sent_at)
)
_CLAIM = Prepared(
    outbox.update()
    .where(outbox.c.id == sa.bindparam("row"))
    .values(
        state="sending",
        tries=outbox.c.tries + 1,
        floor=sa.case((outbox.c.tries == 0, sa.bindparam("known")), else_=outbox.c.floor),
    )
)
_HEADS = Prepared(_heads())


class Sender:
    """Runs in the process that leads, and nowhere else: Telegram's limits are for each bot."""

    def __init__(
        self,
        store: Store,
        seals: Seals,
        clock: Clock,
        service: Service,
        sending: Sending,
        pace: Pace,
        *,
        work: Signal,
        lull: Lull,
        highest: Highest,
        probe: bool,
    ) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._service = service
        self._sending = sending
        self._pace = pace
        self._work = work
        self._lull = lull
        self._under_way: set[asyncio.Task[None]] = set()
        self._finished: list[tuple[Claimed, Outcome]] = []
        self._unclaimed: set[int] = set()  # answers to taps under way, still "pending" in the outbox
        self._strikes: Counter[int] = Counter()  # by row: what went wrong with it in this process
        self._broken: BaseException | None = None
        self._highest = highest
        self._probe = probe
        self._looking: set[int] = set()  # chats in which a message is looked for
        self._more = False  # whether a turn left something that might go at once
        self._wait: float | None = None
        self._stopping = False

    async def start(self) -> None:
        """What a process left in flight may have arrived; what it sent lately counts for the pace."""
        async with self._store.transaction() as session:
            connection = session.connection()
            connection.execute(
                outbox.update()
                .where(_OPEN, outbox.c.state == sa.literal_column("'sending'"))
                .values(state="pending", ambiguous=True)
            )
            now = self._clock.now().timestamp()
            for chat, at in connection.execute(_LATELY, {"since": now - LONGEST}).all():
                self._pace.take(chat, self._clock.monotonic() - (now - at))
            self._highest.saw(connection.scalar(sa.select(sa.func.max(message_map.c.message_id))) or 0)

    def answer(self, claimed: Claimed) -> None:
        """Send an answer to a tap that was just committed. It may be sent twice, so it needs no claim."""
        self._unclaimed.add(claimed.id)
        self._launch(claimed)

    def stop(self) -> None:
        self._stopping = True
        self._work.set()

    async def run(self) -> None:
        """Until stopped; then what is under way is given a little time to end."""
        while not self._stopping:
            try:
                await self.step()
                if not self._more:
                    await self._work.wait(self._wait)
                    await self._lull.wait(GATHER)
                    await give_way()
            except DBAPIError as error:
                if not is_trouble(error):
                    raise
                _log.warning("the database is in trouble (%s)", type(error.orig).__name__)
                await self._clock.sleep(TROUBLE)
        if self._under_way:
            await self._last_words()
        await self._turn(claim=False)
        for task in self._under_way:
            task.cancel()

    async def _last_words(self) -> None:
        patience = asyncio.create_task(self._clock.sleep(LAST_WORDS))
        while self._under_way and not patience.done():
            await asyncio.wait({*self._under_way, patience}, return_when=asyncio.FIRST_COMPLETED)
        patience.cancel()

    async def drain(self) -> int:
        """Send what may be sent now and wait for the answers. Returns how many rows were settled."""
        settled = 0
        while True:
            settled += await self.step()
            if self._under_way:
                await asyncio.wait(set(self._under_way))
            elif not self._finished:
                return settled

    async def step(self) -> int:
        """Settle what has ended, claim what may go. Returns how many rows moved. Raises DBAPIError."""
        return await self._turn(claim=True)

    async def _turn(self, *, claim: bool) -> int:
        if self._broken is not None:
            raise self._broken
        finished = list(self._finished)
        free = WIDTH - len(self._under_way)
        point("sender.before_claim")
        async with self._store.transaction() as session:
            before = settle.count_terminal(finished)
            self._settle(session, finished)
            if finished:
                point("sender.before_settle")
            claims, closed = self._claim(session, free) if claim and free > 0 else self._full()
        del self._finished[: len(finished)]
        self._unclaimed.difference_update(claimed.id for claimed, _ in finished)
        if finished:
            point("sender.after_settle")
        if claims:
            point("sender.after_claim")
        for claimed in claims:
            self._launch(claimed)
        if claims:
            await give_way()
        return before + len(claims) + closed

    def _full(self) -> tuple[list[Claimed], int]:
        """No place is free: whatever ends next wakes us, and nothing else need be asked for."""
        self._more, self._wait = False, None
        return [], 0

    def _launch(self, claimed: Claimed) -> None:
        if claimed.neighbours is not None:
            self._looking.add(claimed.chat)
        task = asyncio.create_task(self._send(claimed))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    async def _send(self, claimed: Claimed) -> None:
        try:
            outcome = await self._sending.send(claimed)
        except Exception as error:  # a message nobody can send is laid aside like an update nobody can handle
            outcome = Outcome("dead", error=type(error).__name__[:64], alert=True)
        self._looking.discard(claimed.chat)
        point("sender.after_http")
        if outcome.silent and claimed.method in calls.NOT_REPEATABLE:
            outcome = self._unanswered(claimed, outcome)
        if outcome.unreachable and claimed.kind == "post":
            outcome = Outcome("dead", error=outcome.error, alert=True)
        if outcome.alert:
            _log.error("Telegram refused a %s: %s", claimed.method, outcome.error)
        if outcome.message_id is not None and calls.is_private(claimed.call["chat"]):
            self._highest.saw(outcome.message_id)
        if outcome.stranger or (outcome.halt and claimed.chat != 0):
            chat = 0 if outcome.stranger else claimed.chat
            self._pace.halt(chat, self._clock.monotonic() + outcome.wait)
        self._finished.append((claimed, outcome))
        self._work.set()

    def _unanswered(self, claimed: Claimed, outcome: Outcome) -> Outcome:
        """Another copy after a longer and longer while, but not without end."""
        self._strikes[claimed.id] += 1
        copies = self._strikes[claimed.id]
        if copies < COPIES:
            return replace(outcome, wait=COPY_WAIT ** (copies - 1))
        return Outcome("dead", error="no answer", alert=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._broken = error
            self._work.set()

    def _settle(self, session: Session, finished: list[tuple[Claimed, Outcome]]) -> None:
        now = self._clock.now().timestamp()
        settle.sent(session, [ended for ended in finished if ended[1].state == "sent"], now)
        for claimed, outcome in finished:
            if outcome.state in settle.TERMINAL:
                self._strikes.pop(claimed.id, None)
            if outcome.state != "sent":
                self._unsent(session, claimed, outcome, now)

    def _unsent(self, session: Session, claimed: Claimed, outcome: Outcome, now: float) -> None:
        settle.unsent(session, claimed, outcome, now)
        if outcome.moved_to is not None and claimed.call["chat"] is not None:
            old, new = claimed.call["chat"], outcome.moved_to
            settle.move(session, self._seals, old, new)
            self._tell(session, partial(self._service.migrated, session, old, new))
        if outcome.unreachable and claimed.chat != 0:
            settle.hold(session, claimed, now)
            self._tell(session, partial(self._service.unreachable, session, claimed.call["chat"]))

    def _tell(self, session: Session, hears: Callable[[], None]) -> None:
        """What the service makes of it undoes nothing of what was settled."""
        try:
            with session.begin_nested():
                hears()
        except Exception as error:
            if is_trouble(error):
                raise
            _log.error("the service raised %s at what Telegram answered", type(error).__name__)

    def _claim(self, session: Session, free: int) -> tuple[list[Claimed], int]:
        """Rows to be sent now, and how many were found to need no sending."""
        connection = session.connection()
        now, mono = self._clock.now().timestamp(), self._clock.monotonic()
        claims: list[Claimed] = []
        closed = 0
        self._wait = None
        allowed = cache(partial(self._allowed, session))  # one need has many cards; asked anew in each turn
        heads = connection.execute(_HEADS, {"now": now, "most": 4 * free}).all()
        for row in heads:
            if row.id in self._unclaimed or row.chat in self._looking:
                continue  # what is looked for must be the only one of ours on its way
            wait = 0.0 if row.priority == 0 else self._pace.wait(row.chat, mono)
            if wait > 0:
                self._wait = min(wait, self._wait or wait)
                continue
            if len(claims) >= free:
                self._wait = 0.05
                break
            claimed = self._open(connection, row, now, allowed)
            if claimed is None:
                closed += 1
                continue
            claims.append(claimed)
            if claimed.method != "answerCallbackQuery":
                self._pace.take(claimed.chat, mono)
        if claims:
            known = self._highest.id
            connection.execute(_CLAIM, [{"row": claimed.id, "known": known} for claimed in claims])
        self._more = closed > 0 or (bool(claims) and len(heads) == 4 * free)
        self._wait = self._until_due(connection, now, self._wait)
        return claims, closed

    def _open(
        self, connection: Connection, row: Row[Any], now: float, allowed: Callable[[str], bool]
    ) -> Claimed | None:
        """The row ready for sending, or None when it is not to be sent (any more)."""
        if row.expires_at is not None and row.expires_at <= now:
            settle.close(connection, row.id, "expired", "too late", now)
            return None
        try:
            if row.guard is not None and not allowed(row.guard):
                settle.close(connection, row.id, "cancelled", "guard", now)
                return None
            call = cast(Call, self._seals.open(outbox.name, str(row.id), row.payload))
            if not settle.real_ids(connection, call["parameters"]):
                settle.close(connection, row.id, "cancelled", "never sent", now)
                return None
        except Exception as error:
            if is_trouble(error):
                raise
            self._failed(connection, row, error, now)
            return None
        floor = self._highest.id if row.tries == 0 else row.floor
        look = self._probe and row.ambiguous and self._findable(row)
        return Claimed(
            id=row.id,
            chat=row.chat,
            method=row.method,
            priority=row.priority,
            kind=row.kind,
            tries=row.tries + 1,
            ambiguous=row.ambiguous,
            floor=floor,
            call=call,
            payload=row.payload,
            neighbours=settle.neighbours(connection, row) if look else None,
        )

    def _findable(self, row: Row[Any]) -> bool:
        """Words whose floor is known; a group counts its message ids for itself, so there it is not."""
        return bool(row.method == "sendMessage" and row.chat > 0 and row.tries > 0)

    def _failed(self, connection: Connection, row: Row[Any], error: Exception, now: float) -> None:
        """Once more a little later; then a dead letter, so that what is behind it goes on."""
        self._strikes[row.id] += 1
        name = type(error).__name__[:64]
        _log.error("a %s could not be made ready (try %d): %s", row.method, self._strikes[row.id], name)
        if self._strikes[row.id] < TRIES:
            later = {"due_at": now + AGAIN, "set_at": now}
            connection.execute(outbox.update().where(outbox.c.id == row.id).values(**later))
            return
        del self._strikes[row.id]
        settle.close(connection, row.id, "dead", name, now)

    def _allowed(self, session: Session, guard: str) -> bool:
        name, _, argument = guard.partition(":")
        with session.begin_nested():
            return self._service.guards[name](session, argument)

    def _until_due(self, connection: Connection, now: float, wait: float | None) -> float | None:
        """Seconds until something else may go; what waits behind another waits for that one."""
        due: float | None = connection.scalar(_NEXT_DUE, {"now": now})
        if due is None:
            return wait
        due = max(due - now, 0.01)
        return due if wait is None else min(due, wait)
