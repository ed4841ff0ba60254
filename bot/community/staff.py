"""Staff: who holds which role, until when. A role is read from here at every tap, never from a chat."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BindParameter, ColumnElement, Exists, bindparam, exists, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, rows
from privacy.retention import rule

INVITED = rule("invitation").after  # so long a code is good


class Role(StrEnum):
    """What a member of staff may do: look at needs; be told first of what is late; see that things go on, and no words (R18)."""

    MODERATOR = "moderator"
    DUTY = "duty"
    SUPERVISOR = "supervisor"
    MEDIATOR = "mediator"


# Who is told where nobody holds a role: whoever is nearest to the needs themselves, then those above.
INSTEAD = {
    Role.MODERATOR: (Role.DUTY, Role.SUPERVISOR),
    Role.DUTY: (Role.MODERATOR, Role.SUPERVISOR),
    Role.SUPERVISOR: (Role.DUTY, Role.MODERATOR),
}


class Duty(SQLModel, table=True):
    """A role held by a person from one day to another."""

    __tablename__ = "duty"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    role: str = Field(max_length=16)
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)


class Invitation(SQLModel, table=True):
    """A one-time code that makes its holder staff. Only its hash is kept."""

    __tablename__ = "invitation"

    code_hash: str = Field(primary_key=True, max_length=64)
    role: str = Field(max_length=16)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)


_NOW = bindparam("now", type_=Moment())
_HELD: tuple[ColumnElement[bool], ...] = (
    col(Duty.role) == bindparam("role"),
    col(Duty.since) <= _NOW,
    col(Duty.until).is_(None) | (col(Duty.until) > _NOW),
)
_HOLDS = select(Duty.id).where(Duty.person_id == bindparam("person"), *_HELD)
_HOLDERS = (
    select(Person)
    .where(col(Person.id).in_(select(Duty.person_id).where(*_HELD)), col(Person.quiet_since).is_(None))
    .order_by(col(Person.joined_at))
)


def holding(person: BindParameter[str]) -> Exists:
    """As part of another question (with `role` and `now`): whether this person holds the role now."""
    return exists().where(col(Duty.person_id) == person, *_HELD)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def invite(session: Session, role: Role = Role.MODERATOR) -> str:
    """A fresh code of 12 characters (72 bits), good for a deep link, used once, void after a week."""
    code = secrets.token_urlsafe(9)
    session.add(Invitation(code_hash=_hash(code), role=role, expires_at=now_of(session) + INVITED))
    return code


def accept(session: Session, code: str, person_id: str) -> Role | None:
    """Use a code. None when it is unknown, used or void."""
    now = now_of(session)
    used = session.execute(
        update(Invitation)
        .where(
            col(Invitation.code_hash) == _hash(code),
            col(Invitation.used_at).is_(None),
            col(Invitation.expires_at) > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        return None
    invitation = session.get(Invitation, _hash(code))
    role = Role(invitation.role if invitation else Role.MODERATOR)
    grant(session, person_id, role)
    if role is Role.DUTY:  # whoever is told first of what is late sees to it
        grant(session, person_id, Role.MODERATOR)
    return role


def grant(session: Session, person_id: str, role: Role, until: datetime | None = None) -> None:
    session.add(Duty(person_id=person_id, role=role, since=now_of(session), until=until))
    session.flush()


def end(session: Session, person_id: str) -> None:
    """All her roles end now."""
    session.execute(
        update(Duty)
        .where(
            col(Duty.person_id) == person_id, col(Duty.until).is_(None) | (col(Duty.until) > now_of(session))
        )
        .values(until=now_of(session))
    )


def holds(session: Session, person_id: str, role: Role) -> bool:
    return rows(session, _HOLDS, person=person_id, role=role, now=now_of(session)).first() is not None


def on_duty(session: Session, role: Role = Role.MODERATOR) -> list[Person]:
    """Everybody who holds the role now."""
    return list(session.exec(_HOLDERS, params={"role": role, "now": now_of(session)}))
