"""What staff are asked before something is withheld, and what she hears of it: what, why, till when, and how to object."""

from __future__ import annotations

from typing import Any

from bot.community import people, restrictions, rules, staff
from bot.community.people import Person
from bot.community.record import community_of
from bot.community.restrictions import LENGTHS, May, Restriction
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, DONE, Heard, Step, Tap
from bot.voice import Voice

STEPS = ("what", "rule", "length")


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def of_somebody(context: Context, tap: Tap) -> bool:
    _person(context, tap)
    return True


def _person(context: Context, tap: Tap) -> Person:
    """The asker of a case, or a neighbour by herself. Raises NotYours, or StepAside for who is a side of it."""
    if tap.choice == "case":
        case = rules.staff_case(context.session, context.person, tap.about)
        return people.get(context.session, case.person_id)
    return rules.staff_person(context.session, context.person, tap.about)


def may_end(context: Context, tap: Tap) -> bool:
    _held(context, tap.about)
    return True


def _held(context: Context, restriction_id: str) -> Restriction:
    """One that is there still, for staff whom it does not concern."""
    if not staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR):
        raise NotYours
    held = restrictions.get(context.session, restriction_id)
    if held is None:
        raise OldButton
    rules.staff_person(context.session, context.person, held.person_id)
    return held


def may_second(context: Context, tap: Tap) -> bool:
    """A second pair of eyes is somebody else's."""
    held = _held(context, tap.about)
    if held.since is not None:
        raise OldButton
    if held.granted_by == context.me.id:
        raise NotYours
    return True


async def begin(context: Context, tap: Tap) -> Step:
    context.begin("restrict", person=_person(context, tap).id)
    context.shown = True  # what it is about stays on screen
    return "restrict.what"


async def ask_what(context: Context) -> None:
    await context.say("restrict.what", name=people.name_of(_chosen(context)))


async def ask_rule(context: Context) -> None:
    await context.say("restrict.rule", rules=context.local.rules)


async def ask_length(context: Context) -> None:
    await context.say("restrict.length", first=_first(context))


async def ask_check(context: Context) -> None:
    """What she will read, before she does."""
    draft = context.draft
    await context.say(
        "restrict.check",
        name=people.name_of(_chosen(context)),
        what=draft["what"],
        rule=context.local.rule(draft["rule"]),
        until=context.now() + LENGTHS[draft["length"]],
        alone=_alone(context),
    )


async def hear(context: Context, heard: Heard) -> Step:
    return AGAIN


def _alone(context: Context) -> bool:
    draft = context.draft
    return restrictions.alone(context.session, draft["person"], draft["what"], draft["length"])


def _first(context: Context) -> bool:
    """Whether a week can be decided by one: none of the same holds, or has just ended."""
    return restrictions.alone(context.session, context.draft["person"], context.draft["what"], "week")


def _chosen(context: Context) -> Person:
    return rules.staff_person(context.session, context.person, context.draft["person"])


async def choose(context: Context, tap: Tap) -> Step:
    step = context.talk["step"].removeprefix("restrict.") if context.talk else ""
    known: dict[str, list[str]] = {
        "what": [may.value for may in May],
        "rule": [rule.code for rule in context.local.rules],
        "length": list(LENGTHS),
    }
    if tap.choice not in known.get(step, []):
        return AGAIN
    context.draft[step] = tap.choice
    return f"restrict.{(*STEPS, 'check')[STEPS.index(step) + 1]}"


async def send(context: Context, tap: Tap) -> Step:
    draft = context.draft
    if context.talk is None or context.talk["step"] != "restrict.check":
        raise OldButton
    person = _chosen(context)
    others = [
        one for one in rules.staff_near(context.session, person) if one.id not in (person.id, context.me.id)
    ]
    alone = _alone(context)
    if not alone and not others:  # nobody's second yes is pretended
        await context.toast("restrict.nobody", alert=True, first=_first(context))
        return None
    held = restrictions.restrict(
        context.session,
        person_id=person.id,
        what=May(draft["what"]),
        rule=draft["rule"],
        length=draft["length"],
        staff_id=context.me.id,
    )
    name = people.name_of(person)
    await context.say("restrict.done", alone=alone, name=name)
    if alone:
        await _tell(context.voice, held, "restrict.told")
        return DONE
    for member in others:
        await context.tell(member, "restrict.second", **_proposed(context, held))
    return DONE


def _proposed(context: Context, held: Restriction) -> dict[str, Any]:
    """What a colleague's yes is awaited for, and until when it would hold from now."""
    return _view(context, held) | {
        "until": context.now() + LENGTHS[held.length],
        "name": people.name_of(people.get(context.session, held.person_id)),
        "by": people.name_of(people.get(context.session, held.granted_by)),
    }


async def look(context: Context, tap: Tap) -> Step:
    """From the queue."""
    await context.say("restrict.second", **_proposed(context, _held(context, tap.about)))
    return None


def _view(voice: Context | Voice, held: Restriction) -> dict[str, Any]:
    return {
        "what": held.what,
        "rule": voice.local.rule(held.rule),
        "until": held.until,
        "restriction_id": held.id,
    }


async def _tell(voice: Voice, held: Restriction, name: str) -> None:
    await voice.tell(people.get(voice.session, held.person_id), name, **_view(voice, held))


async def agree(context: Context, tap: Tap) -> Step:
    held = _held(context, tap.about)
    restrictions.second(context.session, held, context.me.id)
    await context.say("restrict.agreed")
    await _tell(context.voice, held, "restrict.told")
    return None


async def refuse(context: Context, tap: Tap) -> Step:
    """It comes to nothing, and she never hears of it."""
    await _not_begun(context, _held(context, tap.about))
    return None


async def _not_begun(context: Context, held: Restriction) -> None:
    proposer = people.get(context.session, held.granted_by)
    restrictions.end(context.session, held, actor=context.me.id)
    await context.say("restrict.refused")
    if proposer.id != context.me.id:
        await context.tell(proposer, "restrict.lapsed")


def _concerns(context: Context, held: Restriction) -> bool:
    """Somebody of her community, and not herself."""
    area = people.get(context.session, held.person_id).area
    there = community_of(context.session, area)
    mine = staff.holds(context.session, context.me.id, Role.MODERATOR, there)
    return mine and held.person_id != context.me.id


async def list_(context: Context, tap: Tap) -> Step:
    """The first to end first; nothing of what was before."""
    held = [
        {
            "id": one.id,
            "name": people.name_of(people.get(context.session, one.person_id)),
            "what": one.what,
            "until": one.until,
            "waits": one.since is None,
        }
        for one in restrictions.everybody(context.session)
        if _concerns(context, one)
    ]
    await context.say("restrict.list", restrictions=held)
    return None


async def one(context: Context, tap: Tap) -> Step:
    held = _held(context, tap.about)
    name = people.name_of(people.get(context.session, held.person_id))
    await context.say("restrict.one", name=name, waits=held.since is None, **_view(context, held))
    return None


async def end(context: Context, tap: Tap) -> Step:
    """Any member of staff can let it end sooner, and what was only proposed come to nothing."""
    held = _held(context, tap.about)
    if held.since is None:
        await _not_begun(context, held)
        return None
    await _tell(context.voice, held, "restrict.over")
    restrictions.end(context.session, held, actor=context.me.id)
    await context.say("restrict.ended")
    return None


async def mine(context: Context, tap: Tap) -> Step:
    held = [_view(context, one) for one in restrictions.of_person(context.session, context.me.id)]
    await context.say("restrict.mine", restrictions=held)
    return None


async def let_go(voice: Voice, restriction_id: str) -> None:
    """Its time is over: she hears so and nothing of it is kept. A proposal nobody agreed to lapses."""
    held = restrictions.get(voice.session, restriction_id)
    if held is None or held.until > voice.now():
        return
    if held.since is not None:
        await _tell(voice, held, "restrict.over")
    else:
        await voice.tell(people.get(voice.session, held.granted_by), "restrict.lapsed")
    restrictions.end(voice.session, held, actor=None)
