"""What the two say on the way to the end of a case (the end itself: bot.community.ending)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.community import cases, events, rules
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local

REMIND_AFTER = timedelta(days=1)
REMINDERS = 2


def handled(session: Session, local: Local, case: Case, person: Person) -> None:
    """The helper says it is done (处); now the resident is asked."""
    cases.move(
        session,
        case,
        State.HANDLED,
        Kind.HANDLED,
        actor=person.id,
        handled_at=now_of(session),
        due_at=_tomorrow(session, local, case),
        due="verify",
        reminders=0,
    )


def reopen(session: Session, local: Local, case: Case, person: Person) -> None:
    """Not yet: the two go on."""
    cases.move(
        session,
        case,
        State.ENGAGED,
        Kind.REOPENED,
        actor=person.id,
        due_at=_tomorrow(session, local, case),
        due="helper",
        reminders=0,
    )


def look_on(session: Session, local: Local, case: Case, person: Person) -> None:
    """Not yet, and it was staff who saw to it: back to them, and to the asking; never for a child, nor what was kept private."""
    if rules.by_staff(local, case) or case.reason is not None:
        due = cases.KEPT if case.reason is not None else None
        cases.move(session, case, State.HANDLED, Kind.REOPENED, actor=person.id, due_at=None, due=due)
        return
    cases.move(
        session,
        case,
        State.NOBODY,
        Kind.REOPENED,
        actor=person.id,
        due_at=local.morning_after(now_of(session)),
        due="wave",
        reminders=0,
    )


def worry(session: Session, case: Case, person: Person) -> None:
    """A person looks at it; the reminders rest meanwhile."""
    if case.state == State.HANDLED:
        cases.move(session, case, State.HANDLED, Kind.WORRY, actor=person.id, due_at=None, due=None)
    else:
        events.note(session, case.id, Kind.WORRY, actor=person.id)


def remind_later(session: Session, local: Local, case: Case) -> None:
    case.reminders += 1
    case.due_at = _tomorrow(session, local, case)
    session.add(case)
    session.flush()


def _tomorrow(session: Session, local: Local, case: Case) -> datetime:
    return cases.waking(local, case, now_of(session) + REMIND_AFTER)
