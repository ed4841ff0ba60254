"""Who agreed to what, when, under which notice. Lines are only ever added; a withdrawal is a line too (PIPL art. 14, 15)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel, col, select

from privacy.purposes import purposes


class ConsentMissing(Exception):
    """This use was never agreed to, or no longer is."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC time in every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)  # type: ignore[no-any-return]  # the driver's value is untyped


class ConsentEvent(SQLModel, table=True):
    """One yes or no. `scope` narrows it, for instance to one case; empty: everywhere."""

    __tablename__ = "consent_event"
    __table_args__ = (Index("consent_of", "person_id", "purpose", "scope"),)

    id: int | None = Field(
        default=None,
        primary_key=True,
        sa_type=BigInteger().with_variant(Integer, "sqlite"),  # type: ignore[arg-type]  # SQLModel types sa_type as a class
    )
    person_id: str = Field(max_length=16)
    purpose: str = Field(max_length=16)
    scope: str = Field(default="", max_length=16)
    given: bool
    notice_version: int
    language: str = Field(default="", max_length=8)
    way: str = Field(default="telegram", max_length=16)
    at: datetime = Field(sa_type=Instant)


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
    """Write a yes or a no. Raises KeyError for a purpose nobody declared."""
    session.add(
        ConsentEvent(
            person_id=person_id,
            purpose=purpose,
            scope=scope,
            given=given,
            notice_version=purposes()[purpose].notice,
            language=language,
            way=way,
            at=at,
        )
    )
    session.flush()


def is_live(session: Session, *, person_id: str, purpose: str, scope: str = "") -> bool:
    """Whether the last word on it was yes."""
    last = session.exec(
        select(ConsentEvent.given)
        .where(
            ConsentEvent.person_id == person_id, ConsentEvent.purpose == purpose, ConsentEvent.scope == scope
        )
        .order_by(col(ConsentEvent.id).desc())
        .limit(1)
    ).first()
    return bool(last)


def require(session: Session, *, person_id: str, purpose: str, scope: str = "") -> None:
    """Raises ConsentMissing unless the use is agreed to now."""
    if not is_live(session, person_id=person_id, purpose=purpose, scope=scope):
        raise ConsentMissing(purpose)


def history(session: Session, *, person_id: str) -> list[ConsentEvent]:
    """Every line about her, in order."""
    return list(
        session.exec(
            select(ConsentEvent).where(ConsentEvent.person_id == person_id).order_by(col(ConsentEvent.id))
        )
    )
