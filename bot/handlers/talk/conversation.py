"""Words to staff and back. They pass through; we keep no copy."""

from __future__ import annotations

from bot.community import people, rules, staff
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotSpokenTo, NotYours
from bot.flow import DONE, Heard, Step, Tap

WORDS_MAX = 500


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


async def command(context: Context, rest: str) -> Step:
    context.begin("talk")
    return "talk.words"


async def begin(context: Context, tap: Tap) -> Step:
    return await command(context, "")


async def ask_words(context: Context) -> None:
    await context.say("talk.staff")


async def hear_words(context: Context, heard: Heard) -> Step:
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    members = rules.staff_near(context.session, context.person)
    me = context.person
    name = people.name_of(me) if me else ""
    for member in members:
        await context.tell(member, "talk.card", words=heard.text, name=name, person_id=me.id if me else None)
    if not members:
        await context.say("talk.nobody")
        return DONE
    await context.say("talk.sent", more=context.open, known=me is not None)
    context.stay_open()
    return None


def _addressee(context: Context, tap: Tap) -> Person:
    """Whom staff answer: the asker of a case, or the neighbour who wrote."""
    if tap.choice == "case":
        case = rules.staff_case(context.session, context.person, tap.about)
        return people.get(context.session, case.person_id)
    try:
        person = people.get(context.session, tap.about)
    except KeyError:
        raise NotYours from None
    if not rules.looks_after(context.session, context.me, person):
        raise NotYours
    return person


async def reply(context: Context, tap: Tap) -> Step:
    person = _addressee(context, tap)
    if person.quiet_since is not None:
        raise NotSpokenTo
    context.begin("talk", to=person.id)
    context.shown = True  # what is answered stays on screen
    return "talk.answer"


async def ask_answer(context: Context) -> None:
    person = people.get(context.session, context.draft["to"])
    await context.say("talk.reply", name=people.name_of(person))


async def hear_answer(context: Context, heard: Heard) -> Step:
    if not staff.holds(context.session, context.me.id, Role.MODERATOR):
        raise NotYours
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    person = people.get(context.session, context.draft["to"])
    if person.quiet_since is not None:
        raise NotSpokenTo
    await context.tell(person, "talk.answer", words=heard.text)
    await context.say("talk.replied", name=people.name_of(person), more=context.open)
    context.stay_open()
    return None
