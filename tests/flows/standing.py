"""Standing posts in scenes: one is open, somebody holds it, somebody else is in the pool."""

from __future__ import annotations

from typing import Any

from bot.community import people, posts, shifts, talents
from bot.community.people import Person
from bot.community.posts import State
from bot.community.shifts import Shift
from bot.community.talents import ANY_HOURS
from privacy import consent
from tests.town import Neighbour, Town

WEDNESDAYS, SATURDAYS = 1 << 2, 1 << 5


def person_of(town: Town, one: Neighbour) -> Person:
    """Her row, in an open transaction."""
    person = people.find(town.store.current(), one.phone.user.id)
    assert person is not None
    return person


async def an_open_post(town: Town, code: str, **terms: Any) -> str:
    """The post of posts.toml, opened by staff, with its shifts of the coming weeks; `terms` are changed first."""
    async with town.store.transaction() as session:
        local = town.service.house.local
        posts.stand(session, local)
        post = next(one for one in posts.listed(session, *State) if one.code == code)
        posts.change(session, post, seen=post.version, insured_at=town.clock.now(), **terms)
        posts.move(session, post, State.OPEN, seen=post.version)
        shifts.generate(session, local, post)
        return post.id


async def in_pool(
    town: Town, one: Neighbour, *kinds: str, hours: int = ANY_HOURS, asks: int = 3, max_open: int = 1
) -> None:
    """She is in the talent pool with these kinds of help."""
    async with town.store.transaction() as session:
        person = person_of(town, one)
        volunteer = talents.offer(session, person.id, list(kinds))
        volunteer.hours, volunteer.asks_a_week, volunteer.max_open = hours, asks, max_open
        session.add(volunteer)
        consent.record(session, person_id=person.id, purpose="pool", given=True, at=town.clock.now())


async def holds(town: Town, one: Neighbour, post_id: str) -> None:
    """She has a place of the post, and one in each of its shifts."""
    async with town.store.transaction() as session:
        local, post = town.service.house.local, posts.get(session, post_id)
        assert post is not None
        posts.take(session, post, person_of(town, one).id, look_at=local.morning_after(town.clock.now()))
        shifts.generate(session, local, post)


async def shifts_of(town: Town, post_id: str) -> list[Shift]:
    """Those ahead, in order of time."""
    async with town.store.transaction() as session:
        found = shifts.ahead(session, post_id)
        for one in found:
            session.expunge(one)
        return found


async def coming(town: Town, shift: Shift) -> int:
    """How many places of it are taken."""
    async with town.store.transaction() as session:
        return shift.slots - len(shifts.free(session, shift))
