"""What is open for one volunteer to take by herself: a plain list, the longest waiting first, and nothing chosen for her.

What a child is part of, and kinds that staff arrange (A3, S3), stand in no list.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from bot.community import cases, credentials, pairs, talents
from bot.community.cases import Case
from bot.community.claims import LIVE, Claim
from bot.community.people import Person
from bot.community.record import now_of
from bot.data import Local
from bot.data.local import Kind
from bot.errors import OldButton
from privacy import consent

UNLISTED = ("A3", "S3")


def of(session: Session, local: Local, person: Person) -> list[Case]:
    """Needs she may take now. Empty for who is not in the pool, or has not agreed to being asked."""
    volunteer = talents.get(session, person.id)
    if volunteer is None or not consent.is_live(
        session, person_id=person.id, purpose="pool", scope="", at=now_of(session)
    ):
        return []
    hers = set(talents.kinds_of(session, person.id))
    today = now_of(session).astimezone(local.tz).date()
    seen = {one.kind for one in credentials.of_person(session, person.id) if credentials.is_live(one, today)}
    kinds = [kind.code for kind in local.kinds if hers & set(local.offers(kind.code)) and _may(kind, seen)]
    found = session.exec(
        select(Case)
        .where(
            col(Case.state).in_([state.value for state in cases.LOOKING]),
            col(Case.skill).in_(kinds),
            col(Case.of_a_child).is_(False),
            Case.urgency != cases.EMERGENCY,
            Case.person_id != person.id,
            col(Case.person_id).not_in(pairs.apart_from(session, person.id)),
            col(Case.id).not_in(select(Claim.case_id).where(col(Claim.state).in_(LIVE))),
        )
        .order_by(col(Case.let_out_at), col(Case.number))
    )
    return [case for case in found if not cases.is_over(session, case)]


def get(session: Session, local: Local, person: Person, case_id: str) -> Case:
    """One of them. Raises OldButton when it is none any more."""
    case = next((case for case in of(session, local, person) if case.id == case_id), None)
    if case is None:
        raise OldButton
    return case


def _may(kind: Kind, seen: set[str]) -> bool:
    listed = kind.approval not in UNLISTED and kind.sensitivity not in UNLISTED
    return listed and (not kind.credentials or bool(seen.intersection(kind.credentials)))
