"""One of two needs that are the same goes on as the other."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, events, parting
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.community.parting import Tiding
from bot.community.people import Person


def merge(session: Session, case: Case, other: Case, member: Person) -> list[Tiding]:
    """Raises OldButton when it has moved meanwhile. What had gone into this one goes along."""
    tidings = parting.call_off(
        session,
        case,
        State.MERGED,
        Kind.MERGED,
        actor=member.id,
        code=str(other.number),
        merged_into=other.id,
    )
    cases.follow_on(session, case, other)
    return tidings + parting.to_staff(session, case, but=member.id)


def went_well(session: Session, other: Case) -> bool:
    """Whether its own asker said that it is done, or staff did: silence is no yes (R17)."""
    lines = [one for one in events.of_case(session, other.id) if one.kind in (Kind.VERIFIED, Kind.CLOSED)]
    return bool(lines) and (lines[-1].kind == Kind.VERIFIED or lines[-1].code == "by_staff")


def told(session: Session, case: Case) -> None:
    case.merged_into = None
    session.add(case)
    session.flush()
