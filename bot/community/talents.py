"""The talent pool (社区人才库): what neighbours offer, and when they would rather rest."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import Time, case, false, func, text, true
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community.claims import LIVE, Ask, AskState, Claim
from bot.community.people import Person
from bot.community.record import Moment, now_of
from bot.matching.eligibility import Candidate

PARTS = ("morning", "afternoon", "evening")  # of a day: till 12, till 18, till quiet hours
ANY_HOURS = (1 << 7 * len(PARTS)) - 1


class Volunteer(SQLModel, table=True):
    """A resident with at least one talent offered, and her own limits.

    `hours`: when she usually can, a bit for each part of the week, Monday morning first. `languages`: codes of community.toml
    with commas between. `quiet_from`, `quiet_until`: local times; None: the neighbourhood's. `max_open`: how many needs she takes
    at once. `on_duty`: whether she is asked at all, or looks at the board herself. `gender`: her own word, for the few needs
    whose asker may wish. `shows_title`: whether those she helps are told a checked credential.
    """

    __tablename__ = "volunteer"

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
    """One kind of help one volunteer offers (a choice of the category question)."""

    __tablename__ = "talent"

    person_id: str = Field(foreign_key="volunteer.person_id", primary_key=True, max_length=16)
    kind: str = Field(primary_key=True, max_length=24, index=True)


def get(session: Session, person_id: str) -> Volunteer | None:
    return session.get(Volunteer, person_id)


def kinds_of(session: Session, person_id: str) -> list[str]:
    return list(session.exec(select(Talent.kind).where(Talent.person_id == person_id).order_by(Talent.kind)))


def offer(session: Session, person_id: str, kinds: list[str]) -> Volunteer:
    """Join the pool, or change what is offered."""
    volunteer = session.get(Volunteer, person_id)
    if volunteer is None:
        volunteer = Volunteer(person_id=person_id, joined_at=now_of(session))
        session.add(volunteer)
        session.flush()
    session.execute(delete(Talent).where(col(Talent.person_id) == person_id))
    for kind in kinds:
        session.add(Talent(person_id=person_id, kind=kind))
    session.flush()
    return volunteer


def leave(session: Session, person_id: str) -> None:
    """One step, at once; what she holds now stays hers to finish or hand back."""
    session.execute(delete(Talent).where(col(Talent.person_id) == person_id))
    session.execute(delete(Volunteer).where(col(Volunteer.person_id) == person_id))


def duty(session: Session, person_id: str, on: bool) -> None:
    """Whether she is asked at all, or looks at the board herself. Nothing for who is not in the pool."""
    volunteer = get(session, person_id)
    if volunteer is not None:
        volunteer.on_duty = on
        session.add(volunteer)
        session.flush()


def pause(session: Session, volunteer: Volunteer, until: datetime | None) -> None:
    volunteer.paused_until = until
    session.add(volunteer)


def candidates(session: Session, *, kinds: list[str], case_id: str) -> list[Candidate]:
    """Everybody who offers one of these kinds of help, with what eligibility needs to know and nothing more."""
    now = now_of(session)
    week_ago = now - timedelta(days=7)
    lately = func.sum(case((col(Ask.asked_at) > week_ago, 1), else_=0))
    asked = {
        person_id: (count, last)
        for person_id, count, last in session.exec(
            select(Ask.person_id, lately, func.max(Ask.asked_at)).group_by(Ask.person_id)
        )
    }
    busy = set(session.exec(select(Claim.person_id).where(col(Claim.state).in_(LIVE))))
    already = set(
        session.exec(select(Ask.person_id).where(Ask.case_id == case_id, Ask.state != AskState.AGAIN))
    )
    rows = session.execute(
        sa_select(Person.id, Person.area, Person.reachable, Volunteer.asks_a_week, Volunteer.paused_until)  # type: ignore[call-overload]  # SQLModel types columns as their values
        .join(Volunteer, col(Volunteer.person_id) == col(Person.id))
        .join(Talent, col(Talent.person_id) == col(Person.id))
        .where(col(Talent.kind).in_(kinds), col(Person.quiet_since).is_(None))
        .distinct()
    ).all()
    return [
        Candidate(
            person_id=row.id,
            area=row.area,
            reachable=row.reachable,
            paused=row.paused_until is not None and row.paused_until > now,
            asks_left=row.asks_a_week - (asked[row.id][0] if row.id in asked else 0),
            rested_for=now - asked[row.id][1] if row.id in asked else None,
            engaged=row.id in busy,
            asked_before=row.id in already,
        )
        for row in rows
    ]
