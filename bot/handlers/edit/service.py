"""What volunteers read, put better."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, events
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.people import Person


def propose(session: Session, case: Case, member: Person, words: str) -> None:
    """It lies beside the story until she has said something to it."""
    case.proposed = cases.seal(session, case.id, "proposed", words)
    session.add(case)
    session.flush()
    events.note(session, case.id, Kind.EDITED, actor=member.id, code="proposed")


def agree(session: Session, case: Case, person: Person) -> None:
    write(session, case, person, cases.told_by(session, case, person, column="proposed"), code="agreed")


def write(session: Session, case: Case, person: Person, words: str, *, code: str = "own") -> None:
    cases.rewrite(session, case, words)
    _settle(session, case, person, code)


def leave(session: Session, case: Case, person: Person) -> None:
    _settle(session, case, person, "left")


def _settle(session: Session, case: Case, person: Person, code: str) -> None:
    case.proposed = None
    session.add(case)
    session.flush()
    events.note(session, case.id, Kind.EDITED, actor=person.id, code=code)
