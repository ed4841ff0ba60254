"""One transaction an update: what handlers did, and that they did it, is committed together or not at all."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import Row
from sqlalchemy.exc import DBAPIError
from telegram import Update
from telegram.ext import ApplicationHandlerStop, CallbackContext

from bot.clock import Clock
from bot.errors import Refusal
from bot.runtime.capture import OutboxRequest
from bot.runtime.persistence import TalkPersistence
from bot.runtime.points import point
from bot.runtime.poller import row_name
from bot.runtime.seals import Seals
from bot.runtime.service import AnyApplication, Service
from bot.runtime.tables import inbox
from bot.runtime.trouble import is_trouble, where
from bot.runtime.waiting import LONGEST_WAIT, Lull, Signal, give_way
from bot.store.store import Store
from privacy.prepared import Prepared

TRIES = 5
DEATHS = 8  # a process may die for other reasons than the update it holds
WAIT = 1.0  # seconds after the first failure, four times as long after each further one
BATCH = 64
TROUBLE = 1.0  # seconds until the database is tried again

_log = logging.getLogger(__name__)
_NEW = inbox.c.state == sa.literal_column("'new'")
_ROW: sa.BindParameter[int] = sa.bindparam("row")
_NOW: sa.BindParameter[float] = sa.bindparam("now")
_FAR: sa.BindParameter[float] = sa.bindparam("far")
_DONE = Prepared(inbox.update().where(inbox.c.id == _ROW, _NEW).values(state="done", payload=None))


def _due() -> sa.Select[Any]:
    """What is due, in the order it came; nothing behind an update of the same chat that waits for another try."""
    earlier = inbox.alias()
    waits = (
        sa.exists()
        .where(earlier.c.state == sa.literal_column("'new'"), earlier.c.chat == inbox.c.chat)
        .where(inbox.c.chat != 0, earlier.c.id < inbox.c.id)
        .where(earlier.c.due_at > _NOW, earlier.c.due_at <= _FAR)
    )
    due = sa.or_(inbox.c.due_at <= _NOW, inbox.c.due_at > _FAR)
    return sa.select(inbox).where(_NEW, due, ~waits).order_by(inbox.c.id).limit(BATCH)


_DUE = Prepared(_due())
_NEXT_DUE = Prepared(sa.select(sa.func.min(inbox.c.due_at)).where(_NEW, inbox.c.due_at > _NOW))


class Unparsable(Exception):
    """PTB cannot read this update; trying again will not help."""


@dataclass
class Attempt:
    """The update in hand and what the handlers raised for it."""

    error: Exception | None = None


class Worker:
    """Takes the inbox in the order it came, chat by chat."""

    def __init__(
        self,
        store: Store,
        seals: Seals,
        clock: Clock,
        service: Service,
        request: OutboxRequest,
        *,
        news: Signal,
        lull: Lull,
        sent: Signal,
    ) -> None:
        self._store = store
        self._seals = seals
        self._clock = clock
        self._service = service
        self._request = request
        self._news = news
        self._lull = lull
        self._sent = sent
        self._attempt = Attempt()
        self._suspects: set[int] = set()
        self._application: AnyApplication | None = None
        self._more = False  # whether a step left something that is due
        self._wait: float | None = None  # seconds until something will be
        self._stopping = False

    @property
    def application(self) -> AnyApplication:
        if self._application is None:
            raise RuntimeError("the worker was not started")
        return self._application

    async def start(self) -> None:
        """What was in the inbox when the last process ended may be what ended it."""
        async with self._store.transaction() as session:
            self._suspects = set(session.connection().scalars(sa.select(inbox.c.id).where(_NEW)))
            await self._rebuild()

    def stop(self) -> None:
        """Finish the update in hand."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Until stopped."""
        while not self._stopping:
            try:
                await self.step()
                if not self._more:
                    self._lull.begins()
                    await self._news.wait(self._wait)
            except DBAPIError as error:
                if not is_trouble(error):
                    raise
                _log.warning("the database is in trouble (%s)", type(error.orig).__name__)
                await self._clock.sleep(TROUBLE)

    async def step(self) -> int:
        """Handle what is due, up to a batch. Returns how many updates were tried. Raises DBAPIError."""
        rows = await self._due()
        failed = False
        held: set[int] = set()
        tried = 0
        for row in rows:
            if self._stopping:
                break
            if row.chat in held:
                continue
            tried += 1
            if not await self._handle(row):
                failed = True
                if row.chat != 0:
                    held.add(row.chat)
        self._more = failed or len(rows) == BATCH
        return tried

    async def _due(self) -> list[Row[Any]]:
        now = self._clock.now().timestamp()
        async with self._store.transaction() as session:
            connection = session.connection()
            rows = list(connection.execute(_DUE, {"now": now, "far": now + LONGEST_WAIT}))
            due = connection.scalar(_NEXT_DUE, {"now": now})
        self._wait = None if due is None else due - now
        return rows

    async def _handle(self, row: Row[Any]) -> bool:
        """Whether the row is done with, one way or the other."""
        if row.id in self._suspects and not await self._survives(row):
            return True
        update: Update | None = None
        point("worker.before_update")
        try:
            async with self._store.transaction(
                soon=True
            ):  # the sender's claim comes before anybody hears of it
                self._request.begin(row.id)
                update = self._parse(row)
                await self._process(update)
                self._finish(row)
                point("worker.before_commit")
        except Refusal as refusal:
            return await self._refused(row, cast(Update, update), refusal)
        except Exception as error:
            if is_trouble(error):
                self._drop_talks()
                raise
            return await self._failed(row, update, error)
        finally:
            self._wake_sender()
        point("worker.after_commit")
        await give_way()
        return True

    def _parse(self, row: Row[Any]) -> Update:
        name = row_name(row.source, row.update_id, row.digest)
        try:
            update = Update.de_json(self._seals.open(inbox.name, name, row.payload), self.application.bot)
        except Exception as error:
            raise Unparsable from error
        return update

    async def _process(self, update: Update) -> None:
        """Raises what a handler raised."""
        application = self.application
        self._attempt = Attempt()
        await application.process_update(update)
        if self._attempt.error is not None:
            raise self._attempt.error
        await self._close(update)

    async def _close(self, update: Update) -> None:
        """Answer the tap if nobody did, and keep where the talk stands."""
        application = self.application
        query = update.callback_query
        if query is not None and query.id not in self._request.answered:
            await query.answer()
        await application.update_persistence()
        if self._attempt.error is not None:
            raise self._attempt.error
        self._talks().drain()

    def _finish(self, row: Row[Any], **values: Any) -> None:
        finish = _DONE if not values else inbox.update().where(inbox.c.id == _ROW, _NEW).values(**values)
        changed = self._store.current().connection().execute(finish, {"row": row.id})
        if changed.rowcount != 1:
            raise RuntimeError("another process has handled this update")

    async def _refused(self, row: Row[Any], update: Update, refusal: Refusal) -> bool:
        """The kind sentence, in a transaction of its own; the update is done."""
        try:
            async with self._store.transaction():
                self._request.begin(row.id)
                await self._rebuild()
                await self._recall(update)
                await self._service.refused(self.application, update, refusal)
                self._remember(update)
                await self._close(update)
                self._finish(row)
                point("worker.before_commit")
        except Exception as error:
            if is_trouble(error):
                self._drop_talks()
                raise
            return await self._failed(row, update, error)
        return True

    async def _failed(self, row: Row[Any], update: Update | None, error: Exception) -> bool:
        """Count it, and try again later; or lay it aside and tell the person once. True when laid aside."""
        tries = row.tries + 1
        dead = tries >= TRIES or update is None
        _log.error("an update failed (try %d): %s\n%s", tries, type(error).__name__, where(error))
        values: dict[str, Any] = {"tries": tries, "error": type(error).__name__[:64]}
        if dead:
            await self._lay_aside(row, update, values)
            return True
        values["due_at"] = self._clock.now().timestamp() + WAIT * 4 ** (tries - 1)
        async with self._store.transaction() as session:
            self._request.begin(row.id)
            await self._rebuild()
            session.connection().execute(inbox.update().where(inbox.c.id == row.id, _NEW).values(**values))
            query = update.callback_query if update is not None else None
            if query is not None and tries == 1:
                await query.answer()
        return False

    async def _lay_aside(self, row: Row[Any], update: Update | None, values: dict[str, Any]) -> None:
        """A dead letter. Its payload stays, for `replay`."""
        dead = {**values, "state": "dead", "payload": row.payload}
        if update is not None:
            try:
                async with self._store.transaction():
                    self._request.begin(row.id)
                    await self._rebuild()
                    await self._recall(update)
                    await self._service.failed(self.application, update)
                    self._remember(update)
                    await self._close(update)
                    self._finish(row, **dead)
                return
            except Exception as error:
                if is_trouble(error):
                    raise
                _log.error("telling of a dead letter failed: %s\n%s", type(error).__name__, where(error))
        async with self._store.transaction():
            self._request.begin(row.id)
            await self._rebuild()
            self._finish(row, **dead)

    async def _survives(self, row: Row[Any]) -> bool:
        """Count the death of the process before it can happen, once. False when it has happened too often."""
        if row.deaths >= DEATHS:
            update: Update | None
            try:
                async with self._store.transaction():
                    update = self._parse(row)
            except Unparsable:
                update = None
            await self._lay_aside(row, update, {"error": "process died"})
            self._wake_sender()
            return False
        async with self._store.transaction() as session:
            session.connection().execute(
                inbox.update().where(inbox.c.id == row.id).values(deaths=inbox.c.deaths + 1)
            )
        self._suspects.discard(row.id)  # a process that lives to try it again has not died of it
        return True

    async def _rebuild(self) -> None:
        """A fresh Application, whose memory is what the database says."""
        talks = TalkPersistence(self._store.current, self._seals, self._clock)
        application = self._service.build(self._request, talks)
        application.add_error_handler(self._note)
        await application.initialize()
        self._application = application
        self._attempt = Attempt()

    async def _note(self, update: object, context: CallbackContext[Any, Any, Any, Any]) -> None:
        self._attempt.error = context.error
        raise ApplicationHandlerStop

    async def _recall(self, update: Update) -> None:
        user = update.effective_user
        if user is not None:
            await self._talks().refresh_user_data(user.id, self.application.user_data[user.id])

    def _remember(self, update: Update) -> None:
        user = update.effective_user
        if user is not None:
            self.application.mark_data_for_update_persistence(user_ids=user.id)

    def _talks(self) -> TalkPersistence:
        return cast(TalkPersistence, self.application.persistence)

    def _drop_talks(self) -> None:
        self._talks().forget()

    def _wake_sender(self) -> None:
        if self._request.taken:
            self._sent.set()
