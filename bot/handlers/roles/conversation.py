"""Who names whom. A role is given by a code on which the other person herself says yes; it ends by a day, or by one tap."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bot.community import people, queue, rules, staff
from bot.community.record import community_of
from bot.community.staff import Duty, Role
from bot.context import Context
from bot.data import Local
from bot.errors import NotHerself, NotYours, OldButton
from bot.flow import Step, Tap
from bot.voice import REMINDER, Voice

PAGE = 4
HOUSE = "-"  # stands in a tap for the house itself, which has no code
TERMS = {"month": 1, "quarter": 3, "year": 12}  # months
BEGINNINGS = ("now", "week", "month")


def of_staff(context: Context, tap: Tap) -> bool:
    return bool(staff.communities(context.session, rules.known(context.person).id))


def of_role(context: Context, tap: Tap) -> bool:
    """Whoever is of the staff there sees who else is, and since when."""
    duty = _duty(context, tap)
    return duty.community in staff.communities(context.session, rules.known(context.person).id)


def who_names(context: Context, tap: Tap) -> bool:
    return staff.may_name(context.session, rules.known(context.person).id, _community(tap))


def who_names_her(context: Context, tap: Tap) -> bool:
    """Somebody else's role, as it stands on the card."""
    me, duty = rules.known(context.person).id, _duty(context, tap)
    if not staff.may_name(context.session, me, duty.community):
        return False
    if duty.person_id == me:
        raise NotHerself
    return True


def who_ends(context: Context, tap: Tap) -> bool:
    """Who names there, and anybody her own."""
    me, duty = rules.known(context.person).id, _duty(context, tap)
    return duty.person_id == me or staff.may_name(context.session, me, duty.community)


def of_case(context: Context, tap: Tap) -> bool:
    rules.staff_case(context.session, context.person, tap.about)
    return True


def _duty(context: Context, tap: Tap) -> Duty:
    """Raises NotYours for a role nobody gave, or of another community."""
    duty = staff.get(context.session, tap.about)
    if duty is None:
        raise NotYours
    return duty


def _community(tap: Tap) -> str:
    return "" if tap.about == HOUSE else tap.about


# --- who is of the staff


async def command(context: Context, rest: str) -> Step:
    if context.person is None:
        await context.say("start.first")
        return None
    if not staff.communities(context.session, context.me.id):
        raise NotYours
    return await _list(context, 0)


async def list_(context: Context, tap: Tap) -> Step:
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    return await _list(context, page)


async def _list(context: Context, page: int) -> Step:
    session, me = context.session, context.me.id
    hers = staff.communities(session, me)
    held = [duty for community in hers for duty in staff.of_community(session, community)]
    shown = held[page * PAGE :][:PAGE]
    await context.say(
        "roles.list",
        held=[
            {
                "duty": duty,
                "name": _name(context, duty.person_id),
                "giver": _name(context, duty.given_by) if duty.given_by is not None else "",
            }
            for duty in shown
        ],
        first=page * PAGE,
        more=page + 1 if len(held) > (page + 1) * PAGE else None,
        naming=[
            (one or HOUSE, context.local.community(one)) for one in hers if staff.may_name(session, me, one)
        ],
        keeping=[
            (one or HOUSE, context.local.community(one))
            for one in staff.communities(session, me, Role.STEWARD)
        ],
    )
    return None


async def one(context: Context, tap: Tap) -> Step:
    await _show(context, _duty(context, tap))
    return None


async def _show(context: Context, duty: Duty) -> None:
    me = context.me.id
    await context.say(
        "roles.one", **_card(context.voice, duty), mine=duty.person_id == me, ends=_ends(context, duty)
    )


def _ends(context: Context, duty: Duty) -> bool:
    """Whether she who looks may end it, and it has not ended."""
    over = duty.until is not None and duty.until <= context.now()
    names = staff.may_name(context.session, context.me.id, duty.community)
    return not over and (names or duty.person_id == context.me.id)


def _card(voice: Voice, duty: Duty) -> dict[str, Any]:
    giver = people.get(voice.session, duty.given_by) if duty.given_by is not None else None
    return {
        "duty": duty,
        "community": voice.local.community(duty.community),
        "name": people.name_of(people.get(voice.session, duty.person_id)),
        "giver": people.name_of(giver) if giver is not None else "",
        "begun": duty.since <= voice.now(),
        "over": duty.until is not None and duty.until <= voice.now(),
    }


def _name(context: Context, person_id: str) -> Any:
    return people.name_of(people.get(context.session, person_id))


# --- giving one


async def give(context: Context, tap: Tap) -> Step:
    await context.say("roles.give", community=tap.about)
    return None


async def from_(context: Context, tap: Tap) -> Step:
    role, *_ = _chosen(tap, 1)
    await context.say("roles.from", community=tap.about, role=role)
    return None


async def until(context: Context, tap: Tap) -> Step:
    role, begins, *_ = _chosen(tap, 2)
    since = beginning(context.local, context.now(), begins)
    await context.say("roles.until", community=tap.about, role=role, begins=begins, since=since)
    return None


async def code(context: Context, tap: Tap) -> Step:
    """Written for one person, who is told by whom and until when before she has it."""
    role, begins, term = _chosen(tap, 3)
    since = beginning(context.local, context.now(), begins)
    ends = ending(context.local, since, term)
    written = staff.invite(
        context.session,
        Role(role),
        by=context.me.id,
        community=_community(tap),
        since=None if begins == "now" else since,
        until=ends,
    )
    link = f"t.me/{context.bot.username}?start=staff-{written}"
    await context.say("roles.code", link=link, role=role, since=since, until=ends)
    return None


def _chosen(tap: Tap, many: int) -> list[str]:
    """What has been chosen so far: the role, from when, how long. Raises OldButton for anything not on a button."""
    chosen = (tap.choice or "").split(".")
    known = (list(Role), BEGINNINGS, TERMS)
    if len(chosen) != many or any(one not in there for one, there in zip(chosen, known, strict=False)):
        raise OldButton
    return chosen


def beginning(local: Local, now: datetime, begins: str) -> datetime:
    """Now, the next Monday, or the first of the next month, as a day begins there."""
    today = now.astimezone(local.tz).date()
    if begins == "now":
        return now
    week = today + timedelta(days=7 - today.weekday())
    day = week if begins == "week" else _later(today.replace(day=1), 1)
    return datetime.combine(day, time(), local.tz).astimezone(UTC)


def ending(local: Local, since: datetime, term: str) -> datetime:
    """As many months later, the last minute of that day. Raises KeyError for no term."""
    day = _later(since.astimezone(local.tz).date(), TERMS[term])
    return datetime.combine(day, time(23, 59), local.tz).astimezone(UTC)


def _later(day: date, months: int) -> date:
    """The same day of a later month, or its last where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


# --- its end


async def longer(context: Context, tap: Tap) -> Step:
    """A new term from today, given by who taps."""
    duty = _duty(context, tap)
    if tap.choice not in TERMS or not _ends(context, duty):
        raise OldButton
    since = max(duty.since, context.now())
    anew = staff.grant(
        context.session,
        duty.person_id,
        Role(duty.role),
        ending(context.local, since, tap.choice),
        since=since,
        by=context.me.id,
        community=duty.community,
    )
    await _show(context, anew)
    person = people.get(context.session, duty.person_id)
    await context.tell(person, "roles.given", **_card(context.voice, anew))
    return None


async def end(context: Context, tap: Tap) -> Step:
    duty = _duty(context, tap)
    staff.end_one(context.session, duty, by=context.me.id)
    await _show(context, duty)
    if duty.person_id != context.me.id:
        await context.tell(people.get(context.session, duty.person_id), "roles.ended", duty=duty)
    else:
        for other in staff.namers(context.session, duty.community):
            if other.id != context.me.id:
                await context.tell(other, "roles.laid_down", name=people.name_of(context.me), duty=duty)
    return None


async def remind(voice: Voice, duty_id: str) -> None:
    """Before its end she hears of it, and who can make it longer; at the end once more."""
    duty = staff.get(voice.session, duty_id)
    if duty is None or duty.due_at is None or duty.due_at > voice.now():
        return
    person = people.get(voice.session, duty.person_id)
    if staff.heard(voice.session, duty):
        await voice.tell(person, "roles.ended", duty=duty, priority=REMINDER)
        return
    await voice.tell(person, "roles.soon", duty=duty, priority=REMINDER)
    for other in staff.namers(voice.session, duty.community):
        if other.id != person.id:
            await voice.tell(other, "roles.soon_other", **_card(voice, duty), priority=REMINDER)


async def let_go(voice: Voice, duty_id: str) -> None:
    """It is long over, and nobody need know any more who held it."""
    staff.drop(voice.session, duty_id)


# --- stepping aside


async def aside(context: Context, tap: Tap) -> Step:
    case = rules.staff_case(context.session, context.person, tap.about)
    await context.say("roles.aside", about=case)
    return None


async def aside_yes(context: Context, tap: Tap) -> Step:
    """Why is asked by nobody. What it tells leaves her chat; where nobody else is there, who can name somebody hears so."""
    case = rules.staff_case(context.session, context.person, tap.about)
    left = rules.step_aside(context.session, case, context.me)
    hold = queue.hold_of(context.session, case.id)
    if hold is not None and hold.taken_by == context.me.id:
        queue.let_go(context.session, hold)
    await context.voice.hide(context.me, "roles.stepped_aside", about=case, left=left)
    await context.say("roles.stepped_aside", about=case, left=left)
    if not left:
        for one in staff.namers(context.session, community_of(context.session, case.area)):
            if one.id != context.me.id:
                await context.tell(one, "roles.nobody_left", about=case)
    return None
