"""Violence, or harm to a child: told to the few who look after it, and shown to nobody it is about (R63, R64).

Whoever tells of it may stay unnamed; then nobody knows who it was, we neither.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import JSON, Index, Integer, bindparam, func, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import events, items, people, staff
from bot.community.events import Kind
from bot.community.items import Item
from bot.community.people import Person
from bot.community.record import Moment, community_of, new_id, now_of, rows, table_of, vault_of
from bot.community.staff import Role
from bot.data import Local
from bot.errors import OldButton
from privacy.opening import Words
from privacy.retention import rule
from privacy.sealed import Place, Sealed, SealedBytes

KEEP = rule("report").after
RING_EVERY = timedelta(hours=1)  # day and night, until somebody has opened it
_DUE = text("due_at IS NOT NULL")


class Who(StrEnum):
    """Whom it happens to."""

    CHILD = "child"
    ADULT = "adult"
    SELF = "self"


class Step(StrEnum):
    """What is done about it."""

    RECEIVED = "received"
    OPENED = "opened"
    POLICE = "police"
    AGENCY = "agency"
    SPOKE = "spoke"
    CALLED = "called"  # whoever told of it was asked to ring
    CLOSED = "closed"


class Report(SQLModel, table=True):
    """One report. `of_staff`: it is about a member of staff, so none of them but the supervisors hears of it."""

    __tablename__ = "report"
    __table_args__ = (Index("report_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),)
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    number: int = Field(sa_type=Integer, unique=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", max_length=16, index=True)
    who: str = Field(max_length=8)
    of_staff: bool = False
    words: Sealed | None = Field(default=None, sa_type=SealedBytes)
    child: Sealed | None = Field(default=None, sa_type=SealedBytes)
    since: datetime = Field(sa_type=Moment)
    due_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    shown: dict[str, int] = Field(default_factory=dict, sa_type=JSON)


_ROWS = table_of(Report)
_TOLD = select(_ROWS.c.id).where(_ROWS.c.person_id == bindparam("person"))
_OPEN = select(Report).where(col(Report.closed_at).is_(None)).order_by(col(Report.since))
_LOOK = (
    select(Report.id)
    .where(col(Report.due_at).is_not(None), col(Report.due_at) <= bindparam("now", type_=Moment()))
    .order_by(col(Report.due_at))
)
_CLOSE = (
    update(_ROWS)
    .where(_ROWS.c.id == bindparam("row"), _ROWS.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"), due_at=bindparam("over"))
)


def told_by(session: Session, person_id: str) -> bool:
    """Whether there is a report under her name."""
    return rows(session, _TOLD, person=person_id).first() is not None


def submit(session: Session, person: Person | None, who: Who, words: str, *, of_staff: bool) -> Report:
    """Take it up. `person`: None for who stays unnamed."""
    report_id, column = new_id(), "child" if who is Who.CHILD else "words"
    place = Place("report", column, report_id)
    report = Report(
        id=report_id,
        number=(session.exec(select(func.max(Report.number))).one() or 0) + 1,
        person_id=person.id if person is not None else None,
        who=who.value,
        of_staff=of_staff,
        since=now_of(session),
        due_at=now_of(session) + RING_EVERY,
    )
    sealed = vault_of(session).seal(words, subject=report_id, data_class="report", place=place)
    setattr(report, column, sealed)
    session.add(report)
    session.flush()
    note(session, report, Step.RECEIVED)
    return report


def get(session: Session, report_id: str) -> Report | None:
    return session.get(Report, report_id)


def words_of(report: Report) -> Words:
    """What was told, unopened. Its owner is the report itself: the log of who opened it leads to nobody either."""
    column = "child" if report.who == Who.CHILD else "words"
    sealed: Sealed | None = getattr(report, column)
    place = Place("report", column, report.id)
    return Words(sealed, report.id, "report", place, owner=report.id, case=report.id)


def note(
    session: Session,
    report: Report,
    step: Step,
    *,
    actor: str | None = None,
    reason: str = "",
    was_at: datetime | None = None,
) -> None:
    """A line without a word of it, nor of who told it."""
    code = ":".join(filter(None, [step, reason]))
    events.note(session, report.id, Kind.HARM, actor=actor, code=code, was_at=was_at)


def guards(session: Session, report: Report) -> list[Person]:
    """Who looks after it: on duty; where nobody is, the supervisors; at last whoever looks at needs. Never who told it."""
    roles = (Role.SUPERVISOR,) if report.of_staff else (Role.DUTY, Role.SUPERVISOR, Role.MODERATOR)
    there = _there(session, report)
    for role in roles:
        found = [one for one in staff.on_duty(session, role, there) if one.id != report.person_id]
        if found:
            return found
    return []


def _there(session: Session, report: Report) -> str:
    """The community of who told it; of who stays unnamed, the house itself."""
    told_by = people.get(session, report.person_id) if report.person_id is not None else None
    return community_of(session, told_by.area if told_by is not None else None)


def is_guard(session: Session, person_id: str, report_id: str) -> bool:
    report = get(session, report_id)
    return report is not None and person_id in [member.id for member in guards(session, report)]


def seconds(session: Session, report: Report, person_id: str) -> list[Person]:
    """Who may agree that one of them reads what is told of a child: any other of staff; she reads nothing by it."""
    roles = (Role.SUPERVISOR,) if report.of_staff else (Role.DUTY, Role.SUPERVISOR, Role.MODERATOR)
    there = _there(session, report)
    found = {member.id: member for role in roles for member in staff.on_duty(session, role, there)}
    return [member for member in found.values() if member.id not in (person_id, report.person_id)]


def opened(session: Session, local: Local, report: Report, person_id: str) -> None:
    """Somebody has read it: from now on it is brought to mind once a working day."""
    if not events.happened(session, report.id, Kind.HARM, code=Step.OPENED):
        note(session, report, Step.OPENED, actor=person_id)
        look_again(session, local, report)


def steps_of(session: Session, report: Report) -> list[events.Event]:
    """What was done about it so far."""
    return [line for line in events.of_case(session, report.id) if line.kind == Kind.HARM]


def close(session: Session, report: Report, *, staff_id: str, reason: str) -> None:
    """Raises OldButton when it was closed before."""
    now = now_of(session)
    if rows(session, _CLOSE, row=report.id, now=now, over=now + KEEP).rowcount != 1:
        raise OldButton
    session.refresh(report)
    note(session, report, Step.CLOSED, actor=staff_id, reason=reason)


def waiting(session: Session) -> list[Item]:
    """Those that are open; who looks after them (`barred`) is no matter of a role in the queue's community."""
    return [
        Item(items.Sort.REPORT, one.id, one.since, urgency="U0", for_all=True) for one in session.exec(_OPEN)
    ]


def barred(session: Session, person_id: str) -> set[str]:
    """Those she does not look after: she does not see that there are any."""
    found = session.exec(_OPEN).all()
    return {one.id for one in found if not is_guard(session, person_id, one.id)}


def due(session: Session) -> list[str]:
    """What must be brought to mind, and what has been kept long enough."""
    return list(rows(session, _LOOK, now=now_of(session)).scalars())


def look_again(session: Session, local: Local, report: Report) -> None:
    now = now_of(session)
    read = events.happened(session, report.id, Kind.HARM, code=Step.OPENED)
    report.due_at = local.calendar.next_open(now + timedelta(days=1)) if read else now + RING_EVERY
    session.add(report)
    session.flush()


def show(session: Session, report: Report, shown: dict[str, int]) -> None:
    """Which message tells whom of it from now on."""
    report.shown = {**report.shown, **shown}
    session.add(report)
    session.flush()


def unshow(session: Session, member_id: str) -> None:
    """What her chat shows is found no more: she has another one now."""
    for one in session.exec(select(Report)):
        if member_id in one.shown:
            one.shown = {who: message for who, message in one.shown.items() if who != member_id}
            session.add(one)
    session.flush()


def erase(session: Session, report: Report) -> None:
    vault_of(session).forget(report.id)
    session.delete(report)
    session.flush()


def forget_who(session: Session, person_id: str) -> None:
    """Who told it is not known any more; what was told still protects somebody."""
    for report in session.exec(select(Report).where(Report.person_id == person_id)):
        report.person_id = None
        session.add(report)
    session.flush()
