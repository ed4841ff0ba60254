"""What staff have seen with their own eyes before somebody does what needs it: the kind and the dates, never a copy (R2, R5)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community.record import Moment, new_id, now_of


class Standing(StrEnum):
    """Where a credential stands."""

    DECLARED = "declared"
    CHECKED = "checked"
    EXPIRED = "expired"


class Credential(SQLModel, table=True):
    """One credential of one person (a code of levels.toml). `expires_on`: the last day it holds; None: for good."""

    __tablename__ = "credential"
    __table_args__ = (UniqueConstraint("person_id", "kind", name="credential_once"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16)
    kind: str = Field(max_length=24)
    state: str = Field(default=Standing.DECLARED, max_length=16)
    declared_at: datetime = Field(sa_type=Moment)
    checked_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    checked_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_on: date | None = Field(default=None, sa_type=Date, index=True)
    reminded_at: datetime | None = Field(default=None, sa_type=Moment)


def declare(session: Session, person_id: str, kind: str) -> Credential:
    """She says she has it; it counts once staff have seen it. The one she has when it is there already."""
    known = of_kind(session, person_id, kind)
    if known is not None and known.state != Standing.EXPIRED:
        return known
    credential = known or Credential(person_id=person_id, kind=kind, declared_at=now_of(session))
    credential.state, credential.declared_at = Standing.DECLARED, now_of(session)
    session.add(credential)
    session.flush()
    return credential


def check(session: Session, credential: Credential, *, by: str, expires_on: date | None) -> None:
    """Staff have seen the paper, or met her."""
    credential.state, credential.checked_by, credential.checked_at = Standing.CHECKED, by, now_of(session)
    credential.expires_on, credential.reminded_at = expires_on, None
    session.add(credential)
    session.flush()


def of_kind(session: Session, person_id: str, kind: str) -> Credential | None:
    return session.exec(
        select(Credential).where(Credential.person_id == person_id, Credential.kind == kind)
    ).first()


def of_person(session: Session, person_id: str) -> list[Credential]:
    return list(
        session.exec(
            select(Credential).where(Credential.person_id == person_id).order_by(col(Credential.kind))
        )
    )


def is_live(credential: Credential, today: date) -> bool:
    """Checked, and not past its last day (the neighbourhood's day)."""
    return credential.state == Standing.CHECKED and (
        credential.expires_on is None or credential.expires_on >= today
    )
