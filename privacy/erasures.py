"""Which keys were erased, by their random ids, so that no older copy of the keystore brings one back.

An erasure is a row of the data, committed together with whatever it was asked in; right after that commit it is
noted in the journal, a small file of its own, and the key is destroyed. At every start all that is known by
either is done again. So a process may be stopped at any moment, and of data, keystore and journal each may be
an older copy.

A line of the journal is a day and a key's id. Neither says whose key it was or what it sealed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Engine,
    String,
    Table,
    bindparam,
    delete,
    exists,
    insert,
    select,
)
from sqlmodel import SQLModel

from privacy.retention import rule

BACKUPS_LIVE = rule("backup").after
KEEP = rule("erasure").after  # longer than any backup lives

ERASURES = Table(
    "erasure",
    SQLModel.metadata,
    Column("key_id", String(32), primary_key=True),
    Column("day", Date, nullable=False),
)


class JournalError(Exception):
    """The journal cannot be read or written; the message says how to mend it."""


_LINE = re.compile(r"(\d{4}-\d\d-\d\d) ([0-9a-f]{32})")
_SAME = ERASURES.c.key_id == bindparam("key_id")
_NOTE = insert(ERASURES).from_select(  # once only: after a commit with no answer it may be there already
    ["key_id", "day"],
    select(bindparam("key_id", type_=String), bindparam("day", type_=Date)).where(
        ~exists(select(ERASURES.c.key_id).where(_SAME))
    ),
)
_EXPIRE = delete(ERASURES).where(ERASURES.c.day < bindparam("oldest"))


class Journal:
    """The file that outlives the database: mode 0600, only ever added to, about 45 bytes an erasure."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, erased: Mapping[str, date]) -> None:
        """Add these, and return once they are safe on the disk. Raises JournalError."""
        if not erased:
            return
        lines = "".join(f"{day.isoformat()} {key_id}\n" for key_id, day in erased.items())
        with self._told():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "rb+") as file:
                size = file.seek(0, os.SEEK_END)
                torn = (
                    size and os.pread(descriptor, 1, size - 1) != b"\n"
                )  # a power cut in the middle of a line
                file.write((b"\n" if torn else b"") + lines.encode())
                file.flush()
                os.fsync(descriptor)

    def read(self) -> dict[str, date]:
        """All that was noted; none when there is no file yet. Raises JournalError."""
        with self._told():
            lines = self.path.read_bytes().decode(errors="replace").splitlines() if self.path.exists() else []
        found = (_LINE.fullmatch(line) for line in lines)
        return {match[2]: date.fromisoformat(match[1]) for match in found if match}

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise JournalError(
                f"the journal of erasures {self.path} cannot be read and added to ({type(error).__name__}); look "
                "whether its folder is there and may be written"
            ) from None


def note(connection: Connection, key_ids: Iterable[str], day: date) -> None:
    """Erased, if this transaction of the data commits."""
    rows = [{"key_id": key_id, "day": day} for key_id in key_ids]
    if rows:
        connection.execute(_NOTE, rows)


def expire(connection: Connection, today: date) -> None:
    """Let go of what no backup can bring back any more."""
    connection.execute(_EXPIRE, {"oldest": today - KEEP})


def known(data: Engine, journal: Journal | None, today: date) -> set[str]:
    """Every erasure that database or journal knows of, after each was told what only the other knew. Raises JournalError."""
    noted = {} if journal is None else journal.read()
    with data.begin() as connection:
        rows: dict[str, date] = {row.key_id: row.day for row in connection.execute(select(ERASURES))}
        news = [key_id for key_id, day in noted.items() if key_id not in rows and day >= today - KEEP]
        for key_id in news:
            note(connection, [key_id], noted[key_id])
    if journal is not None:
        journal.note({key_id: day for key_id, day in rows.items() if key_id not in noted})
    return rows.keys() | noted.keys()
