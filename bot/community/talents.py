"""The talent pool (社区人才库): what neighbours offer, and when they would rather rest."""

from __future__ import annotations

from datetime import UTC, datetime, time

from sqlalchemy import ForeignKeyConstraint, Index, Time, bindparam, false, func, text, true
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import credentials, people, record
from bot.community.claims import Ask
from bot.community.people import Person
from bot.community.record import Moment, lies_in, now_of, rows
from bot.matching.eligibility import ANY_HOURS, PARTS
from privacy.prepared import Prepared

__all__ = ["ANY_HOURS", "PARTS"]  # what `hours` means, for those who ask her

NEVER = datetime(
    1970, 1, 1, tzinfo=UTC
)  # when who was never asked was asked: no gap in the order, in any database


class Volunteer(SQLModel, table=True):
    """A resident with at least one talent offered, and her own limits.

    `hours`: when she usually can, a bit for each part of the week, Monday morning first. `languages`: codes of community.toml
    with commas between. `quiet_from`, `quiet_until`: local times; None: the neighbourhood's. `max_open`: how many needs she takes
    at once. `on_duty`: whether she is asked at all, or looks at the board herself. `gender`: her own word, for the few needs
    whose asker may wish. `shows_title`: whether those she helps are told a checked credential.
    """

    __tablename__ = "volunteer"
    __table_args__ = (Index("volunteer_hours", "person_id", "hours", unique=True),)

    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=16)
    asks_a_week: int = 3
    paused_until: datetime | None = Field(default=None, sa_type=Moment)
    joined_at: datetime = Field(sa_type=Moment)
    on_duty: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    hours: int = Field(default=ANY_HOURS, sa_column_kwargs={"server_default": text(str(ANY_HOURS))})
    languages: str = Field(default="mandarin", max_length=80, sa_column_kwargs={"server_default": "mandarin"})
    quiet_from: time | None = Field(default=None, sa_type=Time)
    quiet_until: time | None = Field(default=None, sa_type=Time)
    urgent_ok: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    max_open: int = Field(default=1, sa_column_kwargs={"server_default": text("1")})
    gender: str | None = Field(default=None, max_length=1)
    shows_title: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Talent(SQLModel, table=True):
    """One kind of help one volunteer offers: a category, or a skill in it.

    `area` is her person's, empty where that is not known (bot.community.people.update writes both), `asked_at` when she was
    last asked anything (bot.community.claims.ask), `hours` the volunteer's (the database itself carries a change over): here
    once more, so that the near and the rested who can come then are found without reading everybody.
    """

    __tablename__ = "talent"
    __table_args__ = (
        Index("talent_near", "kind", "area", "asked_at", "person_id", "hours"),
        ForeignKeyConstraint(
            ["person_id", "hours"],
            ["volunteer.person_id", "volunteer.hours"],
            name="talent_of",
            onupdate="CASCADE",
        ),
    )

    person_id: str = Field(foreign_key="volunteer.person_id", primary_key=True, max_length=16)
    kind: str = Field(primary_key=True, max_length=24)
    area: str = Field(default="", max_length=16)
    hours: int
    asked_at: datetime = Field(default=NEVER, sa_type=Moment)


_KINDS = Prepared(
    select(Talent.kind).where(Talent.person_id == bindparam("person")).order_by(col(Talent.kind))
)


def get(session: Session, person_id: str) -> Volunteer | None:
    return record.get(session, Volunteer, person_id)


def kinds_of(session: Session, person_id: str) -> list[str]:
    return list(rows(session, _KINDS, person=person_id).scalars())


def of_community(session: Session, community: str) -> list[Person]:
    """Who is in the pool and lives there, and is not quiet; by when she came."""
    found = (
        select(Person)
        .join(Volunteer, col(Volunteer.person_id) == col(Person.id))
        .where(col(Person.quiet_since).is_(None), lies_in(session, col(Person.area), community))
        .order_by(col(Person.joined_at), col(Person.id))
    )
    return list(session.exec(found))


def offer(session: Session, person_id: str, kinds: list[str]) -> Volunteer:
    """Join the pool, or change what is offered."""
    volunteer = session.get(Volunteer, person_id)
    if volunteer is None:
        volunteer = Volunteer(person_id=person_id, joined_at=now_of(session))
        session.add(volunteer)
        session.flush()
    session.execute(delete(Talent).where(col(Talent.person_id) == person_id))
    area = people.get(session, person_id).area or ""
    last = session.exec(select(func.max(Ask.asked_at)).where(Ask.person_id == person_id)).one()
    for kind in kinds:
        asked_at, hours = last or NEVER, volunteer.hours
        session.add(Talent(person_id=person_id, kind=kind, area=area, hours=hours, asked_at=asked_at))
    session.flush()
    return volunteer


def leave(session: Session, person_id: str) -> None:
    """One step, at once; what she holds now stays hers to finish or hand back."""
    credentials.forget(session, person_id)
    session.execute(delete(Talent).where(col(Talent.person_id) == person_id))
    session.execute(delete(Volunteer).where(col(Volunteer.person_id) == person_id))


def is_asked(session: Session, person_id: str) -> bool:
    """Whether anything would be brought to her at present: she is in the pool, has not said no to it, and does not rest."""
    volunteer = get(session, person_id)
    if volunteer is None or not volunteer.on_duty:
        return False
    return volunteer.paused_until is None or volunteer.paused_until <= now_of(session)


def duty(session: Session, person_id: str, on: bool) -> None:
    """Whether she is asked, from now on, or looks at the board herself. Nothing for who is not in the pool."""
    volunteer = get(session, person_id)
    if volunteer is not None:
        volunteer.on_duty = on
        volunteer.paused_until = None if on else volunteer.paused_until
        session.add(volunteer)
        session.flush()


def pause(session: Session, volunteer: Volunteer, until: datetime | None) -> None:
    volunteer.paused_until = until
    session.add(volunteer)
