"""A new root key while the service runs: every data key is wrapped anew, then the old root key is dropped.

It may be stopped at any moment: run again, it goes on where it was. What keeps every row readable:

1. A new epoch is safe in the file before a row is wrapped by it, and a row is safe in the database before
   the epoch that wrapped it goes.
2. A row changes only if it is still what was read; one that was erased meanwhile stays erased.
3. An epoch is dropped inside a transaction that lets nobody else write the key table and finds no row of it.
   A writer that knows only the old file looks at the file again after it has added its row (Vault): either
   that row was seen here and the epoch stayed, or the writer sees that it went and wraps by the new one.

One rotation at a time: the key file is held meanwhile (Keyring.alone).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text, update

from privacy.keyring import Keyring, KeyringError, Unwrappable
from privacy.keystore import KEYS, Name
from privacy.sealed import Sealed

BATCH = 100  # rows in one transaction: a few milliseconds
PAUSE = 0.01  # seconds between two, in which others write

Begin = Callable[[], AbstractContextManager[Connection]]
"""A transaction that commits on leaving; on SQLite it begins IMMEDIATE."""

_REWRAP = (
    update(KEYS)
    .where(
        KEYS.c.subject == bindparam("of"),
        KEYS.c.data_class == bindparam("which"),
        KEYS.c.kid == bindparam("old_kid"),
        KEYS.c.wrapped == bindparam("old"),
    )
    .values(kid=bindparam("new_kid"), wrapped=bindparam("new"))
)


class Epoch(NamedTuple):
    """An epoch of the key file, or one that rows still name though the file has it no more."""

    kid: str
    current: bool
    known: bool
    rows: int


class Rotated(NamedTuple):
    """What a rotation did: the epoch now current, whether it was begun just now, keys wrapped anew, epochs dropped."""

    current: str
    begun: bool
    rows: int
    dropped: frozenset[str]


def epochs(keyring: Keyring, connection: Connection) -> list[Epoch]:
    """Every epoch, the current one first, and how many data keys each wraps."""
    counted = select(KEYS.c.kid, func.count().label("rows")).group_by(KEYS.c.kid)
    rows: dict[str, int] = {row.kid: row.rows for row in connection.execute(counted)}
    kids = sorted(keyring.kids | rows.keys(), key=lambda kid: (kid != keyring.current, kid))
    return [Epoch(kid, kid == keyring.current, kid in keyring.kids, rows.get(kid, 0)) for kid in kids]


def rotate(
    keyring: Keyring, database: str, begin: Begin, *, batch: int = BATCH, pause: float = PAUSE
) -> Rotated:
    """Finish the rotation that was begun, or else begin one and finish it. `pause`: seconds between batches.

    Raises KeyringError when the file cannot be written or does not fit the rows, KeyringBusy when another
    rotates. Whatever is raised, every row stays readable.
    """
    with keyring.alone():
        _look(keyring, begin)
        begun = len(keyring.kids) == 1
        current = keyring.begin_epoch() if begun else keyring.current
        rows = 0
        while True:
            while done := _rewrap(keyring, database, begin, batch):
                rows += done
                time.sleep(pause)
            if (dropped := _drop(keyring, begin)) is not None:
                return Rotated(current, begun, rows, dropped)


def _look(keyring: Keyring, begin: Begin) -> None:
    with begin() as connection:
        missing = [epoch.kid for epoch in epochs(keyring, connection) if not epoch.known]
    if missing:
        raise KeyringError(
            f"the key {missing[0]!r} is not in the key file; restore the file from your backup, then rotate"
        )


def _rewrap(keyring: Keyring, database: str, begin: Begin, batch: int) -> int:
    """Wrap some rows by the current epoch, and return how many. Rows that another transaction holds are left."""
    with begin() as connection:
        old = select(KEYS).where(KEYS.c.kid != keyring.current).limit(batch).with_for_update(skip_locked=True)
        changes = [
            _change(keyring, database, Name(row.subject, row.data_class), row.kid, row.wrapped)
            for row in connection.execute(old)
        ]
        return sum(connection.execute(_REWRAP, change).rowcount for change in changes)


def _change(
    keyring: Keyring, database: str, name: Name, kid: str, wrapped: Sealed
) -> dict[str, str | Sealed]:
    about = name.about(database)
    try:
        new_kid, new = keyring.wrap(keyring.unwrap(kid, bytes(wrapped), about), about)
    except Unwrappable:
        raise KeyringError(
            "a data key does not open with this key file; restore the file that belongs to this database, or "
            "the database from its backup"
        ) from None
    return {
        "of": name.subject,
        "which": name.data_class,
        "old_kid": kid,
        "old": wrapped,
        "new_kid": new_kid,
        "new": Sealed(new),
    }


def _drop(keyring: Keyring, begin: Begin) -> frozenset[str] | None:
    """Drop every epoch but the current one and name them, or do nothing and return None while a row needs one."""
    with begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"LOCK TABLE {KEYS.name} IN SHARE ROW EXCLUSIVE MODE"))
        if connection.scalar(select(KEYS.c.kid).where(KEYS.c.kid != keyring.current).limit(1)) is not None:
            return None
        old = keyring.kids - {keyring.current}
        keyring.drop_epochs(old)
        return old
