"""Staff stand in for a neighbour: what she says at the desk, by telephone or on paper is done as hers; whose hand it was is kept.

While it lasts, it is known to the transaction: events have the way her word came and when that was, consents whose word it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from privacy import consent
from privacy.consent import By

PROXY = "proxy"  # in session.info
# How a word reaches staff who stand in, and what that makes of a consent.
WAYS = {
    "counter": By.PROXY,
    "phone": By.PROXY,
    "visit": By.PROXY,
    "paper": By.PAPER,
    "letter": By.PAPER,
}


@dataclass(frozen=True)
class Proxy:
    """Who stands in for whom, how her word came, when she gave it (None: now), and which cases were changed by it so far."""

    staff_id: str
    person_id: str
    way: str
    was_at: datetime | None
    done: list[str] = field(default_factory=list)


def proxy_of(session: Session) -> Proxy | None:
    found: Proxy | None = session.info.get(PROXY)
    return found


def stand_in(session: Session, proxy: Proxy) -> None:
    """For the rest of this transaction."""
    session.info[PROXY] = proxy
    consent.speak_for(session, proxy.person_id, WAYS[proxy.way], proxy.staff_id, proxy.way)


def stand_down(session: Session) -> None:
    session.info.pop(PROXY, None)
    consent.speak_for(session, None)
