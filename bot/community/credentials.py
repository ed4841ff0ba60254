"""What staff have seen with their own eyes before somebody does what needs it: the kind and the dates, never a copy (R2, R5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Date, Index, UniqueConstraint, bindparam, text
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import events, people
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, rows
from bot.data import Local
from bot.data.local import Kind
from privacy.retention import rule

KNOWN = "known"  # staff have met her: the one that everybody in the pool needs, and that never ends
DECLARED_FOR = rule("credential_declared").after
EXPIRED_FOR = rule("credential_expired").after
REMINDERS = (timedelta(days=30), timedelta(days=7))  # so long before its last day she hears that it ends
_DUE = text("due_at IS NOT NULL")


class Standing(StrEnum):
    """Where a credential stands."""

    DECLARED = "declared"
    CHECKED = "checked"
    EXPIRED = "expired"


class Credential(SQLModel, table=True):
    """One credential of one person (a code of levels.toml). `expires_on`: the last day it holds; None: for good.

    `due_at`: when there is something to do about it next: to remind her, to end it, to forget it. `again_at`: when she said that
    she has a new one, while the old one holds.
    """

    __tablename__ = "credential"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", name="credential_once"),
        Index("credential_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16)
    kind: str = Field(max_length=24)
    state: str = Field(default=Standing.DECLARED, max_length=16)
    declared_at: datetime = Field(sa_type=Moment)
    checked_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)
    checked_at: datetime | None = Field(default=None, sa_type=Moment)
    expires_on: date | None = Field(default=None, sa_type=Date)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    again_at: datetime | None = Field(default=None, sa_type=Moment)


class Lack(NamedTuple):
    """What she offers, and is asked about only once staff have seen one of these (codes of levels.toml)."""

    credentials: tuple[str, ...]
    kinds: list[Kind]


def declare(session: Session, person_id: str, kind: str) -> Credential:
    """She says she has it; it counts once staff have seen it. The one she has when it is there already."""
    known = of_kind(session, person_id, kind)
    if known is not None and known.state != Standing.EXPIRED:
        return known
    credential = known or Credential(person_id=person_id, kind=kind, declared_at=now_of(session))
    _declared(session, credential)
    return credential


def _declared(session: Session, credential: Credential) -> None:
    now = now_of(session)
    credential.state, credential.declared_at, credential.due_at = Standing.DECLARED, now, now + DECLARED_FOR
    credential.checked_by = credential.checked_at = credential.expires_on = credential.again_at = None
    session.add(credential)
    session.flush()


def check(
    session: Session, local: Local, credential: Credential, *, by: str, expires_on: date | None
) -> None:
    """Staff have seen the paper, or met her."""
    credential.state, credential.checked_by, credential.checked_at = Standing.CHECKED, by, now_of(session)
    credential.expires_on, credential.again_at = expires_on, None
    plan(session, local, credential)
    events.note(
        session, credential.person_id, events.Kind.CREDENTIAL, actor=by, code=f"seen:{credential.kind}"
    )


def renew(session: Session, credential: Credential) -> None:
    """She has a new one. The old one holds until its last day; where that is over, the new one is as good as the first."""
    if credential.state == Standing.CHECKED:
        credential.again_at = credential.again_at or now_of(session)
        session.add(credential)
        session.flush()
    else:
        declare(session, credential.person_id, credential.kind)


def uncheck(session: Session, credential: Credential, *, by: str) -> None:
    """It was noted by mistake: she has declared it and no more."""
    _declared(session, credential)
    events.note(
        session, credential.person_id, events.Kind.CREDENTIAL, actor=by, code=f"not:{credential.kind}"
    )


def card(session: Session, local: Local, credential: Credential) -> dict[str, Any]:
    """What staff see of it: whose it is, what they look at, and how it stands."""
    return {
        "held": credential,
        "credential": local.credential(credential.kind),
        "name": people.name_of(people.get(session, credential.person_id)),
    }


def plan(session: Session, local: Local, credential: Credential) -> None:
    """When a checked one needs something next: the reminders, then its end; by day, when she may be spoken to."""
    credential.due_at = None
    if credential.expires_on is not None:
        days = [credential.expires_on - before for before in REMINDERS]
        moments = [_morning(local, day) for day in (*days, credential.expires_on + timedelta(days=1))]
        now = now_of(session)
        credential.due_at = next((moment for moment in moments if moment > now), now)
    session.add(credential)
    session.flush()


def _morning(local: Local, day: date) -> datetime:
    return local.awake(datetime.combine(day, time(), local.tz).astimezone(UTC))


def waiting(session: Session) -> list[Item]:
    """What somebody says she has, or has anew, and staff have not seen; the longest waiting first."""
    found = (
        select(Credential, Person.area)
        .join(Person, col(Person.id) == col(Credential.person_id))
        .where((col(Credential.state) == Standing.DECLARED) | col(Credential.again_at).is_not(None))
    )
    items = [
        Item(Sort.CREDENTIAL, one.id, one.again_at or one.declared_at, "U4", area=area)
        for one, area in session.exec(found)
    ]
    return sorted(items, key=lambda item: (item.since, item.about))


def barred(session: Session, person_id: str) -> set[str]:
    """Her own, which others look at."""
    return {one.id for one in of_person(session, person_id)}


_ARE_DUE = (
    select(col(Credential.id))
    .where(col(Credential.due_at) <= bindparam("now"))
    .order_by(col(Credential.due_at))
)


def due(session: Session) -> list[str]:
    """Which ones there is something to do about now."""
    return list(rows(session, _ARE_DUE, now=now_of(session)).scalars())


def get_due(session: Session, credential_id: str) -> Credential | None:
    """One of them, if it still is."""
    credential = session.get(Credential, credential_id)
    is_due = credential is not None and credential.due_at is not None and credential.due_at <= now_of(session)
    return credential if is_due else None


def expire(session: Session, credential: Credential) -> None:
    """Its last day is over: what needs it is closed to her from now on."""
    credential.state, credential.due_at = Standing.EXPIRED, now_of(session) + EXPIRED_FOR
    if credential.again_at is not None:
        _declared(session, credential)
    session.add(credential)
    session.flush()


def expired(session: Session) -> list[Credential]:
    """All whose last day is over and which have not been renewed."""
    return list(session.exec(select(Credential).where(Credential.state == Standing.EXPIRED)))


def drop(session: Session, credential: Credential) -> None:
    """She takes it back, or its time is over."""
    session.delete(credential)
    session.flush()


def forget(session: Session, person_id: str) -> None:
    """All of hers: she has left the pool."""
    session.execute(delete(Credential).where(col(Credential.person_id) == person_id))


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


def today(session: Session, local: Local) -> date:
    """The neighbourhood's day."""
    return now_of(session).astimezone(local.tz).date()


def live(session: Session, local: Local, person_id: str) -> set[str]:
    """The codes of what she has and staff have seen."""
    day = today(session, local)
    return {one.kind for one in of_person(session, person_id) if is_live(one, day)}


def covers(seen: set[str], kind: Kind) -> bool:
    """Whether one of these (codes of levels.toml) is enough for this kind of help."""
    return not kind.credentials or bool(seen & set(kind.credentials))


def lacking(session: Session, local: Local, person_id: str, kinds: Iterable[str]) -> list[Lack]:
    """Of what she offers (codes of taxonomy.toml), what needs something of her that staff have not seen yet.

    A category is all the skills in it. Raises KeyError for an unknown kind.
    """
    seen = live(session, local, person_id)
    lacks: dict[tuple[str, ...], list[Kind]] = {}
    for code in kinds:
        for kind in local.skills_of(code) or [local.kind(code)]:
            if not covers(seen, kind):
                lacks.setdefault(kind.credentials, []).append(kind)
    return [Lack(codes, found) for codes, found in lacks.items()]
