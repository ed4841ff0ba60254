"""What is open for one volunteer to take by herself: a plain list, the longest waiting first, and nothing chosen for her.

Kinds that staff arrange (A3, S3) stand in no list. What a child is part of, and what was an emergency, is never let out at all.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from bot.community import asking, cases, credentials, talents
from bot.community.cases import Case
from bot.community.claims import LIVE, Claim
from bot.community.people import Person
from bot.community.record import now_of
from bot.community.talents import Volunteer
from bot.data import Local
from bot.errors import OldButton
from bot.matching.eligibility import Candidate, Reason, unsuited
from privacy import consent

UNLISTED = ("A3", "S3")


def of(session: Session, local: Local, person: Person) -> list[Case]:
    """Needs that suit her by the rules of asking, whenever she can and however rested she is: that is hers to judge here.

    Empty for who is not in the pool, or has not agreed to being asked.
    """
    volunteer, now = talents.get(session, person.id), now_of(session)
    if volunteer is None or not consent.is_live(
        session, person_id=person.id, purpose="pool", scope="", at=now
    ):
        return []
    listed = [
        kind.code
        for kind in local.kinds
        if kind.approval not in UNLISTED and kind.sensitivity not in UNLISTED
    ]
    found = session.exec(
        select(Case)
        .where(
            col(Case.state).in_([state.value for state in cases.LOOKING]),
            col(Case.skill).in_(listed),
            col(Case.id).not_in(select(Claim.case_id).where(col(Claim.state).in_(LIVE))),
        )
        .order_by(col(Case.let_out_at), col(Case.number))
    )
    return [
        case
        for case in found
        if not cases.is_over(session, case) and unsuited_to(session, local, volunteer, case) is None
    ]


def get(session: Session, local: Local, person: Person, case_id: str) -> Case:
    """One of them. Raises OldButton when it is none any more."""
    case = next((case for case in of(session, local, person) if case.id == case_id), None)
    if case is None:
        raise OldButton
    return case


def unsuited_to(session: Session, local: Local, volunteer: Volunteer, case: Case) -> Reason | None:
    """Why this need is not for her at any moment (her hours left aside), or None. Asked again at the tap that takes it."""
    need = asking.need_of(session, local, case)
    day = need.day or now_of(session).date()
    seen = credentials.of_person(session, volunteer.person_id)
    her = Candidate(
        volunteer.person_id,
        frozenset(talents.kinds_of(session, volunteer.person_id)),
        languages=frozenset(volunteer.languages.split(",")),
        credentials=frozenset(one.kind for one in seen if credentials.is_live(one, day)),
        gender=volunteer.gender,
    )
    return unsuited(her, need)
