"""The loops under a clock that is walked: what each waits for, how long, and what it makes of trouble on the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from telegram import Bot, Update

from bot.runtime import points, sender, ticker
from bot.runtime.delivery import NEWS, TAP, Delivery, delivering
from bot.runtime.tables import inbox, message_map, outbox, persistence
from tests.runtime.house import House, always, echo
from tests.runtime.telegram import fails, only

TURNS = 300  # of the event loop at each instant: more than all there is to do takes
DAY = 86_400.0
FLOOD = fails(429, "Too Many Requests: retry after 7", retry_after=7)
DOWN = fails(500, "Internal Server Error")


@asynccontextmanager
async def running(house: House) -> AsyncIterator[None]:
    """The process lives meanwhile, and is stopped in good order at the end."""
    life = asyncio.create_task(house.runtime.run())
    try:
        await walk(house, 0)
        yield
        house.runtime.stop()
        await walk(house, 10)
        assert life.done(), "it did not stop"
        await life
    finally:
        points.arm(None)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)


async def walk(house: House, seconds: float) -> None:
    await house.clock.run(seconds, turns=TURNS)


async def say(house: House, words: str, *, chat: int = 5, delivery: Delivery | None = None) -> int:
    """Words of a sweep. Returns the provisional id."""
    return await call(house, "send_message", chat, words, delivery=delivery)


async def call(
    house: House, method: str, *arguments: Any, delivery: Delivery | None = None, **more: Any
) -> int:
    """A call captured as a sweep's would be. Returns the provisional id of the message, if it gives one."""
    await house.runtime.start()
    async with house.store.transaction():
        house.runtime.request.begin(None)
        with delivering(delivery or Delivery()):
            message = await getattr(house.runtime.bot, method)(*arguments, **more)
        house.store.after_commit(house.runtime._sent.set)
    return getattr(message, "message_id", 0)


def trouble_at(name: str, times: int) -> Callable[[], int]:
    """The disk is full the next times the code comes to this point. Returns how often it was felt."""
    felt = 0

    def reached(here: str) -> None:
        nonlocal felt
        if here == name and felt < times:
            felt += 1
            raise OperationalError("COMMIT", None, psycopg.errors.DiskFull())

    points.arm(reached)
    return lambda: felt


# trouble with the database


@pytest.mark.parametrize(
    "where",
    ["poller.before_commit", "worker.before_commit", "sender.before_claim", "sender.before_settle"],
)
async def test_a_loop_outlives_trouble_with_the_database(house: House, where: str) -> None:
    async with running(house):
        felt = trouble_at(where, 3)
        house.telegram.writes(5, "hello")
        await walk(house, 0)
        assert felt() == 1
        await walk(house, 30)
        assert felt() == 3
        assert house.telegram.texts(5) == ["1 hello"]
    assert [(row.state, row.tries) for row in await house.rows(inbox)] == [("done", 0)]
    assert [row.state for row in await house.rows(outbox)] == ["sent"]


async def test_what_is_not_trouble_ends_the_process(house: House) -> None:
    def broken(name: str) -> None:
        if name == "poller.before_commit":
            raise sa.exc.IntegrityError("INSERT", None, psycopg.errors.UniqueViolation())

    life = asyncio.create_task(house.runtime.run())
    await walk(house, 0)
    points.arm(broken)
    try:
        house.telegram.writes(5, "hello")
        await walk(house, 60)
    finally:
        points.arm(None)
        ended = life.done()
        life.cancel()
    assert ended
    assert isinstance(life.exception(), sa.exc.IntegrityError)


# waiting


async def test_what_failed_is_tried_again_when_its_time_has_come_and_not_before(house: House) -> None:
    tried: list[float] = []

    async def twice(update: Update, context: Any) -> None:
        tried.append(house.clock.monotonic())
        if len(tried) < 3:
            raise RuntimeError("passing")
        await echo(update, context)

    house.service.on_message = twice
    async with running(house):
        house.telegram.writes(5, "hello")
        await walk(house, 8)
        assert tried == pytest.approx([0, 1, 5], abs=0.1)
        assert house.telegram.texts(5) == ["1 hello"]


async def test_the_sweeps_are_run_by_the_process_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticker, "EVERY", 0.001)  # the scheduler lives by the machine's clock
    swept = 0

    async def sweep(bot: Bot) -> None:
        nonlocal swept
        swept += 1
        if swept == 2:
            await bot.send_message(5, "due")

    house.service.sweeps = [always(sweep)]
    async with running(house):
        for _ in range(100_000):
            if house.telegram.texts(5):
                break
            await asyncio.sleep(0)
        assert house.telegram.texts(5) == ["due"]


async def test_polling_waits_as_long_as_it_is_told(house: House) -> None:
    flood = fails(429, "Too Many Requests: retry after 30", retry_after=30)
    house.telegram.order("getUpdates", flood, flood)  # the first of them is the look before the loops
    house.telegram.writes(5, "hello")
    async with running(house):
        await walk(house, 29)
        assert house.telegram.texts(5) == []
        await walk(house, 2)
        assert house.telegram.texts(5) == ["1 hello"]


async def test_a_server_that_repeats_itself_is_not_pressed(house: House) -> None:
    house.telegram.deaf = True
    house.telegram.writes(5, "hello")
    async with running(house):
        assert house.telegram.polls <= 3
        await walk(house, 10)
        assert house.telegram.polls <= 24
        house.telegram.writes(5, "more")
        await walk(house, 1)
        assert house.telegram.texts(5) == ["1 hello", "2 more"]


async def test_silence_asked_for_by_telegram_is_kept_by_the_whole_chat(house: House) -> None:
    async with running(house):
        house.telegram.order("sendMessage", FLOOD)
        await say(house, "urgent", delivery=Delivery(priority=TAP))
        await walk(house, 1)
        await say(house, "ordinary")
        await say(house, "elsewhere", chat=6)
        await walk(house, 5)
        assert house.telegram.texts(5) == []
        assert house.telegram.texts(6) == ["elsewhere"]
        await walk(house, 2)
        assert sorted(house.telegram.texts(5)) == ["ordinary", "urgent"]


async def test_silence_is_kept_although_what_met_it_is_no_longer_wanted(house: House) -> None:
    async with running(house):
        house.telegram.order("sendMessage", FLOOD)
        card = await say(house, "a")
        await walk(house, 1)
        await call(house, "delete_message", 5, card)
        await say(house, "b")
        await walk(house, 5)
        assert house.telegram.texts(5) == []
        await walk(house, 2)
        assert house.telegram.texts(5) == ["b"]


# on the way


async def test_an_edit_of_what_is_on_its_way_follows_it(house: House) -> None:
    arrives = asyncio.Event()
    async with running(house):
        house.telegram.order("sendMessage", arrives)
        card = await say(house, "a")
        await walk(house, 1)
        await call(house, "edit_message_text", "b", chat_id=5, message_id=card)
        await walk(house, 1)
        arrives.set()
        await walk(house, 1)
        assert house.telegram.methods() == ["sendMessage", "editMessageText"]
        assert house.telegram.messages[5, 101] == "b"


@pytest.mark.parametrize("order", ["refused", httpx.ConnectError("down"), httpx.ConnectTimeout("down")])
async def test_what_never_left_is_sent_again_without_a_mark(house: House, order: object) -> None:
    async with running(house):
        house.telegram.order("sendMessage", order, order)
        await say(house, "a")
        await walk(house, 10)
        assert house.telegram.texts(5) == ["a"]


async def test_what_is_under_way_at_the_end_is_waited_for(house: House) -> None:
    async with running(house):
        house.telegram.order("sendMessage", 3.0)
        await say(house, "a")
        await walk(house, 1)
    assert [row.state for row in await house.rows(outbox)] == ["sent"]
    house.again()
    async with running(house):
        await walk(house, 60)
    assert house.telegram.texts(5) == ["a"]


async def test_but_not_for_ever_and_then_it_is_repeated_with_a_mark(house: House) -> None:
    never = asyncio.Event()
    async with running(house):
        house.telegram.order("sendMessage", never)
        await say(house, "a")
        await walk(house, 1)
    house.again()
    async with running(house):
        await walk(house, 1)
        (words,) = house.telegram.texts(5)
        assert words.startswith("↻ ")


async def test_the_answer_to_a_tap_is_dropped_once_it_is_too_late(house: House) -> None:
    house.telegram.order("answerCallbackQuery", *["reset before"] * 100)

    async def tap(update: Update, context: Any) -> None:
        """Answered by the runtime."""

    house.service.on_tap = tap
    async with running(house):
        house.telegram.taps(5, "v1:x")
        await walk(house, 50)
        assert [row.state for row in await house.rows(outbox)] == ["pending"]
        await walk(house, 30)
        house.telegram.orders.clear()
        await walk(house, 60)
    assert [(row.state, row.payload) for row in await house.rows(outbox)] == [("expired", None)]
    assert house.telegram.methods() == []


# what a call becomes


async def test_a_voice_that_may_have_arrived_is_repeated_under_a_mark(house: House) -> None:
    async with running(house):
        house.telegram.order("sendVoice", "timeout after")
        await call(house, "send_voice", 5, "file-id", caption="listen")
        await walk(house, 10)
        first, second = only(house.telegram.accepted, "sendVoice")
        assert first["caption"] == "listen"
        assert second["caption"].startswith("↻ ")


async def test_what_carries_no_words_is_announced_before_it_is_repeated(house: House) -> None:
    async with running(house):
        house.telegram.order("sendLocation", "timeout after")
        await call(house, "send_location", 5, 24.5, 118.1)
        await walk(house, 10)
        assert house.telegram.methods() == ["sendLocation", "sendMessage", "sendLocation"]
        assert house.telegram.texts(5)[0].startswith("↻ ")


async def test_a_reply_to_what_was_not_sent_yet_finds_its_message(house: House) -> None:
    async with running(house):
        never = await say(house, "never", delivery=Delivery(expires_at=house.clock.now()))
        card = await say(house, "card")
        await call(house, "send_message", 5, "to it", reply_to_message_id=card)
        await call(house, "send_message", 5, "to nothing", reply_to_message_id=never)
        await walk(house, 1)
    sent = only(house.telegram.accepted, "sendMessage")
    assert [p["text"] for p in sent] == ["card", "to it", "to nothing"]
    assert '"message_id": 101' in sent[1]["reply_parameters"]
    assert "reply_parameters" not in sent[2]


async def test_what_waits_for_a_group_that_shut_us_out_moves_with_it(house: House) -> None:
    kicked = fails(403, "Forbidden: bot was kicked from the group chat")
    moved = fails(400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1009)
    async with running(house):
        house.telegram.order("sendMessage", kicked, moved)
        await say(house, "kept", chat=-7, delivery=Delivery(priority=NEWS))
        await walk(house, 1)
        await say(house, "later", chat=-7)
        await walk(house, 1)
        assert house.telegram.texts(-1009) == ["later"]
        async with house.store.transaction() as session:
            house.runtime.wake(session, -1009)
        await walk(house, 1)
        assert house.telegram.texts(-1009) == ["later", "kept"]
    assert house.telegram.texts(-7) == []


# cleaning


async def test_traces_go_when_nobody_needs_them_any_more(house: House) -> None:
    async def hear(update: Update, context: Any) -> None:
        assert update.message is not None
        if update.message.text == "poison":
            raise ValueError
        await echo(update, context)

    async def left() -> dict[str, list[str]]:
        await house.runtime.tick()
        return {
            "in": [row.state for row in await house.rows(inbox)],
            "out": [row.state for row in await house.rows(outbox)],
            "ids": ["known" for _ in await ids(house)],
            "talks": ["open" for _ in await talks(house)],
        }

    house.service.on_message = hear
    house.telegram.writes(5, "hello")
    house.telegram.writes(6, "poison")
    house.telegram.order("sendMessage", fails(400, "Bad Request: something new"))
    await house.settle()
    for wait in (1, 4, 16, 64):
        await house.later(wait)
    rows = {"in": ["done", "dead"], "out": ["dead", "sent"], "ids": ["known"]}
    assert await left() == {**rows, "talks": ["open"]}
    house.clock.advance(6 * DAY)
    assert await left() == {**rows, "talks": ["open"]}
    house.clock.advance(1 * DAY)
    assert await left() == {**rows, "talks": []}
    house.clock.advance(1.1 * DAY)
    assert await left() == {"in": ["dead"], "out": ["dead"], "ids": ["known"], "talks": []}
    house.clock.advance(23 * DAY)
    assert await left() == {"in": [], "out": [], "ids": ["known"], "talks": []}
    house.clock.advance(370 * DAY)
    assert await left() == {"in": [], "out": [], "ids": [], "talks": []}


async def ids(house: House) -> list[Any]:
    async with house.store.transaction() as session:
        return list(session.connection().execute(sa.select(message_map.c.provisional)))


async def talks(house: House) -> list[Any]:
    async with house.store.transaction() as session:
        return list(session.connection().execute(sa.select(persistence.c.key)))


async def test_more_than_can_be_under_way_at_once_waits_without_spinning(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "WIDTH", 2)
    house.telegram.takes = 1.0
    turns = 0

    def counted(name: str) -> None:
        nonlocal turns
        turns += name == "sender.before_claim"
        assert turns < 500, "the sender goes round and round and lets nothing else happen"

    async with running(house):
        points.arm(counted)
        for chat in range(10, 22):
            await say(house, "due", chat=chat)
        await walk(house, 10)
        assert all(house.telegram.texts(chat) == ["due"] for chat in range(10, 22))


async def test_updates_gather_while_the_worker_has_some_in_hand(house: House) -> None:
    """A poll for each would cost a transaction for each."""

    async def heard(update: Update, context: Any) -> None:
        await house.clock.sleep(0.2)
        await echo(update, context)

    house.service.on_message = heard
    async with running(house):
        for chat in (5, 6, 7):
            house.telegram.writes(chat, "first")
        await walk(house, 0.05)
        before = house.telegram.polls
        for chat in (8, 9):
            house.telegram.writes(chat, "later")
            await walk(house, 0.25)
        after = house.telegram.polls
        await walk(house, 2)
    assert after == before
    assert [house.telegram.texts(chat) for chat in (7, 8, 9)] == [["1 first"], ["1 later"], ["1 later"]]
