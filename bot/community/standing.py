"""As what somebody may read about somebody else: asked anew at every opening, remembered never (domain: who sees what)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, exists, select
from sqlmodel import Session

from bot.community import appointments, events, mediations, staff
from bot.community.cases import KEEP, LOOKING, Case, State
from bot.community.claims import SIDE, Ask, Claim, ClaimState
from bot.community.events import Kind
from bot.community.record import Moment, now_of, rows, table_of
from bot.community.staff import Role

VOUCH_LASTS = timedelta(days=1)

_CASES, _ASKS, _CLAIMS = table_of(Case), table_of(Ask), table_of(Claim)
_CASE: BindParameter[str] = bindparam("case")
_READER: BindParameter[str] = bindparam("reader")
_OWNER: BindParameter[str] = bindparam("owner")


def _claimed(person: BindParameter[str], *which: Any) -> Any:
    return exists().where(_CLAIMS.c.case_id == _CASE, _CLAIMS.c.person_id == person, *which)


# One question for all of it, built once.
_STANDS = select(
    _CASES.c.person_id.label("asker"),
    _CASES.c.state,
    _CASES.c.ended_at,
    exists().where(_ASKS.c.case_id == _CASE, _ASKS.c.person_id == _READER).label("asked"),
    _claimed(_READER, _CLAIMS.c.state == ClaimState.CONFIRMED.value).label("engaged"),
    _claimed(_READER, _CLAIMS.c.state == ClaimState.DONE.value).label("done"),
    _claimed(_READER, SIDE).label("side"),
    _claimed(
        _OWNER, _CLAIMS.c.confirmed_at.is_not(None) | (_CLAIMS.c.state == ClaimState.PROPOSED.value)
    ).label("owner_helps"),  # who offers to come is named to the asker, whose yes is awaited
    staff.holding(_READER).label("staff"),
).where(_CASES.c.id == _CASE)

_APART = select(
    staff.holding(_READER).label("staff"),
    appointments.receiving(_READER, _OWNER, bindparam("now", type_=Moment())).label("receives"),
)


class Neighbourhood:
    """What privacy asks the neighbourhood (privacy.opening.Standing)."""

    def parts(self, session: Session, *, reader: str, case: str | None, owner: str) -> frozenset[str]:
        """Nobody's words are read about a case whose own are over, or about a case the owner is no side of."""
        if case is None:
            return self._apart(session, reader, owner)
        now = now_of(session)
        asked = {"case": case, "reader": reader, "owner": owner, "role": Role.MODERATOR, "now": now}
        found = rows(session, _STANDS, **asked).first()
        if found is None:
            is_staff = staff.holds(session, reader, Role.MODERATOR)
            return mediations.parts(session, reader=reader, mediation_id=case, owner=owner, staff=is_staff)
        if found.ended_at is not None and found.ended_at + KEEP <= now:
            return frozenset()
        if owner == found.asker:
            return _of_asker(found) | _as_staff(found, reader)
        if found.owner_helps:
            return _as_staff(found, reader) | ({"asker"} if reader == found.asker else frozenset())
        colleagues = found.staff and staff.holds(session, owner, Role.MODERATOR)
        return frozenset({"desk"}) if colleagues else frozenset()

    def _apart(self, session: Session, reader: str, owner: str) -> frozenset[str]:
        """On no case: staff whom she writes to, and who holds the post she comes to, while the shift runs."""
        asked = {"reader": reader, "owner": owner, "role": Role.MODERATOR, "now": now_of(session)}
        found = rows(session, _APART, **asked).one()
        return frozenset({"desk"} if found.staff else ()) | frozenset({"post"} if found.receives else ())

    def vouched(self, session: Session, *, reader: str, case: str) -> bool:
        """A colleague agreed within the last day (bot.community.rules.colleague sees that it was one)."""
        since = now_of(session) - VOUCH_LASTS
        return events.happened(session, case, Kind.VOUCHED, code=reader, since=since)


def _of_asker(found: Row[Any]) -> frozenset[str]:
    """How the reader stands to the words of who asks."""
    parts = set()
    if found.engaged:
        parts.add("helper" if found.state == State.ENGAGED else "helped")
    if found.done:
        parts.add("thanked")
    if found.asked and found.state in LOOKING:
        parts.add("asked")
    return frozenset(parts)


def _as_staff(found: Row[Any], reader: str) -> frozenset[str]:
    """Whoever is one of the two sides steps aside (回避), as bot.community.rules has it for taps."""
    side = found.side or reader == found.asker
    return frozenset({"moderator"}) if found.staff and not side else frozenset()
