"""Which few are looked at: a lot drawn from the number of the need and the week, so that nobody chooses them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import exists
from sqlmodel import Session, col, select

from bot.community import events
from bot.community.cases import Case, State
from bot.community.events import Event, Kind
from bot.community.record import lies_in, now_of
from bot.data import Local

WEEK = timedelta(weeks=1)
FINE = "fine"  # what a supervisor says of one,
WRONG = ("slow", "unclear", "ask")  # or why it was not
WAY = (  # what is shown of it, and nothing it was about
    Kind.RECEIVED,
    Kind.ASKED_BACK,
    Kind.ACCEPTED,
    Kind.ENGAGED,
    Kind.RELEASED,
    Kind.HANDLED,
    Kind.REOPENED,
    Kind.WORRY,
    Kind.VERIFIED,
    Kind.CLOSED,
)


def drawn(session: Session, local: Local, community: str) -> list[Case]:
    """Of last week's needs there that ended with the asker's word, as many as community.toml says; looked at or not."""
    here = now_of(session).astimezone(local.tz)
    monday = here.date() - timedelta(days=here.weekday())
    until = datetime.combine(monday, time(), local.tz).astimezone(UTC)
    verified = exists().where(col(Event.case_id) == col(Case.id), col(Event.kind) == Kind.VERIFIED.value)
    ended = select(Case.number).where(
        Case.state == State.CLOSED,
        col(Case.ended_at) >= until - WEEK,
        col(Case.ended_at) < until,
        lies_in(session, col(Case.area), community),
        verified,
    )
    first = sorted(session.exec(ended), key=lambda number: _lot(number, monday.isoformat()))[: local.sample]
    chosen = {case.number: case for case in session.exec(select(Case).where(col(Case.number).in_(first)))}
    return [chosen[number] for number in first]


def _lot(number: int, week: str) -> str:
    return hashlib.sha256(f"{week}:{number}".encode()).hexdigest()


def is_looked_at(session: Session, case: Case) -> bool:
    return events.happened(session, case.id, Kind.SAMPLED)


def way(session: Session, case: Case) -> list[Event]:
    return [line for line in events.of_case(session, case.id) if line.kind in WAY]


def judge(session: Session, case: Case, verdict: str, by: str) -> None:
    events.note(session, case.id, Kind.SAMPLED, actor=by, code=verdict)
