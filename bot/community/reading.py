"""Who has opened whose words: how long the lines of it are kept (the log itself: privacy.access_log)."""

from __future__ import annotations

from sqlmodel import Session

from bot.community.record import now_of
from privacy import access_log

LINES = "lines"


def outlived(session: Session) -> list[str]:
    """What must go: the oldest lines, all at once, or nothing."""
    return [LINES] if access_log.has_outlived(session, now_of(session)) else []


def let_go(session: Session) -> None:
    access_log.let_go(session, now_of(session))
