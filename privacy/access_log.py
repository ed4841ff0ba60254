"""Who opened whose words, when and what for (PIPL 51, 56, 69). Lines are only added; what was read is in none of them.

A line is written in the transaction that makes the message, so that words leave only with their line. It is kept for
three years, which the database sees to: until then not even the sweep can take it away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import BigInteger, Connection, Index, Integer, Table, event
from sqlalchemy.orm import Mapper
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Field, Session, SQLModel, col, select

from privacy.ledger import Instant
from privacy.prepared import Prepared
from privacy.retention import rule

KEPT = rule("access").after


class Access(SQLModel, table=True):
    """One opening. `part`: as what somebody read it; `kind`: which sort of words (both privacy/data/policy.toml).

    `case_id`: empty where it was about no case.
    """

    __tablename__ = "access"
    __table_args__ = (Index("access_by", "reader_id", "at"), {"sqlite_autoincrement": True})

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),
    )
    at: datetime = Field(sa_type=Instant)
    owner_id: str = Field(max_length=32, index=True)
    reader_id: str = Field(max_length=32)
    part: str = Field(max_length=16)
    purpose: str = Field(max_length=16)
    kind: str = Field(max_length=16)
    case_id: str = Field(default="", max_length=32)


LINES = cast(Table, Access.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__

# built once: building a statement costs more than running it
_WRITE = Prepared(sa.insert(LINES))
_SEEN = Prepared(
    sa.select(LINES.c.part, LINES.c.owner_id)
    .where(LINES.c.reader_id == sa.bindparam("reader_id"), LINES.c.at >= sa.bindparam("since", type_=Instant))
    .distinct()
)
_FIRST = sa.select(LINES.c.at).order_by(LINES.c.id).limit(1)
_LAST = sa.select(LINES.c.at).order_by(LINES.c.id.desc()).limit(1)
_OVER = sa.delete(LINES).where(LINES.c.at <= sa.bindparam("until", type_=Instant))


def write(session: AnySession, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines, each with every field but the id, in one statement. Whatever the database raises comes through."""
    if lines:
        session.connection().execute(_WRITE, list(lines))


def of(session: Session, owner_id: str) -> list[Access]:
    """Every opening of this person's words by anybody else, the newest first."""
    return list(
        session.exec(select(Access).where(Access.owner_id == owner_id).order_by(col(Access.id).desc()))
    )


def seen_by(session: Session, reader_id: str, *, since: datetime) -> set[tuple[str, str]]:
    """As what, and whose words, somebody has opened since a moment."""
    found = session.connection().execute(_SEEN, {"reader_id": reader_id, "since": since})
    return {(part, owner_id) for part, owner_id in found}


def has_outlived(session: Session, at: datetime) -> bool:
    """Whether there are lines older than they are kept, by the clock and by the log itself."""
    first = session.connection().execute(_FIRST).scalar()
    return first is not None and first <= at - KEPT and first <= _end(session, at)


def let_go(session: Session, at: datetime) -> None:
    """Take away the lines that are older than they are kept (PIPL 19)."""
    session.connection().execute(_OVER, {"until": _end(session, at)})


def _end(session: Session, at: datetime) -> datetime:
    """The database measures by the youngest line and so do we: a clock that has jumped ahead takes nothing away."""
    last: datetime | None = session.connection().execute(_LAST).scalar()
    return min(at, last or at) - KEPT


def _refuse(mapper: Mapper[Any], connection: Connection, line: SQLModel) -> None:
    raise TypeError("a line of the access log is never changed")


for _change in ("before_update", "before_delete"):
    event.listen(Access, _change, _refuse)
