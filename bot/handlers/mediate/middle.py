"""The side of staff, who see the stage and never a word, and of the one in the middle."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.community import mediation_times, mediations, mediators, outcomes, people, stages
from bot.community.mediations import Mediation
from bot.community.stages import AGREED, LIVE, MEDIATOR, SEEKING, STAFF, A, B, State
from bot.context import Context
from bot.errors import OldButton
from bot.flow import AGAIN, Heard, Step, Tap
from bot.handlers.mediate import conversation, news
from bot.qr import drawn
from bot.texts import LANGUAGES
from bot.understanding import times

DRAFT_MAX = 1500
SHOWN = 8
WITH = {"both": (A, B), "a": (A,), "b": (B,)}
OUTCOMES = {state.value: state for state in (*AGREED, State.NOT_AGREED)}
FOLLOW = ("14", "30")  # days until both are asked how it went
SLIP, PAPER = "slip.html", "agreement.html"  # nothing of anybody's is in the names


# --- staff


async def list_(context: Context, tap: Tap) -> Step:
    """Those her community sees to, and she has no part in."""
    barred = mediations.barred(context.session, context.me.id)
    found = [
        one
        for one in mediations.to_arrange(context.session)
        if one.id not in barred and news.sees_to(context.session, context.me.id, one)
    ][:SHOWN]
    local = context.local.mediation
    await context.say("mediator.list", rows=[{"one": one, "topic": local.topic(one.topic)} for one in found])
    return None


async def desk(context: Context, tap: Tap) -> Step:
    await _desk(context, news.found(context, tap))
    return None


async def _desk(context: Context, one: Mediation) -> None:
    asker = people.name_of(people.get(context.session, one.a_id)) if one.a_id else ""
    choosing = one.state in SEEKING and one.declared_at is None
    await news.say(
        context,
        one,
        "mediator.desk",
        name=asker if one.state in (State.APPLIED, State.INVITING) else "",
        state=one.state,
        waits=one.mediator_id is not None,
        choose=choosing,
    )


async def slip(context: Context, tap: Tap) -> Step:
    """A slip to hand over, on screen and on paper: with no name and no matter on it."""
    one = news.found(context, tap)
    guest = one.b_id
    code = mediations.write_slip(context.session, one, staff_id=context.me.id)
    await news.see_off(context.voice, guest)
    await news.say(context, one, "mediator.slip", code=code)
    link = f"https://t.me/{context.bot.username}?start=m-{code}"
    page = context.house.texts.page(
        "mediation_slip",
        language=context.language,
        code=code,
        qr=drawn(link),
        bot=context.bot.username,
        languages=LANGUAGES,
    )
    await context.give("mediator.slip_file", file=page.encode(), called=SLIP)
    await news.tell(context.voice, one, one.a_id, "mediate.slip_written", until=one.due_at)
    return None


async def dismiss(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    to = {"not": State.NOT_SUITABLE, "offline": State.OFFLINE}.get(tap.choice or "")
    if to is None:
        return AGAIN
    before, guest = State(one.state), one.b_id
    mediations.dismiss(context.session, one, to, staff_id=context.me.id)
    await news.ended(context.voice, one, before, guest=guest)
    await news.say(context, one, "mediator.done")
    return None


async def halt(context: Context, tap: Tap) -> Step:
    """Staff stop it: by telephone somebody said that she wants no more, or is afraid."""
    one = news.found(context, tap)
    before, guest = State(one.state), one.b_id
    mediations.stop(context.session, one, STAFF, actor=context.me.id)
    await news.ended(context.voice, one, before, guest=guest)
    await news.say(context, one, "mediator.done")
    return None


async def choose(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    if one.state not in SEEKING or one.declared_at is not None:
        raise OldButton
    found = mediators.eligible(context.session, context.local, one)[:SHOWN]
    offered = [{"id": person.id, "n": n, "name": people.name_of(person)} for n, person in enumerate(found, 1)]
    await context.say("mediator.choose", one=one, rows=context.voice.opened(offered, context.me, None))
    return None


async def ask(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    mediators.ask(context.session, context.local, one, tap.choice or "", staff_id=context.me.id)
    await news.tell(context.voice, one, one.mediator_id, "mediator.asked", **_asked(context, one))
    await news.say(context, one, "mediator.asking")
    return None


def _asked(context: Context, one: Mediation) -> dict[str, Any]:
    found = mediators.papers(context.session, context.local, one.mediator_id or "")
    return {**_names(context, one), "papers": [p for code in found if (p := context.local.credential(code))]}


def _names(context: Context, one: Mediation) -> dict[str, Any]:
    both = [people.get(context.session, person) if person else None for person in (one.a_id, one.b_id)]
    return dict(zip(("a", "b"), [people.name_of(p) if p is not None else "" for p in both], strict=True))


# --- the one in the middle


async def declare(context: Context, tap: Tap) -> Step:
    """How she stands to both, before anything else; her profession is told only if she says so."""
    one = news.found(context, tap)
    if tap.choice == "tie":
        return await step_out(context, tap)
    title = None if tap.choice == "none" else tap.choice
    mediators.declare(context.session, context.local, one, context.me.id, title)
    await news.tell_both(context.voice, one, "mediate.proposed")
    await news.say(context, one, "mediator.declared")
    return None


async def see(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    if one.declared_at is None:
        await news.say(context, one, "mediator.asked", **_asked(context, one))
        return None
    await news.say(
        context,
        one,
        "mediator.card",
        **_names(context, one),
        state=one.state,
        over=one.state not in LIVE,
        times=[conversation.a_time(time) for time in mediation_times.of(context.session, one)],
        agreement=mediations.agreement_of(one),
    )
    return None


async def resumes(context: Context) -> None:
    """In her new chat: each that is under way, as she stands to it."""
    for one in mediations.of_person(context.session, context.me.id, *LIVE):
        context.shown = True
        tap = Tap("", None, one.id, 0)
        await (see if one.mediator_id == context.me.id else conversation.see)(context, tap)


async def read(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    if one.state in SEEKING:
        raise OldButton
    pages = conversation.pages(context, one, tap)
    await news.say(context, one, "mediator.read", **_names(context, one), **pages)
    return None


async def step_out(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    known = one.declared_at is not None
    mediators.pass_on(context.session, one, context.me.id)
    await news.replaced(context.voice, one, known=known)
    await context.say("mediator.thanks")
    return None


async def flag(context: Context, tap: Tap) -> Step:
    """Somebody may be harmed: it stops, and staff hear so from her, with no word of what was said (R41)."""
    one = news.found(context, tap)
    before, part = State(one.state), mediations.part_of(context.session, one) - {context.me.id}
    if before in stages.LIVE:
        mediations.stop(context.session, one, MEDIATOR)
        await news.ended(context.voice, one, before, but=context.me.id)
    heard = await news.asks_for_staff(context.voice, context.me, "mediator.flag_words", but=part)
    if not heard:
        await news.tell_staff(context.voice, one, "mediator.afraid")
    await context.say("mediator.flagged", heard=heard, lines=context.local.hotlines_for(["violence"]))
    return None


def _accepted(context: Context, tap: Tap) -> None:
    """Raises OldButton before both have accepted her, and once it has come out."""
    if news.found(context, tap).state != State.ACCEPTED:
        raise OldButton


async def meet(context: Context, tap: Tap) -> Step:
    if tap.choice not in WITH:
        return AGAIN
    _accepted(context, tap)
    context.begin("mediator", one=tap.about, who=tap.choice)
    return "mediator.time"


async def ask_time(context: Context) -> None:
    await context.say("mediator.time", who=context.draft["who"])


async def hear_time(context: Context, heard: Heard) -> Step:
    """What may mean two times, or is at night, is asked back; never later than the time there is for it."""
    one, now = _in_hand(context), context.now()
    said = times.parse(heard.text, now, context.local.tz)
    readings = said.options if isinstance(said, times.Unclear) else [said]
    meant = [when.start for when in readings if when is not None and when.start == when.end]
    ahead = [at for at in meant if at is not None and at > now]
    within = [at for at in ahead if one.limit_at is None or at <= one.limit_at]
    if not within:
        name = "mediator.time_late" if ahead else "mediator.time_unclear"
        await context.say(name, until=one.limit_at)
        return None
    if len(within) == 1 and context.local.awake(within[0]) == within[0]:
        return await _propose(context, one, within[0])
    context.draft["meant"] = [at.isoformat() for at in within]
    asked = [{"time": times.When(at, at), "night": context.local.awake(at) > at} for at in within]
    await context.say("mediator.time_which", times=asked)
    return None


async def at(context: Context, tap: Tap) -> Step:
    """One of the times she may have meant."""
    meant = context.draft.get("meant", [])
    if tap.choice not in [str(n) for n in range(len(meant))]:
        return AGAIN
    return await _propose(context, _in_hand(context), datetime.fromisoformat(meant[int(tap.choice or 0)]))


async def _propose(context: Context, one: Mediation, at: datetime) -> Step:
    sides = WITH[context.draft["who"]]
    time = mediation_times.propose(context.session, one, context.me.id, at, *sides)
    context.end()
    for side in sides:
        person_id, alone = mediations.id_of(one, side), len(sides) == 1
        await news.tell(context.voice, one, person_id, "mediate.time", at=at, time=time.id, alone=alone)
    await news.say(context, one, "mediator.time_asked", at=at)
    return None


def _in_hand(context: Context) -> Mediation:
    one = mediations.get(context.session, context.draft["one"])
    if one is None or one.mediator_id != context.me.id or one.state not in LIVE:
        raise OldButton
    return one


async def write(context: Context, tap: Tap) -> Step:
    _accepted(context, tap)
    context.begin("mediator", one=tap.about)
    return "mediator.write"


async def ask_write(context: Context) -> None:
    await context.say("mediator.write")


async def hear_write(context: Context, heard: Heard) -> Step:
    one = _in_hand(context)
    if len(heard.text) > DRAFT_MAX:
        await context.say("mediate.too_long")
        return None
    outcomes.draft(context.session, one, context.me.id, heard.text)
    context.end()
    await news.tell_both(context.voice, one, "mediate.drafted", words=mediations.agreement_of(one))
    await news.say(context, one, "mediator.written")
    return None


async def paper(context: Context, tap: Tap) -> Step:
    """On paper it is signed; here nothing is."""
    one = news.found(context, tap)
    if one.state not in stages.WITH_MEDIATOR or one.agreement is None:
        raise OldButton
    opened = context.voice.opened(
        {"words": mediations.agreement_of(one), **_names(context, one)}, context.me, one
    )
    page = context.house.texts.page(
        "agreement",
        language=context.language,
        languages=LANGUAGES,
        one=one,
        at=context.now().astimezone(context.local.tz),
        **opened,
    )
    await context.give("mediator.paper_file", file=page.encode(), called=PAPER)
    return None


async def outcome(context: Context, tap: Tap) -> Step:
    if tap.choice not in OUTCOMES:
        return AGAIN
    _accepted(context, tap)
    context.begin("mediator", one=tap.about, outcome=tap.choice)
    return "mediator.after"


async def ask_after(context: Context) -> None:
    await context.say("mediator.after", outcome=context.draft["outcome"])


async def hear_after(context: Context, heard: Heard) -> Step:
    return AGAIN


async def after(context: Context, tap: Tap) -> Step:
    """When both are asked how it went, apart; where nothing was agreed, the other ways are told."""
    one, result = _in_hand(context), OUTCOMES[context.draft["outcome"]]
    if result in AGREED and tap.choice not in FOLLOW:
        return AGAIN
    before = State(one.state)
    follow_at = None
    if result in AGREED:
        follow_at = context.local.awake(context.now() + timedelta(days=int(tap.choice or 0)))
    called_off = bool(mediation_times.of(context.session, one))
    outcomes.conclude(context.session, one, context.me.id, result, follow_at=follow_at)
    context.end()
    if result is State.NOT_AGREED:
        await news.ended(context.voice, one, before, but=context.me.id)
    else:
        await news.tell_both(context.voice, one, "mediate.agreed", state=one.state, called_off=called_off)
    await context.say("mediator.concluded", outcome=result.value)
    return None
