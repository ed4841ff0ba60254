"""Who agreed to what, when, under which notice. Lines are only added; a no is a line too (PIPL 14, 15)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import BigInteger, Connection, DateTime, Index, Integer, event
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapper
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel, col, select

from privacy.purposes import Purpose, purposes


class ConsentMissing(Exception):
    """This use was never agreed to, no longer is, or not under the present notice."""


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


class ConsentEvent(SQLModel, table=True):
    """One yes or no. `scope` narrows it to one case; empty: everywhere. `way`: how it was said."""

    __tablename__ = "consent_event"
    __table_args__ = (Index("consent_of", "person_id", "purpose", "scope"),)

    id: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer, "sqlite")
    )
    person_id: str = Field(max_length=32)
    purpose: str = Field(max_length=16)
    scope: str = Field(default="", max_length=32)
    given: bool
    notice_version: int
    language: str = Field(default="", max_length=8)
    way: str = Field(default="telegram", max_length=16)
    at: datetime = Field(sa_type=Instant)


# built once: building a statement costs more than running it
_WRITE = sa.insert(ConsentEvent.__table__)  # type: ignore[attr-defined]  # SQLModel does not declare __table__
_LAST = (
    select(ConsentEvent.given, ConsentEvent.notice_version)
    .where(
        ConsentEvent.person_id == sa.bindparam("person"),
        ConsentEvent.purpose == sa.bindparam("purpose"),
        ConsentEvent.scope == sa.bindparam("scope"),
    )
    .order_by(col(ConsentEvent.id).desc())
    .limit(1)
)


def record(
    session: Session,
    *,
    person_id: str,
    purpose: str,
    given: bool,
    at: datetime,
    language: str = "",
    scope: str = "",
    way: str = "telegram",
) -> None:
    """Write a yes or a no, under the present notice.

    Raises KeyError for a purpose nobody declared, ValueError for a scope it needs or does not have.
    """
    line = {
        "person_id": person_id,
        "purpose": purpose,
        "scope": scope,
        "given": given,
        "notice_version": _scoped(purpose, scope).notice,
        "language": language,
        "way": way,
        "at": at,
    }
    session.flush()
    session.connection().execute(_WRITE, line)


def is_live(session: Session, *, person_id: str, purpose: str, scope: str = "") -> bool:
    """Whether the last word on it was yes, and said under the present notice."""
    notice = _scoped(purpose, scope).notice
    agreed = _agreed(session, person_id, purpose, scope)
    return agreed is not None and agreed >= notice


def live_among(session: Session, *, purpose: str) -> set[str]:
    """Everybody whose last word on an unscoped purpose was yes, under the present notice: one question for a whole pool."""
    notice = _scoped(purpose, "").notice
    last = (
        sa.select(sa.func.max(col(ConsentEvent.id)))
        .where(col(ConsentEvent.purpose) == purpose, col(ConsentEvent.scope) == "")
        .group_by(col(ConsentEvent.person_id))
        .scalar_subquery()
    )
    yes = select(ConsentEvent.person_id).where(
        col(ConsentEvent.id).in_(last), col(ConsentEvent.given), ConsentEvent.notice_version >= notice
    )
    return set(session.exec(yes))


def require(session: Session, *, person_id: str, purpose: str, scope: str = "") -> None:
    """Raises ConsentMissing unless the use is agreed to now."""
    if not is_live(session, person_id=person_id, purpose=purpose, scope=scope):
        raise ConsentMissing(purpose)


def withdraw(
    session: Session,
    *,
    person_id: str,
    purpose: str,
    at: datetime,
    scope: str = "",
    language: str = "",
    way: str = "telegram",
) -> bool:
    """Take a yes back, as easily as it was given (PIPL 15). Returns whether there was one to take back."""
    _scoped(purpose, scope)
    if _agreed(session, person_id, purpose, scope) is None:
        return False
    record(
        session,
        person_id=person_id,
        purpose=purpose,
        given=False,
        at=at,
        language=language,
        scope=scope,
        way=way,
    )
    return True


def history(session: Session, *, person_id: str) -> list[ConsentEvent]:
    """Every line of this person's, in the order they were written."""
    return list(
        session.exec(
            select(ConsentEvent).where(ConsentEvent.person_id == person_id).order_by(col(ConsentEvent.id))
        )
    )


def _agreed(session: Session, person_id: str, purpose: str, scope: str) -> int | None:
    """The notice of the yes that was the last word, or None when it was a no or nothing."""
    session.flush()
    asked = {"person": person_id, "purpose": purpose, "scope": scope}
    last = session.connection().execute(_LAST, asked).first()
    return last[1] if last is not None and last[0] else None


def _scoped(purpose: str, scope: str) -> Purpose:
    found = purposes()[purpose]
    if found.scoped is not bool(scope):
        raise ValueError(f"consent to {purpose!r} is {'' if found.scoped else 'not '}given case by case")
    return found


@event.listens_for(ConsentEvent, "before_update")
@event.listens_for(ConsentEvent, "before_delete")
def _refuse(mapper: Mapper[Any], connection: Connection, line: ConsentEvent) -> None:
    raise TypeError("a consent line is never changed; write another")
