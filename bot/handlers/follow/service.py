"""What a resident can do with her own case after it was sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from bot.community import cases, claims, disclosure
from bot.community.cases import LEAD, Case, State
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.understanding import care
from bot.understanding.times import When

Draft = dict[str, Any]
REMINDERS = 2
REMIND_AFTER = timedelta(days=1)
NEAR = timedelta(minutes=10)  # a promise this close is told anew before it lapses


def told(draft: Draft) -> tuple[list[str], care.Word]:
    """Her lines, and her word on those that need one."""
    return draft["told"], draft.get("care", {})


def tell_anew(session: Session, local: Local, case: Case, person: Person, draft: Draft) -> None:
    """She has answered staff and seen the whole story as it stands now, identifiers taken out; a new promise begins."""
    lines, word = told(draft)
    more = care.private(lines, word)
    cases.rewrite(session, case, "\n".join(line for line in lines if line not in more))
    if more:
        disclosure.note_more(session, case, person, care.needing(lines, word))
    promise = cases.promise(session, local, case)
    cases.move(
        session,
        case,
        State.RECEIVED,
        Kind.ANSWERED,
        actor=person.id,
        promised_at=promise,
        due_at=promise - LEAD,
        due="review",
        reminders=0,
        reason=None,
    )


def remind(session: Session, local: Local, case: Case) -> bool:
    """She has not answered yet. Returns whether to remind her; when that was done twice, staff look again."""
    again = case.reminders < REMINDERS
    if again:
        case.reminders += 1
        case.due_at = cases.waking(local, case, now_of(session) + REMIND_AFTER)
    else:
        case.due_at, case.due = None, None
    session.add(case)
    session.flush()
    return again


def change_time(session: Session, local: Local, case: Case, person: Person, when: When) -> None:
    """Another time, another round of asking, another promise."""
    now = now_of(session)
    cases.move(
        session,
        case,
        State.OPEN,
        Kind.NEW_TIME,
        actor=person.id,
        when_from=when.start,
        when_until=when.end,
        promised_at=local.promise(now, case.urgency),
        due_at=now,
        due="wave",
        reminders=0,
        could=None,  # how many can then is another question
    )
    claims.may_ask_again(session, case.id)


def promise_again(session: Session, local: Local, case: Case) -> bool:
    """A case nobody has looked at: first a reminder, then a new promise. Returns whether the old one lapses."""
    now = now_of(session)
    lapses = case.promised_at - now < NEAR
    if lapses:
        case.promised_at = local.promise(now + NEAR, case.urgency)
    case.due_at = case.promised_at - (LEAD if lapses else NEAR / 2)
    session.add(case)
    session.flush()
    return lapses
