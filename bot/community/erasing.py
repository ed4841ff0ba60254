"""All of one person is gone: first the keys, then what they sealed, then the rows that lead to her (PIPL 47).

What stays leads to nobody: her random id in the ledger, in events and in the access log, and her cases' numbers.
"""

from __future__ import annotations

from sqlalchemy import delete
from sqlmodel import Session, col

from bot.community import cases, complaints, people
from bot.community.cards import Card
from bot.community.cases import Case, State
from bot.community.claims import Ask
from bot.community.people import Person
from bot.community.record import now_of, rows, table_of, vault_of
from bot.community.staff import Duty
from bot.community.talents import Talent, Volunteer
from bot.runtime import settle
from bot.runtime.persistence import forget_talks
from bot.runtime.seals import Seals

_HERS = (Card, Ask, Talent, Volunteer, Duty)


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


def erase_person(session: Session, person_id: str) -> None:
    """Afterwards nothing of hers can be read or found. Doing it again changes nothing.

    Whoever calls it has ended what was under way (parting). Raises KeyError when there is no such person.
    """
    person = people.get(session, person_id)
    if people.is_gone(person):
        return
    vault = vault_of(session)
    telegram_id = people.telegram_of(session, person)
    seals = Seals(vault)
    settle.silence(session, seals.chat(telegram_id), now_of(session).timestamp())
    forget_talks(session, seals, telegram_id)
    for case in cases.of_person(session, person_id, State):
        cases.erase(session, case)
    for complaint in complaints.of_person(session, person_id):
        complaints.erase(session, complaint)
    for record in _HERS:
        rows(session, delete(table_of(record)).where(col(record.person_id) == person_id))
    vault.forget(person_id)
    people.update(
        session,
        person,
        telegram_index=people.NOBODY,
        telegram_id=people.GONE,
        name=None,
        name_index=None,
        area=None,
        simple=False,
        reachable=False,
        quiet_since=now_of(session),
    )
    session.flush()
