"""What is said when two needs are one. Neither asker learns a word of the other's, nor who it is."""

from __future__ import annotations

from bot.community import cases, people, rules
from bot.community.cases import Case, State
from bot.context import Context
from bot.errors import OldButton
from bot.flow import Step, Tap
from bot.handlers.merge import service
from bot.voice import Voice

SHOWN = 5  # cases to choose from
FROM = (State.RECEIVED, State.ASKED_BACK, State.OPEN, State.NOBODY)


def may_merge(context: Context, tap: Tap) -> bool:
    _case(context, tap)
    return True


def _case(context: Context, tap: Tap) -> Case:
    """One that nobody has in hand yet."""
    case = rules.staff_case(context.session, context.person, tap.about)
    rules.still(case, tap.version)
    if case.state in (State.RECEIVED, State.ASKED_BACK):
        return rules.undecided_case(context.session, context.person, tap.about, tap.version)
    if case.state not in FROM:
        raise OldButton
    return case


async def begin(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    alike = cases.alike(context.session, case, SHOWN)
    items = [context.voice.item(one, context.language) for one in alike]
    await context.say("merge.which", about=case, cases=items)
    return None


def _other(context: Context, tap: Tap, case: Case) -> Case:
    """Another live one that could be the same; she is no side of that one either."""
    other = rules.staff_case(context.session, context.person, tap.choice or "")
    if other.id not in [one.id for one in cases.alike(context.session, case, SHOWN)]:
        raise OldButton
    return other


async def look(context: Context, tap: Tap) -> Step:
    """The two beside each other, so that nothing different is taken for the same."""
    case = _case(context, tap)
    other = _other(context, tap, case)
    await context.say("merge.check", about=case, other=other, story=cases.story_of(case))
    context.shown = True
    await context.say("merge.other", about=other, aside=True, story=cases.story_of(other))
    return None


async def into(context: Context, tap: Tap) -> Step:
    case = _case(context, tap)
    other = _other(context, tap, case)
    tidings = service.merge(context.session, case, other, context.me)
    await context.say("review.decided", about=case)
    await context.voice.bring(tidings)
    person = people.get(context.session, case.person_id)
    await context.tell(person, "merge.told", about=case, other=other)
    return None


async def tell_how(voice: Voice, case_id: str) -> None:
    """The other has ended: she hears how, once."""
    case = cases.get(voice.session, case_id)
    other = cases.get(voice.session, case.merged_into or "") if case is not None else None
    if case is None or other is None or other.ended_at is None:
        return
    done = service.went_well(voice.session, other)
    service.told(voice.session, case)
    person = people.get(voice.session, case.person_id)
    await voice.tell(person, "merge.over", about=case, done=done)
