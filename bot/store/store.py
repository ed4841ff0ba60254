"""One writer: every change of one update in one transaction, and nothing is read outside of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from sqlmodel import Session

from bot.clock import Clock
from bot.store.database import connect
from privacy.opening import Gate
from privacy.vault import Vault

Hook = Callable[[], None]


class Store:
    """The database of one neighbourhood. `vault` is set once, right after, since its keys live in here, and `gate` with it.

    Where there is no `gate`, nobody's words can be opened.
    """

    vault: Vault
    gate: Gate | None = None

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.engine = connect(url)
        self._clock = clock
        self._lock = asyncio.Lock()
        self._open: ContextVar[Session | None] = ContextVar("session", default=None)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Commits on leaving, rolls back on raising. Raises RuntimeError inside another of the same task."""
        if self._open.get() is not None:
            raise RuntimeError("a transaction inside a transaction")
        async with self._lock:
            session = Session(self.engine, expire_on_commit=False)
            leaving: list[Hook] = []
            committed: list[Hook] = []
            rolled_back: list[Hook] = []
            session.info.update(
                vault=self.vault,
                gate=self.gate,
                clock=self._clock,
                leaving=leaving,
                committed=committed,
                rolled_back=rolled_back,
            )
            token = self._open.set(session)
            try:
                session.connection()
                yield session
                for hook in leaving:
                    hook()
                session.commit()
            except BaseException:
                session.rollback()
                for hook in rolled_back:
                    hook()
                raise
            finally:
                self._open.reset(token)
                session.close()
            for hook in committed:
                hook()

    def current(self) -> Session:
        """The session of the open transaction. Raises LookupError outside of one."""
        session = self._open.get()
        if session is None:
            raise LookupError("no transaction is open")
        return session

    def before_commit(self, hook: Hook) -> None:
        """Call this as the last thing of the open transaction."""
        self.current().info["leaving"].append(hook)

    def after_commit(self, hook: Hook) -> None:
        """Call this once the open transaction is safe."""
        self.current().info["committed"].append(hook)

    def after_rollback(self, hook: Hook) -> None:
        """Call this if the open transaction comes to nothing."""
        self.current().info["rolled_back"].append(hook)

    def close(self) -> None:
        self.engine.dispose()
