"""Who is asked about a shift of next week, what she answers, and what staff hear of the rest."""

from __future__ import annotations

from typing import Any

from bot.community import cases, claims, people, posts, proposals, rules, shifts, staff
from bot.community.posts import Post
from bot.community.proposals import Asked, Empties, ShiftGap
from bot.community.shifts import Shift
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton, PlacesTaken, PostGone
from bot.flow import Step, Tap
from bot.handlers.propose import service
from bot.understanding.times import When
from bot.voice import Voice


def was_asked(context: Context, tap: Tap) -> bool:
    """She was asked about this shift, and it still takes place. Raises PostGone when it does not."""
    _asked(context, tap)
    return True


def _asked(context: Context, tap: Tap) -> tuple[Post, Shift]:
    shift = shifts.get(context.session, tap.about)
    if shift is None or shifts.place_of(context.session, shift.id, rules.known(context.person).id) is None:
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
    if not shifts.is_on(context.session, shift) or not shifts.free(context.session, shift):
        raise PostGone
    gap = proposals.gap(context.session, shift.id)
    if gap is not None and service.is_asking(context.session, gap):
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
    await context.say("propose.gap", places=places, why=None, alone=False, **values)
    return None


async def ask_all(context: Context, tap: Tap) -> Step:
    """Staff ask everybody, in their own name: from here on it is a need as any other."""
    shift = shifts.get(context.session, tap.about)
    assert shift is not None  # noqa: S101  the rule has seen it
    post = _post_of(context.voice, shift)
    line = context.house.texts.line
    story = "\n".join(
        dict.fromkeys(line("propose.story", each, **said(post, shift)) for each in ("zh", "en"))
    )
    case = service.ask_all(context.session, context.local, post, shift, context.me, story)
    await context.say("propose.opened", about=case, kind=context.local.kind(post.kind))
    return None


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
    values: dict[str, Any] = {"places": empty.places, "why": empty.why.value, "alone": empty.alone}
    for member in staff.on_duty(voice.session):
        await voice.tell(member, "propose.gap", **values, **said(empty.post, empty.shift))


async def settle(voice: Voice, shift_id: str) -> None:
    """Who claims the need has the shift with it; where somebody else comes, nobody is asked any more."""
    gap, shift = proposals.gap(voice.session, shift_id), shifts.get(voice.session, shift_id)
    if (
        gap is None
        or shift is None
        or gap.case_id is None
        or shift_id not in proposals.to_settle(voice.session)
    ):
        return
    case = cases.get(voice.session, gap.case_id)
    assert case is not None  # noqa: S101  a foreign key
    if case.state in cases.LOOKING and gap.taken_by is not None:
        service.give_back(voice.session, gap, shift)
    elif case.state in cases.LOOKING:
        tidings = service.no_longer_needed(voice.session, case)
        await voice.bring(tidings)
        await voice.tell(people.get(voice.session, case.person_id), "propose.filled", about=case, aside=True)
    else:
        await _joined(voice, gap, shift, case)


async def _joined(voice: Voice, gap: ShiftGap, shift: Shift, case: cases.Case) -> None:
    claim = claims.live(voice.session, case.id)
    if claim is None:
        return
    gap.taken_by = claim.person_id
    voice.session.add(gap)
    if service.join(voice.session, voice.local, _post_of(voice, shift), shift, claim.person_id):
        helper, values = people.get(voice.session, claim.person_id), said(_post_of(voice, shift), shift)
        await voice.tell(helper, "propose.joined", number=case.number, **values)


async def over(voice: Voice, shift_id: str) -> None:
    proposals.over(voice.session, shift_id)
