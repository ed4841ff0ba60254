"""A neighbour chooses a time at a post; who holds the post sees when somebody comes, and once the shift runs, who."""

from __future__ import annotations

from typing import Any

from bot.community import appointments, people, posts, rules, shifts
from bot.community.appointments import SLOT, Appointment, SlotTaken
from bot.community.posts import Post
from bot.community.shifts import Shift
from bot.context import Context
from bot.errors import NotYours, OldButton, PostGone
from bot.flow import Step, Tap
from bot.understanding.times import When
from bot.voice import REMINDER, Voice

SHOWN = 5  # so many shifts are offered at once


# --- who may tap what


def can_come(context: Context, tap: Tap) -> bool:
    """Anybody known, to a post one can come to. Raises PostGone where it rests or has ended."""
    _post(context, tap.about)
    return True


def can_come_then(context: Context, tap: Tap) -> bool:
    _shift(context, tap.about)
    return True


def hers(context: Context, tap: Tap) -> bool:
    """Her own. Raises OldButton for one that is over or cancelled, and for anybody else's: a forger learns nothing."""
    _appointment(context, tap)
    return True


def holds_shift(context: Context, tap: Tap) -> bool:
    """Who has a place in this shift, and nobody else."""
    me = rules.known(context.person)
    place = shifts.place_of(context.session, tap.about, me.id)
    if place is None or place.seat is None:
        raise NotYours
    return True


def _post(context: Context, post_id: str) -> Post:
    rules.known(context.person)
    post = posts.get(context.session, post_id)
    if post is None:
        raise NotYours
    if not appointments.is_bookable(context.local, post):
        raise PostGone
    return post


def _shift(context: Context, shift_id: str) -> tuple[Post, Shift]:
    shift = shifts.get(context.session, shift_id)
    if shift is None:
        raise NotYours
    post = _post(context, shift.post_id)
    if not shifts.is_on(context.session, shift):
        raise PostGone
    return post, shift


def _appointment(context: Context, tap: Tap) -> Appointment:
    one = appointments.get(context.session, tap.about)
    if one is None or one.person_id != rules.known(context.person).id:
        raise OldButton
    return one


# --- choosing


async def list_(context: Context, tap: Tap) -> Step:
    """Where one can come next, and where she has said she comes."""
    mine = appointments.of_person(context.session, context.me.id)
    found = appointments.bookable(context.session, context.local)
    await context.say(
        "book.posts",
        offers=[
            {
                "post_id": post.id,
                "name": post.name,
                "time": _time(appointments.ahead(context.session, post)[0]),
            }
            for post in found
        ],
        appointments=[{"id": one.id, "time": When(one.at, one.at + SLOT)} for one in mine],
    )
    return None


async def shifts_of(context: Context, tap: Tap) -> Step:
    post = _post(context, tap.about)
    ahead = appointments.ahead(context.session, post)[:SHOWN]
    times = [{"id": shift.id, "time": _time(shift)} for shift in ahead]
    await context.say("book.shifts", what=post.name, where=post.place, times=times)
    return None


async def slots_of(context: Context, tap: Tap) -> Step:
    post, shift = _shift(context, tap.about)
    await context.say(
        "book.slots", free=_free(context, shift), post_id=post.id, **_said(post, shift, _time(shift))
    )
    return None


def _free(context: Context, shift: Shift) -> list[dict[str, Any]]:
    at = appointments.slots(shift)
    free = appointments.free(context.session, shift)
    return [{"n": number, "clock": f"{at[number].astimezone(context.local.tz):%H:%M}"} for number in free]


async def take(context: Context, tap: Tap) -> Step:
    """Another time at the same post takes the place of the one she had."""
    _, shift = _shift(context, tap.about)
    if tap.choice is None or not tap.choice.isdecimal() or not appointments.is_held(context.session, shift):
        raise SlotTaken
    number = int(tap.choice)
    one = appointments.take(context.session, context.local, shift, number, context.me.id)
    await context.say("book.booked", **_of(context.voice, one))
    return None


async def mine(context: Context, tap: Tap) -> Step:
    await context.say("book.booked", **_of(context.voice, _appointment(context, tap)))
    return None


async def cancel(context: Context, tap: Tap) -> Step:
    """No reason, no trace: the time is free for others."""
    appointments.cancel(context.session, _appointment(context, tap))
    await context.say("book.cancelled")
    return None


async def visitors(context: Context, tap: Tap) -> Step:
    """When somebody comes; whose name it is opens while the shift runs."""
    shift = shifts.get(context.session, tap.about)
    assert shift is not None  # noqa: S101  whoever has a place in it has it
    begun = shift.starts_at <= context.now() < shift.ends_at
    coming = [
        {
            "clock": f"{one.at.astimezone(context.local.tz):%H:%M}",
            "name": people.name_of(people.get(context.session, one.person_id)) if begun else "",
        }
        for one in appointments.of_shift(context.session, shift.id)
    ]
    await context.say("book.visitors", coming=coming, begun=begun, when=_time(shift))
    return None


def _time(shift: Shift) -> When:
    return When(shift.starts_at, shift.ends_at)


def _said(post: Post, shift: Shift, when: When) -> dict[str, Any]:
    return {"what": post.name, "where": post.place, "when": when, "shift_id": shift.id}


def _of(voice: Voice, one: Appointment) -> dict[str, Any]:
    """An appointment as a message says it."""
    shift = shifts.get(voice.session, one.shift_id)
    post = posts.get(voice.session, shift.post_id) if shift is not None else None
    assert shift is not None  # noqa: S101  a foreign key
    assert post is not None  # noqa: S101  a foreign key
    when = When(one.at, one.at + SLOT)
    return {
        **_said(post, shift, when),
        "id": one.id,
        "post_id": post.id,
        "reminds": one.due_at is not None,
    }


# --- timed work


async def remind(voice: Voice, appointment_id: str) -> None:
    """An hour before; where nobody of the post comes, she is told not to come in vain."""
    one = appointments.get(voice.session, appointment_id)
    if one is None or one.due_at is None or one.due_at > voice.now():
        return
    appointments.reminded(voice.session, one)
    shift = shifts.get(voice.session, one.shift_id)
    if shift is None or not appointments.is_held(voice.session, shift):
        await _call_off(voice, one, "book.nobody")
        return
    person = people.get(voice.session, one.person_id)
    await voice.tell(person, "book.remind", priority=REMINDER, **_of(voice, one))


async def lost(voice: Voice, appointment_id: str) -> None:
    """The shift is called off, or is at another time: she hears of it at once."""
    one = appointments.get(voice.session, appointment_id)
    if one is not None and one.id in appointments.lost(voice.session):
        await _call_off(voice, one, "book.lost")


async def _call_off(voice: Voice, one: Appointment, name: str) -> None:
    person, values = people.get(voice.session, one.person_id), _of(voice, one)
    appointments.cancel(voice.session, one)
    await voice.tell(person, name, **values)


async def past(voice: Voice, appointment_id: str) -> None:
    one = appointments.get(voice.session, appointment_id)
    if one is not None and one.at + SLOT <= voice.now():
        appointments.cancel(voice.session, one)
