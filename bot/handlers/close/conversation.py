"""Done, not yet, something worries me, thank you."""

from __future__ import annotations

from bot.community import cards, cases, claims, ending, events, people, reading, rules, staff, trail, views
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import OldButton
from bot.flow import DONE, Heard, Step, Tap, in_talk
from bot.handlers.close import service
from bot.voice import REMINDER, Voice
from privacy.opening import Words

WORDS_MAX = 500


def engaged(context: Context, tap: Tap) -> bool:
    rules.helped_case(context.session, context.person, tap.about)
    return True


def waiting(context: Context, tap: Tap) -> bool:
    """She has said it is done, and only the asker's word is awaited: no worry of the asker's either."""
    case, _ = rules.helped_case(context.session, context.person, tap.about)
    if case.state != State.HANDLED or not cases.is_awaited(case):
        raise OldButton
    return True


def _own(context: Context, tap: Tap, *states: State) -> Case:
    case = rules.own_case(context.session, context.person, tap.about)
    if case.state not in states:
        raise OldButton
    return case


def asker(context: Context, tap: Tap) -> bool:
    _own(context, tap, State.ENGAGED, State.HANDLED)
    return True


def asker_of_handled(context: Context, tap: Tap) -> bool:
    _own(context, tap, State.HANDLED)
    return True


def asker_of_closed(context: Context, tap: Tap) -> bool:
    _own(context, tap, State.CLOSED)
    return True


def asker_ever(context: Context, tap: Tap) -> bool:
    rules.own_case(context.session, context.person, tap.about)
    return True


def worrying(context: Context, tap: Tap) -> bool:
    return in_talk(context, tap) and context.draft.get("case") is not None


def _helping(context: Context | Voice, case: Case) -> Person | None:
    """Who is on it or was; None where staff saw to it themselves."""
    claim = claims.live(context.session, case.id) or claims.done(context.session, case.id)
    return people.get(context.session, claim.person_id) if claim is not None else None


def _name(helper: Person | None) -> Words | str:
    return people.name_of(helper) if helper is not None else ""


async def _finished(voice: Voice, case: Case, helper: Person | None) -> None:
    """The helper hears it; whoever stood by is free; a card of staff that was about it says so too."""
    standing = claims.free_backups(voice.session, case.id)
    await voice.redraw_all(standing, "claim.free", about=case)
    if helper is not None:
        await voice.take_back(helper, "close.finished", about=case)
        await voice.tell(helper, "close.finished", about=case)
    if helper is None or cases.staff_were_told(voice.session, case):
        for member in rules.staff_for(voice.session, case):
            await voice.redraw(member, "review.decided", about=case)


async def done(context: Context, tap: Tap) -> Step:
    case, _ = rules.helped_case(context.session, context.person, tap.about)
    if case.state != State.ENGAGED:
        raise OldButton
    service.handled(context.session, context.local, case, context.me)
    await context.take_back("close.waiting", about=case, again=True)
    await context.tell(
        people.get(context.session, case.person_id),
        "close.ask",
        about=case,
        name=people.name_of(context.me),
    )
    return None


async def undone(context: Context, tap: Tap) -> Step:
    """Tapped too early: the two go on, and she is shown again what she may see."""
    case, claim = rules.helped_case(context.session, context.person, tap.about)
    service.reopen(context.session, context.local, case, context.me)
    view = views.helper(context.session, context.local, case, claim)
    await context.say("claim.yours", about=case, secret=True, guard=f"claim:{claim.id}", **view)
    resident = people.get(context.session, case.person_id)
    await context.tell(resident, "close.undone", about=case, name=people.name_of(context.me))
    return None


async def happy(context: Context, tap: Tap) -> Step:
    case = _own(context, tap, State.ENGAGED, State.HANDLED)
    helper = _helping(context, case)
    ending.close(context.session, case, Kind.VERIFIED, actor=context.me.id)
    await _finished(context.voice, case, helper)
    done = claims.done(context.session, case.id)
    await context.say("close.closed", about=case, name=_name(helper), who=done.id if done else None)
    return None


async def not_yet(context: Context, tap: Tap) -> Step:
    case = _own(context, tap, State.HANDLED)
    helper = _helping(context, case)
    if helper is None:
        service.look_on(context.session, context.local, case, context.me)
        await context.say("close.not_yet", about=case, name="")
        view = views.staff(context.session, context.local, case)
        card = "review.ours" if case.state == State.HANDLED else "review.nobody"
        for member in rules.staff_for(context.session, case):
            await context.tell(member, card, about=case, **view)
        return None
    service.reopen(context.session, context.local, case, context.me)
    await context.say("close.not_yet", about=case, name=_name(helper))
    await context.tell(helper, "close.still_open", about=case, name=people.name_of(context.me))
    return None


async def worry(context: Context, tap: Tap) -> Step:
    context.begin("close", case=rules.own_case(context.session, context.person, tap.about).id)
    context.shown = True
    return "close.worry"


async def ask_worry(context: Context) -> None:
    case = rules.own_case(context.session, context.person, context.draft["case"])
    await context.say("close.worry", phone=case.phone is not None)


async def worry_plain(context: Context, tap: Tap) -> Step:
    return await _worried(context, None)


async def hear_worry(context: Context, heard: Heard) -> Step:
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    return await _worried(context, heard.text)


async def _worried(context: Context, words: str | None) -> Step:
    """Only staff read this; the helper does not learn of it."""
    case = rules.own_case(context.session, context.person, context.draft["case"])
    if not context.open:
        service.worry(context.session, case, context.me)
    members = rules.staff_for(context.session, case)
    for member in members:
        said = words or context.house.texts.line("close.call_me", member.language)
        await context.tell(member, "review.worry", about=case, words=said, name=people.name_of(context.me))
    if not members:
        await context.say("talk.unheard", about=case)
        return DONE
    talk = context.talk["id"] if context.talk else "-"
    await context.say("close.worry_told", about=case, more=context.open, open=words is not None, talk=talk)
    if words is None:
        return DONE
    context.stay_open()
    return None


async def thanks(context: Context, tap: Tap) -> Step:
    case = _own(context, tap, State.CLOSED)
    helper = _helping(context, case)
    if helper is None or events.happened(context.session, case.id, Kind.THANKED):
        raise OldButton
    events.note(context.session, case.id, Kind.THANKED, actor=context.me.id)
    await context.tell(helper, "close.thanked", about=case, name=people.name_of(context.me))
    await context.say("close.thanks_sent", about=case)
    return None


async def remind(voice: Voice, case_id: str) -> None:
    """Twice, gently; then the case ends as "no answer", which is not "satisfied" (R17)."""
    case = cases.still_due(voice.session, case_id, "verify")
    if case is None:
        return
    person = people.get(voice.session, case.person_id)
    helper = _helping(voice, case)
    if case.reminders < service.REMINDERS:
        service.remind_later(voice.session, voice.local, case)
        await voice.tell(person, "close.remind", about=case, priority=REMINDER)
        return
    ending.close(voice.session, case, Kind.NO_ANSWER, actor=None)
    await _finished(voice, case, helper)
    await voice.tell(person, "close.no_answer", about=case, priority=REMINDER)


async def let_words_go(voice: Voice, case_id: str) -> None:
    """As the notice says: thirty days after the end nothing of the words is left."""
    case = cases.get(voice.session, case_id)
    if case is not None and case.ended_at is not None:
        cases.erase(voice.session, case)
        for member in people.those(voice.session, cards.holders(voice.session, case_id)):
            of_staff = staff.holds(voice.session, member.id, Role.MODERATOR)
            await voice.hide(member, "review.decided" if of_staff else "close.finished", about=case)


async def let_trail_go(voice: Voice, case_id: str) -> None:
    """Half a year after the end nothing is left of who was asked and who helped."""
    case = cases.still_due(voice.session, case_id, cases.TRAIL)
    if case is not None:
        trail.let_go(voice.session, case)


async def let_lines_go(voice: Voice, what: str) -> None:
    """After three years nothing is left of who opened what."""
    reading.let_go(voice.session)


async def ask_helper(voice: Voice, case_id: str) -> None:
    """The agreed time is over: the helper is asked how it went; after two reminders a person looks."""
    case = cases.still_due(voice.session, case_id, "helper")
    if case is None:
        return
    claim = claims.live(voice.session, case.id)
    if claim is not None and case.reminders < service.REMINDERS:
        service.remind_later(voice.session, voice.local, case)
        await voice.tell(
            people.get(voice.session, claim.person_id),
            "close.helper_asked",
            about=case,
            priority=REMINDER,
            guard=f"claim:{claim.id}",
        )
        return
    case.due_at, case.due = None, None
    voice.session.add(case)
    if claim is None:
        return
    helper = people.get(voice.session, claim.person_id)
    name = people.name_of(helper)
    members = rules.staff_for(voice.session, case)
    for member in members:
        await voice.tell(member, "review.silent", about=case, name=name, helper_id=helper.id)
    resident = people.get(voice.session, case.person_id)
    await voice.tell(resident, "close.silent", about=case, name=name, told=bool(members))
