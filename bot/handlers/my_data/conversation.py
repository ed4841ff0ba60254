"""What a person sees of what we hold about her, and what she can do about it."""

from __future__ import annotations

from typing import Any

from bot.community import (
    cards,
    cases,
    claims,
    copying,
    erasing,
    holdings,
    mediations,
    moving,
    pairs,
    parting,
    people,
    rules,
    staff,
    stages,
    talents,
)
from bot.community.holdings import Agreed
from bot.community.staff import Role
from bot.context import Context
from bot.errors import OldButton
from bot.flow import AGAIN, BACK, Heard, Step, Tap
from bot.understanding.yes_no import yes_no
from privacy import access_log, consent
from privacy.access_log import Access

HELPING = ("helper", "helped")  # parts of who helps, in privacy/data/policy.toml
SHOWN = 10  # lines of a list; all of it is in the copy
EVERYTHING = ("account", "telegram")  # without these nothing can be kept, so taking them back is erasing


async def command(context: Context, rest: str) -> Step:
    if context.person is None:
        await context.say("start.first")
        return None
    _let_go(context)
    await context.say("my_data.held", **holdings.summary(context.session, context.local, context.me))
    return None


async def see(context: Context, tap: Tap) -> Step:
    return await command(context, "")


def _let_go(context: Context) -> None:
    """A page ends a question of this flow that was left hanging."""
    if context.talk is not None and context.talk["flow"] == "my_data":
        context.end()


async def cases_(context: Context, tap: Tap) -> Step:
    held = holdings.cases_of(context.session, context.me)
    shown = len(cards.messages_of(context.session, context.me.id))
    await context.say("my_data.cases", held=held[:SHOWN], more=len(held) > SHOWN, cards=shown)
    return None


async def opened(context: Context, tap: Tap) -> Step:
    lines = holdings.openings(context.session, context.me)
    openings = [_opening(context, line) for line in lines[:SHOWN]]
    await context.say("my_data.opened", openings=openings, more=len(lines) > SHOWN)
    return None


def _opening(context: Context, line: Access) -> dict[str, Any]:
    """Of the reader her part and no more; of a helper of this case the name she knew anyway."""
    helped = line.part in HELPING and claims.ever(context.session, line.case_id, line.reader_id)
    case = cases.get(context.session, line.case_id) if line.case_id else None
    helper = people.get(context.session, line.reader_id) if helped else None
    name = context.voice.opened(people.name_of(helper), context.me, case) if helper is not None else ""
    return {
        "at": line.at,
        "part": line.part,
        "purpose": line.purpose,
        "name": "" if name == cases.HIDDEN else name,
        "case": case,
    }


async def change(context: Context, tap: Tap) -> Step:
    _let_go(context)
    helps = talents.get(context.session, context.me.id) is not None
    apart = len(pairs.said_by(context.session, context.me.id))
    bound = moving.bound_at(context.session, context.me.id)
    await context.say("my_data.change", helps=helps, apart=apart, bound_at=bound)
    return None


async def rejoin(context: Context, tap: Tap) -> Step:
    """She may be brought together with everybody again."""
    pairs.rejoin_all(context.session, context.me.id)
    return await change(context, tap)


async def ties(context: Context, tap: Tap) -> Step:
    """Who is close to her is written down where she has met her, or by staff on her word; nobody is looked up here."""
    many = len(pairs.said_by(context.session, context.me.id, pairs.Why.TIE))
    await context.say("my_data.ties", ties=many)
    return None


async def untie(context: Context, tap: Tap) -> Step:
    pairs.rejoin_all(context.session, context.me.id, pairs.Why.TIE)
    return await ties(context, tap)


async def move(context: Context, tap: Tap) -> Step:
    context.begin("my_data")
    return "my_data.area"


async def ask_area(context: Context) -> None:
    await context.say("my_data.area")


async def area(context: Context, tap: Tap) -> Step:
    if tap.choice != "none" and context.local.area(tap.choice or "") is None:
        return AGAIN
    return await _moved(context, None if tap.choice == "none" else tap.choice)


async def hear_area(context: Context, heard: Heard) -> Step:
    code = context.local.area_in(heard.text)
    if code is None:
        await context.say("home.not_that", kind="text")
        return None
    return await _moved(context, code)


async def _moved(context: Context, code: str | None) -> Step:
    people.update(context.session, context.me, area=code)
    context.end()
    await context.say("my_data.changed", area=context.local.area(code) if code else None)
    return None


async def agreed(context: Context, tap: Tap) -> Step:
    _let_go(context)
    await context.say(
        "my_data.agreed",
        agreed=holdings.agreed(context.session, context.me),
        talks=bool(mediations.of_person(context.session, context.me.id, *stages.LIVE)),
    )
    return None


def _uses(context: Context, purpose: str | None, about: str) -> Agreed:
    """Her own live yes. Raises OldButton when there is none, or none any more."""
    for one in holdings.agreed(context.session, rules.known(context.person)):
        if one.purpose == purpose and (one.case.id if one.case else "-") == about:
            return one
    raise OldButton


def agreed_still(context: Context, tap: Tap) -> bool:
    _uses(context, tap.choice, tap.about)
    return True


async def withdraw(context: Context, tap: Tap) -> Step:
    """First what it does, then one tap; for what everything stands on that page is the one about erasing."""
    if tap.choice in EVERYTHING:
        return await erase(context, tap)
    context.begin("my_data", purpose=tap.choice, about=tap.about)
    return "my_data.withdraw"


def _in_hand(context: Context) -> Agreed:
    return _uses(context, context.draft["purpose"], context.draft["about"])


async def ask_withdraw(context: Context) -> None:
    one = _in_hand(context)
    await context.say("my_data.withdraw", purpose=one.purpose, matter=one.case)


async def hear_withdraw(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    if answer is None:
        return AGAIN
    return await _withdrawn(context) if answer else BACK


async def withdraw_yes(context: Context, tap: Tap) -> Step:
    return await _withdrawn(context)


async def _withdrawn(context: Context) -> Step:
    one = _in_hand(context)
    tidings = parting.take_back(context.session, context.local, context.me, one.purpose, one.case)
    context.end()
    line = consent.history(context.session, person_id=context.me.id)[-1].id
    await context.say("my_data.withdrawn", purpose=one.purpose, at=context.now(), line=line)
    await context.voice.bring(tidings)
    return None


async def copy(context: Context, tap: Tap) -> Step:
    context.begin("my_data")
    return "my_data.copy"


async def ask_copy(context: Context) -> None:
    await context.say("my_data.copy")


async def hear_copy(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    if answer is None:
        return AGAIN
    return await _copied(context) if answer else BACK


async def copy_make(context: Context, tap: Tap) -> Step:
    return await _copied(context)


async def _copied(context: Context) -> Step:
    """The file is locked; what opens it is never in the chat, only laid over it for her to write down."""
    locked, key = copying.make(context.session, context.local, context.house.texts, context.me)
    context.end()
    copying.keep_key(context.session, context.me.id, copying.OWN, key)
    await context.say("my_data.copied")
    called = copying.file_name(context.local, context.now())
    await context.give("my_data.copy_file", file=locked, called=called)
    return None


async def copy_key(context: Context, tap: Tap) -> Step:
    if context.incoming.callback_query is None:
        return AGAIN  # its words were typed: there is no alert, and in the chat it would stay
    key = copying.key_kept(context.session, context.me.id, copying.OWN)
    if key is None:
        await context.toast("my_data.no_key", alert=True)
    else:
        await context.toast("my_data.key", alert=True, key=key)
    return None


async def copy_noted(context: Context, tap: Tap) -> Step:
    copying.forget_key(context.session, context.me.id, copying.OWN)
    await context.say("my_data.key_forgotten")
    return None


async def erase(context: Context, tap: Tap) -> Step:
    context.begin("my_data")
    return "my_data.erase"


async def ask_erase(context: Context) -> None:
    session, me = context.session, context.me
    on_duty = staff.on_duty(session)
    await context.say(
        "my_data.erase",
        live=len(cases.of_person(session, me.id)),
        helping=bool(claims.of_person(session, me.id)),
        last=staff.holds(session, me.id, Role.MODERATOR) and len(on_duty) == 1,
    )


async def hear_erase(context: Context, heard: Heard) -> Step:
    """Words of the button do as well as a tap, a mere "yes" does not: what is gone is gone."""
    return BACK if yes_no(heard.text) is False else AGAIN


async def erase_done(context: Context, tap: Tap) -> Step:
    ended = erasing.erase_done(context.session, context.me)
    context.end()
    await context.say("my_data.done_erased", many=len(ended), at=context.now())
    return None


async def erase_all(context: Context, tap: Tap) -> Step:
    me = context.me
    await context.voice.bring(parting.stop_everything(context.session, context.local, me, actor=me.id))
    await context.voice.clear(me)
    parting.take_all_back(context.session, me)
    await context.say(
        "my_data.erased", at=context.now(), until=context.now() + access_log.KEPT, ledger_id=me.id
    )
    erasing.erase_person(context.session, me.id)
    context.memory.clear()
    context.person = None
    return None
