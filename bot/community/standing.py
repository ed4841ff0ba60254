"""As what somebody may read about somebody else: asked anew at every opening, remembered never (domain: who sees what)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, exists, literal, select
from sqlmodel import Session

from bot.community import appointments, complaints, events, mediations, reports, staff
from bot.community.cases import KEEP, LOOKING, Case, State
from bot.community.claims import SIDE, Ask, Claim, ClaimState
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import Moment, community_of, now_of, rows, table_of
from bot.community.staff import Role
from privacy.prepared import Prepared

VOUCH_LASTS = timedelta(days=1)

_CASES, _ASKS, _CLAIMS, _EVENTS = table_of(Case), table_of(Ask), table_of(Claim), table_of(events.Event)
STEPPED_ASIDE = literal(Kind.STEPPED_ASIDE.value)
_CASE: BindParameter[str] = bindparam("case")
_READER: BindParameter[str] = bindparam("reader")
_OWNER: BindParameter[str] = bindparam("owner")


def _claimed(person: BindParameter[str], *which: Any) -> Any:
    return exists().where(_CLAIMS.c.case_id == _CASE, _CLAIMS.c.person_id == person, *which)


# One question for all of it, built once.
_STANDS = Prepared(
    select(
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
        _CASES.c.area,
        staff.holding(_READER).label("staff"),
        exists()
        .where(_EVENTS.c.case_id == _CASE, _EVENTS.c.actor_id == _READER, _EVENTS.c.kind == STEPPED_ASIDE)
        .label("stepped_aside"),
    ).where(_CASES.c.id == _CASE)
)

_APART = Prepared(
    select(
        staff.holding(_READER).label("staff"),
        (staff.belonging(_READER) & staff.belonging(_OWNER)).label("colleagues"),
        appointments.receiving(_READER, _OWNER, bindparam("now", type_=Moment())).label("receives"),
    )
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
        if found is None and reports.is_guard(session, reader, case):
            return frozenset({"guard"})
        if found is None:
            is_staff = staff.holds(session, reader, Role.MODERATOR)
            return mediations.parts(session, reader=reader, mediation_id=case, owner=owner, staff=is_staff)
        if found.ended_at is not None and found.ended_at + KEEP <= now:
            return frozenset()
        there = community_of(session, found.area)
        of_staff = found.staff and staff.holds(session, reader, Role.MODERATOR, there)
        if owner == found.asker:
            return _of_asker(found) | _as_staff(found, reader, of_staff)
        if found.owner_helps:
            return _as_staff(found, reader, of_staff) | ({"asker"} if reader == found.asker else frozenset())
        colleagues = of_staff and staff.holds(session, owner, Role.MODERATOR, there)
        return frozenset({"desk"}) if colleagues else frozenset()

    def _apart(self, session: Session, reader: str, owner: str) -> frozenset[str]:
        """On no case: staff whom she writes to, or who look after the case she complains of until they have answered; and who
        holds the post she comes to, while the shift runs.
        """
        asked = {"reader": reader, "owner": owner, "role": Role.MODERATOR, "now": now_of(session)}
        found = rows(session, _APART, **asked).one()
        neighbour = (
            session.get(Person, owner) if found.staff else None
        )  # a visitor on her word alone, or a message, is none
        there = community_of(session, neighbour.area if neighbour is not None else None)
        of_staff = found.staff and (
            staff.holds(session, reader, Role.MODERATOR, there)
            or any(
                staff.holds(session, reader, Role.MODERATOR, community_of(session, area))
                for area in complaints.open_about(session, owner)
            )
        )
        parts = {"desk": of_staff, "colleague": found.colleagues, "post": found.receives}
        return frozenset(part for part, stands in parts.items() if stands)

    def vouched(self, session: Session, *, reader: str, case: str) -> bool:
        """A colleague agreed within the last day (bot.community.rules.colleague sees that it was one)."""
        return vouch(session, case, reader, Kind.VOUCHED)


def vouch(session: Session, case: str, reader: str, kind: Kind) -> bool:
    """Whether she has asked for a second pair of eyes of late, or has them: a day for either."""
    return events.happened(session, case, kind, code=reader, since=now_of(session) - VOUCH_LASTS)


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


def _as_staff(found: Row[Any], reader: str, of_staff: bool) -> frozenset[str]:
    """Whoever is one of the two sides or said so steps aside (回避), as bot.community.rules has it for taps."""
    aside = found.side or found.stepped_aside or reader == found.asker
    return frozenset({"moderator"}) if of_staff and not aside else frozenset()
