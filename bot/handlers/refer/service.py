"""A need is given to whoever it belongs to, and not forgotten (R14: a refusal names the right body and how to reach it)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from bot.community import cases, claims, ending, parting
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.community.parting import Tiding
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.data.local import Body

REMINDERS = 2  # after the first asking
REMIND_AFTER = timedelta(days=1)


def asked_on(session: Session, local: Local, body: Body) -> datetime:
    """When she is asked whether they have answered."""
    return local.awake(now_of(session) + timedelta(days=body.days))


def refer(session: Session, local: Local, case: Case, body: Body, member: Person) -> list[Tiding]:
    """Raises OldButton when it has moved meanwhile."""
    day = asked_on(session, local, body)
    tidings = parting.call_off(
        session,
        case,
        State.REFERRED,
        Kind.REFERRED,
        actor=member.id,
        code=body.code,
        reason=body.code,
        promised_at=day,
        due_at=day,
        due="body",
        reminders=0,
    )
    claims.may_ask_again(session, case.id)  # if it comes back
    return tidings + parting.to_staff(session, case, but=member.id)


def solved(session: Session, case: Case, person: Person) -> None:
    """By her own word (督)."""
    ending.close(session, case, Kind.VERIFIED, actor=person.id, code="referred")


def no_answer(session: Session, case: Case) -> None:
    ending.close(session, case, Kind.NO_ANSWER, actor=None, code="referred")


def wait(session: Session, local: Local, case: Case, person: Person) -> None:
    """She would rather wait as long once more."""
    body = local.body(case.reason or "")
    day = local.awake(now_of(session) + timedelta(days=body.days if body is not None else 1))
    cases.move(
        session,
        case,
        State.REFERRED,
        Kind.NEW_TIME,
        actor=person.id,
        promised_at=day,
        due_at=day,
        reminders=0,
    )


def ask_again(session: Session, local: Local, case: Case) -> bool:
    """Returns whether she is asked once more; else she has been, often enough."""
    if case.reminders > REMINDERS:
        return False
    case.reminders += 1
    case.due_at = local.awake(now_of(session) + REMIND_AFTER)
    session.add(case)
    session.flush()
    return True


def take_back(session: Session, local: Local, case: Case, person: Person) -> None:
    """Nobody there answered her; a new promise begins."""
    promise = local.promise(now_of(session), case.urgency)
    cases.move(
        session,
        case,
        State.RECEIVED,
        Kind.REOPENED,
        actor=person.id,
        code="body",
        reason=None,
        promised_at=promise,
        due_at=promise - cases.LEAD,
        due="review",
        reminders=0,
    )
