"""Who is asked about a shift of next week, what she answers, and what staff hear of the rest."""

from __future__ import annotations

from typing import Any

from bot.community import cases, claims, events, people, posts, proposals, rules, shifts, staff
from bot.community.claims import Claim
from bot.community.events import Kind
from bot.community.people import Person
from bot.community.posts import Post
from bot.community.proposals import Asked, Empties, ShiftNeed
from bot.community.shifts import Shift, ShiftState
from bot.community.staff import Role
from bot.context import Context
from bot.errors import CalledOff, NotYours, OldButton, PlacesTaken, PostGone
from bot.flow import Step, Tap
from bot.handlers.propose import service
from bot.understanding.times import When
from bot.voice import Voice


def was_asked(context: Context, tap: Tap) -> bool:
    """She was asked about this shift, and it still takes place. Raises CalledOff or PostGone when it does not."""
    _asked(context, tap)
    return True


def _asked(context: Context, tap: Tap) -> tuple[Post, Shift]:
    shift = shifts.get(context.session, tap.about)
    me = rules.known(context.person)
    if shift is None:
        raise NotYours
    if shift.state == ShiftState.CANCELLED:  # nobody can tell any more who was asked
        raise CalledOff
    if shifts.place_of(context.session, shift.id, me.id) is None:
        raise NotYours
    if not shifts.is_on(context.session, shift):
        raise PostGone
    return _post_of(context.voice, shift), shift


def on_duty_for_gap(context: Context, tap: Tap) -> bool:
    """Staff, for places nobody comes to and nobody else has been asked about in their name."""
    if not staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR):
        raise NotYours
    shift = shifts.get(context.session, tap.about)
    if shift is None:
        raise NotYours
    if shift.state == ShiftState.CANCELLED:
        raise CalledOff
    if not shifts.is_on(context.session, shift) or not shifts.free(context.session, shift):
        raise PostGone
    if proposals.is_asking(context.session, shift.id):
        raise OldButton
    return True


def _post_of(voice: Voice, shift: Shift) -> Post:
    post = posts.get(voice.session, shift.post_id)
    assert post is not None  # noqa: S101  a foreign key
    return post


def said(post: Post, shift: Shift) -> dict[str, Any]:
    """A shift as a message says it."""
    return {
        "what": post.name,
        "when": When(shift.starts_at, shift.ends_at),
        "where": post.place,
        "shift_id": shift.id,
    }


async def yes(context: Context, tap: Tap) -> Step:
    """The place is hers, if it is still free and staff have seen what it needs."""
    post, shift = _asked(context, tap)
    lacking = posts.lacking(context.session, context.local, post, context.me.id)
    if lacking:
        await context.say("propose.lacking", titles=lacking, **said(post, shift))
        return None
    place = shifts.place_of(context.session, shift.id, context.me.id)
    if (place is None or place.seat is None) and not shifts.free(context.session, shift):
        raise PlacesTaken
    shifts.take(context.session, context.local, shift, context.me.id)
    proposals.answered(context.session, shift.id, context.me.id)
    proposals.filled(context.session, shift.id)
    await context.say("propose.yours", **said(post, shift))
    return None


async def no(context: Context, tap: Tap) -> Step:
    """No reason, no trace; somebody else is looked for at once."""
    _, shift = _asked(context, tap)
    place = shifts.place_of(context.session, shift.id, context.me.id)
    assert place is not None  # noqa: S101  _asked has seen it
    shifts.decline(context.session, shift, place)
    proposals.answered(context.session, shift.id, context.me.id)
    proposals.look_again(context.session)
    await context.say("propose.no")
    return None


async def look(context: Context, tap: Tap) -> Step:
    """The gap as it is now; why nobody could be found was told when it was looked for."""
    shift = shifts.get(context.session, tap.about)
    assert shift is not None  # noqa: S101  the rule has seen it
    places = len(shifts.free(context.session, shift))
    values = said(_post_of(context.voice, shift), shift)
    until = proposals.out_of_itself(context.session, shift.id)
    await context.say("propose.gap", places=places, why=None, alone=False, until=until, **values)
    return None


async def ask_all(context: Context, tap: Tap) -> Step:
    """Staff ask everybody, in their own name: from here on it is a need as any other."""
    post, shift = _gap(context, tap)
    case = _ask_all(context.voice, post, shift, context.me, actor=context.me.id)
    await context.say("propose.opened", about=case, kind=context.local.kind(post.kind))
    return None


async def not_all(context: Context, tap: Tap) -> Step:
    """Staff would rather find somebody themselves: nothing goes out by itself."""
    post, shift = _gap(context, tap)
    proposals.not_asked(context.session, shift.id)
    events.note(context.session, shift.id, Kind.POST, actor=context.me.id, code="not_asked")
    await context.say("propose.left", **said(post, shift))
    return None


def _gap(context: Context, tap: Tap) -> tuple[Post, Shift]:
    shift = shifts.get(context.session, tap.about)
    assert shift is not None  # noqa: S101  the rule has seen it
    return _post_of(context.voice, shift), shift


def _ask_all(voice: Voice, post: Post, shift: Shift, member: Person, *, actor: str | None) -> cases.Case:
    line = voice.house.texts.line
    story = "\n".join(
        dict.fromkeys(line("propose.story", each, **said(post, shift)) for each in ("zh", "en"))
    )
    return service.ask_all(voice.session, voice.local, post, shift, member, story, actor=actor)


# --- timed work


async def week(voice: Voice, item: str) -> None:
    """Each is asked about one shift at a time; staff hear at once what nobody could be found for."""
    if not proposals.due(voice.session):
        return
    work = proposals.work(voice.session, voice.local)
    for asked in work.asked:
        await _ask(voice, asked)
    for empty in work.empty:
        await _tell_staff(voice, empty)


async def _ask(voice: Voice, asked: Asked) -> None:
    await voice.tell(
        people.get(voice.session, asked.person_id),
        "propose.ask",
        member=asked.member,
        kind=voice.local.kind(asked.post.kind),
        risks=posts.risks_of(voice.local, asked.post),
        until=asked.until,
        **said(asked.post, asked.shift),
    )


async def _tell_staff(voice: Voice, empty: Empties) -> None:
    why, places, alone, out = empty.why.value, empty.places, empty.alone, empty.out
    values: dict[str, Any] = {"places": places, "why": why, "alone": alone, "until": out}
    for member in staff.on_duty(voice.session):
        await voice.tell(member, "propose.gap", **values, **said(empty.post, empty.shift))


async def ask_by_itself(voice: Voice, shift_id: str) -> None:
    """Nobody of staff has said no: everybody is asked, in the name of who is on duty, who hears so."""
    shift = shifts.get(voice.session, shift_id)
    if shift is None or shift_id not in proposals.to_open(voice.session):
        return
    members = staff.on_duty(voice.session, Role.DUTY) or staff.on_duty(voice.session)
    post = _post_of(voice, shift)
    wanted = shifts.is_on(voice.session, shift) and shifts.free(voice.session, shift)
    if not wanted or not members or proposals.is_asking(voice.session, shift.id):
        proposals.not_asked(voice.session, shift.id)
        return
    case = _ask_all(voice, post, shift, members[0], actor=None)
    await voice.tell(
        members[0], "propose.went_out", about=case, kind=voice.local.kind(post.kind), **said(post, shift)
    )


async def settle(voice: Voice, case_id: str) -> None:
    """Who claims the need has the shift with it; where somebody else comes, nobody is asked any more."""
    session, need = voice.session, proposals.need(voice.session, case_id)
    if need is None or case_id not in proposals.to_settle(session):
        return
    case, shift = cases.get(session, case_id), shifts.get(session, need.shift_id)
    assert case is not None  # noqa: S101  a foreign key
    assert shift is not None  # noqa: S101  a foreign key
    claim = claims.live(session, case.id)
    if case.state in cases.LOOKING and need.taken_by is not None:
        service.give_back(session, need, shift)
    elif case.state in cases.LOOKING or not _has_place(voice, shift, claim):
        await voice.bring(service.no_longer_needed(session, case))
        await voice.tell(people.get(session, case.person_id), "propose.filled", about=case, aside=True)
    elif claim is not None:
        await _joined(voice, need, shift, case, claim)


def _has_place(voice: Voice, shift: Shift, claim: Claim | None) -> bool:
    """Whether it takes place, and there is a place for who claimed."""
    if not shifts.is_on(voice.session, shift):
        return False
    hers = claim is not None and shifts.place_of(voice.session, shift.id, claim.person_id)
    return bool(shifts.free(voice.session, shift) or (hers and hers.seat is not None))


async def _joined(voice: Voice, need: ShiftNeed, shift: Shift, case: cases.Case, claim: Claim) -> None:
    """She has the shift; or hears at once that staff must have seen something first, and others are asked."""
    post, helper = _post_of(voice, shift), people.get(voice.session, claim.person_id)
    values = {"number": case.number, **said(post, shift)}
    lacking = posts.lacking(voice.session, voice.local, post, helper.id)
    if not lacking:
        service.join(voice.session, voice.local, shift, need, helper.id)
        await voice.tell(helper, "propose.joined", **values)
        return
    service.turn_away(voice.session, voice.local, case, claim)
    await voice.take_back(helper, "claim.not_needed", about=case)
    await voice.tell(helper, "propose.not_placed", titles=lacking, **values)


async def over(voice: Voice, shift_id: str) -> None:
    proposals.over(voice.session, shift_id)
