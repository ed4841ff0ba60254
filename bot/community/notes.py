"""What staff note for each other on a case: short, for staff on that case, gone with its words.

Whoever a case is of may have what is noted of her in her copy (PIPL 45); what speaks of others too stays with staff, and she can
read that there is such a note. Two columns, so that the gate keeps them apart.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community.record import Moment, new_id, now_of, vault_of
from privacy.opening import Words
from privacy.sealed import Place, Sealed, SealedBytes


class StaffNote(SQLModel, table=True):
    """One note, sealed under the case's own key: in `words`, or in `aside` where it speaks of others too."""

    __tablename__ = "staff_note"
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    case_id: str = Field(foreign_key="help_case.id", max_length=16, index=True)
    author_id: str = Field(foreign_key="person.id", max_length=16)
    at: datetime = Field(sa_type=Moment)
    words: Sealed | None = Field(default=None, sa_type=SealedBytes)
    aside: Sealed | None = Field(default=None, sa_type=SealedBytes)


def write(session: Session, *, case_id: str, author_id: str, words: str, of_others: bool) -> None:
    note = StaffNote(id=new_id(), case_id=case_id, author_id=author_id, at=now_of(session))
    column = "aside" if of_others else "words"
    place = Place("staff_note", column, note.id)
    sealed = vault_of(session).seal(words, subject=case_id, data_class="note", place=place)
    setattr(note, column, sealed)
    session.add(note)
    session.flush()


def of_case(session: Session, case_id: str) -> list[StaffNote]:
    """In the order they were written."""
    found = select(StaffNote).where(StaffNote.case_id == case_id)
    return list(session.exec(found.order_by(col(StaffNote.at), col(StaffNote.id))))


def words_of(note: StaffNote, *, owner: str) -> Words:
    """Unopened. `owner`: whose case it is."""
    column = "aside" if note.words is None else "words"
    place = Place("staff_note", column, note.id)
    return Words(getattr(note, column), note.case_id, "note", place, owner=owner, case=note.case_id)


def forget(session: Session, case_id: str) -> None:
    """They go with the words of the case, whose key has opened them."""
    session.execute(delete(StaffNote).where(col(StaffNote.case_id) == case_id))
