"""A neighbour and the standing posts: which there are, taking one, its shifts, letting it go, proposing one."""

from __future__ import annotations

from typing import Any

from bot.community import appointments, cases, people, posts, proposals, rules, shifts, staff
from bot.community.people import Person
from bot.community.posts import Holding, Post, PostMember, State
from bot.community.shifts import PlaceState, Shift, ShiftPlace
from bot.context import Context
from bot.errors import CalledOff, NotYours, OldButton, PlacesTaken, PostGone
from bot.flow import DONE, Heard, Step, Tap
from bot.handlers.post import service
from bot.spoken import said_span
from bot.understanding.yes_no import yes_no
from bot.voice import REMINDER, Voice
from privacy import scrub
from privacy.purposes import purposes

PAGE = 5
IDEA_MAX = 300  # characters


# --- who may tap what


def there_is(context: Context, tap: Tap) -> bool:
    _in_sight(context, tap.about)
    return True


def open_now(context: Context, tap: Tap) -> bool:
    """Registered, and the post open as its card said. Raises PostGone, and OldButton for other terms than she read."""
    rules.known(context.person)
    post = _in_sight(context, tap.about)
    if post.state != State.OPEN:
        raise PostGone
    if post.version != tap.version:
        raise OldButton
    return True


def open_then(context: Context, tap: Tap) -> bool:
    """The same for one shift of it, which still takes place. Raises CalledOff too."""
    shift = shifts.get(context.session, tap.about)
    if shift is None:
        rules.known(context.person)
        raise NotYours
    open_now(context, tap._replace(about=shift.post_id))
    if shift.state == shifts.ShiftState.CANCELLED:
        raise CalledOff
    if not shifts.is_on(context.session, shift):
        raise PostGone
    return True


def holder(context: Context, tap: Tap) -> bool:
    _member(context, tap)
    return True


def as_read(context: Context, tap: Tap) -> bool:
    """She agrees to the terms she has read, not to later ones (R7)."""
    holder(context, tap)
    if _post(context, tap.about).version != tap.version:
        raise OldButton
    return True


def offered(context: Context, tap: Tap) -> bool:
    """A place that waits for her yes; raises PostGone while the post rests."""
    if _member(context, tap).state != Holding.OFFERED:
        raise OldButton
    if _post(context, tap.about).state != State.OPEN:
        raise PostGone
    return True


def of_shift(context: Context, tap: Tap) -> bool:
    """Whoever has been asked about this shift, has a place in it, or belongs to its post."""
    _mine(context, tap)
    return True


def of_shift_now(context: Context, tap: Tap) -> bool:
    _, shift, _ = _mine(context, tap)
    if not shifts.is_on(context.session, shift):
        raise PostGone
    return True


def with_place(context: Context, tap: Tap) -> bool:
    of_shift_now(context, tap)
    if _place(context, tap).seat is None:
        raise OldButton
    return True


def notice_read(context: Context, tap: Tap) -> bool:
    """Registered, and the yes stands under the notice as it is now."""
    rules.known(context.person)
    if (tap.about, tap.version) != ("-", _notice()):
        raise OldButton
    return True


def _notice() -> int:
    return purposes()[shifts.HOURS].notice


def at_post(context: Context, tap: Tap) -> bool:
    """From a little before its beginning until a while after its end; shifts.arrive and go look at the rest."""
    _mine(context, tap)
    _place(context, tap)
    return True


def _post(context: Context, post_id: str) -> Post:
    """A post that was opened once. Raises NotYours for what there is not, PostGone for what is over."""
    post = posts.get(context.session, post_id)
    if post is None or post.state == State.PROPOSED:
        raise NotYours
    if post.state == State.CLOSED:
        raise PostGone
    return post


def _in_sight(context: Context, post_id: str) -> Post:
    """The same, and she may read of it. Raises PostGone where it is hidden for now."""
    post = _post(context, post_id)
    if not posts.in_sight(context.session, post, context.person.id if context.person is not None else None):
        raise PostGone
    return post


def _member(context: Context, tap: Tap) -> PostMember:
    """How she stands to the post. Raises OldButton where she does not hold it or wait for it any more."""
    member = posts.member(context.session, tap.about, rules.known(context.person).id)
    if member is None:
        raise OldButton
    return member


def _mine(context: Context, tap: Tap) -> tuple[Post, Shift, ShiftPlace | None]:
    """Raises NotYours for a shift she has nothing to do with, and for one that there is not; CalledOff."""
    shift, me = shifts.get(context.session, tap.about), rules.known(context.person)
    if shift is None:
        raise NotYours
    if shift.state == shifts.ShiftState.CANCELLED:  # nobody can tell any more who was asked
        raise CalledOff
    place = shifts.place_of(context.session, shift.id, me.id)
    if place is None and posts.member(context.session, shift.post_id, me.id) is None:
        raise NotYours
    post = posts.get(context.session, shift.post_id)
    assert post is not None  # noqa: S101  a foreign key
    return post, shift, place


def _place(context: Context, tap: Tap) -> ShiftPlace:
    _, _, place = _mine(context, tap)
    if place is None:
        raise OldButton
    return place


# --- how a post and a shift are said


def schedule(voice: Voice, post: Post, language: str) -> str:
    """On which days of the week and when, in local time."""
    begin = post.starts
    end = (begin.hour * 60 + begin.minute + post.minutes) % 1440 if begin else 0
    hours = f"{begin:%H:%M}–{end // 60:02}:{end % 60:02}" if begin else ""
    return voice.house.texts.line("post.schedule", language, post=post, hours=hours)


def span(voice: Voice, shift: Shift, language: str) -> str:
    """When a shift is, in local time."""
    tz, local = voice.local.tz, voice.local
    begin, end = shift.starts_at.astimezone(tz), shift.ends_at.astimezone(tz)
    return said_span(begin, end, local, language, voice.now().astimezone(tz).year)


def terms(voice: Voice, post: Post, language: str) -> dict[str, Any]:
    """All that is said of a post before somebody takes it (R9)."""
    risks = posts.risks_of(voice.local, post)
    return {
        "post": post,
        "schedule": schedule(voice, post, language),
        "needs": posts.credentials_of(voice.local, post),
        "risks": risks,
        "bodily": any(risk.bodily for risk in risks),
        "insured": post.insured_at is not None,
        "agreement": posts.needs_agreement(voice.local, post),
    }


# --- which there are


async def list_(context: Context, tap: Tap) -> Step:
    """By when each is held next, those on call last."""
    voice = context.voice
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    found: list[tuple[Post, Shift | None]] = [
        (post, next(iter(shifts.ahead(context.session, post.id)), None))
        for post in posts.shown(context.session)
    ]
    timed = sorted((shift.starts_at, n) for n, (_, shift) in enumerate(found) if shift is not None)
    in_order = [found[n] for _, n in timed] + [(post, shift) for post, shift in found if shift is None]
    shown = in_order[page * PAGE : page * PAGE + PAGE]
    await context.say(
        "post.list",
        posts=[
            {
                "post": post,
                "time": span(voice, shift, context.language)
                if shift
                else schedule(voice, post, context.language),
                "free": len(posts.free(context.session, post)),
            }
            for post, shift in shown
        ],
        following=page + 1 if len(in_order) > (page + 1) * PAGE else None,
        mine=context.person is not None and _has_any(context),
        staff=service.is_staff(context.session, context.person),
    )
    return None


def _has_any(context: Context) -> bool:
    session, me = context.session, context.me.id
    return bool(posts.of_person(session, me) or shifts.of_person(session, me, since=context.now()))


async def card(context: Context, tap: Tap) -> Step:
    await _card(context, _post(context, tap.about))
    return None


async def link(context: Context, number: str) -> Step:
    """From the poster: the number of the post."""
    post = posts.numbered(context.session, int(number)) if number.isdecimal() and len(number) < 9 else None
    me = context.person.id if context.person is not None else None
    if post is None or not posts.in_sight(context.session, post, me):
        await context.say("post.gone")
    else:
        await _card(context, post)
    return None


async def _card(context: Context, post: Post) -> None:
    person = context.person
    member = posts.member(context.session, post.id, person.id) if person is not None else None
    await context.say(
        "post.card",
        **terms(context.voice, post, context.language),
        free=len(posts.free(context.session, post)),
        holding=member.state if member is not None else "",
        staff=service.is_staff(context.session, person),
        known=person is not None,
        bookable=appointments.is_bookable(context.local, post),
        once=person is not None and bool(shifts.single(context.session, context.local, post, person.id)),
    )


# --- taking one, and letting it go


async def join(context: Context, tap: Tap) -> Step:
    """What is needed and what is risked is read before anything is agreed."""
    post = _post(context, tap.about)
    if await _may_not(context, post):
        return None
    await context.say("post.terms", **terms(context.voice, post, context.language))
    return None


async def agree(context: Context, tap: Tap) -> Step:
    post = _post(context, tap.about)
    may = service.may_hold(context.session, context.me)
    if not may or posts.lacking(context.session, context.local, post, context.me.id):
        return await join(context, tap)
    member = service.join(context.session, context.local, post, context.me)
    if member.state != Holding.JOINED:
        waiting = posts.members(context.session, post.id, Holding.WAITING)
        before = [one.id for one in waiting].index(member.id) if member in waiting else 0
        await context.say("post.waiting", post=post, before=before)
        return None
    await _joined(context, post)
    return None


async def _joined(context: Context, post: Post) -> None:
    mine = shifts.of_person(context.session, context.me.id, since=context.now())
    first = next((shift for shift, _ in mine if shift.post_id == post.id), None)
    await context.say(
        "post.joined",
        post=post,
        time=span(context.voice, first, context.language) if first is not None else "",
        kept=shifts.keeps_hours(context.session, context.me.id),
    )


async def once(context: Context, tap: Tap) -> Step:
    """One shift and no more: what is free, and what is to be known before."""
    post = _post(context, tap.about)
    if await _may_not(context, post):
        return None
    found = shifts.single(context.session, context.local, post, context.me.id)[:PAGE]
    singles = [{"id": one.id, "time": span(context.voice, one, context.language)} for one in found]
    await context.say("post.once", singles=singles, **terms(context.voice, post, context.language))
    return None


async def _may_not(context: Context, post: Post) -> bool:
    """She is told what comes first: the pool, or something staff must see."""
    if not service.may_hold(context.session, context.me):
        await context.say("post.pool_first", post=post)
        return True
    lacking = posts.lacking(context.session, context.local, post, context.me.id)
    if lacking:
        await context.say("post.needs", post=post, needs=lacking)
    return bool(lacking)


async def this_once(context: Context, tap: Tap) -> Step:
    """She comes this one time; who holds the post or waits for it stays where she is."""
    shift = shifts.get(context.session, tap.about)
    assert shift is not None  # noqa: S101  the rule has seen it
    post = _post(context, shift.post_id)
    if await _may_not(context, post):
        return None
    if shift.id not in {one.id for one in shifts.single(context.session, context.local, post, context.me.id)}:
        raise PlacesTaken
    shifts.take(context.session, context.local, shift, context.me.id)
    await _shift(context, tap)
    return None


async def offer_yes(context: Context, tap: Tap) -> Step:
    """Her turn has come; what she read may have changed since she began to wait."""
    post, member = _post(context, tap.about), _member(context, tap)
    if posts.lacking(context.session, context.local, post, context.me.id):
        return await join(context, tap)
    posts.agree(context.session, post, member)
    service.accept(context.session, context.local, post, member)
    await _joined(context, post)
    return None


async def leave(context: Context, tap: Tap) -> Step:
    """One tap: no reason, no trace. Who waits hears of it from the next look at the post."""
    post, member = _post(context, tap.about), _member(context, tap)
    shifts.leave(context.session, member)
    await context.say("post.left", post=post)
    return None


async def still(context: Context, tap: Tap) -> Step:
    """The new terms suit her too."""
    post, member = _post(context, tap.about), _member(context, tap)
    posts.agree(context.session, post, member)
    await (_joined if member.state == Holding.JOINED else _card)(context, post)
    return None


# --- her shifts


async def mine(context: Context, tap: Tap) -> Step:
    session, me = context.session, context.me.id
    coming = shifts.of_person(session, me, since=context.now())
    held = posts.of_person(session, me)
    known = {post.id: post for post in posts.listed(session, *State)}
    await context.say(
        "post.mine",
        shifts=[
            {
                "id": shift.id,
                "post": known[shift.post_id],
                "time": span(context.voice, shift, context.language),
                "state": place.state,
            }
            for shift, place in coming[:PAGE]
        ],
        posts=[{"post": known[one.post_id], "state": one.state} for one in held],
        kept=shifts.keeps_hours(session, me),
    )
    return None


async def shift_card(context: Context, tap: Tap) -> Step:
    await _shift(context, tap)
    return None


async def _shift(context: Context, tap: Tap) -> None:
    post, shift, place = _mine(context, tap)
    now = context.now()
    await context.say(
        "post.shift",
        post=post,
        shift=shift,
        time=span(context.voice, shift, context.language),
        state=place.state if place is not None else "",
        on=shifts.is_on(context.session, shift),
        begun=shift.starts_at - shifts.EARLY <= now <= shift.ends_at,
        wanted=shifts.wanted(context.session, shift),
        bookable=appointments.is_bookable(context.local, post),
    )


async def come(context: Context, tap: Tap) -> Step:
    """This time she comes: her own place, a free one, or that of somebody who looks for a deputy."""
    post, shift, place = _mine(context, tap)
    session, local = context.session, context.local
    if place is not None and place.seat is not None:
        shifts.confirm(session, local, shift, place)
    else:
        if posts.lacking(session, local, post, context.me.id):
            await context.say("post.needs", post=post, needs=posts.credentials_of(local, post))
            return None
        _, relieved = shifts.take(session, local, shift, context.me.id)
        if relieved is not None:
            await _tell_shift(context.voice, people.get(session, relieved), "post.relieved", post, shift)
    await _shift(context, tap)
    return None


async def cannot(context: Context, tap: Tap) -> Step:
    _, shift, place = _mine(context, tap)
    if place is None:
        raise OldButton
    shifts.decline(context.session, shift, place)
    await _shift(context, tap)
    return None


async def deputy(context: Context, tap: Tap) -> Step:
    """Nobody is named and nobody chosen: whoever could is asked, the first yes counts."""
    _, shift, _ = _mine(context, tap)
    shifts.seek(context.session, context.local, shift, _place(context, tap))
    await _shift(context, tap)
    return None


async def here(context: Context, tap: Tap) -> Step:
    _, shift, _ = _mine(context, tap)
    shifts.arrive(context.session, shift, _place(context, tap))
    await _shift(context, tap)
    return None


async def gone(context: Context, tap: Tap) -> Step:
    _, shift, _ = _mine(context, tap)
    shifts.go(context.session, shift, _place(context, tap))
    await _shift(context, tap)
    return None


# --- her hours


async def hours(context: Context, tap: Tap) -> Step:
    kept = shifts.keeps_hours(context.session, context.me.id)
    await context.say("post.hours", kept=kept, notice=_notice())
    return None


async def hours_yes(context: Context, tap: Tap) -> Step:
    if not shifts.keeps_hours(context.session, context.me.id):
        service.keep_hours(context.session, context.me)
    await context.say("post.hours_kept")
    return None


# --- proposing one


async def propose(context: Context, tap: Tap) -> Step:
    context.begin("post")
    return "post.idea"


async def ask_idea(context: Context) -> None:
    await context.say("post.idea")


async def hear_idea(context: Context, heard: Heard) -> Step:
    words, hidden = scrub.clean(heard.text, cases.HIDDEN)
    if len(words) > IDEA_MAX:
        await context.say("post.too_long")
        return None
    context.draft.update(words=words, hidden=bool(hidden))
    return "post.idea_check"


async def ask_idea_check(context: Context) -> None:
    await context.say("post.idea_check", words=context.draft["words"], hidden=context.draft["hidden"])


async def hear_idea_check(context: Context, heard: Heard) -> Step:
    """Sending is a tap of its own, or a plain yes; other words are the idea written anew."""
    return await _sent(context) if yes_no(heard.text) else await hear_idea(context, heard)


async def idea_send(context: Context, tap: Tap) -> Step:
    return await _sent(context)


async def _sent(context: Context) -> Step:
    post = service.propose(context.session, context.me, context.local, context.draft["words"])
    members = rules.others_on_duty(context.session, context.me)
    for member in members:
        await context.tell(member, "post.new_idea", post=post, name=people.name_of(context.me))
    await context.say("post.idea_sent", heard=bool(members))
    return DONE


# --- timed work


async def tend(voice: Voice, post_id: str) -> None:
    """Its shifts are there; who waits is offered what is free. Of what is only proposed staff are reminded."""
    post = posts.get(voice.session, post_id)
    if post is None or post.due_at is None or post.due_at > voice.now():
        return
    if post.state == State.PROPOSED:
        await _undecided(voice, post)
        return
    for member in service.tend(voice.session, voice.local, post):
        person = people.get(voice.session, member.person_id)
        values = terms(voice, post, person.language)
        await voice.tell(person, "post.offer", until=member.due_at, **values)


async def _undecided(voice: Voice, post: Post) -> None:
    """Staff are reminded once; when it was kept long enough it is not opened, and whoever proposed it hears so."""
    proposer = people.get(voice.session, post.proposed_by) if post.proposed_by is not None else None
    if not service.give_up(voice.session, voice.local, post):
        name = people.name_of(proposer) if proposer is not None else ""
        for member in staff.on_duty(voice.session):
            if member.id != post.proposed_by:
                await voice.tell(member, "post.new_idea", post=post, name=name, priority=REMINDER)
    elif proposer is not None:
        await voice.tell(proposer, "post.idea_declined", post=post)


async def look(voice: Voice, member_id: str) -> None:
    """An offer is over, or a credential may have expired."""
    member = posts.member_by_id(voice.session, member_id)
    if member is None or member.due_at is None or member.due_at > voice.now():
        return
    post, person = posts.get(voice.session, member.post_id), people.get(voice.session, member.person_id)
    if post is None:
        return
    if member.state == Holding.OFFERED:
        if post.state != State.OPEN or not posts.members(voice.session, post.id, Holding.WAITING):
            posts.look_again(voice.session, member, voice.local.morning_after(voice.now()))
            return  # nobody waits behind her, so it stays hers to take
        service.pass_on(voice.session, voice.local, member)
        await voice.tell(person, "post.offer_over", post=post, priority=REMINDER)
    elif service.expired(voice.session, voice.local, post, member):
        needs = posts.credentials_of(voice.local, post)
        had = posts.had_one(voice.session, needs, person.id)
        await voice.tell(person, "post.lapsed", post=post, needs=needs, had=had, priority=REMINDER)


async def tend_shift(voice: Voice, shift_id: str) -> None:
    """Who could step in is asked; a gap that is near is known to staff; what is over is over; what was kept long enough goes."""
    session, shift = voice.session, shifts.get(voice.session, shift_id)
    if shift is None or shift.due_at is None or shift.due_at > voice.now():
        return
    if shift.state != shifts.ShiftState.OPEN:
        shifts.fade(session, shift)
        return
    if shift.ends_at + shifts.LATE <= voice.now():
        shifts.finish(session, shift)
        return
    post = posts.get(session, shift.post_id)
    assert post is not None  # noqa: S101  a foreign key
    asked = service.step_in(session, voice.local, post, shift)
    for person in people.those(session, asked):
        await _tell_shift(voice, person, "post.step_in", post, shift)
    if service.look_again(session, voice.local, shift):
        free = len(shifts.free(session, shift))
        out = (
            None
            if proposals.is_asking(session, shift.id)
            else proposals.told(session, voice.local, shift, free)
        )
        for member in staff.on_duty(session):
            await _tell_shift(voice, member, "post.gap", post, shift, free=free, asked=len(asked), until=out)


async def remind(voice: Voice, place_id: str) -> None:
    """The evening before and an hour before; nobody who has said no."""
    place = shifts.place_by_id(voice.session, place_id)
    if place is None or place.due_at is None or place.due_at > voice.now():
        return
    shift = shifts.get(voice.session, place.shift_id)
    assert shift is not None  # noqa: S101  a foreign key
    shifts.reminded(voice.session, voice.local, shift, place)
    post = posts.get(voice.session, shift.post_id)
    if post is None or not shifts.is_on(voice.session, shift) or shift.starts_at <= voice.now():
        return
    person = people.get(voice.session, place.person_id)
    await voice.tell(
        person,
        "post.remind",
        priority=REMINDER,
        post=post,
        shift=shift,
        at=shift.starts_at,
        sure=place.state == PlaceState.CONFIRMED,
    )


async def _tell_shift(
    voice: Voice, person: Person, name: str, post: Post, shift: Shift, **values: Any
) -> None:
    time = span(voice, shift, person.language)
    await voice.tell(person, name, post=post, shift=shift, time=time, **values)


# --- what staff decide is told here too


async def tell_changed(
    voice: Voice, post: Post, moved: list[Shift], cancelled: list[tuple[Shift, list[str]]]
) -> None:
    """Everybody of the post reads what became of her own shifts, and is asked whether the new terms suit; who only steps in is
    asked about that one shift.
    """
    session = voice.session
    members = [one.person_id for one in posts.members(session, post.id)]
    moving = {shift.id: shifts.people_of(session, shift, *shifts.COMING) for shift in moved}
    for person in people.those(session, members):
        await voice.tell(
            person,
            "post.changed",
            moved=any(person.id in coming for coming in moving.values()),
            off=[span(voice, shift, person.language) for shift, coming in cancelled if person.id in coming],
            **terms(voice, post, person.language),
        )
    for shift in moved:
        for person in people.those(session, [one for one in moving[shift.id] if one not in members]):
            await _tell_shift(voice, person, "post.moved", post, shift)
    for shift, coming in cancelled:
        for person in people.those(session, [one for one in coming if one not in members]):
            await _tell_shift(voice, person, "post.cancelled", post, shift)


async def tell_all(voice: Voice, post: Post, person_ids: list[str], name: str) -> None:
    """`there`: a shift that is going on is hers, and goes on."""
    going_on = shifts.coming(voice.session, post.id, voice.now())
    there = {person_id for _, coming in going_on for person_id in coming}
    for person in people.those(voice.session, person_ids):
        await voice.tell(person, name, post=post, there=person.id in there)
