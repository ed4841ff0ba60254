"""A neighbour chooses a time at a post; who holds the post sees when somebody comes, and once the shift runs, who."""

from __future__ import annotations

from typing import Any

from bot.community import appointments, events, people, posts, rules, shifts, staff
from bot.community.appointments import SLOT, Appointment, SlotTaken
from bot.community.events import Kind
from bot.community.posts import Post
from bot.community.shifts import Shift
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton, PostGone
from bot.flow import AGAIN, DONE, Heard, Step, Tap, in_talk
from bot.understanding.times import When
from bot.voice import REMINDER, Voice

SHOWN = 5  # so many shifts are offered at once
REACH_MAX = 60  # characters
WAYS = ("counter", "phone")  # how her word reached staff


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


def staff_then(context: Context, tap: Tap) -> bool:
    """Staff, for a shift that is still to come."""
    _staff(context)
    _shift(context, tap.about)
    return True


def staff_in_talk(context: Context, tap: Tap) -> bool:
    _staff(context)
    return in_talk(context, tap)


def staff_of_shift(context: Context, tap: Tap) -> bool:
    _staff(context)
    if shifts.get(context.session, tap.about) is None:
        raise NotYours
    return True


def staff_of(context: Context, tap: Tap) -> bool:
    """Staff, for a time of somebody without a telephone; her own is everybody's own to cancel."""
    _staff(context)
    one = appointments.get(context.session, tap.about)
    if one is None or one.person_id is not None:
        raise OldButton
    return True


def _staff(context: Context) -> None:
    if not staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR):
        raise NotYours


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
        "book.slots",
        free=_free(context, shift),
        post_id=post.id,
        staff=staff.holds(context.session, context.me.id, Role.MODERATOR),
        **_said(post, shift, _time(shift)),
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
            "clock": _clock(context.voice, one),
            "name": appointments.name_of(context.session, one) if begun else "",
        }
        for one in appointments.of_shift(context.session, shift.id)
    ]
    await context.say("book.visitors", coming=coming, begun=begun, when=_time(shift))
    return None


# --- for somebody without a telephone


async def for_other(context: Context, tap: Tap) -> Step:
    context.begin("book", shift=tap.about)
    return "book.slot"


async def ask_slot(context: Context) -> None:
    _, shift = _shift(context, context.draft["shift"])
    await context.say("book.slot", free=_free(context, shift), when=_time(shift))


async def slot(context: Context, tap: Tap) -> Step:
    _, shift = _shift(context, context.draft.get("shift", ""))
    if tap.choice is None or not tap.choice.isdecimal():
        return AGAIN
    if int(tap.choice) not in appointments.free(context.session, shift):
        raise SlotTaken
    context.draft["slot"] = int(tap.choice)
    return "book.name"


async def ask_name(context: Context) -> None:
    await context.say("book.name")


async def hear_name(context: Context, heard: Heard) -> Step:
    name = " ".join(heard.text.split())
    trouble = people.name_trouble(name)
    if trouble is not None:
        await context.say(trouble)
        return None
    context.draft["name"] = name
    return "book.reach"


async def ask_reach(context: Context) -> None:
    await context.say("book.reach")


async def hear_reach(context: Context, heard: Heard) -> Step:
    reach = " ".join(heard.text.split())
    if len(reach) > REACH_MAX:
        return AGAIN
    context.draft["reach"] = reach
    return "book.way"


async def skip(context: Context, tap: Tap) -> Step:
    """She would rather not say: the question in hand is passed over."""
    step = context.talk["step"] if context.talk is not None else None
    if step not in ("book.name", "book.reach"):
        return AGAIN
    return "book.reach" if step == "book.name" else "book.way"


async def ask_way(context: Context) -> None:
    await context.say("book.way")


async def hear_page(context: Context, heard: Heard) -> Step:
    return AGAIN


async def way(context: Context, tap: Tap) -> Step:
    """Her own word, and how it came, is an event; who she is stands in none."""
    draft = context.draft
    if tap.choice not in WAYS or "slot" not in draft:
        return AGAIN
    post, shift = _shift(context, draft["shift"])
    if not appointments.is_held(context.session, shift):
        raise SlotTaken
    name, reach = draft.get("name", ""), draft.get("reach", "")
    one = appointments.take_for(context.session, shift, draft["slot"], name=name, reach=reach)
    events.note(context.session, post.id, Kind.POST, actor=context.me.id, code=f"booked:{tap.choice}")
    await context.say("book.booked_for", **_of(context.voice, one))
    return DONE


async def of_shift(context: Context, tap: Tap) -> Step:
    """Staff: who comes when, and whose time they have chosen for her."""
    shift = shifts.get(context.session, tap.about)
    assert shift is not None  # noqa: S101  the rule has seen it
    found = appointments.of_shift(context.session, shift.id)
    coming = [
        {
            "id": one.id,
            "clock": _clock(context.voice, one),
            "name": "" if one.person_id is not None else appointments.name_of(context.session, one),
            "reach": "" if one.person_id is not None else appointments.reach_of(one),
            "ours": one.person_id is None,
        }
        for one in found
    ]
    await context.say("book.of_shift", coming=coming, when=_time(shift), shift_id=shift.id)
    return None


async def cancel_for(context: Context, tap: Tap) -> Step:
    """She has said that she does not come."""
    one = appointments.get(context.session, tap.about)
    assert one is not None  # noqa: S101  the rule has seen it
    shift = shifts.get(context.session, one.shift_id)
    appointments.cancel(context.session, one)
    if shift is not None:
        events.note(context.session, shift.post_id, Kind.POST, actor=context.me.id, code="unbooked")
    await context.say("book.cancelled")
    return None


def _clock(voice: Voice, one: Appointment) -> str:
    return f"{one.at.astimezone(voice.local.tz):%H:%M}"


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
    """An hour before."""
    one = appointments.get(voice.session, appointment_id)
    if one is None or one.person_id is None or one.due_at is None or one.due_at > voice.now():
        return
    appointments.reminded(voice.session, one)
    person = people.get(voice.session, one.person_id)
    await voice.tell(person, "book.remind", priority=REMINDER, **_of(voice, one))


async def lost(voice: Voice, appointment_id: str) -> None:
    """The shift is called off, is at another time, or nobody of the post comes any more: she hears of it at once.

    Who has no telephone is told by staff, who hear how to find her.
    """
    one = appointments.get(voice.session, appointment_id)
    if one is None or one.id not in appointments.lost(voice.session):
        return
    shift = shifts.get(voice.session, one.shift_id)
    takes_place = (
        shift is not None and shifts.is_on(voice.session, shift) and one.at in appointments.slots(shift)
    )
    values = _of(voice, one)
    if one.person_id is not None:
        person = people.get(voice.session, one.person_id)
        await voice.tell(person, "book.nobody" if takes_place else "book.lost", **values)
    else:
        values |= {"name": appointments.name_of(voice.session, one), "reach": appointments.reach_of(one)}
        for member in staff.on_duty(voice.session):
            await voice.tell(member, "book.tell_her", **values)
    appointments.cancel(voice.session, one)


async def past(voice: Voice, appointment_id: str) -> None:
    one = appointments.get(voice.session, appointment_id)
    if one is not None and one.at + SLOT <= voice.now():
        appointments.cancel(voice.session, one)
