"""One row that nobody can handle costs nobody else anything."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session
from telegram.error import TelegramError

from bot.runtime import leaving, sender
from bot.runtime.delivery import Delivery
from bot.runtime.seals import Seals
from bot.runtime.tables import outbox
from tests.runtime.house import House
from tests.runtime.telegram import fails
from tests.runtime.test_sender import BLOCKED, do, say, states


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


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"7", b"null", b'{"parameters": 1}'])
async def test_an_answer_that_is_no_answer_is_a_fault_of_the_server(house: House, body: bytes) -> None:
    house.telegram.order("sendMessage", (502, body))
    await say(house, "a")
    await house.settle()
    await house.later(60)
    assert [words[0] for words in house.telegram.texts(5)] == ["↻"]
    house.telegram.order("getUpdates", (502, body))
    with pytest.raises(TelegramError):
        await house.runtime.poll()


async def test_a_telegram_that_does_not_know_us_gets_rest_and_loses_nothing(house: House) -> None:
    house.telegram.order("sendMessage", *[fails(404, "Not Found")] * 12)
    await say(house, "a", chat=5)
    await house.settle()
    await say(house, "b", chat=6)
    await house.settle()
    assert len(house.telegram.orders["sendMessage"]) == 11  # nobody else's is tried meanwhile
    for _ in range(12):
        await house.later(60)
    assert house.telegram.texts(5) == ["a"]
    assert house.telegram.texts(6) == ["b"]


async def test_what_was_on_its_way_to_who_has_left_is_not_tried_again(house: House) -> None:
    """Whether it arrived is not known; it is not said once more to a chat that is hers no longer."""
    await say(house, "a", chat=5)
    await say(house, "b", chat=6)
    async with house.store.transaction() as session:
        session.connection().execute(outbox.update().values(state="sending"))
        leaving.forget(session, Seals(house.store.vault), 5, [], house.clock.now().timestamp())
    async with house.store.transaction() as session:  # the network failed
        session.connection().execute(outbox.update().values(state="pending", ambiguous=True))
    await house.later(60)
    assert house.telegram.texts(5) == []
    assert len(house.telegram.texts(6)) == 1
    assert await states(house) == ["expired", "sent"]


async def test_after_four_copies_nobody_hears_the_same_again(house: House) -> None:
    house.telegram.order("sendMessage", *["timeout after"] * 20)
    await say(house, "a", "b")
    for _ in range(40):
        await house.later(60)
        house.telegram.orders["sendMessage"] = [*house.telegram.orders["sendMessage"], "timeout after"]
    assert [words[-1] for words in house.telegram.texts(5)] == ["a"] * 4 + ["b"] * 4
    assert [letter.error for letter in await house.runtime.dead_letters()] == ["no answer", "no answer"]


async def test_an_edit_may_be_repeated_as_often_as_it_takes(house: House) -> None:
    (card,) = await say(house, "a")
    await house.settle()
    await do(house, "edit_message_text", "b", chat_id=5, message_id=card)
    house.telegram.order("editMessageText", *["timeout after"] * 9)
    for _ in range(12):
        await house.later(60)
    assert await states(house) == ["sent", "sent"]
