"""One row that nobody can handle costs nobody else anything."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bot.runtime import sender
from bot.runtime.delivery import Delivery
from bot.runtime.tables import outbox
from tests.runtime.house import House
from tests.runtime.telegram import fails
from tests.runtime.test_sender import BLOCKED, say, states


async def test_a_message_that_cannot_be_opened_is_laid_aside_with_what_it_holds(house: House) -> None:
    await say(house, "a", chat=5)
    await say(house, "b", "c", chat=6)
    async with house.store.transaction() as session:
        _, other, _ = session.connection().scalars(sa.select(outbox.c.payload).order_by(outbox.c.id))
        session.connection().execute(outbox.update().where(outbox.c.id == 1).values(payload=other))
    for _ in range(sender.TRIES):
        await house.later(sender.AGAIN)
    assert house.telegram.texts(6) == ["b", "c"]
    broken, *_ = await house.rows(outbox)
    assert (broken.state, broken.error) == ("dead", "SealBroken")
    assert broken.payload is not None
    assert [letter.name for letter in await house.runtime.dead_letters()] == ["outbox:1"]


@pytest.mark.parametrize("what", ["unreachable", "migrated"])
async def test_a_service_that_fails_to_hear_keeps_nobody_waiting(house: House, what: str) -> None:
    def broken(session: Session, *_: int) -> None:
        session.connection().execute(outbox.update().values(state="dead"))  # comes to nothing
        raise ZeroDivisionError

    setattr(house.service, what, broken)
    moved = fails(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    house.telegram.order("sendMessage", BLOCKED if what == "unreachable" else moved)
    await say(house, "a", chat=-7)
    await say(house, "b", chat=6)
    await house.settle()
    assert house.telegram.texts(6) == ["b"]
    assert await states(house) == ["cancelled" if what == "unreachable" else "sent", "sent"]


async def test_a_group_that_moved_takes_along_what_can_be_opened(house: House) -> None:
    moved = fails(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    house.telegram.order("sendMessage", moved)
    await say(house, "a", "b", "c", chat=-7)
    async with house.store.transaction() as session:
        first, *_ = session.connection().scalars(sa.select(outbox.c.payload).order_by(outbox.c.id))
        session.connection().execute(outbox.update().where(outbox.c.id == 2).values(payload=first))
    await house.settle()
    for _ in range(sender.TRIES):
        await house.later(sender.AGAIN)
    assert house.telegram.texts(-1009) == ["a", "c"]
    assert await states(house) == ["sent", "dead", "sent"]


async def test_a_guard_that_raises_blocks_its_chat_for_a_while_only(house: House) -> None:
    def broken(session: Session, argument: str) -> bool:
        raise KeyError(argument)

    house.service.guards["claim"] = broken
    await say(house, "a", delivery=Delivery(guard="claim:x"))
    await say(house, "b")
    for _ in range(sender.TRIES - 1):
        await house.later(sender.AGAIN)
        assert house.telegram.texts(5) == []
    await house.later(sender.AGAIN)
    assert house.telegram.texts(5) == ["b"]
    (letter,) = await house.runtime.dead_letters()
    assert letter.error == "KeyError"
    house.service.guards["claim"] = lambda session, argument: True
    await house.runtime.replay(letter.name)
    await house.settle()
    assert house.telegram.texts(5) == ["b", "a"]
