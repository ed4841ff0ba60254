"""A resident and her own case."""

from __future__ import annotations

from typing import Any

from bot.community import cases, claims, disclosure, messages, parting, people, rules, views
from bot.community.cases import Case, State
from bot.context import Context
from bot.errors import OldButton
from bot.flow import AGAIN, DONE, Heard, Step, Tap
from bot.handlers.follow import service
from bot.understanding import care, times
from bot.understanding.yes_no import yes_no
from bot.voice import REMINDER, Voice
from privacy import scrub

ANSWER_MAX = 500
STORY_MAX = 1500  # characters; the story as she first told it, and one answer


def own(context: Context, tap: Tap) -> bool:
    rules.own_case(context.session, context.person, tap.about)
    return True


def own_now(context: Context, tap: Tap) -> bool:
    rules.still(_case(context, tap), tap.version)
    return True


def own_live(context: Context, tap: Tap) -> bool:
    return _in(context, tap, *cases.LIVE)


def own_asked_back(context: Context, tap: Tap) -> bool:
    return _in(context, tap, State.ASKED_BACK)


def own_looking(context: Context, tap: Tap) -> bool:
    return _in(context, tap, *cases.LOOKING)


def _in(context: Context, tap: Tap, *states: State) -> bool:
    if _case(context, tap).state not in states:
        raise OldButton
    return True


def _case(context: Context, tap: Tap) -> Case:
    return rules.own_case(context.session, context.person, tap.about)


async def list_(context: Context, tap: Tap) -> Step:
    mine = cases.of_person(context.session, context.me.id)
    await context.say("follow.list", cases=[context.voice.item(case, context.language) for case in mine])
    return None


async def shows(context: Context, case: Case) -> bool:
    if case.person_id != context.me.id:
        return False
    await context.say("follow.card", about=case, **views.resident(context.session, context.local, case))
    return True


async def card(context: Context, tap: Tap) -> Step:
    await shows(context, _case(context, tap))
    return None


async def withdraw(context: Context, tap: Tap) -> Step:
    await context.say("follow.withdraw", about=_case(context, tap))
    return None


async def withdraw_yes(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    seen = case.state in (State.ENGAGED, State.HANDLED) and claims.live(context.session, case.id) is not None
    tidings = parting.withdraw(context.session, case, actor=context.me.id)
    given = seen and (case.door is not None or case.phone is not None)
    await context.say("follow.withdrawn", about=case, given=given)
    await context.voice.bring(tidings)
    return None


async def answer(context: Context, tap: Tap) -> Step:
    """An answer she has written and not sent is gone on with."""
    case = _case(context, tap)
    written = _unsent(context, case)
    context.begin("follow", case=case.id, care={"agreed": disclosure.agreed_in(context.session, case)})
    context.draft.update(written)
    return "follow.answer_check" if written else "follow.answer"


def _unsent(context: Context, case: Case) -> dict[str, Any]:
    drafts = [talk["draft"] for talk in context.memory.get("talks", []) if talk["flow"] == "follow"]
    return next((draft for draft in drafts if draft["case"] == case.id and "told" in draft), {})


async def change(context: Context, tap: Tap) -> Step:
    """What is to be changed is written anew; what stood before stays until then."""
    step = await answer(context, tap)
    return "follow.rewrite" if step == "follow.answer" else step


async def ask_answer(context: Context) -> None:
    await context.say("follow.answer")


async def hear_answer(context: Context, heard: Heard) -> Step:
    """Her answer joins the story; the whole of it is shown to her before anybody else sees it."""
    case = rules.own_case(context.session, context.person, context.draft["case"])
    draft = context.draft
    known = (
        draft["told"] if "told" in draft else cases.told_by(context.session, case, context.me).splitlines()
    )
    return await _written(context, heard, known)


async def _written(context: Context, heard: Heard, before: list[str]) -> Step:
    """What she wrote in one message stays together: half of it may only mean something beside the other half."""
    cleaned, found = scrub.clean(heard.text, cases.HIDDEN)
    told = [*before, *filter(None, [cleaned])]
    if len(heard.text) > ANSWER_MAX or len("\n".join(told)) > STORY_MAX:
        await context.say("follow.too_long")
        return None
    context.draft["told"] = told
    context.draft["hidden"] = bool(found) or context.draft.get("hidden", False)
    return "follow.answer_check"


async def ask_answer_check(context: Context) -> None:
    draft = context.draft
    await context.say("follow.answer_check", story="\n".join(draft["told"]), hidden=draft["hidden"])


async def hear_answer_check(context: Context, heard: Heard) -> Step:
    """Sending is a tap of its own; words here are one more line."""
    answer = yes_no(heard.text)
    if answer is None:
        return await hear_answer(context, heard)
    return AGAIN if answer else "follow.rewrite"


async def rewrite(context: Context, tap: Tap) -> Step:
    return "follow.rewrite"


async def ask_rewrite(context: Context) -> None:
    await context.say("follow.rewrite")


async def hear_rewrite(context: Context, heard: Heard) -> Step:
    return await _written(context, heard, [])


async def answer_send(context: Context, tap: Tap) -> Step:
    return await _send(context)


async def _send(context: Context) -> Step:
    case = _own(context)
    if case.state != State.ASKED_BACK:  # decided or withdrawn while she wrote
        await shows(context, case)
        return DONE
    if care.need(*service.told(context.draft)) is not None:
        return "follow.care"
    service.tell_anew(context.session, context.local, case, context.me, context.draft)
    await context.say("follow.answered", about=case)
    for member in rules.staff_for(context.session, case):
        await context.tell(
            member, "review.card", about=case, **views.staff(context.session, context.local, case)
        )
    return DONE


async def ask_care(context: Context) -> None:
    """As when she asked: what needs its own yes is asked for before it is noted."""
    lines, word = service.told(context.draft)
    purpose = care.need(lines, word) or ""
    told = care.needing(lines, word).get(purpose, [])
    await context.say("ask.care", to="follow.care", purpose=purpose, told=told)


async def care_for(context: Context, tap: Tap) -> Step:
    return await _care(context, tap.choice or "")


async def hear_care(context: Context, heard: Heard) -> Step:
    """A yes or a no; other words are one more line of the answer."""
    answer = yes_no(heard.text)
    return (
        await hear_answer(context, heard)
        if answer is None
        else await _care(context, "keep" if answer else "drop")
    )


async def _care(context: Context, choice: str) -> Step:
    settled = care.settle(*service.told(context.draft), choice)
    if settled is None:
        return AGAIN
    lines, context.draft["care"] = settled
    context.draft["told"] = lines
    if choice == "drop":
        return "follow.answer_check" if lines else "follow.rewrite"
    return await _send(context)


def _own(context: Context) -> Case:
    return rules.own_case(context.session, context.person, context.draft["case"])


async def new_time(context: Context, tap: Tap) -> Step:
    context.begin("follow", case=_case(context, tap).id)
    return "follow.new_time"


async def ask_new_time(context: Context) -> None:
    case = _own(context)
    today = times.day("today", context.now(), context.local.tz)
    late = _too_late(context, case, today)
    await context.say(
        "follow.new_time",
        over=context.draft.pop("over", False),
        asked_from=context.local.awake(context.now()) if late else None,
    )


def _too_late(context: Context, case: Case, when: times.When) -> bool:
    """Whether it will be over before anybody may be asked."""
    return times.is_over(*when, cases.waking(context.local, case, context.now()))


async def time(context: Context, tap: Tap) -> Step:
    if tap.choice not in times.DAYS:
        return AGAIN
    return await _new_time(context, times.day(tap.choice, context.now(), context.local.tz))


async def hear_time(context: Context, heard: Heard) -> Step:
    said = times.parse(heard.text, context.now(), context.local.tz)
    if isinstance(said, times.When):
        return await _new_time(context, said)
    if said is not None and said.options:
        context.draft["options"] = [times.write(option) for option in said.options]
        return "follow.which_time"
    await context.say("follow.time_unclear")
    return None


async def ask_which_time(context: Context) -> None:
    await context.say("follow.which_time", options=[times.read(o) for o in context.draft["options"]])


async def hear_which(context: Context, heard: Heard) -> Step:
    """Where only one is offered, a yes takes it and a no asks for another; else it is told once more."""
    answer = yes_no(heard.text) if len(context.draft["options"]) == 1 else None
    if answer is None:
        return await hear_time(context, heard)
    return await _new_time(context, times.read(context.draft["options"][0])) if answer else "follow.new_time"


async def which_time(context: Context, tap: Tap) -> Step:
    options = context.draft.get("options", [])
    if tap.choice is None or not tap.choice.isdecimal() or int(tap.choice) >= len(options):
        return AGAIN
    return await _new_time(context, times.read(options[int(tap.choice)]))


async def _new_time(context: Context, when: times.When) -> Step:
    """Somebody may have taken it while she chose: then it stays as the two have it, and she sees how it stands."""
    case = rules.own_case(context.session, context.person, context.draft["case"])
    if case.state not in cases.LOOKING:
        await context.say("follow.time_stays", about=case, aside=True)
        context.shown = True
        await shows(context, case)
        return DONE
    if _too_late(context, case, when):  # chosen on a screen that has grown old, or at night
        context.draft["over"] = True
        return "follow.new_time"
    service.change_time(context.session, context.local, case, context.me, when)
    await context.say("follow.time_changed", about=case)
    claim = claims.live(context.session, case.id)
    if claim is not None:
        holder = people.get(context.session, claim.person_id)
        offered = claims.hold_anew(context.session, claim)
        say = context.voice.tell if offered else context.voice.redraw
        await say(holder, "claim.hold", about=case, kind=context.local.kind(case.skill))
    return DONE


async def remind(voice: Voice, case_id: str) -> None:
    """Asked back and not answered: twice a gentle word, then staff see it again as it is."""
    case = cases.still_due(voice.session, case_id, "answer")
    if case is None:
        return
    if service.remind(voice.session, voice.local, case):
        person = people.get(voice.session, case.person_id)
        if messages.waiting_of(voice.session, messages.Sort.ERRAND, person.id) is not None:
            return  # staff have not told her the question yet
        await voice.tell(person, "follow.remind", about=case, priority=REMINDER)
        return
    await _show_staff(voice, case)


async def keep_promise(voice: Voice, case_id: str) -> None:
    """Staff are reminded before a promise lapses; when it does, the resident hears so and gets a new one."""
    case = cases.still_due(voice.session, case_id, "review")
    if case is None:
        return
    lapsed = service.promise_again(voice.session, voice.local, case)
    await _show_staff(voice, case)
    if lapsed:
        await voice.tell(people.get(voice.session, case.person_id), "follow.late", about=case)


async def _show_staff(voice: Voice, case: Case) -> None:
    for member in rules.staff_for(voice.session, case):
        await voice.tell(member, "review.card", about=case, **views.staff(voice.session, voice.local, case))
