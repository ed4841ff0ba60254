"""Staff and the standing posts: opening what was proposed, its terms, its roster, calling one."""

from __future__ import annotations

from typing import Any

from bot.community import appointments, events, people, posts, rules, shifts, staff
from bot.community.events import Kind
from bot.community.posts import Post, State
from bot.community.shifts import Shift, ShiftPlace, ShiftState
from bot.context import Context
from bot.errors import NotYours, OldButton, StepAside
from bot.flow import AGAIN, DONE, Heard, Step, Tap, in_talk
from bot.handlers.post import conversation as say
from bot.handlers.post import service
from bot.voice import Voice
from privacy import scrub

PAGE = 6
WRITTEN = ("name", "place", "note", "hours", "slots")
TICKED = ("days", "weeks", "credentials", "cautions", "kind")
ORDER = (State.OPEN, State.PAUSED, State.PROPOSED, State.CLOSED)
WHY = ("forgot", "mistake")  # why staff set right who was there
ROWS = 4  # shifts on the page of those ahead
CALLS = (1, 2, 3, 5, 10)


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, staff.Role.MODERATOR)


def of_post(context: Context, tap: Tap) -> bool:
    _post(context, tap.about)
    return True


def of_post_now(context: Context, tap: Tap) -> bool:
    """The card shows the terms as they are."""
    if _post(context, tap.about).version != tap.version:
        raise OldButton
    return True


def of_shift(context: Context, tap: Tap) -> bool:
    _shift(context, tap.about)
    return True


def of_place(context: Context, tap: Tap) -> bool:
    """A shift that has begun; nobody sets her own right."""
    place, shift = _place(context, tap.about)
    if place.person_id == context.me.id:
        raise StepAside
    if shift.starts_at > context.now() or shift.state == ShiftState.CANCELLED:
        raise OldButton
    return True


def in_edit(context: Context, tap: Tap) -> bool:
    return on_duty(context, tap) and in_talk(context, tap)


def _post(context: Context, post_id: str) -> Post:
    """Any post, for who holds the role at this moment. Raises NotYours."""
    if not staff.holds(context.session, rules.known(context.person).id, staff.Role.MODERATOR):
        raise NotYours
    post = posts.get(context.session, post_id)
    if post is None:
        raise NotYours
    return post


def _shift(context: Context, shift_id: str) -> tuple[Post, Shift]:
    shift = shifts.get(context.session, shift_id)
    if shift is None:
        raise NotYours
    return _post(context, shift.post_id), shift


def _place(context: Context, place_id: str) -> tuple[ShiftPlace, Shift]:
    place = shifts.place_by_id(context.session, place_id)
    if place is None:
        raise NotYours
    return place, _shift(context, place.shift_id)[1]


# --- what is proposed, and what is open


async def desk(context: Context, tap: Tap) -> Step:
    """What neighbours proposed first, then what is open or rests, then what could be opened, for the first time or again."""
    posts.stand(context.session, context.local)
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    found = posts.listed(context.session, *ORDER)
    ideas = [post for post in found if post.words is not None]
    others = [post for post in found if post.words is None and post.name]
    in_order = ideas + [post for state in ORDER for post in others if post.state == state]
    await context.say(
        "post.desk",
        posts=[{"post": post} for post in in_order[page * PAGE : page * PAGE + PAGE]],
        following=page + 1 if len(in_order) > (page + 1) * PAGE else None,
    )
    return None


async def review(context: Context, tap: Tap) -> Step:
    await _review(context, _post(context, tap.about))
    return None


async def _review(context: Context, post: Post) -> None:
    idea = post.words is not None and post.proposed_by is not None
    await context.say(
        "post.review",
        **say.terms(context.voice, post, context.language),
        insurance=posts.needs_insurance(context.local, post),
        missing=posts.missing(context.local, post),
        kind=context.local.kind(post.kind),
        words=posts.words_of(post) if idea else "",
        name=people.name_of(people.get(context.session, post.proposed_by))
        if idea and post.proposed_by
        else "",
        live=len(posts.members(context.session, post.id)),
        hidden=post.hidden,
        flaggable=idea
        and post.proposed_by != context.me.id
        and bool(rules.others_on_duty(context.session, context.me)),
    )


async def insured(context: Context, tap: Tap) -> Step:
    """R6: staff say that the accident insurance is in place."""
    post = _post(context, tap.about)
    posts.change(context.session, post, seen=tap.version, insured_at=context.now())
    service.note(context.session, post, "insured", context.me.id)
    await _review(context, post)
    return None


async def open_(context: Context, tap: Tap) -> Step:
    """Opened, for the first time or again, once nothing is missing."""
    post = _post(context, tap.about)
    if posts.missing(context.local, post):
        await _review(context, post)
        return None
    again, proposer = post.state == State.PAUSED, post.proposed_by
    service.start(context.session, post, seen=tap.version, actor=context.me.id)
    if again:
        held = [one.person_id for one in posts.members(context.session, post.id)]
        await say.tell_all(context.voice, post, held, "post.reopened")
    if proposer is not None:
        await say.tell_all(context.voice, post, [proposer], "post.idea_opened")
    await _review(context, post)
    return None


async def decline(context: Context, tap: Tap) -> Step:
    """What was proposed is not opened; a neighbour who proposed it hears so."""
    post = _post(context, tap.about)
    if post.state != State.PROPOSED:
        raise OldButton
    proposer = post.proposed_by
    posts.move(context.session, post, State.CLOSED, seen=tap.version)
    service.note(context.session, post, "declined", context.me.id)
    if proposer is not None:
        await say.tell_all(context.voice, post, [proposer], "post.idea_declined")
    return await desk(context, tap._replace(choice=None))


async def pause(context: Context, tap: Tap) -> Step:
    return await _stop(context, tap, State.PAUSED)


async def close(context: Context, tap: Tap) -> Step:
    await context.say("post.close", post=_post(context, tap.about))
    return None


async def close_yes(context: Context, tap: Tap) -> Step:
    return await _stop(context, tap, State.CLOSED)


async def _stop(context: Context, tap: Tap, to: State) -> Step:
    post = _post(context, tap.about)
    told = service.stop(context.session, post, to, seen=tap.version, actor=context.me.id)
    await say.tell_all(context.voice, post, told, "post.paused" if to == State.PAUSED else "post.closed")
    await _review(context, post)
    return None


async def hide(context: Context, tap: Tap) -> Step:
    """Out of everybody's sight who has no place in it, until it is shown again; nothing of it is lost, and its shifts go on."""
    post = _post(context, tap.about)
    posts.change(context.session, post, seen=tap.version, hidden=not post.hidden)
    service.note(context.session, post, "hidden" if post.hidden else "shown", context.me.id)
    await _review(context, post)
    return None


# --- its terms


async def edit(context: Context, tap: Tap) -> Step:
    context.begin("post", post=tap.about, version=tap.version)
    return "post.edit"


async def ask_edit(context: Context) -> None:
    await context.say("post.edit", post=_post(context, context.draft["post"]))


async def hear_edit(context: Context, heard: Heard) -> Step:
    return AGAIN


async def set_(context: Context, tap: Tap) -> Step:
    """Which of the terms: written ones are asked for in words, the others are ticked."""
    if tap.choice in WRITTEN:
        context.draft["what"] = tap.choice
        return "post.value"
    if tap.choice in TICKED:
        context.draft["what"] = tap.choice
        context.draft["ticked"] = _ticked(_post(context, context.draft["post"]), tap.choice)
        return "post.tick"
    return AGAIN


async def ask_value(context: Context) -> None:
    await context.say("post.value", what=context.draft["what"])


async def hear_value(context: Context, heard: Heard) -> Step:
    values = service.understood(context.draft["what"], heard.text)
    if values is None or scrub.find(heard.text):
        await context.say("post.value_unclear")
        return None
    return await _changed(context, **values)


def _ticked(post: Post, what: str) -> list[str]:
    if what in ("days", "weeks"):
        return [str(bit) for bit in range(7) if getattr(post, what) >> bit & 1]
    return [code for code in str(getattr(post, what)).split(",") if code]


async def ask_tick(context: Context) -> None:
    local, what = context.local, context.draft["what"]
    things: dict[str, list[Any]] = {
        "days": [str(day) for day in range(7)],
        "weeks": [str(week) for week in range(5)],
        "credentials": list(local.credentials),
        "cautions": list(local.risks),
        "kind": local.categories,
    }
    ticked = context.draft["ticked"]
    choices = [{"code": getattr(one, "code", one), "thing": one} for one in things[what]]
    await context.say("post.tick", what=what, choices=choices, ticked=ticked)


async def hear_tick(context: Context, heard: Heard) -> Step:
    return AGAIN


async def tick(context: Context, tap: Tap) -> Step:
    code = tap.choice or ""
    if context.draft.get("what") == "kind":
        if code not in {kind.code for kind in context.local.categories}:
            return AGAIN
        return await _changed(context, kind=code)
    ticked = context.draft.get("ticked", [])
    context.draft["ticked"] = [one for one in ticked if one != code] if code in ticked else [*ticked, code]
    return "post.tick"


async def ticked(context: Context, tap: Tap) -> Step:
    """Only what there is is kept, whatever was tapped."""
    what, chosen = context.draft.get("what"), context.draft.get("ticked", [])
    if what == "days":
        return await _changed(context, days=posts.mask(int(one) for one in chosen if one in set("0123456")))
    if what == "weeks":
        return await _changed(
            context, weeks=posts.mask(int(one) for one in chosen if one in "01234") or posts.EVERY_WEEK
        )
    if what not in ("credentials", "cautions"):
        return AGAIN
    known = context.local.credentials if what == "credentials" else context.local.risks
    codes = [thing.code for thing in known if thing.code in chosen]
    if len(",".join(codes)) > {"credentials": 120, "cautions": 80}[what]:
        return AGAIN
    return await _changed(context, **{what: ",".join(codes)})


async def _changed(context: Context, **values: Any) -> Step:
    """Noted; where it is open everybody who holds it is asked whether it still suits."""
    draft = context.draft
    post = _post(context, draft["post"])
    seen, was_open = draft["version"], post.state == State.OPEN
    if {"days", "starts"} & set(values):
        later = {"days": post.days, "starts": post.starts, **values}
        if was_open and later["days"] and later["starts"] is None:
            return "post.edit"  # days without hours: the hours come first
    moved, cancelled = service.change(
        context.session, context.local, post, seen=seen, actor=context.me.id, **values
    )
    if was_open:
        await say.tell_changed(context.voice, post, moved, cancelled)
    context.end()
    await _review(context, post)
    return DONE if context.talk is not None else None


# --- who comes


async def ahead(context: Context, tap: Tap) -> Step:
    post = _post(context, tap.about)
    coming = shifts.ahead(context.session, post.id)[:ROWS]
    await context.say(
        "post.ahead",
        post=post,
        shifts=[
            {
                "id": shift.id,
                "time": say.span(context.voice, shift, context.language),
                "free": len(shifts.free(context.session, shift)),
            }
            for shift in coming
        ],
    )
    return None


async def roster(context: Context, tap: Tap) -> Step:
    post, shift = _shift(context, tap.about)
    await _roster(context, post, shift)
    return None


async def _roster(context: Context, post: Post, shift: Shift) -> None:
    held = shifts.places(context.session, shift.id, *shifts.COMING, *shifts.THERE)
    await context.say(
        "post.roster",
        post=post,
        shift=shift,
        time=say.span(context.voice, shift, context.language),
        people=[
            {
                "id": place.id,
                "name": people.name_of(people.get(context.session, place.person_id)),
                "state": place.state,
            }
            for place in held
        ],
        free=len(shifts.free(context.session, shift)),
        begun=shift.starts_at <= context.now(),
        bookable=appointments.is_bookable(context.local, post),
    )


async def fix(context: Context, tap: Tap) -> Step:
    place, shift = _place(context, tap.about)
    await context.say(
        "post.fix",
        place=place,
        shift=shift,
        name=people.name_of(people.get(context.session, place.person_id)),
        there=place.state in shifts.THERE,
    )
    return None


async def fixed(context: Context, tap: Tap) -> Step:
    """With its reason as an event; she hears of it."""
    place, shift = _place(context, tap.about)
    said, _, why = (tap.choice or "").partition(".")
    if said not in ("yes", "no") or why not in WHY:
        raise OldButton
    shifts.correct(context.session, shift, place, there=said == "yes")
    events.note(context.session, shift.id, Kind.CORRECTED, actor=context.me.id, code=why)
    person = people.get(context.session, place.person_id)
    post = _post(context, shift.post_id)
    await context.tell(
        person,
        "post.corrected",
        post=post,
        time=say.span(context.voice, shift, person.language),
        there=said == "yes",
    )
    await _roster(context, post, shift)
    return None


# --- calling one


async def call(context: Context, tap: Tap) -> Step:
    post = _post(context, tap.about)
    if post.state != State.OPEN or not post.on_call:
        raise OldButton
    if tap.choice is None:
        many = [n for n in CALLS if n <= max(post.slots, 1)]
        await context.say("post.how_many", post=post, many=many)
        return None
    if not tap.choice.isdecimal() or not 1 <= int(tap.choice) <= post.slots:
        raise OldButton
    shift = service.call(context.session, context.local, post, int(tap.choice), context.me.id)
    asked = await _call_out(context.voice, post, shift)
    await context.say("post.called", post=post, shift=shift, many=int(tap.choice), asked=asked)
    return None


async def _call_out(voice: Voice, post: Post, shift: Shift) -> int:
    asked = service.step_in(voice.session, voice.local, post, shift)
    for person in people.those(voice.session, asked):
        await voice.tell(
            person, "post.call_out", post=post, shift=shift, time=say.span(voice, shift, person.language)
        )
    return len(asked)
