"""Taking back and leaving: what it does at once to everything in flight, and who must hear of it.

The verbs change nouns; what is to be said comes back as tidings, which `Voice.bring` says in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.community import (
    appointments,
    cards,
    cases,
    claims,
    disclosure,
    events,
    guests,
    mediations,
    people,
    proposals,
    rules,
    shifts,
    staff,
    stages,
    talents,
    views,
)
from bot.community.cases import Case, State
from bot.community.claims import AskState, Claim, ClaimState
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.record import community_of, now_of, vault_of
from bot.community.staff import Role
from bot.data import Local
from bot.errors import OldButton
from privacy import consent
from privacy.consent import By

WITH_STAFF = (State.RECEIVED, State.EMERGENCY, State.ASKED_BACK, State.NOBODY, State.HANDLED)


class How(StrEnum):
    """How something is brought: a message that rings, the card redrawn, private lines covered, or the messages with them gone;
    or said as the last word to somebody of whom nothing stays.
    """

    TELL = "tell"
    REDRAW = "redraw"
    HIDE = "hide"
    TAKE_BACK = "take_back"
    FORGET = "forget"


@dataclass(frozen=True)
class Tiding:
    """Something somebody must hear (`text` names the message) about a case."""

    person: Person
    how: How
    text: str
    case: Case | None
    values: Mapping[str, Any] = field(default_factory=dict)


class Word(NamedTuple):
    """Whose word a withdrawal is, and which way it came: her own tap, or staff who wrote down what she said."""

    by: By = By.SELF
    by_id: str = ""
    way: str = "telegram"


HER_OWN = Word()
ITS_TIME = Word(By.SERVICE, way=By.SERVICE.value)  # nobody's: what was agreed to has expired


def withdraw(session: Session, case: Case, *, actor: str | None, reason: str | None = None) -> list[Tiding]:
    """A need ends by its asker's wish, or because she is gone. Raises OldButton when it has moved meanwhile."""
    waiting = case.state in WITH_STAFF or claims.undecided(session, case.id) is not None
    to, kind = (
        (State.CLOSED, Kind.CLOSED)  # an emergency is not withdrawn by a tap: staff were on it
        if case.state == State.EMERGENCY
        else (State.WITHDRAWN, Kind.WITHDRAWN)
    )
    tidings = call_off(session, case, to, kind, actor=actor, code=reason, reason=reason)
    return tidings + (to_staff(session, case) if waiting else [])


def call_off(
    session: Session,
    case: Case,
    to: State,
    kind: Kind,
    *,
    actor: str | None,
    code: str | None = None,
    **values: Any,
) -> list[Tiding]:
    """A need leaves the volunteers' hands. Raises OldButton when it has moved meanwhile.

    Where it does not end, what was agreed to for it stays agreed to: it may come back.
    """
    confirmed = case.state in (State.ENGAGED, State.HANDLED)  # who only held it was shown no door
    claim = claims.live(session, case.id)
    cases.move(session, case, to, kind, actor=actor, code=code, **{"due_at": None, "due": None, **values})
    if to not in cases.LIVE:
        disclosure.end(session, case)
    tidings = []
    if claim is not None:
        claims.settle(session, claim, seen=ClaimState(claim.state), to=ClaimState.RELEASED)
        helper = people.get(session, claim.person_id)
        heard = "claim.not_needed" if confirmed else "claim.gone"
        tidings += [
            Tiding(helper, How.TAKE_BACK, "claim.not_needed", case),
            Tiding(helper, How.TELL, heard, case),
        ]
    helper_id = claim.person_id if claim is not None else None
    claims.free_backups(session, case.id)
    others = [ask.person_id for ask in claims.asks_of(session, case.id) if ask.person_id != helper_id]
    return tidings + [
        Tiding(person, How.REDRAW, "claim.gone", case) for person in people.those(session, others)
    ]


def to_staff(session: Session, case: Case, *, but: str | None = None) -> list[Tiding]:
    """The cards of staff say what was decided."""
    members = [member for member in rules.staff_for(session, case) if member.id != but]
    return [Tiding(member, How.REDRAW, "review.decided", case) for member in members]


def release(
    session: Session, local: Local, case: Case, claim: Claim, *, actor: str | None, reason: str
) -> None:
    """Handed back: open again at once, with a new promise; why is never shown to the other side (R4)."""
    if not claims.settle(session, claim, seen=ClaimState.CONFIRMED, to=ClaimState.RELEASED):
        raise OldButton
    now = now_of(session)
    cases.move(
        session,
        case,
        State.OPEN,
        Kind.RELEASED,
        actor=actor,
        code=reason,
        due_at=now,
        due="wave",
        reminders=0,
        promised_at=max(case.promised_at, local.promise(now, case.urgency)),
    )
    for ask in claims.asks_of(session, case.id):
        if ask.person_id != claim.person_id and ask.state == AskState.CLOSED:
            ask.state = AskState.AGAIN
            session.add(ask)


def hand_back(session: Session, local: Local, person: Person, *, actor: str | None) -> list[Tiding]:
    """Everything she helps with goes back, so that nobody waits for her."""
    tidings = []
    for claim in claims.of_person(session, person.id):
        case = cases.get(session, claim.case_id)
        if case is None or claim.state != ClaimState.CONFIRMED:
            continue  # what is not certain goes with the asks
        if case.state == State.HANDLED:  # she has said it is done, and door and phone have gone back
            claims.settle(session, claim, seen=ClaimState.CONFIRMED, to=ClaimState.RELEASED)
            events.note(session, case.id, Kind.RELEASED, actor=actor)
            continue
        release(session, local, case, claim, actor=actor, reason="none")
        resident = people.get(session, case.person_id)
        name = people.name_of(person)
        tidings += [
            Tiding(person, How.TAKE_BACK, "claim.released", case),
            Tiding(person, How.TELL, "claim.released", case),
            Tiding(resident, How.TELL, "claim.changing", case, {"name": name}),
        ]
    return tidings


def let_go(session: Session, claim: Claim) -> list[Tiding]:
    """What she holds or has offered to do is everybody's again; who has read of the offer hears so, or sees it."""
    told = claim.state == ClaimState.PROPOSED and claim.step is not None
    staffs = claims.undecided(session, claim.case_id) is not None
    claims.release(session, claim)
    free = cases.free_again(session, claim.case_id)
    if free is None or not told:
        return []
    tidings = [Tiding(people.get(session, free.person_id), How.TELL, "claim.offer_gone", free)]
    return tidings + (to_staff(session, free) if staffs else [])


def drop_asks(session: Session, person: Person) -> list[Tiding]:
    """What she was asked and has not taken for sure is asked of her no more; what she held is free again."""
    tidings: list[Tiding] = []
    for claim in claims.of_person(session, person.id):
        if claim.state != ClaimState.CONFIRMED:
            tidings += let_go(session, claim)
    for ask in claims.open_asks(session, person.id):
        claims.no_longer(session, ask, AskState.CLOSED)
        case = cases.get(session, ask.case_id)
        if case is not None:
            tidings.append(Tiding(person, How.REDRAW, "claim.left", case))
    session.flush()
    return tidings


def leave_pool(session: Session, person: Person, word: Word = HER_OWN) -> list[Tiding]:
    """The consent is taken back; with it go what she offered and her posts (PIPL 47(3)). What she has confirmed stays hers."""
    _take_back(session, person, "pool", "", word)
    tidings = drop_asks(session, person)
    shifts.leave_all(session, person.id)
    talents.leave(session, person.id)
    return tidings


def take_back_contact(session: Session, case: Case, word: Word = HER_OWN) -> list[Tiding]:
    """Door and phone of a live case are taken from its helper and erased; the two can still write to each other."""
    person = people.get(session, case.person_id)
    _take_back(session, person, "reveal", case.id, word)
    cases.move(
        session,
        case,
        State(case.state),
        Kind.TAKEN_BACK,
        actor=word.by_id or person.id,
        phone=None,
        door=None,
    )
    vault_of(session).forget(case.id, "contact")
    claim = claims.live(session, case.id)
    if claim is None or claim.state != ClaimState.CONFIRMED or case.state != State.ENGAGED:
        return []
    helper = people.get(session, claim.person_id)
    name = people.name_of(person)
    return [
        Tiding(helper, How.TAKE_BACK, "claim.contact_gone", case, {"name": name}),
        Tiding(helper, How.TELL, "claim.contact_gone", case, {"name": name}),
    ]


def take_back_more(
    session: Session, local: Local, case: Case, purpose: str, word: Word = HER_OWN
) -> list[Tiding]:
    """What had a consent of its own is erased and vanishes from every chat that showed it; the need goes on without it."""
    person = people.get(session, case.person_id)
    _take_back(session, person, purpose, case.id, word)
    column = "minor" if purpose == disclosure.GUARDIAN else "sensitive"
    cases.move(
        session, case, State(case.state), Kind.TAKEN_BACK, actor=word.by_id or person.id, **{column: None}
    )
    vault_of(session).forget(case.id, column)
    tidings = _staff_cards(session, local, case)
    claim = claims.live(session, case.id)
    if column == "sensitive" and claim is not None and case.state == State.ENGAGED:
        helper, name = people.get(session, claim.person_id), people.name_of(person)
        tidings += [
            Tiding(helper, how, "claim.more_gone", case, {"name": name}) for how in (How.TAKE_BACK, How.TELL)
        ]
    return tidings


def _staff_cards(session: Session, local: Local, case: Case) -> list[Tiding]:
    """Every card of staff that showed it says that it is gone; whoever still has the case before her gets it anew."""
    shown = {State.RECEIVED: "review.card", State.ASKED_BACK: "review.card", State.HANDLED: "review.ours"}
    card = shown.get(State(case.state))
    if case.state == State.HANDLED and claims.live(session, case.id) is not None:
        card = None
    view = views.staff(session, local, case)
    tidings: list[Tiding] = []
    for member in people.those(session, cards.holders(session, case.id)):
        if staff.holds(session, member.id, Role.MODERATOR):
            tidings.append(Tiding(member, How.HIDE, "review.more_gone", case))
            tidings += [Tiding(member, How.TELL, card, case, view)] if card is not None else []
    return tidings


def take_back(
    session: Session, local: Local, person: Person, purpose: str, case: Case | None, word: Word = HER_OWN
) -> list[Tiding]:
    """One live yes. Raises LookupError for what everything stands on: taking that back is erasing."""
    if purpose == "pool":
        return leave_pool(session, person, word)
    if purpose == shifts.HOURS:
        _take_back(session, person, purpose, "", word)
        shifts.forget_hours(session, person.id)
        return []
    if purpose == "reveal" and case is not None:
        return take_back_contact(session, case, word)
    if purpose in (disclosure.SENSITIVE, disclosure.GUARDIAN) and case is not None:
        return take_back_more(session, local, case, purpose, word)
    if (
        purpose == "roster"
    ):  # what is printed from now on has no name of hers; the verb says that the sheet is to be changed
        _take_back(session, person, purpose, "", word)
        return []
    raise LookupError(f"{purpose} is not taken back alone")


def stop_everything(
    session: Session, local: Local, person: Person, *, actor: str | None, reason: str | None = None
) -> list[Tiding]:
    """Nothing of hers is under way any more: neither what she asked for nor what she was asked."""
    proposals.forget(session, person.id)
    appointments.forget(session, person.id)
    shifts.leave_all(session, person.id)
    tidings = drop_asks(session, person) + hand_back(session, local, person, actor=actor)
    for case in cases.of_person(session, person.id):
        tidings += withdraw(session, case, actor=actor, reason=reason)
    return tidings + _leave_mediations(session, person)


def _leave_mediations(session: Session, person: Person) -> list[Tiding]:
    """The other side hears that it is over; where she stood in the middle, that another is looked for. Nobody hears why."""
    tidings: list[Tiding] = []
    for one, before, guest in mediations.leave(session, person.id):
        tidings += see_off(session, guest)
        over = one.state not in stages.LIVE
        told = [*mediations.sides(one), one.mediator_id] if before in stages.TOGETHER else [one.a_id]
        text = "mediate.ended" if over else "mediate.replaced"
        others = [who for who in told if who not in (None, person.id)]
        tidings += [
            Tiding(people.get(session, who), How.TELL, text, None, {"one": one}) for who in others if who
        ]
        if not over:
            part = {*mediations.part_of(session, one), person.id}
            there = community_of(session, mediations.area_of(session, one))
            duty = [member for member in staff.on_duty(session, community=there) if member.id not in part]
            tidings += [Tiding(m, How.TELL, "mediator.wanted", None, {"one": one}) for m in duty]
    return tidings


def see_off(session: Session, guest: str | None) -> list[Tiding]:
    """Who has come with a slip and not joined hears that it is over, and is forgotten where she came for nothing else (R28)."""
    if guest is None:
        return []
    person = people.get(session, guest)
    if guests.came_only_for_it(session, person):
        return [Tiding(person, How.FORGET, "mediate.guest_gone", None)]
    return [Tiding(person, How.TELL, "mediate.declined", None)]


def take_all_back(session: Session, person: Person, word: Word = HER_OWN) -> None:
    """Her roles end, and every yes of hers is taken back. After the tidings: names open only while she agrees."""
    talents.leave(session, person.id)
    staff.end(session, person.id)
    for purpose in (shifts.HOURS, "pool", "roster", "telegram", "account"):
        _take_back(session, person, purpose, "", word)


def _take_back(session: Session, person: Person, purpose: str, scope: str, word: Word) -> None:
    if word.by is By.SERVICE:
        consent.end(session, person_id=person.id, purpose=purpose, scope=scope, at=now_of(session))
        return
    consent.withdraw(
        session,
        person_id=person.id,
        purpose=purpose,
        scope=scope,
        at=now_of(session),
        language=person.language if word.by is By.SELF else "",
        **word._asdict(),
    )
