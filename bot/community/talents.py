"""The talent pool (社区人才库): what neighbours offer, and when they would rather rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community.claims import Ask, AskState, Claim
from bot.community.people import Person
from bot.community.record import Moment, now_of
from bot.matching.eligibility import Candidate


class Volunteer(SQLModel, table=True):
    """A resident with at least one talent offered, and her own limits."""

    __tablename__ = "volunteer"

    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=16)
    asks_a_week: int = 3
    paused_until: datetime | None = Field(default=None, sa_type=Moment)
    joined_at: datetime = Field(sa_type=Moment)


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


def pause(session: Session, volunteer: Volunteer, until: datetime | None) -> None:
    volunteer.paused_until = until
    session.add(volunteer)


def candidates(session: Session, *, kind: str, case_id: str) -> list[Candidate]:
    """Everybody who offers this kind of help, with what eligibility needs to know and nothing more."""
    now = now_of(session)
    week_ago = now - timedelta(days=7)
    asked = dict(
        session.exec(
            select(Ask.person_id, func.count()).where(col(Ask.asked_at) > week_ago).group_by(Ask.person_id)
        ).all()
    )
    last_asked = dict(
        session.exec(select(Ask.person_id, func.max(Ask.asked_at)).group_by(Ask.person_id)).all()
    )
    busy = set(session.exec(select(Claim.person_id).where(col(Claim.state).in_(["held", "confirmed"]))))
    already = set(
        session.exec(select(Ask.person_id).where(Ask.case_id == case_id, Ask.state != AskState.AGAIN))
    )
    rows = session.exec(
        select(Volunteer, Person)
        .join(Talent, col(Talent.person_id) == col(Volunteer.person_id))
        .join(Person, col(Person.id) == col(Volunteer.person_id))
        .where(Talent.kind == kind)
    ).all()
    return [
        Candidate(
            person_id=person.id,
            area=person.area,
            reachable=person.reachable,
            paused=volunteer.paused_until is not None and volunteer.paused_until > now,
            asks_left=volunteer.asks_a_week - asked.get(person.id, 0),
            rested_for=now - last_asked[person.id] if person.id in last_asked else None,
            engaged=person.id in busy,
            asked_before=person.id in already,
        )
        for volunteer, person in rows
    ]
