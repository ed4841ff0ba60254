"""Look again: somebody thinks staff decided wrongly, and another one of them decides anew (R20; PIPL 50)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, and_, bindparam, exists, text, update
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community import cases, claims, events, people, restrictions, rules
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.community.items import Item, Sort
from bot.community.people import Person
from bot.community.record import Moment, new_id, now_of, rows, table_of
from bot.community.restrictions import Restriction
from bot.data import Local
from bot.errors import OldButton
from privacy.retention import rule

KEEP = rule("appeal").after
ANSWER_WITHIN = 2  # working days
REMIND_EVERY = timedelta(days=1)
DECISIONS = (Kind.DECLINED, Kind.KEPT, Kind.REFERRED, Kind.MERGED)
_DUE = text("due_at IS NOT NULL")


def stands(session: Session, case: Case) -> bool:
    """Whether what was decided is still how it is: with nobody of the neighbours on it."""
    if case.state == State.HANDLED:
        return case.reason is not None and claims.live(session, case.id) is None
    return case.state in (State.DECLINED, State.REFERRED, State.MERGED)


class Outcome(StrEnum):
    """What whoever looked again found."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"
    MOOT = "moot"  # nobody: what was withheld had ended, or given way, before anybody did


class Appeal(SQLModel, table=True):
    """One decision to be looked at again: about a case, or about what somebody may not do. No words are kept of it.

    `asked_by`: the member of staff who wished for a colleague's eyes; None where it was the neighbour herself.
    """

    __tablename__ = "appeal"
    __table_args__ = (Index("appeal_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    person_id: str = Field(foreign_key="person.id", max_length=16, index=True)
    case_id: str | None = Field(default=None, foreign_key="help_case.id", max_length=16, index=True)
    restriction_id: str | None = Field(default=None, max_length=16)
    asked_by: str | None = Field(default=None, max_length=16)
    received_at: datetime = Field(sa_type=Moment)
    promised_at: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    decided_at: datetime | None = Field(default=None, sa_type=Moment)
    decided_by: str | None = Field(default=None, max_length=16)
    outcome: str | None = Field(default=None, max_length=16)


_ROWS = table_of(Appeal)
_MOOT = and_(
    col(Appeal.decided_at).is_(None),
    col(Appeal.restriction_id).is_not(None),
    ~exists().where(col(Restriction.id) == col(Appeal.restriction_id)),
)
_LATE = (
    select(Appeal.id)
    .where(col(Appeal.due_at).is_not(None), (col(Appeal.due_at) <= bindparam("now", type_=Moment())) | _MOOT)
    .order_by(col(Appeal.due_at))
)
_WAITING = (
    select(Appeal, Person.area, Case.area)
    .join(Person, col(Person.id) == col(Appeal.person_id))
    .outerjoin(Case, col(Case.id) == col(Appeal.case_id))
    .where(col(Appeal.decided_at).is_(None))
    .order_by(col(Appeal.received_at))
)
_DECIDE = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.decided_at.is_(None))
    .values(
        decided_at=bindparam("now"),
        decided_by=bindparam("who"),
        outcome=bindparam("how"),
        due_at=bindparam("over"),
    )
)


def submit(
    session: Session,
    local: Local,
    *,
    person_id: str,
    case_id: str | None = None,
    restriction_id: str | None = None,
    asked_by: str | None = None,
) -> Appeal:
    now = now_of(session)
    promise = local.calendar.days(now, ANSWER_WITHIN)
    appeal = Appeal(
        person_id=person_id,
        case_id=case_id,
        restriction_id=restriction_id,
        asked_by=asked_by,
        received_at=now,
        promised_at=promise,
        due_at=promise,
    )
    session.add(appeal)
    session.flush()
    events.note(session, case_id or person_id, Kind.APPEALED, actor=asked_by or person_id)
    return appeal


def get(session: Session, appeal_id: str) -> Appeal | None:
    return session.get(Appeal, appeal_id)


def last(session: Session, *, case_id: str | None = None, restriction_id: str | None = None) -> Appeal | None:
    """The last one about this."""
    about = Appeal.case_id == case_id if case_id is not None else Appeal.restriction_id == restriction_id
    return session.exec(select(Appeal).where(about).order_by(col(Appeal.received_at).desc())).first()


def decided_at(session: Session, case: Case) -> datetime | None:
    """When staff decided what can be looked at again: the last time, if that is how it stands."""
    lines = [line for line in events.of_case(session, case.id) if line.kind in DECISIONS]
    return lines[-1].at if lines else None


def hearers(
    session: Session, *, person_id: str, case: Case | None, restriction_id: str | None, asked_by: str | None
) -> list[Person]:
    """Who of the staff on duty did not decide it, is no side of it and did not ask. May be nobody."""
    had_part = _had_part(session, person_id, case, restriction_id, asked_by)
    near = rules.staff_near(session, people.get(session, person_id))
    members = rules.staff_for(session, case) if case is not None else near
    return [member for member in members if member.id not in had_part]


def _had_part(
    session: Session, person_id: str, case: Case | None, restriction_id: str | None, asked_by: str | None
) -> set[str | None]:
    """Who is not to decide on it anew: whose it is, who decided, and who asked for other eyes."""
    had_part = {person_id, asked_by}
    if case is not None:
        had_part |= rules.hands(session, case, *DECISIONS)
    if restriction_id is not None:
        had_part |= restrictions.deciders(session, restriction_id)
    return had_part


def hearers_of(session: Session, appeal: Appeal) -> list[Person]:
    return hearers(
        session,
        person_id=appeal.person_id,
        case=_case(session, appeal),
        restriction_id=appeal.restriction_id,
        asked_by=appeal.asked_by,
    )


def _case(session: Session, appeal: Appeal) -> Case | None:
    return cases.get(session, appeal.case_id) if appeal.case_id is not None else None


def is_moot(session: Session, appeal: Appeal) -> bool:
    """Whether what was withheld is over, so that nothing is left to look at."""
    held = appeal.restriction_id
    return appeal.decided_at is None and held is not None and restrictions.get(session, held) is None


def decide(session: Session, appeal: Appeal, outcome: Outcome, *, staff_id: str | None) -> None:
    """The first counts. Raises OldButton when somebody has decided meanwhile."""
    now = now_of(session)
    done = rows(session, _DECIDE, row=appeal.id, now=now, who=staff_id, how=outcome.value, over=now + KEEP)
    if done.rowcount != 1:
        raise OldButton
    session.refresh(appeal)
    events.note(
        session, appeal.case_id or appeal.person_id, Kind.LOOKED_AGAIN, actor=staff_id, code=outcome.value
    )


def due(session: Session) -> list[str]:
    """Those to be looked at now: late, without anything left to look at, or kept long enough."""
    return list(rows(session, _LATE, now=now_of(session)).scalars())


def remind_later(session: Session, local: Local, appeal: Appeal) -> bool:
    """Staff are reminded now, and again tomorrow. Returns whether the promise lapses at this moment."""
    lapses = appeal.due_at == appeal.promised_at
    appeal.due_at = local.awake(now_of(session) + REMIND_EVERY)
    session.add(appeal)
    session.flush()
    return lapses


def drop(session: Session, appeal: Appeal) -> None:
    session.delete(appeal)
    session.flush()


def forget(session: Session, person_id: str) -> None:
    session.execute(delete(Appeal).where(col(Appeal.person_id) == person_id))


def of_person(session: Session, person_id: str) -> list[Appeal]:
    """Her own, the newest first."""
    found = select(Appeal).where(Appeal.person_id == person_id, col(Appeal.asked_by).is_(None))
    return list(session.exec(found.order_by(col(Appeal.received_at).desc())))


def waiting(session: Session) -> list[Item]:
    """Those nobody has decided."""
    return [
        Item(
            Sort.APPEAL,
            one.id,
            one.received_at,
            case_id=one.case_id,
            area=hers if one.case_id is None else of_case,
            until=one.promised_at,
        )
        for one, hers, of_case in session.exec(_WAITING)
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Of those, the ones she is not to decide."""
    return {
        one.id
        for one in _open(session)
        if person_id not in [member.id for member in hearers_of(session, one)]
    }


def _open(session: Session) -> list[Appeal]:
    undecided = select(Appeal).where(col(Appeal.decided_at).is_(None))
    return list(session.exec(undecided.order_by(col(Appeal.received_at))))
