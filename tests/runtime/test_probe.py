"""Looking for a message that may have arrived touches no other."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bot.runtime import sending
from bot.runtime.delivery import NEWS, TAP, Delivery
from tests.runtime.conftest import MakeHouse
from tests.runtime.house import House
from tests.runtime.telegram import fails
from tests.runtime.test_sender import BLOCKED, say

URGENT = Delivery(priority=TAP)


@pytest.fixture
async def house(make_house: MakeHouse) -> House:
    """Where something was said already, so that the floor is known."""
    made = make_house(probe=True)
    await say(made, "before")
    await made.settle()
    return made


def shown(house: House) -> list[str]:
    """What her screen shows, oldest first; the mark of a repeat without its reference."""
    seen = [text for (chat, _), text in sorted(house.telegram.messages.items()) if chat == 5]
    return [re.sub(r"^↻ \w+", "↻", text) for text in seen]


async def test_what_was_urgent_and_went_ahead_stays(house: House) -> None:
    house.telegram.order("sendMessage", "reset before")
    await say(house, "card")
    await house.settle()
    await say(house, "urgent", delivery=URGENT)
    await house.settle()
    await house.later(60)
    assert shown(house) == ["before", "urgent", "↻ card"]


async def test_what_is_urgent_while_it_looks_waits_for_it_to_end(house: House) -> None:
    house.telegram.order("sendMessage", "reset before")
    await say(house, "card")
    await house.settle()
    real = house.telegram.do_request

    async def meanwhile(url: str, *arguments: Any, **more: Any) -> Any:
        if url.endswith("editMessageText") and house.telegram.do_request is meanwhile:
            house.telegram.do_request = real  # type: ignore[method-assign]
            await say(house, "urgent", delivery=URGENT)
            await house.runtime.sender.step()
        return await real(url, *arguments, **more)

    house.telegram.do_request = meanwhile  # type: ignore[method-assign]
    await house.later(60)
    assert shown(house) == ["before", "↻ card", "urgent"]


async def test_with_two_that_may_have_arrived_it_does_not_look(house: House) -> None:
    house.telegram.order("sendMessage", "timeout after", "timeout after")
    await say(house, "card")
    await house.settle()
    await say(house, "urgent", delivery=URGENT)
    await house.settle()
    await house.later(60)
    assert shown(house) == ["before", "card", "urgent", "↻ urgent", "↻ card"]


async def test_who_comes_back_keeps_what_was_said_meanwhile(house: House) -> None:
    house.telegram.order("sendMessage", BLOCKED)
    await say(house, "news", delivery=Delivery(priority=NEWS))
    await house.settle()
    house.telegram.writes(5, "hello")  # unblocked without /start
    await house.settle()
    async with house.store.transaction() as session:
        house.runtime.wake(session, 5)
    house.telegram.order("sendMessage", "reset before")
    await house.settle()
    await house.later(60)
    assert shown(house) == ["before", "1 hello", "↻ news"]


async def test_in_a_group_it_does_not_look(house: House) -> None:
    """Its ids are its own: the highest of private messages says nothing of them."""
    house.telegram.order("sendMessage", "timeout after")
    await say(house, "a", chat=-7)
    await house.settle()
    await house.later(60)
    assert len(house.telegram.texts(-7)) == 2


async def test_one_after_the_other_is_found(house: House) -> None:
    house.telegram.order("sendMessage", "timeout after")
    await say(house, "a", "b")
    await house.settle()
    house.telegram.order("sendMessage", "timeout after")
    await house.later(60)
    await house.later(60)
    assert shown(house) == ["before", "a", "b"]


async def test_a_lost_edit_does_not_end_the_search(house: House) -> None:
    house.telegram.order("sendMessage", "reset before")
    await say(house, "card")
    await house.settle()
    not_there = fails(400, "Bad Request: message to edit not found")
    house.telegram.order("editMessageText", *["reset before", "timeout after", not_there] * sending.PROBES)
    await house.later(1)
    assert shown(house) == ["before", "↻ card"]
