"""Who has opened whose words, and who agreed to what: how long the lines of it are kept.

The log and the ledger themselves: privacy.access_log, privacy.ledger.
"""

from __future__ import annotations

from sqlmodel import Session

from bot.community.record import now_of
from privacy import access_log, forgetting

LINES = "lines"


def outlived(session: Session) -> list[str]:
    """What must go: the oldest lines, all at once, or nothing."""
    return [LINES] if access_log.has_outlived(session, now_of(session)) else []


def let_go(session: Session) -> None:
    access_log.let_go(session, now_of(session))


def agreed_and_over(session: Session) -> list[str]:
    """The same for the ledger of consents."""
    return [LINES] if forgetting.outlived(session, now_of(session)) else []


def forget_agreed(session: Session) -> None:
    forgetting.forget(session, now_of(session))
