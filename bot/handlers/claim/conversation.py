"""What volunteers are asked and told, and what the resident hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.community import cases, claims, disclosure, parting, people, rules, talents, views
from bot.community.cases import Case, State
from bot.community.claims import Ask, ClaimState
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, BACK, DONE, Heard, Step, Tap
from bot.handlers.claim import service
from bot.understanding import doors
from bot.understanding.yes_no import yes_no
from bot.voice import Voice

DOOR_MAX = 60  # characters
REASONS = ("busy", "skill", "none")


def was_asked(context: Context, tap: Tap) -> bool:
    rules.asked_case(context.session, context.person, tap.about)
    return True


def holds_as_shown(context: Context, tap: Tap) -> bool:
    """She confirms what she has read: after a change of time she reads it again first."""
    holds(context, tap)
    rules.still(rules.asked_case(context.session, context.person, tap.about), tap.version)
    return True


def holds(context: Context, tap: Tap) -> bool:
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None or claim.person_id != context.me.id or claim.state != ClaimState.HELD:
        raise OldButton
    return True


def engaged(context: Context, tap: Tap) -> bool:
    rules.helped_case(context.session, context.person, tap.about)
    return True


def asker(context: Context, tap: Tap) -> bool:
    case = rules.own_case(context.session, context.person, tap.about)
    if case.state != State.ENGAGED:
        raise OldButton
    return True


def asker_alone(context: Context, tap: Tap) -> bool:
    case = rules.own_case(context.session, context.person, tap.about)
    if case.state not in cases.LOOKING:
        raise OldButton
    return True


async def shows(context: Context, case: Case) -> bool:
    ask = claims.ask_of(context.session, case.id, context.me.id)
    if ask is None:
        return False
    claim = claims.live(context.session, case.id)
    mine = claim is not None and claim.person_id == context.me.id
    if claim is not None and mine and claim.state == ClaimState.CONFIRMED:
        return False
    if claim is not None and mine:
        await context.say("claim.hold", about=case, kind=context.local.kind(case.skill))
    elif claim is not None and claim.state == ClaimState.CONFIRMED:
        await context.say("claim.taken")
    elif talents.get(context.session, context.me.id) is None:
        await context.say("claim.left", about=case)
    elif case.state in cases.LOOKING and cases.is_over(context.session, case):
        await context.say("claim.time_over")
    elif case.state in cases.LOOKING:
        await context.say("claim.ask", about=case, **views.asked(context.local, case, ask))
    else:
        await context.say("claim.gone")
    return True


async def take(context: Context, tap: Tap) -> Step:
    case = rules.asked_case(context.session, context.person, tap.about)
    service.hold(context.session, context.local, case, context.me)
    await context.say("claim.hold", about=case, kind=context.local.kind(case.skill))
    return None


async def confirm(context: Context, tap: Tap) -> Step:
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None:
        raise OldButton
    service.engage(context.session, context.local, case, claim, context.me)
    helper = views.helper(context.session, context.local, case, claim)
    await context.say("claim.yours", about=case, secret=True, guard=f"claim:{claim.id}", **helper)
    resident = people.get(context.session, case.person_id)
    await context.tell(
        resident,
        "claim.found",
        about=case,
        name=people.name_of(context.me),
        words=helper["words"],
        offer=disclosure.may_ask(context.session, case),
    )
    others = service.close_asks(context.session, case, but=context.me.id)
    await context.voice.redraw_all([ask.person_id for ask in others], "claim.taken", about=case)
    return None


async def let_go(context: Context, tap: Tap) -> Step:
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None or not claims.settle(
        context.session, claim, seen=ClaimState.HELD, to=ClaimState.RELEASED
    ):
        raise OldButton
    await context.say("claim.let_go", about=case)
    return None


async def not_this(context: Context, tap: Tap) -> Step:
    return await _decline(context, tap, "claim.thanks_anyway")


async def not_today(context: Context, tap: Tap) -> Step:
    volunteer = talents.get(context.session, context.me.id)
    if volunteer is not None:
        morning = context.local.morning_after(context.now())
        talents.pause(context.session, volunteer, max(morning, context.now() + timedelta(hours=1)))
    return await _decline(context, tap, "claim.rest")


async def _decline(context: Context, tap: Tap, name: str) -> Step:
    case = rules.asked_case(context.session, context.person, tap.about)
    ask = claims.ask_of(context.session, case.id, context.me.id)
    if ask is None:
        raise NotYours
    claim = claims.live(context.session, case.id)
    if claim is not None and claim.person_id == context.me.id and claim.state == ClaimState.CONFIRMED:
        raise OldButton
    await _ask(context.voice, case, service.decline(context.session, context.local, case, ask))
    await context.say(name)
    return None


async def cannot(context: Context, tap: Tap) -> Step:
    case, _ = rules.helped_case(context.session, context.person, tap.about)
    await context.say("claim.cannot", about=case)
    return None


async def release(context: Context, tap: Tap) -> Step:
    case, claim = rules.helped_case(context.session, context.person, tap.about)
    reason = tap.choice if tap.choice in REASONS else "none"
    parting.release(context.session, context.local, case, claim, actor=context.me.id, reason=reason)
    await context.voice.take_back(context.me, "claim.released", about=case)
    await context.say("claim.released", about=case)
    resident = people.get(context.session, case.person_id)
    await context.tell(resident, "claim.changing", about=case, name=people.name_of(context.me))
    return None


async def other(context: Context, tap: Tap) -> Step:
    await context.say("claim.other", about=rules.own_case(context.session, context.person, tap.about))
    return None


async def other_yes(context: Context, tap: Tap) -> Step:
    case = rules.own_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None:
        raise OldButton
    helper = people.get(context.session, claim.person_id)
    parting.release(context.session, context.local, case, claim, actor=context.me.id, reason="by_asker")
    await context.say("claim.other_done", about=case)
    await context.voice.take_back(helper, "claim.not_needed", about=case)
    await context.tell(helper, "claim.not_needed", about=case)
    return None


async def give_door(context: Context, tap: Tap) -> Step:
    context.begin("claim", case=tap.about)
    context.shown = True  # the card with the code word stays on screen
    return "claim.door"


async def ask_door(context: Context) -> None:
    await context.say("claim.door")


async def hear_door(context: Context, heard: Heard) -> Step:
    if yes_no(heard.text) is False:
        return BACK
    if doors.is_question(heard.text):
        return AGAIN
    if len(heard.text) > DOOR_MAX:
        await context.say("ask.door_long")
        return None
    context.draft["door"] = heard.text.strip()
    return "claim.door_right"


async def ask_door_right(context: Context) -> None:
    await context.say("claim.door_right", door=context.draft["door"])


async def hear_door_right(context: Context, heard: Heard) -> Step:
    """A yes, a no, or the next piece of the door; anything else is the door written anew."""
    answer = yes_no(heard.text)
    if answer is not None:
        return await _door_given(context) if answer else "claim.door"
    if doors.is_piece(heard.text):
        heard = heard._replace(text=f"{context.draft['door']} {heard.text.strip()}")
    return await hear_door(context, heard)


async def door_yes(context: Context, tap: Tap) -> Step:
    return await _door_given(context)


async def door_again(context: Context, tap: Tap) -> Step:
    return "claim.door"


async def _door_given(context: Context) -> Step:
    case = rules.own_case(context.session, context.person, context.draft["case"])
    claim = claims.live(context.session, case.id)
    if case.state != State.ENGAGED or claim is None:  # it ended, or was handed back, while she wrote
        await context.say("follow.card", about=case, **views.resident(context.session, context.local, case))
        return DONE
    service.give_door(context.session, case, claim, context.me, context.draft["door"])
    helper = people.get(context.session, claim.person_id)
    await context.tell(
        helper,
        "claim.door_given",
        about=case,
        secret=True,
        guard=f"claim:{claim.id}",
        door=cases.contact_of(case).door,
        name=people.name_of(context.me),
    )
    await context.say("claim.door_sent", about=case, aside=True, name=people.name_of(helper))
    return DONE


async def by_staff(context: Context, tap: Tap) -> Step:
    case = rules.own_case(context.session, context.person, tap.about)
    if not service.escalate(context.session, case, context.me) or await _tell_staff(context.voice, case):
        await context.say("claim.by_staff", about=case)
    else:
        await context.say("talk.unheard", about=case)
    return None


async def ask_around(voice: Voice, case_id: str) -> None:
    """Whoever may be asked now is asked; before the promise lapses the resident hears how it stands."""
    case = cases.still_due(voice.session, case_id, "wave")
    if case is None:
        return
    claim = claims.live(voice.session, case.id)
    if claim is not None:
        if service.wait(voice.session, voice.local, case, claim):
            await voice.tell(people.get(voice.session, case.person_id), "claim.considering", about=case)
        return
    if cases.is_over(voice.session, case):
        await _time_over(voice, case)
        return
    if service.promise_near(voice.session, case):
        service.nobody(voice.session, voice.local, case)
        await voice.tell(people.get(voice.session, case.person_id), "claim.nobody", about=case)
        await _tell_staff(voice, case)
        return
    wave = service.next_wave(voice.session, voice.local, case)
    await _ask(voice, case, wave.asks)
    if wave.dry is not None and service.alarm(voice.session, case, wave.dry):
        await _tell_staff(voice, case, "review.dry", why=wave.dry.why, could=wave.dry.could)


async def _ask(voice: Voice, case: Case, asks: list[Ask]) -> None:
    for ask, person in zip(asks, people.those(voice.session, [ask.person_id for ask in asks]), strict=True):
        await voice.tell(
            person,
            "claim.ask",
            about=case,
            guard=f"open:{case.id}",
            **views.asked(voice.local, case, ask),
        )


async def _time_over(voice: Voice, case: Case) -> None:
    told = case.state == State.NOBODY
    if not service.time_over(voice.session, voice.local, case):
        return
    await voice.tell(people.get(voice.session, case.person_id), "claim.new_time", about=case)
    await voice.redraw_all(claims.asked(voice.session, case.id), "claim.time_over", about=case)
    if not told:
        await _tell_staff(voice, case)


async def _tell_staff(voice: Voice, case: Case, name: str = "review.nobody", /, **values: Any) -> bool:
    """Whether there was anybody to tell."""
    members = rules.staff_for(voice.session, case)
    for member in members:
        await voice.tell(member, name, about=case, **views.staff(voice.session, voice.local, case), **values)
    return bool(members)


async def end_hold(voice: Voice, claim_id: str) -> None:
    """A quarter of an hour has passed without a second tap."""
    claim = claims.release_expired(voice.session, claim_id)
    case = cases.get(voice.session, claim.case_id) if claim is not None else None
    if claim is not None and case is not None:
        await voice.redraw(people.get(voice.session, claim.person_id), "claim.hold_over", about=case)
