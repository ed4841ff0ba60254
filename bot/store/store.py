"""One writer: every change of one update in one transaction, and nothing is read outside of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import date
from types import MappingProxyType

from sqlmodel import Session

from bot.clock import Clock
from bot.store.database import SOON, connect, connect_keys, truncated_log
from privacy.erasures import Journal
from privacy.keystore import DatabaseKeystore
from privacy.opening import Gate
from privacy.vault import Vault

Hook = Callable[[], None]


class Store:
    """The databases of one neighbourhood: its data, and the keys beside it.

    `vault` is set once, right after, since its keys live in here, and `gate` with it. Where there is no `gate`, nobody's
    words can be opened. `communities`: whose staff look after which area, where several share one instance.
    """

    vault: Vault
    gate: Gate | None = None
    communities: Mapping[str, str] = MappingProxyType({})

    def __init__(self, url: str, clock: Clock, *, journal: Journal | None = None) -> None:
        self.url = url
        self.engine = connect(url)
        self.keys = connect_keys(url)
        self.journal = journal
        self.keystore = DatabaseKeystore(
            self.current, self.keys, today=self.today, journal=journal, settle=self._wipe
        )
        self._clock = clock
        self._wiped = 0  # of the keystore's erasures, how many have left the log of the database too
        self._lock = asyncio.Lock()
        self._open: ContextVar[Session | None] = ContextVar("session", default=None)

    @asynccontextmanager
    async def transaction(self, *, soon: bool = False) -> AsyncIterator[Session]:
        """Commits on leaving, rolls back on raising. Raises RuntimeError inside another of the same task.

        `soon`: on the disk no later than the next transaction without it. Good for whatever would be done again after a power
        cut; nothing may be told to anybody outside before another has followed.
        """
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
                communities=self.communities,
                leaving=leaving,
                committed=committed,
                rolled_back=rolled_back,
            )
            token = self._open.set(session)
            try:
                session.connection(execution_options=SOON if soon else None)
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
            if self._wiped != self.keystore.erased:
                self._wipe()
            for hook in committed:
                hook()

    def current(self) -> Session:
        """The session of the open transaction. Raises LookupError outside of one."""
        session = self._open.get()
        if session is None:
            raise LookupError("no transaction is open")
        return session

    def today(self) -> date:
        """Of an erasure (UTC)."""
        return self._clock.now().date()

    def before_commit(self, hook: Hook) -> None:
        """Call this as the last thing of the open transaction."""
        self.current().info["leaving"].append(hook)

    def after_commit(self, hook: Hook) -> None:
        """Call this once the open transaction is safe."""
        self.current().info["committed"].append(hook)

    def after_rollback(self, hook: Hook) -> None:
        """Call this if the open transaction comes to nothing."""
        self.current().info["rolled_back"].append(hook)

    def _wipe(self) -> None:
        """What was erased leaves SQLite's log too, and the log is on the disk. A reader in the way puts the first off."""
        erased = self.keystore.erased
        if self.engine.dialect.name != "sqlite" or truncated_log(self.engine):
            self._wiped = erased

    def close(self) -> None:
        self.engine.dispose()
        self.keys.dispose()
