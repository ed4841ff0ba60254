"""A complaint is taken up, and looked at until it is answered."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.community import complaints, events
from bot.community.cases import Case
from bot.community.complaints import Complaint
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local

ANSWER_WITHIN = timedelta(days=7)
REMIND_EVERY = timedelta(days=2)


def submit(session: Session, local: Local, person: Person, case: Case | None, words: str) -> Complaint:
    now = now_of(session)
    complaint = complaints.submit(
        session,
        person_id=person.id,
        case_id=case.id if case is not None else None,
        words=words,
        promised_at=local.awake(now + ANSWER_WITHIN),
        due_at=local.awake(now + ANSWER_WITHIN - REMIND_EVERY),
    )
    if case is not None:
        events.note(session, case.id, Kind.COMPLAINED, actor=person.id)
    return complaint


def look_again(session: Session, local: Local, complaint: Complaint) -> bool:
    """Staff are reminded now, and when to do so next is noted. Returns whether the promise lapses at this moment."""
    now = now_of(session)
    ahead = now < complaint.promised_at
    late = not ahead and complaint.due_at == complaint.promised_at
    complaints.look_again(
        session, complaint, complaint.promised_at if ahead else local.awake(now + REMIND_EVERY)
    )
    return late
