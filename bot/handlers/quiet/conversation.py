"""What staff see and do when a neighbour has died."""

from __future__ import annotations

from datetime import datetime

from bot.community import cases, people, proposals, quiet, rules
from bot.community.people import Person
from bot.context import Context
from bot.errors import OldButton
from bot.flow import Step, Tap
from bot.voice import Voice


def staff_of(context: Context, tap: Tap) -> bool:
    """Staff, about the asker of a case of which they are no side, or about a neighbour who is not themselves."""
    _person(context, tap)
    return True


def staff_of_quiet(context: Context, tap: Tap) -> bool:
    """The same, about somebody who is quiet and not yet erased."""
    person = _person(context, tap)
    if person.quiet_since is None or people.is_gone(person):
        raise OldButton
    return True


def _person(context: Context, tap: Tap) -> Person:
    if tap.choice == "case":
        case = rules.staff_case(context.session, context.person, tap.about)
        if proposals.need(context.session, case.id) is not None:  # in the name of a colleague on duty
            raise OldButton
        return people.get(context.session, case.person_id)
    return rules.staff_person(context.session, context.person, tap.about)


async def begin(context: Context, tap: Tap) -> Step:
    person = _person(context, tap)
    live = len(cases.of_person(context.session, person.id))
    tidings = quiet.stop(context.session, context.local, person, actor=context.me.id)
    await context.voice.bring(tidings)
    quiet.mark(context.session, person, actor=context.me.id)
    await _card(context, person, live)
    return None


async def card(context: Context, tap: Tap) -> Step:
    await _card(context, _person(context, tap), 0)
    return None


async def _card(context: Context, person: Person, ended: int) -> None:
    await context.say(
        "quiet.card",
        name=people.name_of(person),
        ended=ended,
        until=_until(person),
        person_id=person.id,
    )


def _until(person: Person) -> datetime:
    if person.quiet_since is None:
        raise OldButton
    return person.quiet_since + quiet.WAIT


async def undo(context: Context, tap: Tap) -> Step:
    person = _person(context, tap)
    again = quiet.undo(context.session, context.local, person, actor=context.me.id)
    items = [context.voice.item(case, context.language) for case in again]
    await context.say("quiet.undone", cases=items)
    return None


async def relatives(context: Context, tap: Tap) -> Step:
    person = _person(context, tap)
    await context.say("quiet.relatives", until=_until(person), person_id=person.id)
    return None


async def writes(context: Context) -> None:
    """Somebody holds her telephone, or we were mistaken: one neutral sentence, and staff hear of it once a day."""
    await context.say("quiet.office")
    today = f"{context.now():%Y-%m-%d}"
    if context.memory.get("quiet_told") == today:
        return
    context.memory["quiet_told"] = today
    name = people.name_of(context.me)
    for member in rules.staff_near(context.session, context.me):
        await context.tell(member, "quiet.used", name=name, person_id=context.me.id)


async def let_go(voice: Voice, person_id: str) -> None:
    """The family has had its time."""
    if person_id in quiet.outlived(voice.session):
        person = people.get(voice.session, person_id)
        await voice.bring(quiet.let_go(voice.session, voice.local, person))
