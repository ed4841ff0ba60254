"""What both sides, the mediator and staff are told; each message is opened for the one who reads it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import Session

from bot.community import mediations, mediators, messages, parting, people, rules, staff, statements
from bot.community.mediations import Mediation
from bot.community.people import Person
from bot.community.record import community_of
from bot.community.staff import Role
from bot.community.stages import TOGETHER, State, Who
from bot.context import Context
from bot.errors import NotYours, StepAside
from bot.flow import Tap
from bot.voice import NEWS, Voice

NAMED = {
    "mediate.card",
    "mediate.proposed",
    "mediate.accepted",
    "mediate.time",
    "mediate.soon",
}  # these name who sits in the middle


async def tell(
    voice: Voice, one: Mediation, person_id: str | None, name: str, /, *, priority: int = NEWS, **values: Any
) -> None:
    """Somebody who is part of it; one who has left is told nothing."""
    if person_id is None:
        return
    person = people.get(voice.session, person_id)
    opened = voice.opened({**common(voice, one, name), **values}, person, one)
    await voice.tell(person, name, priority=priority, **opened)


async def say(context: Context, one: Mediation, name: str, /, **values: Any) -> None:
    opened = context.voice.opened({**common(context.voice, one, name), **values}, context.person, one)
    await context.say(name, **opened)


def common(voice: Voice, one: Mediation, name: str) -> dict[str, Any]:
    """What nearly every message says of it, without a word of anybody's; a name is opened only where it is read."""
    values = {"one": one, "topic": voice.local.mediation.topic(one.topic)}
    if name not in NAMED:
        return values
    middle = people.get(voice.session, one.mediator_id) if one.mediator_id and one.declared_at else None
    title = voice.local.credential(one.title) if one.title else None
    return {**values, "middle": people.name_of(middle) if middle is not None else "", "title": title}


async def tell_both(voice: Voice, one: Mediation, name: str, /, **values: Any) -> None:
    for person_id in mediations.sides(one):
        await tell(voice, one, person_id, name, **values)


async def tell_staff(voice: Voice, one: Mediation, name: str, /, **values: Any) -> None:
    """The stage and no more; nobody who is part of it (R33)."""
    part, there = mediations.part_of(voice.session, one), _there(voice.session, one)
    for member in staff.on_duty(voice.session, community=there):
        if member.id not in part:
            await tell(voice, one, member.id, name, **values)


async def replaced(voice: Voice, one: Mediation, *, known: bool) -> None:
    """Another is looked for; the two hear of it only where they had heard of the one before."""
    if known:
        await tell_both(voice, one, "mediate.replaced")
    await tell_staff(voice, one, "mediator.wanted")


async def asks_for_staff(voice: Voice, person: Person, name: str, *, but: Collection[str] = ()) -> str:
    """A sentence of the house waits for staff as a message of hers, which they answer to her alone.

    Returns what came of it: "told", "later" where nobody is there now; "" where one of those who would read it is part of the
    matter (`but`), so that nothing is left to be read.
    """
    reading = {member.id for member in rules.staff_about(voice.session, person, None)}
    if reading & set(but):
        return ""
    words = voice.house.texts.line(name, person.language)
    members = await voice.ring(
        messages.take(voice.session, voice.local, messages.Sort.MESSAGE, person, words)
    )
    return "told" if members and voice.local.calendar.next_open(voice.now()) <= voice.now() else "later"


async def ended(
    voice: Voice, one: Mediation, before: State, *, but: str | None = None, guest: str | None = None
) -> None:
    """Who took part hears that it is over, and which ways there still are; never who ended it, nor why (R27).

    `guest`: who had come with the slip and not joined.
    """
    if before is State.INVITING and guest not in (None, but):
        await see_off(voice, guest)
    if before in TOGETHER:
        for person_id in (*mediations.sides(one), one.mediator_id):
            if person_id not in (None, but):
                await tell(voice, one, person_id, "mediate.ended")
    elif one.a_id != but:
        await tell(voice, one, one.a_id, "mediate.ended")


async def see_off(voice: Voice, guest: str | None) -> None:
    """Who came with the slip and has not joined is forgotten."""
    await voice.bring(parting.see_off(voice.session, guest))


def _there(session: Session, one: Mediation) -> str:
    """Whose staff see to it."""
    return community_of(session, mediations.area_of(session, one))


def sees_to(session: Session, person_id: str, one: Mediation) -> bool:
    """Whether it is in the community she is one of the staff of."""
    return staff.holds(session, person_id, Role.MODERATOR, _there(session, one))


# --- who may


def found(context: Context, tap: Tap) -> Mediation:
    """Raises NotYours for one there is not: a forger learns nothing."""
    one = mediations.get(context.session, tap.about)
    if one is None:
        raise NotYours
    rules.known(context.person)
    return one


def side(context: Context, tap: Tap) -> bool:
    return mediations.side_of(found(context, tap), context.me.id) is not None


def middle(context: Context, tap: Tap) -> bool:
    """Who is asked or accepted, while she has the role, or a paper that is good; to step out, or to warn, she needs neither."""
    one, me = found(context, tap), context.me.id
    if one.mediator_id != me or tap.action in ("mediator.step_out", "mediator.flag"):
        return one.mediator_id == me
    return me in [person.id for person in mediators.able(context.session, context.local)]


def desk(context: Context, tap: Tap) -> bool:
    """Staff; raises StepAside for who is part of it or was asked to be."""
    one, me = found(context, tap), context.me.id
    if not sees_to(context.session, me, one):
        return False
    if me in mediations.part_of(context.session, one):
        raise StepAside
    return True


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def side_of(context: Context, one: Mediation) -> Who:
    """Raises NotYours for who is none."""
    found_side = mediations.side_of(one, context.me.id)
    if found_side is None:
        raise NotYours
    return found_side


def said(session: Session, one: Mediation, reader: Person) -> list[dict[str, Any]]:
    """Every statement as this reader may come to see it: unopened, and covered where it is not hers."""
    mine = mediations.side_of(one, reader.id)
    lines: list[dict[str, Any]] = []
    for each in statements.of(session, one):
        own = each.side == mine
        both = each.shared is not None
        if mine is not None and not own and not both:
            continue
        lines.append(
            {
                "id": each.id,
                "n": len(lines) + 1,
                "sort": each.sort,
                "side": each.side,
                "own": own,
                "both": both,
                "yes": each.yes_at is not None,
                "words": statements.shared_of(one, each) if both else statements.private_of(one, each),
            }
        )
    return lines
