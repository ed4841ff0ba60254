"""Staff propose a cleaner sentence; she says yes, writes her own, or leaves it; only then do cards change (§7.3)."""

from __future__ import annotations

from bot.community import cases, claims, events, people, rules, views
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.context import Context
from bot.errors import OldButton, StepAside
from bot.flow import DONE, Heard, Step, Tap
from bot.handlers.edit import service
from bot.understanding import care
from privacy import scrub

WORDS_MAX = 500
FROM = (State.RECEIVED, State.ASKED_BACK, State.OPEN, State.NOBODY)


def may_propose(context: Context, tap: Tap) -> bool:
    _staff(context, tap.about)
    return True


def _staff(context: Context, case_id: str) -> Case:
    """One that nobody has in hand yet, with its words still there."""
    case = rules.staff_case(context.session, context.person, case_id)
    if case.state not in FROM or case.story is None:
        raise OldButton
    return case


def own_proposed(context: Context, tap: Tap) -> bool:
    _own(context, tap.about)
    return True


def _own(context: Context, case_id: str) -> Case:
    """Hers, with a proposal that still waits for her word. Raises StepAside where who stands in for her has proposed it."""
    case = rules.own_case(context.session, context.person, case_id)
    if case.proposed is None or case.state not in FROM:
        raise OldButton
    if context.proxy is not None and context.proxy.id in events.actors(context.session, case_id, Kind.EDITED):
        raise StepAside
    return case


async def begin(context: Context, tap: Tap) -> Step:
    context.begin("edit", case=tap.about)
    return "edit.words"


async def ask_words(context: Context) -> None:
    case = _staff(context, context.draft["case"])
    talk = context.talk or {"id": "-", "turn": 0}
    story = cases.story_of(case)
    await context.say("edit.words", about=case, aside=True, story=story, talk=talk["id"], turn=talk["turn"])


async def hear_words(context: Context, heard: Heard) -> Step:
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    context.draft["words"], _ = scrub.clean(heard.text, cases.HIDDEN)
    return "edit.check"


async def ask_check(context: Context) -> None:
    case = _staff(context, context.draft["case"])
    await context.say("edit.check", matter=case, words=context.draft["words"])


async def send(context: Context, tap: Tap) -> Step:
    if context.talk is None or context.talk["step"] != "edit.check":
        raise OldButton
    case = _staff(context, context.draft["case"])
    service.propose(context.session, case, context.me, context.draft["words"])
    await context.say("edit.sent", about=case)
    person = people.get(context.session, case.person_id)
    words, story = cases.words_of(case, "proposed"), cases.story_of(case)
    await context.tell(person, "edit.ask", about=case, proposed=words, story=story)
    return DONE


async def yes(context: Context, tap: Tap) -> Step:
    case = _own(context, tap.about)
    service.agree(context.session, case, context.me)
    await _changed(context, case)
    return None


async def no(context: Context, tap: Tap) -> Step:
    """It stays as it is, and staff decide whether it goes out so."""
    case = _own(context, tap.about)
    service.leave(context.session, case, context.me)
    await context.say("edit.left", about=case)
    for member in rules.staff_for(context.session, case):
        await context.tell(member, "edit.unchanged", about=case, aside=True)
    return None


async def own(context: Context, tap: Tap) -> Step:
    context.begin("edit", case=_own(context, tap.about).id)
    context.shown = True  # the two sentences stay on screen
    return "edit.mine"


async def ask_mine(context: Context) -> None:
    await context.say("edit.mine")


async def hear_mine(context: Context, heard: Heard) -> Step:
    """What would need a yes of its own is not put on a card by the way (PIPL 29, 31)."""
    words, _ = scrub.clean(heard.text, cases.HIDDEN)
    if len(heard.text) > WORDS_MAX:
        await context.say("talk.too_long")
        return None
    if care.need([words], {}) is not None:
        await context.say("edit.private")
        return None
    context.draft["words"] = words
    return "edit.mine_check"


async def ask_mine_check(context: Context) -> None:
    await context.say("edit.mine_check", words=context.draft["words"])


async def take(context: Context, tap: Tap) -> Step:
    if context.talk is None or context.talk["step"] != "edit.mine_check":
        raise OldButton
    case = _own(context, context.draft["case"])
    service.write(context.session, case, context.me, context.draft["words"])
    await _changed(context, case)
    return DONE


async def _changed(context: Context, case: Case) -> None:
    """Every card that was sent says it as it stands now; staff hear so."""
    await context.say("edit.changed", about=case)
    for member in rules.staff_for(context.session, case):
        await context.tell(member, "edit.agreed", about=case, aside=True, story=cases.story_of(case))
    claim, waiting = claims.live(context.session, case.id), claims.asked(context.session, case.id)
    holder = claim.person_id if claim is not None else None
    for ask in claims.asks_of(context.session, case.id):
        if ask.person_id in waiting and ask.person_id != holder:  # who holds it has a card of her own
            view = views.asked(context.local, case, ask)
            asked = people.get(context.session, ask.person_id)
            await context.voice.redraw(asked, "claim.ask", about=case, **view)
