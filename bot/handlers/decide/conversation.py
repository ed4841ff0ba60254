"""What staff see before a need is not let out as it stands, and what its asker hears."""

from __future__ import annotations

from bot.community import cases, parting, people, rules, views
from bot.community.cases import Case
from bot.community.events import Kind, note
from bot.context import Context
from bot.data.local import Reason
from bot.errors import OldButton
from bot.flow import AGAIN, DONE, Heard, Step, Tap
from bot.handlers.decide import service
from privacy import scrub

WORDS_MAX = 300
HERE = ("hold", "keep", "decline")  # what is decided in this flow; the others have flows of their own


def on_duty(context: Context, tap: Tap) -> bool:
    rules.staff_case(context.session, context.person, tap.about)
    return True


def undecided(context: Context, tap: Tap) -> bool:
    rules.undecided_case(context.session, context.person, tap.about, tap.version)
    return True


def looking(context: Context, tap: Tap) -> bool:
    rules.sought_case(context.session, context.person, tap.about, tap.version)
    return True


def _case(context: Context, tap: Tap) -> Case:
    return rules.staff_case(context.session, context.person, tap.about)


async def more(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    await context.say("decide.more", about=case, gap=views.gap(context.session, case))
    return None


async def reasons(context: Context, tap: Tap) -> Step:
    await context.say("decide.reasons", about=_case(context, tap))
    return None


async def group(context: Context, tap: Tap) -> Step:
    found = [reason for reason in context.local.reasons if reason.effect == tap.choice]
    if not found:
        return AGAIN
    await context.say("decide.group", about=_case(context, tap), effect=tap.choice, reasons=found)
    return None


async def reason(context: Context, tap: Tap) -> Step:
    """Nothing goes before she has read the sentence that will."""
    chosen = context.local.reason(tap.choice or "")
    if chosen is None or chosen.effect not in HERE:
        return AGAIN
    context.begin("decide", case=tap.about, version=tap.version, reason=chosen.code)
    return "decide.check"


def _in_hand(context: Context) -> tuple[Case, Reason]:
    draft = context.draft
    case = rules.undecided_case(context.session, context.person, draft["case"], draft["version"])
    chosen = context.local.reason(draft["reason"])
    if chosen is None:
        raise OldButton
    return case, chosen


async def ask_check(context: Context) -> None:
    case, chosen = _in_hand(context)
    await context.say("decide.check", matter=case, reason=chosen, words=context.draft.get("words"))


async def hear_check(context: Context, heard: Heard) -> Step:
    """Her own words in the place of ours, without anybody's numbers in them."""
    if len(heard.text) > WORDS_MAX:
        await context.say("review.question_long")
        return None
    context.draft["words"], _ = scrub.clean(heard.text, cases.HIDDEN)
    return "decide.check"


async def send(context: Context, tap: Tap) -> Step:
    """Its asker hears why and what she can do now; the words pass through, only the code is kept."""
    if context.talk is None or context.talk["step"] != "decide.check":
        raise OldButton
    case, chosen = _in_hand(context)
    words = context.draft.get("words")
    service.decide(context.session, context.local, case, context.me, chosen)
    await context.say("review.decided", about=case)
    await context.voice.bring(parting.to_staff(context.session, case, but=context.me.id))
    heard = {"hold": "decide.held", "keep": "decide.kept", "decline": "decide.declined"}[chosen.effect]
    person = people.get(context.session, case.person_id)
    await context.tell(person, heard, about=case, reason=chosen, words=words)
    return DONE


async def second(context: Context, tap: Tap) -> Step:
    """Another one of the staff decides, and whoever asked does not, unless nobody else is there."""
    case = _case(context, tap)
    others = [member for member in rules.staff_for(context.session, case) if member.id != context.me.id]
    if not others:
        await context.toast("decide.alone", alert=True)
        return None
    note(context.session, case.id, Kind.SECOND_LOOK, actor=context.me.id, code=rules.seen(case))
    view = views.staff(context.session, context.local, case)
    for member in others:
        await context.tell(member, "decide.second", aside=True, matter=case, name=people.name_of(context.me))
        await context.tell(member, "review.card", about=case, **view)
    await context.say("decide.asked", about=case)
    return None


async def hide(context: Context, tap: Tap) -> Step:
    found = [reason for reason in context.local.reasons if reason.effect == "hold"]
    await context.say("decide.hide", about=_case(context, tap), reasons=found)
    return None


async def hide_for(context: Context, tap: Tap) -> Step:
    """Out of every volunteer's sight at once; nothing is deleted, and both sides hear."""
    chosen = context.local.reason(tap.choice or "")
    if chosen is None or chosen.effect != "hold":
        return AGAIN
    case = _case(context, tap)
    tidings = service.hide(context.session, context.local, case, context.me, chosen)
    await context.say("review.card", about=case, **views.staff(context.session, context.local, case))
    await context.voice.bring(tidings)
    await context.tell(
        people.get(context.session, case.person_id), "decide.hidden", about=case, reason=chosen
    )
    return None
