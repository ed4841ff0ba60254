"""Look again: what the neighbour hears, and what somebody who did not decide sees."""

from __future__ import annotations

from typing import Any

from bot.community import appeals, cases, people, restrictions, rules, staff, views
from bot.community.appeals import Appeal, Outcome
from bot.community.cases import Case
from bot.community.people import Person
from bot.community.restrictions import Restriction
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import DONE, Heard, Step, Tap
from bot.handlers.appeal import service
from bot.voice import REMINDER, Voice
from privacy import scrub

WORDS_MAX = 500


def own_decided(context: Context, tap: Tap) -> bool:
    _decided(context, rules.own_case(context.session, context.person, tap.about))
    return True


def _decided(context: Context, case: Case) -> None:
    """There is a decision, and the words it was about are still there to be looked at."""
    if case.story is None or not appeals.stands(context.session, case):
        raise OldButton


def own_restriction(context: Context, tap: Tap) -> bool:
    held = restrictions.get(context.session, tap.about)
    if held is None:
        raise OldButton
    if held.person_id != rules.known(context.person).id:
        raise NotYours
    if held.since is None:
        raise OldButton
    return True


def staff_of_decided(context: Context, tap: Tap) -> bool:
    _decided(context, rules.staff_case(context.session, context.person, tap.about))
    return True


async def begin(context: Context, tap: Tap) -> Step:
    case = rules.own_case(context.session, context.person, tap.about)
    before = appeals.last(context.session, case_id=case.id)
    decided = appeals.decided_at(context.session, case)
    if before is not None and decided is not None and before.received_at >= decided and not before.asked_by:
        return await _already(context, before, case)
    return await _submit(context, context.me, case=case)


async def held(context: Context, tap: Tap) -> Step:
    before = appeals.last(context.session, restriction_id=tap.about)
    if before is not None:
        return await _already(context, before, None)
    return await _submit(context, context.me, held=restrictions.get(context.session, tap.about))


async def _already(context: Context, before: Appeal, case: Case | None) -> Step:
    name = "appeal.waiting" if before.decided_at is None else "appeal.outside"
    context.shown = True
    await context.say(name, matter=case, until=before.promised_at, again=True)
    return None


async def second(context: Context, tap: Tap) -> Step:
    """A member of staff wishes for a colleague's eyes; the neighbour hears of it only if something changes."""
    case = rules.staff_case(context.session, context.person, tap.about)
    before = appeals.last(context.session, case_id=case.id)
    if before is not None and before.decided_at is None:
        await context.toast("appeal.colleagues")
        return None
    person = people.get(context.session, case.person_id)
    return await _submit(context, person, case=case, asked_by=context.me.id)


async def _submit(
    context: Context,
    person: Person,
    *,
    case: Case | None = None,
    held: Restriction | None = None,
    asked_by: str | None = None,
) -> Step:
    held_id = held.id if held is not None else None
    members = appeals.hearers(
        context.session, person_id=person.id, case=case, restriction_id=held_id, asked_by=asked_by
    )
    if not members and asked_by is None:  # all who could look decided it: no other eyes are pretended
        context.shown = True
        await context.say("appeal.outside", matter=case, again=False)
        return None
    if not members:
        await context.toast("decide.alone", alert=True)
        return None
    appeal = appeals.submit(
        context.session,
        context.local,
        person_id=person.id,
        case_id=case.id if case is not None else None,
        restriction_id=held_id,
        asked_by=asked_by,
    )
    for member in members:
        await _show(context.voice, member, appeal)
    if asked_by is not None:
        await context.toast("appeal.colleagues")
        return None
    context.shown = True  # the decision stays on screen
    await context.say("appeal.taken", matter=case, until=appeal.promised_at)
    return None


async def _show(voice: Voice, member: Person, appeal: Appeal, *, reminder: bool = False) -> None:
    await voice.tell(member, "appeal.card", priority=REMINDER, reminder=reminder, **_view(voice, appeal))


def _view(voice: Context | Voice, appeal: Appeal) -> dict[str, Any]:
    case = cases.get(voice.session, appeal.case_id) if appeal.case_id is not None else None
    held = restrictions.get(voice.session, appeal.restriction_id) if appeal.restriction_id else None
    reason = voice.local.reason(case.reason or "") if case is not None else None
    rule = voice.local.rule(held.rule) if held is not None else None
    return {
        "matter": case,
        "ground": reason or rule,
        "body": voice.local.body(case.reason or "") if case is not None else None,
        "withheld": held.what if held is not None else "",
        "until": appeal.promised_at,
        "by_staff": appeal.asked_by is not None,
        "appeal_id": appeal.id,
    }


def may_decide(context: Context, tap: Tap) -> bool:
    _open_to(context, tap.about)
    return True


def _open_to(context: Context, appeal_id: str) -> Appeal:
    """One that waits, for staff who did not decide it before. Raises NotYours or OldButton."""
    me = rules.known(context.person)
    appeal = appeals.get(context.session, appeal_id)
    if appeal is None or not staff.holds(context.session, me.id, Role.MODERATOR):
        raise NotYours
    if appeal.decided_at is not None or appeals.is_moot(context.session, appeal):
        raise OldButton
    if me.id not in [member.id for member in appeals.hearers_of(context.session, appeal)]:
        raise NotYours
    return appeal


async def open_(context: Context, tap: Tap) -> Step:
    """From the queue."""
    appeal = _open_to(context, tap.about)
    await context.say("appeal.card", reminder=False, **_view(context, appeal))
    return None


async def look_at(context: Context, tap: Tap) -> Step:
    """Where there are words to look at: the need as it came, its numbers covered as always."""
    appeal = _open_to(context, tap.about)
    case = cases.get(context.session, appeal.case_id) if appeal.case_id is not None else None
    if case is None:
        raise OldButton
    context.shown = True
    view = views.staff(context.session, context.local, case)
    await context.say("appeal.story", about=case, aside=True, appeal_id=appeal.id, **view)
    return None


async def uphold(context: Context, tap: Tap) -> Step:
    return _write(context, tap, Outcome.UPHELD)


async def overturn(context: Context, tap: Tap) -> Step:
    return _write(context, tap, Outcome.OVERTURNED)


def _write(context: Context, tap: Tap, outcome: Outcome) -> Step:
    context.begin("appeal", appeal=tap.about, outcome=outcome.value)
    context.shown = True  # what is decided on stays on screen
    return "appeal.words"


async def ask_words(context: Context) -> None:
    await context.say("appeal.words", outcome=context.draft["outcome"])


async def hear_words(context: Context, heard: Heard) -> Step:
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    words, _ = scrub.clean(heard.text, cases.HIDDEN)
    return await _decide(context, words)


async def send(context: Context, tap: Tap) -> Step:
    if context.talk is None or context.talk["step"] != "appeal.words":
        raise OldButton
    return await _decide(context, "")


async def _decide(context: Context, words: str) -> Step:
    """The words pass through; that somebody looked again, and what came of it, is kept."""
    appeal = _open_to(context, context.draft["appeal"])
    outcome = Outcome(context.draft["outcome"])
    appeals.decide(context.session, appeal, outcome, staff_id=context.me.id)
    case = cases.get(context.session, appeal.case_id) if appeal.case_id is not None else None
    if case is not None and not appeals.stands(context.session, case):  # it has gone on meanwhile
        await context.say("home.moved_on")
        return DONE
    if outcome is Outcome.OVERTURNED:
        service.overturn(context.session, context.local, appeal, case, context.me)
    by_staff = appeal.asked_by is not None
    await context.say("appeal.decided", matter=case, outcome=outcome.value, by_staff=by_staff)
    person = people.get(context.session, appeal.person_id)
    if appeal.asked_by is None or outcome is Outcome.OVERTURNED:
        await context.tell(person, f"appeal.{outcome.value}", about=case, matter=case, words=words)
    if appeal.asked_by is not None:
        asker = people.get(context.session, appeal.asked_by)
        await context.tell(asker, "appeal.to_colleague", matter=case, outcome=outcome.value, words=words)
    if case is not None and outcome is Outcome.OVERTURNED:
        view = views.staff(context.session, context.local, case)
        for member in rules.staff_for(context.session, case):
            await context.tell(member, "review.card", about=case, **view)
    return DONE


async def look(voice: Voice, appeal_id: str) -> None:
    """Late: staff are reminded every day, and she hears so once. Long enough after it was decided: gone.

    What was withheld may have ended, or given way to something else: then nobody need look, and all hear so.
    """
    appeal = appeals.get(voice.session, appeal_id)
    if appeal is None or appeal.due_at is None:
        return
    if appeals.is_moot(voice.session, appeal):
        members = appeals.hearers_of(voice.session, appeal)
        appeals.decide(voice.session, appeal, Outcome.MOOT, staff_id=None)
        await voice.tell(people.get(voice.session, appeal.person_id), "appeal.moot")
        for member in members:
            await voice.tell(member, "appeal.moot_staff")
        return
    if appeal.due_at > voice.now():
        return
    if appeal.decided_at is not None:
        appeals.drop(voice.session, appeal)
        return
    lapses = appeals.remind_later(voice.session, voice.local, appeal)
    members = appeals.hearers_of(voice.session, appeal)
    for member in members:
        await _show(voice, member, appeal, reminder=True)
    if lapses and appeal.asked_by is None:
        case = cases.get(voice.session, appeal.case_id) if appeal.case_id is not None else None
        person = people.get(voice.session, appeal.person_id)
        if members:
            await voice.tell(person, "appeal.late", matter=case)
        else:  # nobody's eyes are pretended
            await voice.tell(person, "appeal.outside", again=False)
