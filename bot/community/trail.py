"""Half a year after a case nobody can tell any more who was asked and who helped: nobody's helping is added up (人非数据)."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from bot.community import cards, cases, claims, complaints
from bot.community.cases import Case
from bot.community.record import now_of

LOOK_AGAIN = timedelta(days=1)  # while a complaint is open, whose answer may need to know


def outlived(session: Session) -> list[str]:
    """Cases that ended so long ago; `Case.due_at` is set as they end."""
    return cases.due(session, cases.TRAIL)


def let_go(session: Session, case: Case) -> None:
    """Its asks, claims and cards go; the row stays, without words. Put off while somebody waits for an answer about it."""
    if complaints.is_open(session, case_id=case.id):
        case.due_at = now_of(session) + LOOK_AGAIN
    else:
        claims.forget(session, case.id)
        cards.forget(session, case.id)
        case.due_at = case.due = None
    session.add(case)
    session.flush()
