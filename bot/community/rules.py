"""Who stands how to a case: every tap about one asks here, and rows are loaded nowhere else for a tap."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from bot.community import cases, claims, events, people, staff
from bot.community.cases import Case, State
from bot.community.claims import Claim, ClaimState
from bot.community.events import Kind
from bot.community.items import Item
from bot.community.people import Person
from bot.community.proxy import proxy_of
from bot.community.record import community_of, now_of
from bot.community.staff import Role
from bot.data import Local
from bot.errors import ColleagueDecides, NotRegistered, NotYours, OldButton, SameHand, StepAside
from bot.understanding.route import BY_STAFF
from privacy import consent
from privacy.consent import Status
from privacy.purposes import purposes

# What staff do with a case, so that another must look whether it was well done.
HANDLING = (
    Kind.ACCEPTED,
    Kind.DECLINED,
    Kind.ASKED_BACK,
    Kind.ENGAGED,
    Kind.NEW_TIME,
    Kind.HANDLED,
    Kind.NOBODY,
    Kind.CLOSED,
    Kind.HIDDEN,
    Kind.KEPT,
    Kind.REFERRED,
    Kind.MERGED,
    Kind.EDITED,
    Kind.LOOKED_AGAIN,
    Kind.VOLUNTEERS_ASKED,
    Kind.DESK,
)


def known(person: Person | None) -> Person:
    """Raises NotRegistered for somebody who has not agreed to be known."""
    if person is None:
        raise NotRegistered
    return person


def must_agree_anew(session: Session, person: Person) -> bool:
    """Whether what everything stands on was agreed to under a notice that means something else by now (PIPL 14)."""
    return any(
        consent.standing(session, person_id=person.id, purpose=code, at=now_of(session)) is Status.SUPERSEDED
        for code in ("account", "telegram")
        if purposes()[code].meaning > 1
    )


def own_case(session: Session, person: Person | None, case_id: str) -> Case:
    """Her own case. Raises NotYours for anybody else's, and for one that does not exist: a forger learns nothing.

    Raises StepAside where a member of staff stands in for her who is not to see to it.
    """
    case = cases.get(session, case_id)
    if case is None or case.person_id != known(person).id:
        raise NotYours
    proxy = proxy_of(session)
    if proxy is not None and proxy.staff_id in _aside(session, case):
        raise StepAside
    return case


def staff_case(session: Session, person: Person | None, case_id: str) -> Case:
    """A case of her community, for who holds the role of moderator there at this moment.

    Raises StepAside for one she is a side of, or has stepped aside from.
    """
    case = cases.get(session, case_id)
    if case is None or not staff.holds(
        session, known(person).id, Role.MODERATOR, community_of(session, case.area)
    ):
        known(person)
        raise NotYours
    if known(person).id in _aside(session, case):
        raise StepAside
    return case


def supervised_case(session: Session, person: Person | None, case_id: str) -> Case:
    """A case of her community, for who supervises there at this moment and had no hand in it (督).

    Raises StepAside for one she is a side of, or has stepped aside from, SameHand for one she handled.
    """
    case, her = cases.get(session, case_id), known(person)
    if case is None or not staff.holds(session, her.id, Role.SUPERVISOR, community_of(session, case.area)):
        raise NotYours
    if her.id in _aside(session, case):
        raise StepAside
    another_hand(session, case, her)
    return case


def undecided_case(session: Session, person: Person | None, case_id: str, version: int) -> Case:
    """A case staff have yet to decide on. Raises ColleagueDecides for who asked a colleague to, while there is one."""
    case = staff_case(session, person, case_id)
    still(case, version)
    if case.state not in (State.RECEIVED, State.ASKED_BACK):
        raise OldButton
    me = known(person)
    if asked_colleague(session, case) == me.id and any(one.id != me.id for one in staff_for(session, case)):
        raise ColleagueDecides
    return case


def sought_case(session: Session, person: Person | None, case_id: str, version: int) -> Case:
    """A case for which somebody is looked for, as it stands on the card. Raises OldButton for any other."""
    case = staff_case(session, person, case_id)
    still(case, version)
    if case.state not in cases.LOOKING:
        raise OldButton
    return case


def asked_colleague(session: Session, case: Case) -> str | None:
    """Who of the staff asked another to decide on this case as it stands."""
    lines = reversed(events.of_case(session, case.id))
    return next(
        (one.actor_id for one in lines if one.kind == Kind.SECOND_LOOK and one.code == seen(case)), None
    )


def seen(case: Case) -> str:
    """A case as it stands, for a line about just that."""
    return f"v{case.version}"


def staff_person(session: Session, person: Person | None, about: str) -> Person:
    """A neighbour of her community, for who holds the role of moderator there at this moment. Raises StepAside for herself."""
    try:
        neighbour = people.get(session, about)
    except KeyError:
        known(person)
        raise NotYours from None
    if not looks_after(session, known(person), neighbour):
        raise NotYours
    if about == known(person).id:
        raise StepAside
    return neighbour


def may_stand_in(session: Session, person: Person, neighbour: Person) -> bool:
    """Whether she may do for this neighbour, on her word, what the neighbour could do herself."""
    try:
        return staff_person(session, person, neighbour.id) is neighbour
    except (NotYours, StepAside):
        return False


def looks_after(session: Session, person: Person, neighbour: Person) -> bool:
    """Whether she is a moderator of the community this neighbour lives in."""
    return staff.holds(session, person.id, Role.MODERATOR, community_of(session, neighbour.area))


def sees_to(session: Session, person: Person, case: Case) -> bool:
    """Whether this case is hers to look at as staff, as staff_case has it."""
    there = community_of(session, case.area)
    return staff.holds(session, person.id, Role.MODERATOR, there) and person.id not in _aside(session, case)


def staff_for(session: Session, case: Case) -> list[Person]:
    """Who of the staff on duty hears of this case: nobody who is one of its two sides, or has stepped aside."""
    aside, there = _aside(session, case), community_of(session, case.area)
    return [member for member in staff.on_duty(session, community=there) if member.id not in aside]


def told_of_late(session: Session, case: Case, role: Role) -> tuple[Role, list[Person]]:
    """Who hears that nobody was found: holders of this role, or the next there are; nobody who is one of the two sides."""
    aside, there = _aside(session, case), community_of(session, case.area)
    for one in (role, *staff.INSTEAD[role]):
        holders = [member for member in staff.on_duty(session, one, there) if member.id not in aside]
        if holders:
            return one, holders
    return role, []


def others_on_duty(session: Session, person: Person) -> list[Person]:
    """The staff on duty where this person lives, or where she is staff herself; but for herself."""
    hers = staff.communities(session, person.id, Role.MODERATOR) or [community_of(session, person.area)]
    on_duty = {one.id: one for there in hers for one in staff.on_duty(session, community=there)}
    return [member for member in on_duty.values() if member.id != person.id]


def staff_near(session: Session, person: Person | None) -> list[Person]:
    """The staff on duty where this person lives; for somebody unknown, those of the house itself."""
    area = person.area if person is not None else None
    return staff.on_duty(session, community=community_of(session, area))


def staff_about(session: Session, person: Person | None, case: Case | None) -> list[Person]:
    """Who of the staff on duty hears of a message: those of who wrote it or is to hear it, nobody who is a side of its case."""
    if person is None and case is not None:
        return staff_for(session, case)
    aside = _aside(session, case) if case is not None else set()
    if person is not None:
        aside.add(person.id)
    return [member for member in staff_near(session, person) if member.id not in aside]


def colleague(session: Session, person: Person | None, case: Case, other_id: str | None) -> Person:
    """Another one of the staff who may see to this case. Raises NotYours for oneself and for anybody else."""
    others = [member for member in staff_for(session, case) if member.id != known(person).id]
    found = next((member for member in others if member.id == other_id), None)
    if found is None:
        raise NotYours
    return found


def hands(session: Session, case: Case, *kinds: Kind) -> set[str]:
    """Who had a hand in it, so that another looks whether it was well done (R1): by these acts, or all staff do with a case."""
    did = kinds or HANDLING
    return {line.actor_id for line in events.of_case(session, case.id) if line.actor_id and line.kind in did}


def another_hand(session: Session, case: Case, person: Person, *kinds: Kind) -> None:
    """She had none in it. Raises SameHand."""
    if person.id in hands(session, case, *kinds):
        raise SameHand


def step_aside(session: Session, case: Case, person: Person) -> bool:
    """She has to do with it, and nobody hears how (回避): from now on it is no case of hers as staff.

    Returns whether somebody else is there to see to it.
    """
    events.note(session, case.id, Kind.STEPPED_ASIDE, actor=person.id)
    return bool(staff_for(session, case))


def _aside(session: Session, case: Case) -> set[str]:
    """Who is not to see to this case as staff: its two sides, and whoever has stepped aside."""
    stepped = events.actors(session, case.id, Kind.STEPPED_ASIDE)
    return {case.person_id, *claims.helpers_of(session, case.id), *stepped}


def sides_of(session: Session, person_id: str) -> set[str]:
    """The cases she is one of the two sides of."""
    return {case.id for case in cases.of_person(session, person_id)} | claims.helped_by(session, person_id)


def seen_to_by(session: Session, person_id: str, items: Sequence[Item]) -> list[Item]:
    """Of what waits: nothing of another community than hers, nor what she has stepped aside from."""
    hers = staff.communities(session, person_id, Role.MODERATOR)
    about = [item.case_id for item in items if item.case_id is not None]
    aside = events.of_actor(session, about, Kind.STEPPED_ASIDE, person_id)
    return [
        item
        for item in items
        if item.case_id not in aside and (item.for_all or community_of(session, item.area) in hers)
    ]


def by_staff(local: Local, case: Case) -> bool:
    """Whether nobody else is asked (R47 for a child; approval A3): staff arrange it themselves."""
    return case.of_a_child or local.kind(case.skill).approval == BY_STAFF


def asked_case(session: Session, person: Person | None, case_id: str) -> Case:
    """A case she was asked about. Raises StepAside where a member of staff stands in for her who is not to see to it."""
    case = cases.get(session, case_id)
    if case is None or claims.ask_of(session, case_id, known(person).id) is None:
        raise NotYours
    proxy = proxy_of(session)
    if proxy is not None and proxy.staff_id in _aside(session, case):
        raise StepAside
    return case


def helped_case(session: Session, person: Person | None, case_id: str) -> tuple[Case, Claim]:
    """A case she is engaged on. Raises OldButton when she was and is no longer, NotYours when she never was."""
    case = asked_case(session, person, case_id)
    claim = claims.live(session, case_id)
    if claim is None or claim.person_id != known(person).id or claim.state != ClaimState.CONFIRMED:
        raise OldButton
    return case, claim


def side_of(session: Session, person: Person | None, case_id: str) -> tuple[Case, Claim]:
    """One of the two people of an engaged case. Raises as helped_case does."""
    case = cases.get(session, case_id)
    claim = claims.live(session, case_id)
    if case is not None and case.person_id == known(person).id:
        if claim is None or claim.state != ClaimState.CONFIRMED:
            raise OldButton
        return case, claim
    return helped_case(session, person, case_id)


def still(case: Case, version: int) -> None:
    """The card was drawn from the case as it is now. Raises OldButton when it has changed since."""
    if case.version != version:
        raise OldButton
