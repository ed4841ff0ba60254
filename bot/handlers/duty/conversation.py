"""The morning's list, and the hand-over of what is not finished (交班)."""

from __future__ import annotations

from typing import Any

from bot.community import office, people, queue, rules, staff
from bot.community.items import Item
from bot.community.office import Moments
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotYours, OldButton
from bot.flow import Step, Tap
from bot.voice import REMINDER, Voice

OLDEST = 5  # lines of the morning's message
SHOWN = 6  # lines of a hand-over


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def offered(context: Context, tap: Tap) -> bool:
    """A colleague would hand her something, and still sees to it. Raises OldButton when that is over."""
    if not on_duty(context, tap):
        return False
    if not queue.offered(context.session, tap.about, context.me.id):
        raise OldButton
    return True


async def hour(voice: Voice, moment: str) -> None:
    """Once on each working day: as the office opens, and shortly before it closes."""
    if moment not in office.due(voice.session) or not office.comes(
        voice.session, voice.local, Moments(moment)
    ):
        return
    for member in staff.on_duty(voice.session):
        if moment == Moments.OPENS:
            await _digest(voice, member)
        elif queue.of_holder(voice.session, member.id):
            await voice.tell(member, "duty.over", priority=REMINDER, **_hers(voice, member))


async def _digest(voice: Voice, member: Person) -> None:
    """How many wait, the oldest five, what is late and what is due today; nothing where nothing waits."""
    held, now = queue.holds(voice.session), voice.now()
    items = [
        item
        for item in queue.of(voice.session, member.id)
        if not queue.rests(held.get(item.about), item, now)
    ]
    if not items:
        return
    promised = [item.until for item in items if item.until is not None]
    oldest = sorted(items, key=lambda item: item.since)[:OLDEST]
    await voice.tell(
        member,
        "duty.digest",
        priority=REMINDER,
        total=len(items),
        counts=voice.counts(items, member),
        late=sum(until < now for until in promised),
        due=sum(now <= until < office.end_of_day(voice.local, now) for until in promised),
        **_lines(voice, member, oldest),
    )


def _lines(voice: Voice, reader: Person, items: list[Item]) -> dict[str, Any]:
    rows = [voice.line(item, reader, n) for n, item in enumerate(items, 1)]
    return {"says": "\n".join(row["says"] for row in rows), "rows": rows}


def _hers(voice: Voice, member: Person) -> dict[str, Any]:
    """What she sees to and has not finished, and the colleagues she could hand it to."""
    items = queue.of_holder(voice.session, member.id)
    colleagues = [
        {"name": voice.opened(people.name_of(one), member, None), "person_id": one.id}
        for one in rules.others_on_duty(voice.session, member)[:SHOWN]
    ]
    return {"total": len(items), "colleagues": colleagues, **_lines(voice, member, items[:SHOWN])}


async def over(context: Context, tap: Tap) -> Step:
    await context.say("duty.over", **_hers(context.voice, context.me))
    return None


async def hand_to(context: Context, tap: Tap) -> Step:
    """Offered to one colleague: hers once she says yes."""
    others = {one.id: one for one in rules.others_on_duty(context.session, context.me)}
    to, items = others.get(tap.choice or ""), queue.of_holder(context.session, context.me.id)
    if to is None or not items:
        return await over(context, tap)
    queue.offer(context.session, items, to.id)
    theirs = queue.offered(context.session, context.me.id, to.id)
    if not theirs:
        return await over(context, tap)
    shown = _lines(context.voice, to, theirs[:SHOWN])
    name = people.name_of(context.me)
    await context.tell(to, "duty.offered", total=len(theirs), name=name, giver_id=context.me.id, **shown)
    await context.say("duty.asked", total=len(theirs), left=len(items) - len(theirs), name=people.name_of(to))
    return None


async def to_all(context: Context, tap: Tap) -> Step:
    """Everybody's again."""
    items = queue.of_holder(context.session, context.me.id)
    for item in items:
        hold = queue.hold_of(context.session, item.about)
        if hold is not None:
            queue.let_go(context.session, hold, by=context.me.id)
    await context.say("duty.given", total=len(items))
    return None


async def accept(context: Context, tap: Tap) -> Step:
    return await _answer(context, tap, "duty.accepted", context.me.id)


async def decline(context: Context, tap: Tap) -> Step:
    return await _answer(context, tap, "duty.declined", None)


async def _answer(context: Context, tap: Tap, name: str, to: str | None) -> Step:
    items = queue.offered(context.session, tap.about, context.me.id)
    queue.pass_on(context.session, context.local, items, to)
    await context.say("duty.hers" if to is not None else "duty.not_hers", total=len(items))
    giver = people.get(context.session, tap.about)
    left = len(queue.of_holder(context.session, giver.id))
    await context.tell(giver, name, total=len(items), left=left, name=people.name_of(context.me))
    return None


# --- the staff's own group


async def post(voice: Voice, about: str) -> None:
    """Once for each thing that waits, and again when it waits as something else."""
    item = queue.posted(voice.session, about)
    if item is not None:
        await voice.post_to_staff(item)


async def link(context: Context, rest: str) -> Step:
    """From the group into her own chat, where it is asked who she is. Raises NotYours for whoever is not of the staff."""
    if not staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR):
        raise NotYours
    item = queue.find(context.session, context.me.id, rest)
    if item is None:
        await context.say("duty.gone")
        return None
    return Tap(item.opens, None, rest, 0)
