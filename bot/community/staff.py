"""Staff: who holds which role, from when until when, given by whom. A role is read from here at every tap, never from a chat."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Exists, Index, bindparam, exists, text, update
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import events
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, records, rows
from bot.errors import LastOne, NotHerself, OldButton, RolesApart
from privacy.prepared import Prepared
from privacy.retention import rule

INVITED = rule("invitation").after  # so long a code is good
KEEP = rule("role").after  # so long after its end it is known who held a role
SOON = timedelta(days=14)  # so long before its end a role is spoken of


class Role(StrEnum):
    """What a member of staff may do.

    A moderator looks at needs; who is on duty is told first of what is late; a supervisor sees that things go on, and no
    words (R18); a steward answers for keys, retention and rights; a mediator stands between two who quarrel.
    """

    MODERATOR = "moderator"
    DUTY = "duty"
    SUPERVISOR = "supervisor"
    STEWARD = "steward"
    MEDIATOR = "mediator"


# Who is told where nobody holds a role: whoever is nearest to the needs themselves, then those above.
INSTEAD = {
    Role.MODERATOR: (Role.DUTY, Role.SUPERVISOR),
    Role.DUTY: (Role.MODERATOR, Role.SUPERVISOR),
    Role.SUPERVISOR: (Role.DUTY, Role.MODERATOR),
}
NAMES = (Role.STEWARD, Role.SUPERVISOR)  # who names others
HANDLES = (Role.MODERATOR, Role.DUTY, Role.MEDIATOR)  # and is never a supervisor (R1)
# By a code one begins alone: who is told first of what is late sees to it, and so does the first of all.
BEGINS_WITH = {Role.DUTY: (Role.DUTY, Role.MODERATOR), Role.STEWARD: (Role.STEWARD, Role.MODERATOR)}
_DUE = text("due_at IS NOT NULL")


class Duty(SQLModel, table=True):
    """A role held by a person from one day to another, in one community ("" is the house itself; bot/data/community.toml).

    `given_by`: who named her; None: the person who runs the service. `due_at`: when she hears that it ends, and that it has.
    """

    __tablename__ = "duty"
    __table_args__ = (Index("duty_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    role: str = Field(max_length=16)
    since: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)
    community: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})
    given_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    due_at: datetime | None = Field(default=None, sa_type=Moment)


class Invitation(SQLModel, table=True):
    """A one-time code that makes its holder staff. Only its hash is kept.

    `since`, `until`: of the role; None: from the moment it is used, and until somebody ends it.
    """

    __tablename__ = "invitation"

    code_hash: str = Field(primary_key=True, max_length=64)
    role: str = Field(max_length=16)
    expires_at: datetime = Field(sa_type=Moment)
    used_at: datetime | None = Field(default=None, sa_type=Moment)
    community: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})
    given_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    since: datetime | None = Field(default=None, sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)


_NOW = bindparam("now", type_=Moment())
_NOT_OVER = col(Duty.until).is_(None) | (col(Duty.until) > _NOW)
_HELD: tuple[ColumnElement[bool], ...] = (
    col(Duty.role) == bindparam("role"),
    col(Duty.since) <= _NOW,
    _NOT_OVER,
)
_THERE = col(Duty.community) == bindparam("community")
_ANYWHERE = select(Duty.id).where(Duty.person_id == bindparam("person"), *_HELD)
_HOLDS, _HOLDS_THERE = Prepared(_ANYWHERE), Prepared(_ANYWHERE.where(_THERE))
_AWAKE = col(Person.quiet_since).is_(None)
_HOLDERS = Prepared(
    select(Person)
    .where(col(Person.id).in_(select(Duty.person_id).where(*_HELD)), _AWAKE)
    .order_by(col(Person.joined_at))
)
_HOLDERS_THERE = Prepared(
    select(Person)
    .where(col(Person.id).in_(select(Duty.person_id).where(*_HELD, _THERE)), _AWAKE)
    .order_by(col(Person.joined_at))
)
_STAFF = select(Duty).where(_NOT_OVER).order_by(col(Duty.since), col(Duty.id))
_OUTLIVED = select(Duty.id).where(col(Duty.until) <= bindparam("until", type_=Moment()))
_ENDING = (
    select(Duty.id).where(col(Duty.due_at).is_not(None), col(Duty.due_at) <= _NOW).order_by(col(Duty.due_at))
)


def holding(person: ColumnElement[str]) -> Exists:
    """As part of another question (with `role` and `now`): whether this person holds the role now, in any community."""
    return exists().where(col(Duty.person_id) == person, *_HELD)


def belonging(person: ColumnElement[str]) -> Exists:
    """As part of another question (with `now`): whether this person holds any role, or is about to."""
    return exists().where(col(Duty.person_id) == person, _NOT_OVER)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def invite(
    session: Session,
    role: Role = Role.MODERATOR,
    *,
    by: str | None = None,
    community: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> str:
    """A fresh code of 12 characters (72 bits), good for a deep link, used once, void after a week. `by`: whose it is."""
    code = secrets.token_urlsafe(9)
    expires_at = now_of(session) + INVITED
    session.add(
        Invitation(
            code_hash=_hash(code),
            role=role,
            expires_at=expires_at,
            community=community,
            given_by=by,
            since=since,
            until=until,
        )
    )
    events.note(session, events.NO_CASE, Kind.INVITED, actor=by, code=role)
    return code


def accept(session: Session, code: str, person_id: str) -> Duty | None:
    """Use a code. None when it is unknown, used or void, or whoever gave it names nobody any more.

    Raises NotHerself for whoever gave it, and RolesApart.
    """
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
    invitation = session.get(Invitation, _hash(code))
    if used.rowcount != 1 or invitation is None:  # type: ignore[attr-defined]  # an UPDATE's result is a CursorResult
        return None
    by, community = invitation.given_by, invitation.community
    if by is not None and not may_name(session, by, community):
        return None
    role = Role(invitation.role)
    given = [
        grant(
            session,
            person_id,
            one,
            invitation.until,
            since=invitation.since,
            by=by,
            community=community,
        )
        for one in (BEGINS_WITH.get(role, (role,)) if by is None else (role,))
    ]
    return given[0]


def grant(
    session: Session,
    person_id: str,
    role: Role,
    until: datetime | None = None,
    *,
    since: datetime | None = None,
    by: str | None = None,
    community: str = "",
) -> Duty:
    """Hers from `since` (now) until then; a term of the same role she has already gives way to it.

    Raises NotHerself where she gives it herself, and RolesApart where she would supervise what she handles.
    """
    if by == person_id:
        raise NotHerself
    now = now_of(session)
    since = max(since or now, now)
    others = [one for one in _of(session, person_id) if one.community == community]
    apart = HANDLES if role is Role.SUPERVISOR else (Role.SUPERVISOR,) if role in HANDLES else ()
    if any(one.role in apart and (one.until is None or one.until > since) for one in others):
        raise RolesApart
    for one in others:
        if one.role == role:
            one.until, one.due_at = max(one.since, since), None
            session.add(one)
    soon = until - SOON if until is not None and until - SOON > since else until
    duty = Duty(
        person_id=person_id,
        role=role,
        since=since,
        until=until,
        community=community,
        given_by=by,
        due_at=soon,
    )
    session.add(duty)
    session.flush()
    events.note(session, person_id, Kind.ROLE, actor=by, code=f"given:{role}")
    return duty


def _of(session: Session, person_id: str) -> list[Duty]:
    """Her roles that are not over, and those to come."""
    hers = _STAFF.where(Duty.person_id == bindparam("person"))
    return list(session.exec(hers, params={"now": now_of(session), "person": person_id}))


def end(session: Session, person_id: str) -> None:
    """All her roles end now."""
    for duty in _of(session, person_id):
        _end(session, duty, by=None)
    session.flush()


def end_one(session: Session, duty: Duty, *, by: str) -> None:
    """One role ends now. Raises OldButton when it had ended, LastOne where nobody would be left to name anybody."""
    if duty not in _of(session, duty.person_id):
        raise OldButton
    _end(session, duty, by=by)
    session.flush()
    if duty.role in NAMES and not namers(session, duty.community):
        raise LastOne


def unnamed(session: Session, person_id: str, by: str) -> list[Duty]:
    """Which of her roles `by` could not give her: all but the mediator's, which opens nothing by itself."""
    hers = [duty for duty in _of(session, person_id) if duty.role != Role.MEDIATOR]
    return [duty for duty in hers if not may_name(session, by, duty.community)]


def end_these(session: Session, duties: list[Duty]) -> None:
    """They end now, by nobody's word."""
    for duty in duties:
        _end(session, duty, by=None)
    session.flush()


def _end(session: Session, duty: Duty, *, by: str | None) -> None:
    duty.until, duty.due_at = now_of(session), None
    session.add(duty)
    events.note(session, duty.person_id, Kind.ROLE, actor=by, code=f"ended:{duty.role}")


def is_named(session: Session, person_id: str) -> bool:
    """Whether she holds any role, or is about to."""
    return bool(_of(session, person_id))


def get(session: Session, duty_id: str) -> Duty | None:
    return session.get(Duty, duty_id)


def holds(session: Session, person_id: str, role: Role, community: str | None = None) -> bool:
    """Whether she holds it now: there, or where None is given in any community (what is about nobody in particular)."""
    values = {"person": person_id, "role": role, "now": now_of(session)}
    if community is None:
        return rows(session, _HOLDS, **values).first() is not None
    return rows(session, _HOLDS_THERE, community=community, **values).first() is not None


def may_name(session: Session, person_id: str, community: str) -> bool:
    """Whether she gives and ends roles there."""
    return any(holds(session, person_id, role, community) for role in NAMES)


def namers(session: Session, community: str) -> list[Person]:
    """Everybody who gives and ends roles there now."""
    found = {one.id: one for role in NAMES for one in on_duty(session, role, community)}
    return list(found.values())


def on_duty(session: Session, role: Role = Role.MODERATOR, community: str | None = None) -> list[Person]:
    """Everybody who holds the role now: there, or where None is given in any community."""
    values = {"role": role, "now": now_of(session)}
    if community is None:
        return records(session, Person, _HOLDERS, **values)
    return records(session, Person, _HOLDERS_THERE, community=community, **values)


def communities(session: Session, person_id: str, role: Role | None = None) -> list[str]:
    """Where she holds this role now, or any."""
    now = now_of(session)
    held = (one for one in _of(session, person_id) if one.since <= now and role in (None, one.role))
    return sorted({one.community for one in held})


def of_community(session: Session, community: str) -> list[Duty]:
    """Every role held there, and those to come, in the order they began."""
    there = _STAFF.where(_THERE)
    return list(session.exec(there, params={"now": now_of(session), "community": community}))


def ending(session: Session) -> list[str]:
    """Roles whose holder is to hear that they end soon, or that they have ended."""
    return list(rows(session, _ENDING, now=now_of(session)).scalars())


def outlived(session: Session) -> list[str]:
    """Roles that ended so long ago that nobody need know who held them."""
    over = {"until": now_of(session) - KEEP}
    return list(rows(session, _OUTLIVED, **over).scalars())


def drop(session: Session, duty_id: str) -> None:
    session.execute(delete(Duty).where(col(Duty.id) == duty_id))


def heard(session: Session, duty: Duty) -> bool:
    """She hears of the end now; returns whether it is over. Noted when it is."""
    over = duty.until is not None and duty.until <= now_of(session)
    duty.due_at = None if over else duty.until
    session.add(duty)
    session.flush()
    if over:
        events.note(session, duty.person_id, Kind.ROLE, code=f"over:{duty.role}")
    return over
