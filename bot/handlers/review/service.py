"""What staff decide about a need."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.community import cases, claims, ending, events
from bot.community.cases import Case, State
from bot.community.claims import Claim
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local

ASKED_AFTER = timedelta(hours=3)  # after the time she wished for she is asked how it went
REMIND_AFTER = timedelta(days=1)


def approve(session: Session, local: Local, case: Case, member: Person) -> bool:
    """Let it out: the sweep of `claim` asks the first volunteers at once (接).

    Returns whether the promise had to be made anew, because too little of it was left to ask anybody.
    """
    before, promise = case.promised_at, cases.promise(session, local, case)
    cases.move(
        session,
        case,
        State.OPEN,
        Kind.ACCEPTED,
        actor=member.id,
        due_at=now_of(session),
        due="wave",
        reminders=0,
        reason=None,
        promised_at=promise,
    )
    return promise != before


def ask_back(session: Session, local: Local, case: Case, member: Person) -> None:
    """The resident is asked one thing, and reminded of it; the promise rests until she has answered."""
    cases.move(
        session,
        case,
        State.ASKED_BACK,
        Kind.ASKED_BACK,
        actor=member.id,
        due_at=cases.waking(local, case, now_of(session) + REMIND_AFTER),
        due="answer",
        reminders=0,
    )


def take_over(session: Session, local: Local, case: Case, member: Person) -> None:
    """Staff found somebody themselves (处): it is theirs now, and the resident is asked how it went."""
    claim = claims.live(session, case.id)
    now = now_of(session)
    cases.move(
        session,
        case,
        State.HANDLED,
        Kind.HANDLED,
        actor=member.id,
        code="self",
        handled_at=now,
        due_at=cases.waking(local, case, max(case.when_until or now, now) + ASKED_AFTER),
        due="verify",
        reminders=0,
    )
    if claim is not None:
        claims.release(session, claim)


def suggest(session: Session, case: Case, member: Person) -> bool:
    """Whether she must still be asked for another time: once for the case as it stands."""
    code = f"time-v{case.version}"
    if events.happened(session, case.id, Kind.DRY, code=code):
        return False
    events.note(session, case.id, Kind.DRY, actor=member.id, code=code)
    return True


def seen(session: Session, case: Case, member: Person) -> None:
    """Staff know that few can be asked of the case as it stands."""
    events.note(session, case.id, Kind.DRY, actor=member.id, code=f"seen-v{case.version}")


def give_up(session: Session, case: Case, member: Person) -> None:
    """Nobody could be found; she is told so, and what else there is."""
    ending.close(session, case, Kind.CLOSED, actor=member.id, code="explained")


def settle(session: Session, case: Case, member: Person) -> Claim | None:
    """Staff have dealt with an emergency or a worry, and the case ends by it. Returns whose help ends with it."""
    return ending.close(session, case, Kind.CLOSED, actor=member.id, code="by_staff")
