"""The ledger of consents: every line is bound to the one before, and all of it to a note anybody can keep.

The hash of a line covers all its words and the hash before it, so a change anywhere breaks the chain. Who may write the
database could write the whole chain anew; the notes, posted day by day where many see them, show that (RFC 6962 for
their root). A person is only her random id in here. Nothing in here opens or guesses anything. Three years after what a line
says has ended, only its number and its hashes are left of it (privacy.forgetting).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import BigInteger, Connection, DateTime, Index, Integer, Table, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel, col, select

from privacy.chain import FIELDS, START, digest, root, written
from privacy.prepared import Prepared


class Instant(TypeDecorator[datetime]):
    """An aware UTC time in every database (SQLite forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return cast(datetime, value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


_OVER = sa.text("status <> 'given'")
_ENDS = sa.text("until IS NOT NULL")


class ConsentEvent(SQLModel, table=True):
    """One line. `scope` narrows it to one case; empty: everywhere. `status`, `by`: see privacy.consent.

    `by_id`: the guardian's, proxy's or witness's id, where there is one. `way`: how it was said. `until`: when a yes
    ends by itself. `prev` is unique: two lines cannot follow the same one. A line that was forgotten has empty texts and no
    `at`; it belongs to nobody, so nobody's history has it.
    """

    __tablename__ = "consent_event"
    __table_args__ = (
        Index("consent_of", "person_id", "purpose", "scope"),
        Index("consent_over", "at", sqlite_where=_OVER, postgresql_where=_OVER),
        Index("consent_until", "until", sqlite_where=_ENDS, postgresql_where=_ENDS),
    )

    id: int = Field(
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
        sa_column_kwargs={"autoincrement": False},
    )
    person_id: str = Field(max_length=32)
    purpose: str = Field(max_length=16)
    scope: str = Field(default="", max_length=32)
    status: str = Field(max_length=16)
    by: str = Field(max_length=16)
    by_id: str = Field(default="", max_length=32)
    notice_version: int
    language: str = Field(default="", max_length=8)
    way: str = Field(default="telegram", max_length=16)
    at: datetime = Field(sa_type=Instant, nullable=True)
    until: datetime | None = Field(default=None, sa_type=Instant)
    prev: str = Field(max_length=64, unique=True)
    hash: str = Field(max_length=64)


class LedgerNote(SQLModel, table=True):
    """How the ledger stood when a day (UTC, YYYY-MM-DD) had ended, or when somebody asked on it."""

    __tablename__ = "ledger_note"

    day: str = Field(primary_key=True, max_length=10)
    lines: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    root: str = Field(max_length=64)

    def posted(self) -> str:
        """One line of text, to be posted where many see it and nobody can take it back."""
        return f"jinlin-ledger {self.day} lines={self.lines} root={self.root}"


LINES = cast(Table, ConsentEvent.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__
NOTES = cast(Table, LedgerNote.__table__)  # type: ignore[attr-defined]

_ADDED = "privacy.ledger"

# built once: building a statement costs more than running it
_WRITE = Prepared(sa.insert(LINES))
_END = Prepared(sa.select(LINES.c.id, LINES.c.hash, LINES.c.at).order_by(LINES.c.id.desc()).limit(1))
_BEFORE = Prepared(
    sa.select(LINES.c.at)
    .where(LINES.c.at < sa.bindparam("midnight", type_=Instant))
    .order_by(LINES.c.id.desc())
    .limit(1)
)
_HASHES = sa.select(LINES.c.hash).order_by(LINES.c.id)
_ALL = sa.select(LINES).order_by(LINES.c.id)
_KEPT = sa.select(NOTES.c.root).where(
    NOTES.c.day == sa.bindparam("day"), NOTES.c.lines == sa.bindparam("lines")
)


def append(session: Session, *, at: datetime, **said: Any) -> int:
    """Add a line and return its number. The first line of a new day keeps a note of the ledger before it.

    `said`: every other field but id, prev and hash. Raises ValueError for a time without a zone.
    """
    session.flush()
    connection = session.connection()
    end = connection.execute(_END).first()
    if end is not None and day_of(end.at) < day_of(at):
        _keep(connection, day_of(end.at))
    line = {
        **said,
        "at": at,
        "id": 1 if end is None else end.id + 1,
        "prev": START if end is None else end.hash,
    }
    line["hash"] = digest(_plain(line), line["prev"])
    connection.execute(_WRITE, line)
    session.info[_ADDED] = added(session) + 1
    return cast(int, line["id"])


def added(session: Session) -> int:
    """How many lines this session has added, so that whoever remembers what was agreed knows when to ask again."""
    return cast(int, session.info.get(_ADDED, 0))


def note(session: Session, *, at: datetime) -> LedgerNote:
    """The note of the ledger as it stands, kept under the day of `at`; asked twice, it is the same."""
    session.flush()
    return _keep(session.connection(), day_of(at))


def notes(session: Session) -> list[LedgerNote]:
    """Every note that was kept, the oldest first."""
    return list(session.exec(select(LedgerNote).order_by(col(LedgerNote.lines), col(LedgerNote.day))))


def last_day(session: Session, *, at: datetime) -> str | None:
    """The last day (UTC) that has ended and on which something was said; None where there is none."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    last: datetime | None = session.connection().execute(_BEFORE, {"midnight": midnight}).scalar()
    return None if last is None else day_of(last)


def note_of(session: Session, day: str) -> LedgerNote | None:
    """The note of a day that has ended, kept now if nothing was said since; None where none was kept."""
    session.flush()
    end = session.connection().execute(_END).first()
    if end is not None and day_of(end.at) == day:
        return _keep(session.connection(), day)
    of_day = select(LedgerNote).where(LedgerNote.day == day).order_by(col(LedgerNote.lines).desc())
    return session.exec(of_day).first()


def export(session: Session) -> Iterator[str]:
    """The whole ledger as lines of JSON, each with its line end, for privacy.check. It holds ids, no words of anybody."""
    session.flush()
    for row in session.connection().execute(_ALL):
        yield written(exported(row._asdict())) + "\n"


def exported(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line as an export holds it, its keys in their order."""
    return {**_plain(line), "prev": line["prev"], "hash": line["hash"]}


def moment(at: datetime) -> str:
    """A time as it is hashed: UTC to the microsecond, `2026-03-02T12:00:00.000000Z`. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def day_of(at: datetime) -> str:
    """The day (UTC) of a moment, YYYY-MM-DD. Raises ValueError without a zone."""
    return moment(at)[:10]


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are hashed, in their order, as an export writes them."""
    at, until = line["at"], line["until"]
    times = {"at": "" if at is None else moment(at), "until": None if until is None else moment(until)}
    return {field: times[field] if field in times else line[field] for field in FIELDS}


def _keep(connection: Connection, day: str) -> LedgerNote:
    hashes = connection.execute(_HASHES).scalars().all()
    kept = LedgerNote(day=day, lines=len(hashes), root=root(hashes))
    if connection.execute(_KEPT, {"day": day, "lines": len(hashes)}).first() is None:
        connection.execute(sa.insert(NOTES), kept.model_dump())
    return kept


def _refuse(mapper: Mapper[Any], connection: Connection, line: SQLModel) -> None:
    raise TypeError("a line of the ledger is never changed; write another")


for _record in (ConsentEvent, LedgerNote):
    event.listen(_record, "before_update", _refuse)
    event.listen(_record, "before_delete", _refuse)
