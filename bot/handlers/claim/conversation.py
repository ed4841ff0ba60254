"""What volunteers are asked and told, and what the resident hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.community import cases, claims, disclosure, ladder, pairs, parting, people, rules, talents, views
from bot.community.cases import Case, State
from bot.community.claims import Ask, AskState, Claim, ClaimState, Step
from bot.community.events import Kind, note
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import AGAIN, BACK, DONE, Heard, Tap
from bot.flow import Step as Next
from bot.handlers.claim import service
from bot.understanding import doors
from bot.understanding.yes_no import yes_no
from bot.voice import REMINDER, Voice

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


def offers(context: Context, tap: Tap) -> bool:
    """She has said she would come, and nobody has answered yet."""
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None or claim.person_id != context.me.id or claim.state != ClaimState.PROPOSED:
        raise OldButton
    return True


def stands_by(context: Context, tap: Tap) -> bool:
    was_asked(context, tap)
    if _hers(context, tap).state != AskState.BACKUP:
        raise OldButton
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


def asker_of_offer(context: Context, tap: Tap) -> bool:
    """The offer she has read about, not a later one."""
    rules.own_case(context.session, context.person, tap.about)
    _offer(context, tap)
    return True


def staff_of_offer(context: Context, tap: Tap) -> bool:
    """Staff decide only once the asker has not answered in time."""
    rules.staff_case(context.session, context.person, tap.about)
    if _offer(context, tap).step != Step.STAFF:
        raise OldButton
    return True


def once_together(context: Context, tap: Tap) -> bool:
    """One of two people who were brought together by this case, and are no more."""
    _other_of(context, tap)
    return True


def _hers(context: Context, tap: Tap) -> Ask:
    ask = claims.ask_of(context.session, tap.about, context.me.id)
    if ask is None:
        raise NotYours
    return ask


def _offer(context: Context, tap: Tap) -> Claim:
    """Raises OldButton for any but this one, and once the time of the need has passed."""
    case, claim = cases.get(context.session, tap.about), claims.live(context.session, tap.about)
    if claim is None or claim.state != ClaimState.PROPOSED or claim.id != tap.choice:
        raise OldButton
    if case is None or cases.is_over(context.session, case):
        raise OldButton
    return claim


def _other_of(context: Context, tap: Tap) -> str:
    """Whom she was brought together with: for the asker, who may have met several, whoever the button means.

    Raises NotYours for anybody else, OldButton while they still are together.
    """
    case, me = cases.get(context.session, tap.about), rules.known(context.person)
    last = claims.last_engaged(context.session, tap.about)
    if case is None or last is None:
        raise NotYours
    if case.person_id == me.id:
        met = claims.met(context.session, case.id, tap.choice)
        if met is None or met.state == ClaimState.CONFIRMED:
            raise OldButton
        return met.person_id
    if not claims.ever(context.session, case.id, me.id):
        raise NotYours
    if last.person_id == me.id and last.state == ClaimState.CONFIRMED:
        raise OldButton
    return case.person_id


async def shows(context: Context, case: Case) -> bool:
    ask = claims.ask_of(context.session, case.id, context.me.id)
    if ask is None:
        return False
    claim = claims.live(context.session, case.id)
    mine = claim is not None and claim.person_id == context.me.id
    if claim is not None and mine and claim.state == ClaimState.CONFIRMED:
        return False
    if claim is not None and mine and claim.state == ClaimState.PROPOSED:
        await context.say("claim.proposed", about=case)
    elif claim is not None and mine:
        await context.say("claim.hold", about=case, kind=context.local.kind(case.skill))
    elif talents.get(context.session, context.me.id) is None:
        await context.say("claim.left", about=case)
    elif case.state not in cases.LOOKING and claim is None:
        await context.say("claim.gone")
    elif ask.state == AskState.BACKUP:
        await context.say("claim.backup", about=case)
    elif claim is not None:
        await _in_other_hands(context, case, claim)
    elif cases.is_over(context.session, case):
        await context.say("claim.time_over")
    else:
        await context.say("claim.ask", about=case, **views.asked(context.local, case, ask))
    return True


async def see(context: Context, tap: Tap) -> Next:
    """What she was asked, as it stands now."""
    case = rules.asked_case(context.session, context.person, tap.about)
    if not await shows(context, case):
        raise OldButton
    return None


async def _in_other_hands(context: Context, case: Case, claim: Claim) -> None:
    """Somebody was quicker: she can stand by, or look for something else."""
    name = "claim.taken" if claim.state == ClaimState.CONFIRMED else "claim.held"
    await context.say(name, about=case, offered=claim.state == ClaimState.PROPOSED)


async def take(context: Context, tap: Tap) -> Next:
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is not None and talents.get(context.session, context.me.id) is not None:
        await shows(context, case)
        return None
    service.hold(context.session, context.local, case, context.me)
    await context.say("claim.hold", about=case, kind=context.local.kind(case.skill))
    return None


async def stand_by(context: Context, tap: Tap) -> Next:
    """As a back-up; where nobody has it any more it is hers to take at once."""
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    waits = claim is not None and claim.person_id != context.me.id and case.state in cases.ASKING
    if not waits or talents.get(context.session, context.me.id) is None:
        raise OldButton
    name = "claim.backup" if claims.stand_by(context.session, _hers(context, tap)) else "claim.backups_full"
    await context.say(name, about=case)
    return None


async def stand_down(context: Context, tap: Tap) -> Next:
    claims.no_longer(context.session, _hers(context, tap), AskState.CLOSED)
    await context.say("claim.thanks_anyway")
    return None


async def confirm(context: Context, tap: Tap) -> Next:
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None:
        raise OldButton
    if service.confirm(context.session, context.local, case, claim):
        await _bring_together(context, case, claim)
        return None
    await context.say("claim.proposed", about=case)
    if claim.step == Step.ASKER:
        await _ask_for_yes(context.voice, case, claim)
    return None


async def _ask_for_yes(voice: Voice, case: Case, claim: Claim) -> None:
    resident = people.get(voice.session, case.person_id)
    view = views.offer(voice.session, voice.local, case, claim)
    await voice.tell(resident, "claim.offer", about=case, until=claim.held_until, **view)


async def _bring_together(context: Context, case: Case, claim: Claim) -> None:
    """Each of the two hears of the other, and everybody else that it is in good hands."""
    session, local, voice = context.session, context.local, context.voice
    asked_staff = claim.step == Step.STAFF
    service.engage(session, local, case, claim, actor=context.me.id)
    helper, resident = people.get(session, claim.person_id), people.get(session, case.person_id)
    view, guard = views.helper(session, local, case, claim), f"claim:{claim.id}"
    if helper.id == context.me.id:
        await context.say("claim.yours", about=case, secret=True, guard=guard, **view)
    else:
        await voice.tell(helper, "claim.yours", about=case, secret=True, guard=guard, **view)
    found = {
        "name": people.name_of(helper),
        "words": view["words"],
        "offer": disclosure.may_ask(session, case),
    }
    if resident.id == context.me.id:
        await context.say("claim.found", about=case, **found)
    else:
        await voice.tell(resident, "claim.found", about=case, **found)
    others = service.close_asks(session, case, but=helper.id)
    await voice.redraw_all([ask.person_id for ask in others], "claim.taken", about=case)
    standing = [ask.person_id for ask in claims.backups(session, case.id)]
    await voice.redraw_all(standing, "claim.backup", about=case)
    if asked_staff or cases.staff_were_told(session, case):
        told = [member.id for member in rules.staff_for(session, case)]
        await voice.redraw_all(told, "review.decided", about=case)
    if local.needs_two(case.skill):
        for member in rules.staff_for(session, case):
            await voice.tell(
                member,
                "claim.companion",
                about=case,
                kind=local.kind(case.skill),
                name=people.name_of(helper),
                helper_id=helper.id,
            )


async def yes(context: Context, tap: Tap) -> Next:
    """The asker says yes to who would come."""
    case = rules.own_case(context.session, context.person, tap.about)
    await _bring_together(context, case, _offer(context, tap))
    return None


async def no(context: Context, tap: Tap) -> Next:
    """Somebody else instead; why is not asked."""
    case, claim = rules.own_case(context.session, context.person, tap.about), _offer(context, tap)
    with_staff = claim.step == Step.STAFF
    await _refuse(context, case, claim)
    await context.say("claim.other_done", about=case, who=None)
    if with_staff:
        await _colleagues(context, case)
    return None


async def staff_yes(context: Context, tap: Tap) -> Next:
    case = rules.staff_case(context.session, context.person, tap.about)
    await context.say("review.decided", about=case)
    await _bring_together(context, case, _offer(context, tap))
    return None


async def staff_no(context: Context, tap: Tap) -> Next:
    case = rules.staff_case(context.session, context.person, tap.about)
    await _refuse(context, case, _offer(context, tap))
    await context.say("review.decided", about=case)
    await _colleagues(context, case)
    resident = people.get(context.session, case.person_id)
    await context.tell(resident, "claim.other_done", about=case, who=None)
    return None


async def _colleagues(context: Context, case: Case) -> None:
    for member in rules.staff_for(context.session, case):
        if member.id != context.me.id:
            await context.voice.redraw(member, "review.decided", about=case)


async def _refuse(context: Context, case: Case, claim: Claim) -> None:
    service.refuse(context.session, case, claim, actor=context.me.id)
    await context.tell(people.get(context.session, claim.person_id), "claim.not_this_time", about=case)


async def retract(context: Context, tap: Tap) -> Next:
    """She has thought better of it before anybody answered."""
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None:
        raise OldButton
    tidings = parting.let_go(context.session, claim)
    await context.say("claim.let_go", about=case)
    await context.voice.bring(tidings)
    return None


async def let_go(context: Context, tap: Tap) -> Next:
    case = rules.asked_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None or not claims.settle(
        context.session, claim, seen=ClaimState.HELD, to=ClaimState.RELEASED
    ):
        raise OldButton
    cases.free_again(context.session, case.id)
    await context.say("claim.let_go", about=case)
    return None


async def not_this(context: Context, tap: Tap) -> Next:
    return await _decline(context, tap, "claim.thanks_anyway")


async def not_today(context: Context, tap: Tap) -> Next:
    volunteer = talents.get(context.session, context.me.id)
    if volunteer is not None:
        morning = context.local.morning_after(context.now())
        talents.pause(context.session, volunteer, max(morning, context.now() + timedelta(hours=1)))
    return await _decline(context, tap, "claim.rest")


async def _decline(context: Context, tap: Tap, name: str) -> Next:
    case = rules.asked_case(context.session, context.person, tap.about)
    ask = _hers(context, tap)
    claim = claims.live(context.session, case.id)
    if claim is not None and claim.person_id == context.me.id and claim.state != ClaimState.HELD:
        raise OldButton
    if claim is not None and claim.person_id == context.me.id:
        claims.release(context.session, claim)
        cases.free_again(context.session, case.id)
    await _ask(context.voice, case, service.decline(context.session, context.local, case, ask))
    await context.say(name)
    return None


async def cannot(context: Context, tap: Tap) -> Next:
    case, _ = rules.helped_case(context.session, context.person, tap.about)
    await context.say("claim.cannot", about=case)
    return None


async def release(context: Context, tap: Tap) -> Next:
    case, claim = rules.helped_case(context.session, context.person, tap.about)
    reason = tap.choice if tap.choice in REASONS else "none"
    parting.release(context.session, context.local, case, claim, actor=context.me.id, reason=reason)
    await context.take_back("claim.released", about=case)
    resident = people.get(context.session, case.person_id)
    await context.tell(resident, "claim.changing", about=case, name=people.name_of(context.me))
    return None


async def other(context: Context, tap: Tap) -> Next:
    await context.say("claim.other", about=rules.own_case(context.session, context.person, tap.about))
    return None


async def other_yes(context: Context, tap: Tap) -> Next:
    case = rules.own_case(context.session, context.person, tap.about)
    claim = claims.live(context.session, case.id)
    if claim is None:
        raise OldButton
    helper = people.get(context.session, claim.person_id)
    parting.release(context.session, context.local, case, claim, actor=context.me.id, reason="by_asker")
    await context.say("claim.other_done", about=case, who=claim.id)
    await context.voice.take_back(helper, "claim.not_needed", about=case)
    await context.tell(helper, "claim.not_needed", about=case)
    return None


async def give_door(context: Context, tap: Tap) -> Next:
    context.begin("claim", case=tap.about)
    context.shown = True  # the card with the code word stays on screen
    return "claim.door"


async def ask_door(context: Context) -> None:
    await context.say("claim.door")


async def hear_door(context: Context, heard: Heard) -> Next:
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


async def hear_door_right(context: Context, heard: Heard) -> Next:
    """A yes, a no, or the next piece of the door; anything else is the door written anew."""
    answer = yes_no(heard.text)
    if answer is not None:
        return await _door_given(context) if answer else "claim.door"
    if doors.is_piece(heard.text):
        heard = heard._replace(text=f"{context.draft['door']} {heard.text.strip()}")
    return await hear_door(context, heard)


async def door_yes(context: Context, tap: Tap) -> Next:
    return await _door_given(context)


async def door_again(context: Context, tap: Tap) -> Next:
    return "claim.door"


async def _door_given(context: Context) -> Next:
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


async def by_staff(context: Context, tap: Tap) -> Next:
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
        lapses = service.wait(voice.session, voice.local, case, claim)
        if lapses and claim.state == ClaimState.HELD:
            await voice.tell(people.get(voice.session, case.person_id), "claim.considering", about=case)
        return
    if cases.is_over(voice.session, case):
        await _time_over(voice, case)
        return
    if (claim := service.call_backup(voice.session, voice.local, case)) is not None:
        await voice.tell(
            people.get(voice.session, claim.person_id),
            "claim.hold",
            about=case,
            guard=f"open:{case.id}",
            kind=voice.local.kind(case.skill),
            turn=True,
        )
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


async def go_on(voice: Voice, claim_id: str) -> None:
    """A hold is reminded of, then over; an offer goes to the asker, then to staff."""
    claim = claims.still_waiting(voice.session, claim_id)
    case = cases.get(voice.session, claim.case_id) if claim is not None else None
    if claim is None or case is None:
        return
    helper = people.get(voice.session, claim.person_id)
    if claim.state == ClaimState.HELD:
        await _hold_on(voice, case, claim, helper)
    elif cases.is_over(voice.session, case):
        claims.release(voice.session, claim)
        cases.free_again(voice.session, case.id)
        await voice.tell(helper, "claim.time_over", about=case)
    else:
        before, step = claim.step, service.next_step(voice.session, voice.local, case, claim)
        if step is Step.ASKER:
            await _ask_for_yes(voice, case, claim)
        elif step is Step.STAFF:
            await _ask_staff(voice, case, claim, again=before == Step.STAFF)


async def _hold_on(voice: Voice, case: Case, claim: Claim, helper: Person) -> None:
    """Five minutes before its end a word; at the end it is everybody's again, and the next are asked."""
    if claim.held_until > voice.now():
        claims.said(voice.session, claim, Step.REMINDED, until=claim.held_until)
        kind = voice.local.kind(case.skill)
        await voice.tell(helper, "claim.hold", about=case, priority=REMINDER, kind=kind, soon=True)
        return
    if claims.release(voice.session, claim):
        cases.free_again(voice.session, case.id)
        await voice.redraw(helper, "claim.hold_over", about=case)


async def _ask_staff(voice: Voice, case: Case, claim: Claim, *, again: bool) -> None:
    """The asker has not answered: a person decides, never the clock. She hears so once, and can still answer."""
    members = rules.staff_for(voice.session, case)
    view = views.offer(voice.session, voice.local, case, claim)
    for member in members:
        await voice.tell(member, "claim.staff_offer", about=case, **view)
    if not again:
        resident = people.get(voice.session, case.person_id)
        await voice.tell(resident, "claim.offer_waits", about=case, told=bool(members), **view)


async def climb(voice: Voice, case_id: str) -> None:
    """A mark of the time to find somebody: staff are told, at the end the resident too, until a human has answered."""
    session, case = voice.session, cases.get(voice.session, case_id)
    if case is None or case.mark_at is None or case.mark_at > voice.now():
        return
    claim = claims.live(session, case.id)
    if claim is not None:
        ladder.wait(session, case, max(claim.held_until, voice.now()) + claims.REMIND)
        return
    before, mark = case.mark, ladder.reach(session, voice.local, case)
    if mark is None:
        return
    note(session, case.id, Kind.LATE, code=str(mark))
    if mark == ladder.FULL and case.state == State.OPEN:
        service.nobody(session, voice.local, case)
    told = await _tell_late(voice, case, mark)
    if mark == ladder.FULL and before < mark:
        await voice.tell(people.get(session, case.person_id), "claim.late", about=case, told=told)


async def _tell_late(voice: Voice, case: Case, mark: int) -> bool:
    """Whether anybody was told who can do something. At the end all who see to needs are, and who sees that they do."""
    role, members = rules.told_of_late(voice.session, case, ladder.role_of(voice.local, mark))
    if role is Role.SUPERVISOR:
        for member in members:
            await voice.tell(member, "claim.overdue", kind=voice.local.kind(case.skill), late=case)
    if role is Role.SUPERVISOR or mark == ladder.FULL:
        members = rules.staff_for(voice.session, case)
    view = views.staff(voice.session, voice.local, case)
    for member in members:
        await voice.tell(member, "review.late", about=case, **view)
    return bool(members)


async def apart(context: Context, tap: Tap) -> Next:
    """The two are not brought together again: one tap, and the other never hears of it."""
    case = cases.get(context.session, tap.about)
    pairs.part(context.session, context.me.id, _other_of(context, tap), pairs.Why.BLOCKED)
    await context.say("claim.apart", about=case, aside=True, who=tap.choice)
    return None


async def apart_not(context: Context, tap: Tap) -> Next:
    pairs.rejoin(context.session, context.me.id, _other_of(context, tap), pairs.Why.BLOCKED)
    await context.say("claim.apart_not")
    return None


async def tie(context: Context, tap: Tap) -> Next:
    """They are close: neither is asked for the other, nor decides about the other; nobody is told."""
    case = cases.get(context.session, tap.about)
    pairs.part(context.session, context.me.id, _other_of(context, tap), pairs.Why.TIE)
    await context.say("claim.tie", about=case, aside=True, who=tap.choice)
    return None


async def tie_not(context: Context, tap: Tap) -> Next:
    pairs.rejoin(context.session, context.me.id, _other_of(context, tap), pairs.Why.TIE)
    await context.say("claim.apart_not")
    return None
