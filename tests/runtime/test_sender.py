"""Out of the house: in order, at Telegram's pace, never silently twice, and only what may still be said."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest

from bot.clock import ManualClock
from bot.runtime.calls import Uncapturable
from bot.runtime.delivery import BROADCAST, NEWS, REMINDER, Delivery, delivering
from bot.runtime.tables import outbox
from tests.runtime.conftest import MakeHouse
from tests.runtime.house import House, always
from tests.runtime.telegram import fails, only

FLOOD = fails(429, "Too Many Requests: retry after 7", retry_after=7)
BLOCKED = fails(403, "Forbidden: bot was blocked by the user")


async def say(house: House, *words: str, chat: int | str = 5, delivery: Delivery | None = None) -> list[int]:
    """Words that a sweep sends. Returns the provisional ids."""
    await house.runtime.start()
    async with house.store.transaction():
        house.runtime.request.begin(None)
        with delivering(delivery or Delivery()):
            return [(await house.runtime.bot.send_message(chat, word)).message_id for word in words]


async def do(house: House, method: str, *arguments: Any, **more: Any) -> None:
    async with house.store.transaction():
        house.runtime.request.begin(None)
        await getattr(house.runtime.bot, method)(*arguments, **more)


async def states(house: House) -> list[str]:
    return [row.state for row in await house.rows(outbox)]


@pytest.mark.parametrize("chat", [-7, "@news"])
@pytest.mark.parametrize(
    "answer",
    [
        fails(403, "Forbidden: bot is not a member of the channel chat"),
        fails(400, "Bad Request: chat not found"),
        fails(400, "Bad Request: need administrator rights in the channel chat"),
    ],
    ids=["not in it", "not there", "no rights"],
)
async def test_a_post_that_is_refused_is_laid_aside_and_can_be_tried_again(
    house: House, chat: int | str, answer: Any
) -> None:
    house.telegram.order("sendMessage", answer)
    await say(house, "news", chat=chat, delivery=Delivery(priority=BROADCAST, kind="post"))
    await house.settle()
    assert await states(house) == ["dead"]
    [letter] = await house.runtime.dead_letters()
    await house.runtime.replay(letter.name)
    await house.settle()
    assert house.telegram.texts(chat) == ["news"]


async def test_a_chat_may_have_a_name(house: House) -> None:
    """It hears in order, at the pace of a group, and halts alone."""
    await say(house, "a", "b", chat="@news")
    await say(house, "c", chat="@other")
    house.telegram.order("sendMessage", FLOOD)
    await house.settle()
    assert (house.telegram.texts("@news"), house.telegram.texts("@other")) == ([], ["c"])
    await house.later(8)
    assert house.telegram.texts("@news") == ["a", "b"]
    assert all(row.chat < 0 for row in await house.rows(outbox))


async def test_a_chat_hears_in_order_and_flood_control_halts_only_it(house: House) -> None:
    await say(house, "a", "b", chat=5)
    await say(house, "c", chat=6)
    house.telegram.order("sendMessage", FLOOD)
    await house.settle()
    assert house.telegram.texts(6) == ["c"]
    assert house.telegram.texts(5) == []
    await house.later(6.5)
    assert house.telegram.texts(5) == []
    await house.later(1)
    assert house.telegram.texts(5) == ["a", "b"]


@pytest.mark.parametrize("how", ["timeout after", "truncated"])
async def test_a_send_that_may_have_arrived_is_repeated_with_a_mark(house: House, how: str) -> None:
    await say(house, "a < b")
    house.telegram.order("sendMessage", how)
    await house.settle()
    await house.later(60)
    first, second = house.telegram.texts(5)
    assert first == "a < b"
    assert second.startswith("↻ ")
    assert second.endswith("a &lt; b")


@pytest.mark.parametrize("code", [500, 502])
async def test_a_server_error_is_unclear_and_marked_too(house: House, code: int) -> None:
    await say(house, "a")
    house.telegram.order("sendMessage", (code, b"<html>"))
    await house.settle()
    await house.later(60)
    assert [words[0] for words in house.telegram.texts(5)] == ["↻"]


async def test_the_probe_finds_what_arrived_and_sends_nothing_again(make_house: MakeHouse) -> None:
    house = make_house(probe=True)
    await say(house, "before")
    await house.settle()
    await say(house, "a")
    house.telegram.order("sendMessage", "timeout after")
    await house.settle()
    await house.later(60)
    assert house.telegram.texts(5) == ["before", "a"]
    assert await states(house) == ["sent", "sent"]


async def test_an_edit_whose_answer_was_lost_is_simply_repeated(house: House) -> None:
    (card,) = await say(house, "a")
    await house.settle()
    await do(house, "edit_message_text", "b", chat_id=5, message_id=card)
    house.telegram.order("editMessageText", "timeout after")
    await house.settle()
    await house.later(60)
    assert house.telegram.messages[5, 101] == "b"
    assert await states(house) == ["sent", "sent"]


async def test_an_edit_of_what_still_waits_takes_its_place(house: House) -> None:
    (card,) = await say(house, "a")
    assert card < 0
    await do(house, "edit_message_text", "b", chat_id=5, message_id=card)
    await house.settle()
    assert house.telegram.texts(5) == ["b"]
    assert house.telegram.methods() == ["sendMessage"]


async def test_a_deletion_of_what_still_waits_sends_nothing(house: House) -> None:
    (card,) = await say(house, "a")
    await do(house, "delete_message", 5, card)
    await house.settle()
    assert house.telegram.methods() == []


async def test_a_guard_is_asked_again_before_sending(house: House) -> None:
    live = {"x": True, "y": False}
    house.service.guards["claim"] = lambda session, argument: live[argument]
    await say(house, "kept", delivery=Delivery(guard="claim:x"))
    await say(house, "withdrawn", delivery=Delivery(guard="claim:y"))
    await house.settle()
    assert house.telegram.texts(5) == ["kept"]
    assert [(row.state, row.payload) for row in await house.rows(outbox)] == [
        ("sent", None),
        ("cancelled", None),
    ]


async def test_a_guard_is_asked_once_a_turn_and_anew_in_the_next(house: House) -> None:
    asked: list[bool] = []
    live = True

    def guard(session: Session, argument: str) -> bool:
        asked.append(live)
        return live

    house.service.guards["claim"] = guard
    for chat in (5, 6, 7):
        await say(house, "first", chat=chat, delivery=Delivery(guard="claim:x"))
    await house.runtime.sender.step()
    assert asked == [True]
    await house.settle()
    live = False
    await say(house, "second", delivery=Delivery(guard="claim:x"))
    await house.settle()
    assert asked == [True, False]
    assert house.telegram.texts(5) == house.telegram.texts(7) == ["first"]


async def test_what_is_changed_where_it_was_said_is_said_once(house: House) -> None:
    house.service.guards["claim"] = lambda session, argument: argument != "gone"
    await house.runtime.start()
    async with house.store.transaction():
        house.runtime.request.begin(None)
        bot = house.runtime.bot
        for chat, guard in ((5, None), (6, "claim:gone")):
            sent = await bot.send_message(chat, "a")
            with delivering(Delivery(guard=guard)):
                await bot.edit_message_text("b", chat_id=chat, message_id=sent.message_id)
        gone = await bot.send_message(7, "a")
        await bot.delete_message(7, gone.message_id)
        await bot.send_message(7, "c")
    await house.settle()
    assert house.telegram.methods() == ["sendMessage"] * 2
    assert (house.telegram.texts(5), house.telegram.texts(6), house.telegram.texts(7)) == (["b"], [], ["c"])


async def test_what_is_too_late_is_not_said(house: House) -> None:
    soon = house.clock.now() + timedelta(seconds=5)
    await say(house, "tea is ready", delivery=Delivery(expires_at=soon))
    house.clock.advance(6)
    await house.settle()
    assert await states(house) == ["expired"]


async def test_who_blocked_us_is_left_alone_and_hears_the_news_on_coming_back(house: House) -> None:
    house.telegram.order("sendMessage", BLOCKED)
    await say(house, "news", delivery=Delivery(priority=NEWS))
    await say(house, "reminder", delivery=Delivery(priority=REMINDER))
    await house.settle()
    await house.later(3600)
    assert house.service.away == [5]
    assert house.telegram.texts(5) == []
    assert await states(house) == ["blocked", "cancelled"]
    assert (await house.runtime.health()).unreachable == 1
    async with house.store.transaction() as session:
        house.runtime.wake(session, 5)
    await house.settle()
    assert house.telegram.texts(5) == ["news"]


async def test_a_group_that_moved_is_written_to_where_it_is_now(house: House) -> None:
    moved = fails(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    house.telegram.order("sendMessage", moved)
    await say(house, "a", "b", chat=-7)
    await house.settle()
    assert house.telegram.texts(-1009) == ["a", "b"]
    assert house.service.moved == [(-7, -1009)]


async def test_words_telegram_cannot_parse_go_out_plainly_and_raise_an_alert(house: House) -> None:
    house.telegram.order("sendMessage", fails(400, "Bad Request: can't parse entities: x"))
    await house.runtime.start()
    await do(house, "send_message", 5, "<b>a &amp; b", parse_mode="HTML")
    await house.settle()
    assert house.telegram.texts(5) == ["a & b"]
    assert (await house.runtime.health()).alerts == 1


async def test_what_telegram_refuses_for_good_blocks_nobody(house: House) -> None:
    house.telegram.order("sendMessage", fails(400, "Bad Request: something new"))
    await say(house, "a", "b")
    await house.settle()
    assert house.telegram.texts(5) == ["b"]
    assert [letter.name for letter in await house.runtime.dead_letters()] == ["outbox:1"]


async def test_at_telegrams_pace_one_a_second_to_a_person_in_short_bursts(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    await say(house, *"abcdef")
    await house.settle()
    assert len(house.telegram.texts(5)) == 3
    await house.later(2)
    assert len(house.telegram.texts(5)) == 3
    await house.later(1)
    assert house.telegram.texts(5) == list("abcdef")


async def test_at_most_28_go_out_in_one_second_and_the_urgent_first(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    for chat in range(40):
        await say(house, "broadcast", chat=100 + chat, delivery=Delivery(priority=9))
    await say(house, "answer", chat=5)
    await house.settle()
    assert house.telegram.texts(5) == ["answer"]
    assert len(house.telegram.accepted) == 28
    await house.later(1)
    assert len(house.telegram.accepted) == 41


async def test_a_chat_that_must_wait_does_not_delay_the_answer_to_a_tap(house: House) -> None:
    async def tap(update: Update, context: Any) -> None:
        """Answered by the runtime."""

    house.service.on_tap = tap
    house.telegram.order("sendMessage", FLOOD)
    await say(house, "a")
    house.telegram.taps(5, "v1:x")
    await house.settle()
    assert house.telegram.methods() == ["answerCallbackQuery"]


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("get_chat", {"chat_id": 5}),
        ("send_message", {"chat_id": 5, "text": "x" * 4097}),
        ("send_message", {"chat_id": 5, "text": " "}),
        (
            "send_message",
            {
                "chat_id": 5,
                "text": "x",
                "reply_markup": InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="街" * 22)]]),
            },
        ),
        ("answer_callback_query", {"callback_query_id": "1", "text": "x" * 201}),
    ],
)
async def test_what_telegram_would_refuse_is_found_in_the_transaction(
    house: House, method: str, arguments: dict[str, Any]
) -> None:
    await house.runtime.start()
    with pytest.raises(Uncapturable):
        await do(house, method, **arguments)
    assert issubclass(Uncapturable, BadRequest)


async def test_a_failing_sweep_does_not_keep_the_others(house: House) -> None:
    async def broken(bot: Bot) -> None:
        await bot.send_message(5, "undone")
        raise RuntimeError

    async def good(bot: Bot) -> None:
        await bot.send_message(6, "due")

    house.service.sweeps = [always(broken), always(good)]
    await house.settle()
    assert [p["text"] for p in only(house.telegram.accepted, "sendMessage")] == ["due"]


async def test_a_long_silence_telegram_asks_for_is_kept_by_the_next_process_too(house: House) -> None:
    house.telegram.order("sendMessage", fails(429, "Too Many Requests: retry after 3600", retry_after=3600))
    await say(house, "a", "b")
    await house.settle()
    house.again()
    for wait in (10, 3580):
        await house.later(wait)
        assert house.telegram.texts(5) == []
    await house.later(11)
    assert house.telegram.texts(5) == ["a", "b"]


async def test_an_answer_to_a_tap_keeps_the_silence_too(house: House) -> None:
    async def tap(update: Update, context: Any) -> None:
        """Answered by the runtime."""

    house.service.on_tap = tap
    long = fails(429, "Too Many Requests: retry after 3600", retry_after=3600)
    house.telegram.order("answerCallbackQuery", long, long)
    house.telegram.taps(5, "v1:x")
    await house.settle()
    assert house.telegram.orders["answerCallbackQuery"] == [long]


async def test_a_clock_that_went_back_makes_nobody_wait_for_it(house: House) -> None:
    house.clock.advance(7200)
    house.telegram.order("sendMessage", fails(429, "Too Many Requests: retry after 3600", retry_after=3600))
    await say(house, "a")
    await house.settle()
    house.clock = house.telegram._clock = ManualClock()
    house.again()
    await house.settle()
    assert house.telegram.texts(5) == ["a"]
