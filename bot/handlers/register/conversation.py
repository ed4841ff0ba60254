"""What a volunteer is asked once, and can change at any time."""

from __future__ import annotations

from datetime import timedelta

from bot.community import parting, people, rules, talents
from bot.context import Context
from bot.errors import OldButton
from bot.flow import AGAIN, BACK, DONE, Heard, Step, Tap
from bot.handlers.register import service
from bot.understanding.numerals import fold, number
from bot.understanding.yes_no import yes_no

CAPS = ("1", "3", "7")  # asks a week she allows
REST = timedelta(days=7)


def member(context: Context, tap: Tap) -> bool:
    if talents.get(context.session, rules.known(context.person).id) is None:
        raise OldButton
    return True


async def begin(context: Context, tap: Tap) -> Step:
    """Her own card if she is in the pool, else the notice; somebody new is asked to be known first."""
    if context.person is not None and await _card(context):
        return None
    context.begin("register", step="register.notice")
    return context.introduce() or "register.notice"


async def _card(context: Context) -> bool:
    volunteer = talents.get(context.session, context.me.id)
    if volunteer is None:
        return False
    kinds = [context.local.kind(code) for code in talents.kinds_of(context.session, context.me.id)]
    paused = volunteer.paused_until is not None and volunteer.paused_until > context.now()
    await context.say("register.card", volunteer=volunteer, kinds=kinds, paused=paused)
    return True


async def ask_notice(context: Context) -> None:
    await context.say("register.notice")


async def hear_notice(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else (await _agreed(context) if answer else BACK)


async def agree(context: Context, tap: Tap) -> Step:
    return await _agreed(context)


async def _agreed(context: Context) -> Step:
    """Somebody who is in the pool has read a notice that changed; what she offers stays as it is."""
    if talents.get(context.session, context.me.id) is None:
        return "register.kinds"
    service.agree(context.session, context.me)
    context.end()
    await _card(context)
    return None


async def ask_kinds(context: Context) -> None:
    front, chosen = context.local.front, context.draft.get("kinds", [])
    typed = [kind for kind in context.local.kinds if kind.code in chosen and kind not in front]
    await context.say("register.kinds", kinds=[*front, *typed], chosen=chosen)


async def kind(context: Context, tap: Tap) -> Step:
    if tap.choice in {kind.code for kind in context.local.kinds}:
        _toggle(context, tap.choice)
    return "register.kinds"


def _toggle(context: Context, code: str) -> None:
    chosen = context.draft.get("kinds", [])
    context.draft["kinds"] = [c for c in chosen if c != code] if code in chosen else [*chosen, code]


async def hear_kinds(context: Context, heard: Heard) -> Step:
    offered = context.local.lexicon.offers(heard.text)
    if not offered:
        await context.say("home.not_that", kind="text")
        return None
    for code in offered:
        if code not in context.draft.get("kinds", []):
            _toggle(context, code)
    return "register.kinds"


async def enough(context: Context, tap: Tap) -> Step:
    if not context.draft.get("kinds"):
        await context.toast("register.choose_one", alert=True)
        return None
    if context.me.area is not None:
        return "register.often"
    return "register.area"


async def ask_area(context: Context) -> None:
    await context.say("register.area")


async def area(context: Context, tap: Tap) -> Step:
    if tap.choice != "none":
        if context.local.area(tap.choice or "") is None:
            return AGAIN
        people.update(context.session, context.me, area=tap.choice)
    return "register.often"


async def hear_area(context: Context, heard: Heard) -> Step:
    code = context.local.area_in(heard.text)
    if code is None:
        await context.say("home.not_that", kind="text")
        return None
    people.update(context.session, context.me, area=code)
    return "register.often"


async def ask_often(context: Context) -> None:
    await context.say("register.often")


async def often(context: Context, tap: Tap) -> Step:
    return await _join(context, tap.choice or "")


async def hear_often(context: Context, heard: Heard) -> Step:
    return await _join(context, str(number(fold(heard.text).strip())))


async def _join(context: Context, cap: str) -> Step:
    if cap not in CAPS:
        return AGAIN
    service.join(context.session, context.me, context.draft["kinds"], int(cap))
    await context.say("register.joined", name=people.name_of(context.me))
    return DONE


async def change(context: Context, tap: Tap) -> Step:
    context.begin("register", kinds=talents.kinds_of(context.session, context.me.id))
    return "register.kinds"


async def pause(context: Context, tap: Tap) -> Step:
    service.rest(context.session, context.me, context.now() + REST)
    await _card(context)
    return None


async def wake(context: Context, tap: Tap) -> Step:
    service.rest(context.session, context.me, None)
    await _card(context)
    return None


async def leave(context: Context, tap: Tap) -> Step:
    await context.say("register.leave")
    return None


async def leave_yes(context: Context, tap: Tap) -> Step:
    tidings = parting.leave_pool(context.session, context.me)
    await context.say("register.left")
    await context.voice.bring(tidings)
    return None
