"""A small service on the real runtime, with a Telegram in the same process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session
from telegram import Bot, Update
from telegram.ext import (
    Application,
    BasePersistence,
    CallbackContext,
    CallbackQueryHandler,
    MessageHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.clock import ManualClock
from bot.errors import Refusal
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.runtime.service import AnyApplication, Sweep
from bot.store.store import Store
from privacy.keyring import Keyring
from privacy.vault import Vault
from tests.runtime.telegram import Telegram

Handler = Callable[[Update, Any], Awaitable[None]]


def always(one: Callable[[Bot], Awaitable[None]]) -> Sweep:
    """A sweep for which one thing is always due."""

    async def it(bot: Bot, item: str) -> None:
        await one(bot)

    return Sweep(one.__name__, lambda session: ["it"], it)


class No(Refusal):
    """Not like this."""

    text = "no"


async def echo(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """Say it back, with how many words this person has said."""
    assert update.message is not None
    assert context.user_data is not None
    context.user_data["count"] = context.user_data.get("count", 0) + 1
    await update.message.reply_text(f"{context.user_data['count']} {update.message.text}")


class Echo:
    """The service: `on_message` and `on_tap` may be replaced by a test."""

    def __init__(self) -> None:
        self.on_message: Handler = echo
        self.on_tap: Handler | None = None
        self.guards: dict[str, Callable[[Session, str], bool]] = {}
        self.sweeps: list[Sweep] = []
        self.away: list[int] = []
        self.moved: list[tuple[int, int]] = []
        self.built = 0

    def build(self, request: BaseRequest, persistence: BasePersistence[Any, Any, Any]) -> AnyApplication:
        self.built += 1
        builder = Application.builder().token("1:test").request(request).get_updates_request(request)
        application = builder.persistence(persistence).updater(None).job_queue(None).build()
        application.add_handler(CallbackQueryHandler(self._tapped))
        application.add_handler(MessageHandler(filters.ALL, self._heard))
        return application

    async def _heard(self, update: Update, context: Any) -> None:
        await self.on_message(update, context)

    async def _tapped(self, update: Update, context: Any) -> None:
        if self.on_tap is not None:
            await self.on_tap(update, context)

    async def refused(self, application: AnyApplication, update: Update, refusal: Refusal) -> None:
        assert update.effective_user is not None
        await application.bot.send_message(update.effective_user.id, refusal.text)

    async def failed(self, application: AnyApplication, update: Update) -> None:
        assert update.effective_user is not None
        await application.bot.send_message(update.effective_user.id, "sorry")

    def unreachable(self, session: Session, chat_id: int) -> None:
        self.away.append(chat_id)

    def migrated(self, session: Session, old: int, new: int) -> None:
        self.moved.append((old, new))

    def faded(self) -> str:
        return "…"

    def repeated(self, html: str, reference: str) -> str:
        return f"↻ {reference} {html}"


class House:
    """Everything together. `again()` is the next process on the same database."""

    def __init__(self, url: str, **settings: Any) -> None:
        self._url = url
        self._settings = {"limits": False, **settings}
        self._keyring = Keyring.ephemeral(seed=b"house")
        self.clock = ManualClock()
        self.telegram = Telegram(self.clock)
        self.service = Echo()
        self.store, self.runtime = self.beside()

    def beside(self) -> tuple[Store, Runtime]:
        """Another process on the same database, for who calls this to close."""
        store = Store(self._url, self.clock)
        vault = Vault(self._keyring, store.keystore, database="test")
        store.vault = vault
        settings = RuntimeSettings(token="1:test", api_url="http://telegram.test", **self._settings)
        return store, Runtime(store, vault, self.clock, self.telegram, self.service, settings)

    def again(self) -> None:
        self.store.close()
        self.store, self.runtime = self.beside()

    async def settle(self) -> None:
        await self.runtime.settle()

    async def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.runtime.settle()

    async def rows(self, table: sa.Table) -> list[Any]:
        async with self.store.transaction() as session:
            return list(session.connection().execute(sa.select(table).order_by(table.c.id)).all())
