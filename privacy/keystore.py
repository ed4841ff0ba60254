"""A wrapped key for each subject and class of words, in a database of its own.

Deleting a row erases all that the key ever sealed. Two databases cannot commit at one instant, so there is an order:

1. A new key is committed here before the data it sealed. What stops in between leaves a key that sealed nothing;
   it is found by its name and used the next time.
2. An erasure is committed with the data (privacy.erasures) before the key is destroyed here. What stops in
   between is made good at the next start (`make_good`).

So no word is ever without its key, and no erased key outlives the next start.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Executable,
    MetaData,
    Row,
    String,
    Table,
    bindparam,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from privacy import erasures
from privacy.erasures import ERASURES, Journal, JournalError
from privacy.prepared import Prepared
from privacy.sealed import Sealed, SealedBytes, prefixed

logger = logging.getLogger(__name__)


class KeyGone(Exception):
    """The key was erased, and with it every word it sealed."""


class Name(NamedTuple):
    """Whose key, for which class of words."""

    subject: str
    data_class: str

    def about(self, database: str) -> bytes:
        """What a wrapped key is bound to besides the kid: copied to another row or database it does not unwrap."""
        return prefixed("subject key 1", database, *self)


class Wrapped(NamedTuple):
    """A key as it is stored: which root key (kid) wraps it, and the wrapped bytes."""

    kid: str
    key: Sealed


TABLES = MetaData()  # of the keystore, apart from the data's
KEYS = Table(
    "subject_key",
    TABLES,
    Column("subject", String(32), primary_key=True),
    Column("data_class", String(16), primary_key=True),
    # random, and of this one key: an erasure names it, and not a later key of the same subject and class
    Column("id", String(32), nullable=False, unique=True),
    Column("kid", String(16), nullable=False),
    Column("wrapped", SealedBytes, nullable=False),
)
READS = "keystore_reads"  # execution option of a connection that only reads, and so takes no lock for writing
_MEMORIES = "opened keys"  # in session.info: what each keystore remembers of the transaction


# built once: building a statement costs more than running it
_NAMED = (KEYS.c.subject == bindparam("of"), KEYS.c.data_class == bindparam("which"))
_FIND = Prepared(select(KEYS.c.id, KEYS.c.kid, KEYS.c.wrapped).where(*_NAMED))
_OF_SUBJECT = select(KEYS.c.id, KEYS.c.subject, KEYS.c.data_class).where(KEYS.c.subject == bindparam("of"))
_ADD = Prepared(insert(KEYS))
_REPLACE = update(KEYS).where(*_NAMED).values(kid=bindparam("new_kid"), wrapped=bindparam("new"))
_DESTROY = delete(KEYS).where(KEYS.c.id == bindparam("key_id"))
_STILL_ERASED = select(ERASURES.c.key_id).where(ERASURES.c.key_id.in_(bindparam("ids", expanding=True)))


class Keystore(Protocol):
    """Where keys are kept, and what was unwrapped from them is remembered."""

    def find(self, name: Name) -> Wrapped | None: ...

    def add(self, name: Name, wrapped: Wrapped) -> None: ...

    def replace(self, name: Name, wrapped: Wrapped) -> None: ...

    def forget(self, subject: str, data_class: str | None) -> None: ...

    def recall(self, name: tuple[str, str]) -> Any | None: ...

    def remember(self, name: Name, opened: Any) -> None: ...

    def samples(self) -> list[tuple[Name, Wrapped]]: ...


class DatabaseKeystore:
    """Keys behind `engine`, in step with the transaction of the data that `current` gives.

    What a transaction made, read or forgot is remembered for that transaction alone and shared when it
    commits, so that a key that was rolled back seals nothing, and a forgotten one opens nothing. One
    process writes; another would go on with keys that were erased here. `settle` brings to the disk what the
    data has committed, for a key must not be gone while a power cut could still take back its erasure.
    """

    def __init__(
        self,
        current: Callable[[], Session],
        engine: Engine,
        *,
        today: Callable[[], date],
        journal: Journal | None = None,
        settle: Callable[[], object] = lambda: None,
        remembered: int = 4096,
    ) -> None:
        self._current = current
        self._engine = engine
        self._reading = engine.execution_options(**{READS: True})
        self._today = today
        self._journal = journal
        self._settle = settle
        self._shared = _Shared(remembered)
        self._doomed: dict[str, date] = {}  # erased for good, and perhaps still in the keystore

    def find(self, name: Name) -> Wrapped | None:
        memory = self._memory(self._current())
        for row in self._read(memory, _FIND, of=name.subject, which=name.data_class):
            if row.id not in self._doomed and row.id not in memory.forgotten:
                return Wrapped(row.kid, row.wrapped)
        return None

    def add(self, name: Name, wrapped: Wrapped) -> None:
        """Raises KeyGone when it was forgotten in this transaction: a new one may be made in the next."""
        session = self._current()
        session.connection()  # begun before the keystore's, so that it ends that too
        memory = self._memory(session)
        if name in memory.names:
            raise KeyGone
        connection = memory.begin(self._engine)
        _destroy(connection, self._doomed)
        values = {"subject": name.subject, "data_class": name.data_class}
        connection.execute(
            _ADD, {**values, "id": secrets.token_hex(16), "kid": wrapped.kid, "wrapped": wrapped.key}
        )

    def replace(self, name: Name, wrapped: Wrapped) -> None:
        connection = self._memory(self._current()).begin(self._engine)
        values = {"of": name.subject, "which": name.data_class}
        connection.execute(_REPLACE, {**values, "new_kid": wrapped.kid, "new": wrapped.key})

    @property
    def erased(self) -> int:
        """How many transactions that forgot somebody this process has committed."""
        return self._shared.erasures

    def forget(self, subject: str, data_class: str | None) -> None:
        session = self._current()
        memory = self._memory(session)
        erased = {
            row.id: Name(row.subject, row.data_class)
            for row in self._read(memory, _OF_SUBJECT, of=subject)
            if data_class in (None, row.data_class)
            and row.id not in memory.forgotten
            and row.id not in self._doomed
        }
        erasures.note(session.connection(), erased, self._today())
        memory.forget(erased)

    def recall(self, name: tuple[str, str]) -> Any | None:
        memory = self._memory(self._current())
        if name in memory.own:
            return memory.own[name]
        return None if name in memory.names else self._shared.keys.get(name)

    def remember(self, name: Name, opened: Any) -> None:
        self._memory(self._current()).own[name] = opened

    def samples(self) -> list[tuple[Name, Wrapped]]:
        """One key of every root key in use, to check a key file against a database."""
        memory = self._memory(self._current())
        kids = [row.kid for row in self._read(memory, select(KEYS.c.kid).distinct())]
        rows = [self._read(memory, select(KEYS).where(KEYS.c.kid == kid).limit(1))[0] for kid in kids]
        return [(Name(row.subject, row.data_class), Wrapped(row.kid, row.wrapped)) for row in rows]

    def destroy(self, erased: Iterable[str] = ()) -> None:
        """Destroy these keys, whose erasure is committed. What fails now is done at the next change or the next start."""
        day = self._today()
        self._doomed.update((key_id, day) for key_id in erased)
        if not self._doomed:
            return
        try:
            self._settle()  # what caused it is on the disk first: a journal that knows more would erase what nobody asked for
        except (DBAPIError, sqlite3.Error, OSError) as error:
            logger.warning("what was erased is not on the disk yet (%s)", type(error).__name__)
            return
        try:
            if self._journal is not None:
                self._journal.note(self._doomed)
        except JournalError as error:
            logger.warning("%s; until the next start only the database knows what was erased", error)
        try:
            with self._engine.begin() as connection:
                _destroy(connection, self._doomed)
            self._doomed.clear()
        except DBAPIError as error:
            logger.warning("erased keys could not be destroyed yet (%s)", type(error).__name__)

    def _read(self, memory: _Memory, statement: Executable, **values: str) -> list[Row[Any]]:
        if memory.writing is not None:
            return list(memory.writing.execute(statement, values))
        with self._reading.connect() as connection:
            return list(connection.execute(statement, values))

    def _memory(self, session: Session) -> _Memory:
        memories: dict[DatabaseKeystore, _Memory]
        try:
            memories = session.info[_MEMORIES]
            return memories[self]
        except KeyError:
            memories = session.info.setdefault(_MEMORIES, {})
            memories[self] = _Memory(self, self._shared)
            return memories[self]


def _destroy(connection: Connection, key_ids: Iterable[str]) -> None:
    rows = [{"key_id": key_id} for key_id in key_ids]
    if rows:
        connection.execute(_DESTROY, rows)


def make_good(data: Engine, keys: Engine, journal: Journal | None, today: date) -> None:
    """At start, before anything is opened: whatever was erased is destroyed, whichever copies are found here.

    Raises JournalError.
    """
    erased = erasures.known(data, journal, today)
    with keys.begin() as connection:
        _destroy(connection, erased)


class _Shared:
    """Opened keys that are known to be in the database. The lock and the count of erasures settle races."""

    def __init__(self, size: int) -> None:
        self.keys: dict[tuple[str, str], Any] = {}
        self.erasures = 0
        self._size = size
        self._lock = threading.Lock()

    def settle(self, own: dict[tuple[str, str], Any], forgotten: Iterable[Name], since: int) -> None:
        with self._lock:
            fresh = since == self.erasures
            for number, name in enumerate(forgotten):
                self.erasures += number == 0
                self.keys.pop(name, None)
            if not fresh:
                return  # somebody was forgotten meanwhile; what was read before that may be among it
            self.keys.update(own)
            while len(self.keys) > self._size:
                del self.keys[next(iter(self.keys))]


class _Memory:
    """What one session has made, opened and forgotten since its transaction began, and the keystore's side of it."""

    def __init__(self, keystore: DatabaseKeystore, shared: _Shared) -> None:
        self._keystore = keystore
        self._shared = shared
        self.writing: Connection | None = None  # begun with the first new key
        self._clear()

    def _clear(self) -> None:
        self.own: dict[tuple[str, str], Any] = {}
        self.forgotten: dict[str, Name] = {}  # by the key's id, and
        self.names: set[tuple[str, str]] = set()  # whose they are
        self._since = self._shared.erasures

    def forget(self, erased: dict[str, Name]) -> None:
        self.forgotten |= erased
        self.names |= set(erased.values())
        for name in erased.values():
            self.own.pop(name, None)

    def begin(self, engine: Engine) -> Connection:
        """The keystore's transaction beside this one: committed just before it, rolled back with it."""
        if self.writing is None:
            connection = engine.connect()
            try:
                connection.begin()
            except BaseException:
                connection.close()
                raise
            self.writing = connection
        return self.writing

    def ready(self, session: Session) -> None:
        """The last thing before the data commits. What is raised here rolls both back."""
        if self.forgotten and session.get_bind().dialect.name == "postgresql":
            # Such a commit does not wait to be taken to the disk with the next one: what follows from it cannot be undone.
            session.connection().exec_driver_sql("SET LOCAL synchronous_commit TO on")
        if self.writing is not None:
            session.flush()  # what can be refused is refused first
            self.writing.commit()
            self.end()

    def committed(self) -> None:
        erased = self.forgotten
        if self.own or erased:
            self._shared.settle(self.own, erased.values(), self._since)
        self._clear()
        if erased:
            self._keystore.destroy(erased)

    def savepoint_rolled_back(self, session: Session) -> None:
        """What was made since may stay, as a key that sealed nothing; what was forgotten since is looked up again."""
        self.own = {}
        if self.forgotten and session.is_active:
            ids = list(self.forgotten)
            still = session.connection().execute(_STILL_ERASED, {"ids": ids}).scalars().all()
            self.forgotten = {key_id: self.forgotten[key_id] for key_id in still}
            self.names = set(self.forgotten.values())

    def end(self) -> None:
        """Whatever was not committed is rolled back."""
        if self.writing is not None:
            writing, self.writing = self.writing, None
            writing.close()

    def rolled_back(self) -> None:
        self.end()
        self._clear()


def _memories(session: Session) -> Iterable[_Memory]:
    memories: dict[DatabaseKeystore, _Memory] = session.info.get(_MEMORIES, {})
    return memories.values()


# Listening to every session at once: to begin to listen costs more than a short transaction.
@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():  # only a savepoint; the transaction may still be rolled back
        for memory in _memories(session):
            memory.ready(session)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    if not session.in_nested_transaction():
        for memory in _memories(session):
            memory.committed()


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, previous: Any) -> None:
    for memory in _memories(session):
        if previous.parent is None:
            memory.rolled_back()
        else:
            memory.savepoint_rolled_back(session)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: Any) -> None:
    if transaction.parent is None:  # also of a session that is closed without a word
        for memory in _memories(session):
            memory.end()


def _among(name: Name, forgotten: list[tuple[str, str | None]]) -> bool:
    return any(name.subject == subject and kind in (None, name.data_class) for subject, kind in forgotten)


class MemoryKeystore:
    """Keys that live with the process, for tests."""

    def __init__(self) -> None:
        self._rows: dict[Name, Wrapped] = {}
        self._opened: dict[tuple[str, str], Any] = {}

    def find(self, name: Name) -> Wrapped | None:
        return self._rows.get(name)

    def add(self, name: Name, wrapped: Wrapped) -> None:
        self._rows[name] = wrapped

    def replace(self, name: Name, wrapped: Wrapped) -> None:
        self._rows[name] = wrapped

    def forget(self, subject: str, data_class: str | None) -> None:
        for name in [n for n in self._rows if _among(n, [(subject, data_class)])]:
            del self._rows[name]
            self._opened.pop(name, None)

    def recall(self, name: tuple[str, str]) -> Any | None:
        return self._opened.get(name)

    def remember(self, name: Name, opened: Any) -> None:
        self._opened[name] = opened

    def samples(self) -> list[tuple[Name, Wrapped]]:
        return list({row.kid: (name, row) for name, row in self._rows.items()}.values())
