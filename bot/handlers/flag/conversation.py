"""Who was shown something says which rule it breaks; staff decide; its author hears the rule, and never who said so."""

from __future__ import annotations

from typing import Any

from bot.community import flags, people, rules
from bot.community.cases import Case
from bot.community.flags import Flag, Verdict
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, Step, Tap
from bot.voice import Voice


def shown(context: Context, tap: Tap) -> bool:
    """A volunteer who was asked about it."""
    rules.asked_case(context.session, context.person, tap.about)
    return True


def own(context: Context, tap: Tap) -> bool:
    """What she said herself, while nobody has looked at it."""
    flag = flags.get(context.session, tap.about)
    if flag is None or flag.person_id != rules.known(context.person).id:
        raise NotYours
    if flag.verdict is not None:
        raise OldButton
    return True


def may_settle(context: Context, tap: Tap) -> bool:
    _open(context, tap)
    return True


def _open(context: Context, tap: Tap) -> tuple[Flag, Case]:
    """One that waits, for staff of the case who neither said it nor are meant."""
    flag = flags.get(context.session, tap.about)
    me = rules.known(context.person)
    if flag is None or me.id in (flag.person_id, flag.author_id):
        raise NotYours
    case = rules.staff_case(context.session, me, flag.case_id)
    if flag.verdict is not None:
        raise OldButton
    return flag, case


async def begin(context: Context, tap: Tap) -> Step:
    case = rules.asked_case(context.session, context.person, tap.about)
    context.shown = True  # what it is about stays on screen
    await context.say("flag.rules", about=case, aside=True, flag_id=None)
    return None


async def rule(context: Context, tap: Tap) -> Step:
    """Once for a card: what is said twice waits for its answer."""
    case = rules.asked_case(context.session, context.person, tap.about)
    named = context.local.rule(tap.choice or "")
    if named is None:
        return AGAIN
    flag = flags.put(
        context.session,
        case_id=case.id,
        person_id=context.me.id,
        author_id=case.person_id,
        what="card",
        rule=named.code,
    )
    if flag is not None:
        for member in rules.staff_for(context.session, case):
            if member.id != context.me.id:
                await context.tell(member, "flag.card", **_view(context, flag, case))
    await context.say("flag.thanks")
    return None


async def which(context: Context, tap: Tap) -> Step:
    await context.say("flag.rules", flag_id=tap.about)
    return None


async def name(context: Context, tap: Tap) -> Step:
    flag, named = flags.get(context.session, tap.about), context.local.rule(tap.choice or "")
    if flag is None or named is None:
        return AGAIN
    flags.name(context.session, flag, named.code)
    await context.say("flag.thanks")
    return None


def _view(voice: Context | Voice, flag: Flag, case: Case) -> dict[str, Any]:
    return {
        "matter": case,
        "rule": voice.local.rule(flag.rule or ""),
        "what": flag.what,
        "flag_id": flag.id,
        "author_id": flag.author_id,
    }


async def look(context: Context, tap: Tap) -> Step:
    await context.say("flag.card", **_view(context, *_open(context, tap)))
    return None


async def agree(context: Context, tap: Tap) -> Step:
    """Only now its author hears: which rule, and what can be done. Where nobody named one, staff do."""
    flag, case = _open(context, tap)
    named = context.local.rule(tap.choice or flag.rule or "")
    if named is None:
        await context.say("flag.agree_on", flag_id=flag.id)
        return None
    flags.settle(context.session, flag, Verdict.AGREED, rule=named.code, staff_id=context.me.id)
    await context.say("flag.settled", matter=case, author_id=flag.author_id, breach=True)
    author = people.get(context.session, flag.author_id)
    await context.tell(author, "flag.author", matter=case, rule=named, what=flag.what)
    await _answer(context, flag, case, breach=True)
    return None


async def dismiss(context: Context, tap: Tap) -> Step:
    """Its author never hears of it."""
    flag, case = _open(context, tap)
    flags.settle(context.session, flag, Verdict.NOT, rule=flag.rule, staff_id=context.me.id)
    await context.say("flag.settled", matter=case, author_id=flag.author_id, breach=False)
    await _answer(context, flag, case, breach=False)
    return None


async def _answer(context: Context, flag: Flag, case: Case, *, breach: bool) -> None:
    person = people.get(context.session, flag.person_id)
    await context.tell(person, "flag.answer", matter=case, breach=breach)


async def let_go(voice: Voice, flag_id: str) -> None:
    """Kept long enough."""
    flag = flags.get(voice.session, flag_id)
    if flag is not None and flag.due_at is not None and flag.due_at <= voice.now():
        flags.drop(voice.session, flag)
