"""A wrapped key for each subject and class of words. Deleting the row erases all that the key ever sealed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import Table, bindparam, delete, event, insert, select, update
from sqlmodel import Field, Session, SQLModel

from privacy.sealed import Sealed, SealedBytes, prefixed


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


class SubjectKey(SQLModel, table=True):
    """One wrapped key."""

    __tablename__ = "subject_key"
    model_config = {"arbitrary_types_allowed": True}

    subject: str = Field(primary_key=True, max_length=32)
    data_class: str = Field(primary_key=True, max_length=16)
    kid: str = Field(max_length=16)
    wrapped: Sealed = Field(sa_type=SealedBytes)


_MEMORIES = "opened keys"  # in session.info: what each keystore remembers of the transaction
KEYS = cast(Table, SubjectKey.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__


# built once: building a statement costs more than running it
_FIND = select(KEYS.c.kid, KEYS.c.wrapped).where(
    KEYS.c.subject == bindparam("subject"), KEYS.c.data_class == bindparam("data_class")
)
_ADD = insert(KEYS)


class Keystore(Protocol):
    """Where keys are kept, and what was unwrapped from them is remembered."""

    def find(self, name: Name) -> Wrapped | None: ...

    def add(self, name: Name, wrapped: Wrapped) -> None: ...

    def replace(self, name: Name, wrapped: Wrapped) -> None: ...

    def forget(self, subject: str, data_class: str | None) -> None: ...

    def recall(self, name: Name) -> Any | None: ...

    def remember(self, name: Name, opened: Any) -> None: ...

    def samples(self) -> list[tuple[Name, Wrapped]]: ...


class DatabaseKeystore:
    """Keys in the table beside the data; `current` gives the open transaction's session.

    What a transaction made, read or forgot is remembered for that transaction alone and shared when it
    commits, so that a key whose row was rolled back seals nothing, and a forgotten one opens nothing. One
    process writes; another would go on with keys that were erased here.
    """

    def __init__(self, current: Callable[[], Session], *, remembered: int = 4096) -> None:
        self._current = current
        self._shared = _Shared(remembered)

    def find(self, name: Name) -> Wrapped | None:
        row = self._current().connection().execute(_FIND, name._asdict()).first()
        return None if row is None else Wrapped(*row)

    def add(self, name: Name, wrapped: Wrapped) -> None:
        values = {**name._asdict(), "kid": wrapped.kid, "wrapped": wrapped.key}
        self._current().connection().execute(_ADD, values)

    def replace(self, name: Name, wrapped: Wrapped) -> None:
        which = (KEYS.c.subject == name.subject, KEYS.c.data_class == name.data_class)
        values = {"kid": wrapped.kid, "wrapped": wrapped.key}
        self._current().connection().execute(update(KEYS).where(*which).values(values))

    def forget(self, subject: str, data_class: str | None) -> None:
        session = self._current()
        which = [KEYS.c.subject == subject]
        if data_class is not None:
            which.append(KEYS.c.data_class == data_class)
        session.connection().execute(delete(KEYS).where(*which))
        self._memory(session).forget(subject, data_class)

    def recall(self, name: Name) -> Any | None:
        return self._memory(self._current()).recall(name)

    def remember(self, name: Name, opened: Any) -> None:
        self._memory(self._current()).own[name] = opened

    def samples(self) -> list[tuple[Name, Wrapped]]:
        """One key of every root key in use, to check a key file against a database."""
        connection = self._current().connection()
        kids = connection.execute(select(KEYS.c.kid).distinct()).scalars().all()
        rows = [connection.execute(select(KEYS).where(KEYS.c.kid == kid).limit(1)).one() for kid in kids]
        return [(Name(row.subject, row.data_class), Wrapped(row.kid, row.wrapped)) for row in rows]

    def _memory(self, session: Session) -> _Memory:
        memories: dict[DatabaseKeystore, _Memory] = session.info.setdefault(_MEMORIES, {})
        if self not in memories:
            memories[self] = _Memory(self._shared)
        return memories[self]


class _Shared:
    """Opened keys that are known to be in the database. The lock and the count of erasures settle races."""

    def __init__(self, size: int) -> None:
        self.keys: dict[Name, Any] = {}
        self.erasures = 0
        self._size = size
        self._lock = threading.Lock()

    def settle(self, own: dict[Name, Any], forgotten: list[tuple[str, str | None]], since: int) -> None:
        with self._lock:
            fresh = since == self.erasures
            if forgotten:
                self.erasures += 1
                for name in [n for n in self.keys if _among(n, forgotten)]:
                    del self.keys[name]
            if not fresh:
                return  # somebody was forgotten meanwhile; what was read before that may be among it
            self.keys.update(own)
            while len(self.keys) > self._size:
                del self.keys[next(iter(self.keys))]


class _Memory:
    """What one session has opened and forgotten since its transaction began."""

    def __init__(self, shared: _Shared) -> None:
        self._shared = shared
        self._clear()

    def _clear(self) -> None:
        self.own: dict[Name, Any] = {}
        self._forgotten: list[tuple[str, str | None]] = []
        self._since = self._shared.erasures

    def recall(self, name: Name) -> Any | None:
        opened = self.own.get(name)
        if opened is None and not (self._forgotten and _among(name, self._forgotten)):
            opened = self._shared.keys.get(name)
        return opened

    def forget(self, subject: str, data_class: str | None) -> None:
        self._forgotten.append((subject, data_class))
        self.own = {n: key for n, key in self.own.items() if not _among(n, self._forgotten[-1:])}

    def committed(self, session: Session) -> None:
        if session.in_nested_transaction():
            return  # only a savepoint; the transaction may still be rolled back
        if self.own or self._forgotten:
            self._shared.settle(self.own, self._forgotten, self._since)
        self._clear()

    def rolled_back(self, previous: Any) -> None:
        self.own = {}  # after a savepoint: look again
        if previous.parent is None:
            self._clear()


# Listening to every session at once: to begin to listen costs more than a short transaction.
@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    for memory in session.info.get(_MEMORIES, {}).values():
        memory.committed(session)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, previous: Any) -> None:
    for memory in session.info.get(_MEMORIES, {}).values():
        memory.rolled_back(previous)


def _among(name: Name, forgotten: list[tuple[str, str | None]]) -> bool:
    return any(name.subject == subject and kind in (None, name.data_class) for subject, kind in forgotten)


class MemoryKeystore:
    """Keys that live with the process, for tests."""

    def __init__(self) -> None:
        self._rows: dict[Name, Wrapped] = {}
        self._opened: dict[Name, Any] = {}

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

    def recall(self, name: Name) -> Any | None:
        return self._opened.get(name)

    def remember(self, name: Name, opened: Any) -> None:
        self._opened[name] = opened

    def samples(self) -> list[tuple[Name, Wrapped]]:
        return list({row.kid: (name, row) for name, row in self._rows.items()}.values())
