"""Slips of paper that invite a neighbour: a code good for one, of which only a keyed hash is kept."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from sqlalchemy import BigInteger, bindparam
from sqlmodel import Field, Session, SQLModel, col, delete, select

from bot.community.record import Moment, now_of, rows, vault_of
from privacy.retention import rule

GOOD_FOR = rule("slip").after
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
LENGTH = 8  # 39 bits: nobody guesses one of the few that are out, and the hash is keyed
WRITTEN = re.compile(r"i-\s*([a-z0-9]{8})", re.IGNORECASE)


class Slip(SQLModel, table=True):
    """An invitation nobody has used yet. `known_by`: who of the staff had met its bearer and handed it over."""

    __tablename__ = "slip"

    code_index: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    expires_at: datetime = Field(sa_type=Moment, index=True)
    known_by: str | None = Field(default=None, foreign_key="person.id", max_length=16)


def _index(session: Session, code: str) -> int:
    return vault_of(session).index("slip", "code", code.lower())


def write(session: Session, *, known_by: str | None) -> str:
    """A fresh code, for whoever the slip is given to."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    slip = Slip(code_index=_index(session, code), expires_at=now_of(session) + GOOD_FOR, known_by=known_by)
    session.add(slip)
    session.flush()
    return code


def is_good(session: Session, code: str) -> bool:
    slip = session.get(Slip, _index(session, code))
    return slip is not None and slip.expires_at > now_of(session)


def use(session: Session, code: str) -> Slip | None:
    """It is used up by this. None when it was before, or is too old."""
    slip = session.get(Slip, _index(session, code))
    if slip is None or slip.expires_at <= now_of(session):
        return None
    session.expunge(slip)
    used = session.execute(delete(Slip).where(col(Slip.code_index) == slip.code_index))
    return slip if used.rowcount == 1 else None  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult


_OLD = select(col(Slip.code_index)).where(col(Slip.expires_at) <= bindparam("now"))


def outlived(session: Session) -> list[str]:
    """Those that are too old."""
    return [str(index) for index in rows(session, _OLD, now=now_of(session)).scalars()]


def drop(session: Session, index: str) -> None:
    session.execute(
        delete(Slip).where(col(Slip.code_index) == int(index), col(Slip.expires_at) <= now_of(session))
    )


def forget(session: Session, person_id: str) -> None:
    """Who handed them over is not known any more; the invitations stay good."""
    for slip in session.exec(select(Slip).where(Slip.known_by == person_id)):
        slip.known_by = None
        session.add(slip)
