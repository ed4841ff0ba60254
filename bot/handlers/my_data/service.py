"""Taking one yes back, and erasing what is done."""

from __future__ import annotations

from sqlmodel import Session

from bot.community import cases, complaints, parting
from bot.community.cases import Case, State
from bot.community.holdings import Agreed
from bot.community.parting import HER_OWN, Tiding, Word
from bot.community.people import Person


def withdraw(session: Session, person: Person, one: Agreed, word: Word = HER_OWN) -> list[Tiding]:
    """At once on everything in flight. Raises LookupError for what everything stands on: that is erasing."""
    if one.purpose == "pool":
        return parting.leave_pool(session, person, word)
    if one.purpose == "reveal" and one.case is not None:
        return parting.take_back_contact(session, one.case, word)
    raise LookupError(f"{one.purpose} is not taken back alone")


def erase_done(session: Session, person: Person) -> list[Case]:
    """The words of what has ended go now, not in thirty days; answered complaints too. Returns the cases erased."""
    ended = [
        case
        for case in cases.of_person(session, person.id, State)
        if case.ended_at is not None and (case.story or case.phone or case.door or case.files)
    ]
    for case in ended:
        cases.erase(session, case)
    for complaint in complaints.of_person(session, person.id):
        if complaint.answered_at is not None:
            complaints.erase(session, complaint)
    return ended
