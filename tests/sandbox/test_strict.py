"""What Telegram would refuse, the sandbox refuses, in Telegram's own words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.clock import ManualClock
from bot.sandbox.faults import Broken
from bot.sandbox.world import World

ME = 7
INLINE = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}


@pytest.fixture
def world() -> World:
    made = World(ManualClock())
    made.phone(ME, "Mei").start()
    return made


async def call(world: World, method: str, **params: Any) -> dict[str, Any]:
    return await world.call(world.token, method, params)


async def refusal(world: World, method: str, **params: Any) -> tuple[int, str]:
    answer = await call(world, method, **params)
    assert not answer["ok"], answer
    return answer["error_code"], answer["description"]


async def sent(world: World, text: str = "hello", **more: Any) -> int:
    answer = await call(world, "sendMessage", chat_id=ME, text=text, **more)
    assert answer["ok"], answer
    return int(answer["result"]["message_id"])


@pytest.mark.parametrize(
    ("method", "params", "code", "words"),
    [
        ("sendMesage", {}, 404, "Not Found"),
        ("sendMessage", {"text": "x"}, 400, "Bad Request: chat_id is empty"),
        ("sendMessage", {"chat_id": ME}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": ME, "text": ""}, 400, "Bad Request: message text is empty"),
        ("sendMessage", {"chat_id": ME, "text": "  "}, 400, "Bad Request: text must be non-empty"),
        ("sendMessage", {"chat_id": 8, "text": "x"}, 400, "Bad Request: chat not found"),
        (
            "sendMessage",
            {"chat_id": ME, "text": "x", "txet": 1},
            400,
            'Bad Request: unknown parameter "txet"',
        ),
        ("sendMessage", {"chat_id": ME, "text": "长" * 4097}, 400, "Bad Request: message is too long"),
        ("sendMessage", {"chat_id": ME, "text": "😀" * 2049}, 400, "Bad Request: message is too long"),
        (
            "sendMessage",
            {"chat_id": ME, "text": "<b>x", "parse_mode": "HTML"},
            400,
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            "sendMessage",
            {"chat_id": ME, "text": "<blink>x</blink>", "parse_mode": "HTML"},
            400,
            'Bad Request: can\'t parse entities: Unsupported start tag "blink" at byte offset 0',
        ),
        (
            "sendMessage",
            {
                "chat_id": ME,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "长" * 22}]]},
            },
            400,
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            "editMessageText",
            {"chat_id": ME, "message_id": 1, "text": "x"},
            400,
            "Bad Request: message to edit not found",
        ),
        ("deleteMessage", {"chat_id": ME, "message_id": 1}, 400, "Bad Request: message to delete not found"),
        (
            "answerCallbackQuery",
            {"callback_query_id": "1"},
            400,
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ),
        (
            "sendVoice",
            {"chat_id": ME, "voice": "nope"},
            400,
            "Bad Request: wrong file identifier/HTTP URL specified",
        ),
        ("getFile", {"file_id": "nope"}, 400, "Bad Request: invalid file_id"),
        (
            "setMyCommands",
            {"commands": [{"command": "Help!", "description": "x"}]},
            400,
            "Bad Request: BOT_COMMAND_INVALID",
        ),
    ],
)
async def test_refused_in_telegrams_words(
    world: World, method: str, params: dict[str, Any], code: int, words: str
) -> None:
    assert await refusal(world, method, **params) == (code, words)


async def test_a_wrong_token_is_unauthorized(world: World) -> None:
    assert await world.call("2:other", "getMe", {}) == {
        "ok": False,
        "error_code": 401,
        "description": "Unauthorized",
    }


async def test_length_is_counted_after_parsing(world: World) -> None:
    await sent(world, "<b>" + "x" * 4096 + "</b>", parse_mode="HTML")


async def test_a_caption_is_shorter(world: World) -> None:
    world.phone(ME).send_photo()
    photo = next(iter(world.files))
    answer = await refusal(world, "sendPhoto", chat_id=ME, photo=photo, caption="x" * 1025)
    assert answer == (400, "Bad Request: message caption is too long")


async def test_the_same_edit_twice(world: World) -> None:
    message = await sent(world, "x", reply_markup=INLINE)
    code, words = await refusal(
        world, "editMessageText", chat_id=ME, message_id=message, text="x", reply_markup=INLINE
    )
    assert (code, words.partition(":")[0], "message is not modified" in words) == (400, "Bad Request", True)


async def test_a_message_of_hers_cannot_be_edited(world: World) -> None:
    message = world.phone(ME).send("mine")
    assert await refusal(world, "editMessageText", chat_id=ME, message_id=message, text="x") == (
        400,
        "Bad Request: message can't be edited",
    )


async def test_who_never_started_and_who_blocked(world: World) -> None:
    world.phone(9, "Eve")
    assert await refusal(world, "sendMessage", chat_id=9, text="x") == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )
    world.phone(ME).block()
    assert await refusal(world, "sendMessage", chat_id=ME, text="x") == (
        403,
        "Forbidden: bot was blocked by the user",
    )


async def test_nothing_is_deleted_after_two_days(world: World) -> None:
    message = await sent(world)
    world.clock.advance(48 * 3600 + 1)  # type: ignore[attr-defined]
    code, words = await refusal(world, "deleteMessage", chat_id=ME, message_id=message)
    assert (code, words) == (400, "Bad Request: message can't be deleted for everyone")


async def test_a_tap_expires(world: World) -> None:
    await sent(world, reply_markup=INLINE)
    world.phone(ME).tap("a")
    [query] = world.queries
    world.clock.advance(151)  # type: ignore[attr-defined]
    code, words = await refusal(world, "answerCallbackQuery", callback_query_id=query)
    assert (code, words.startswith("Bad Request: query is too old")) == (400, True)


async def test_a_tap_is_answered_once(world: World) -> None:
    await sent(world, reply_markup=INLINE)
    world.phone(ME).tap("a")
    [query] = world.queries
    assert (await call(world, "answerCallbackQuery", callback_query_id=query, text="ok"))["ok"]
    assert (await refusal(world, "answerCallbackQuery", callback_query_id=query))[0] == 400
    assert world.phone(ME).toasts == [("ok", False)]


async def test_too_many_messages(world: World) -> None:
    for _ in range(5):
        await sent(world)
    answer = await call(world, "sendMessage", chat_id=ME, text="x")
    assert answer["error_code"] == 429
    assert answer["parameters"] == {"retry_after": 1}
    world.clock.advance(1)  # type: ignore[attr-defined]
    await sent(world)


async def test_a_group_hears_twenty_in_any_minute(world: World) -> None:
    group = world.group("Block 6", (ME,))
    for _ in range(20):
        assert (await call(world, "sendMessage", chat_id=group.id, text="x"))["ok"]
        world.clock.advance(2)  # type: ignore[attr-defined]
    answer = await call(world, "sendMessage", chat_id=group.id, text="x")
    assert answer["parameters"] == {"retry_after": 20}
    world.clock.advance(20)  # type: ignore[attr-defined]
    assert (await call(world, "sendMessage", chat_id=group.id, text="x"))["ok"]


async def test_a_group_that_moved_says_where(world: World) -> None:
    group = world.group("Block 6", (ME,))
    assert (await call(world, "sendMessage", chat_id=group.id, text="x"))["ok"]
    new = world.upgrade(group)
    answer = await call(world, "sendMessage", chat_id=group.id, text="x")
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}
    thread = next(iter(new.topics))
    assert (await call(world, "sendMessage", chat_id=new.id, text="x", message_thread_id=thread))["ok"]
    assert await refusal(world, "sendMessage", chat_id=new.id, text="x", message_thread_id=1) == (
        400,
        "Bad Request: message thread not found",
    )


async def test_no_numbers_are_asked_for_in_groups(world: World) -> None:
    group = world.group("Block 6", (ME,))
    keys = {"keyboard": [[{"text": "n", "request_contact": True}]]}
    assert await refusal(world, "sendMessage", chat_id=group.id, text="x", reply_markup=keys) == (
        400,
        "Bad Request: phone number can be requested in private chats only",
    )


async def test_updates_come_again_until_confirmed(world: World) -> None:
    first = (await call(world, "getUpdates"))["result"]
    assert (await call(world, "getUpdates"))["result"] == first
    after = first[-1]["update_id"] + 1
    assert (await call(world, "getUpdates", offset=after))["result"] == []
    assert world.updates.pending == []


async def test_a_second_poller_ends_the_first(world: World) -> None:
    after = (await call(world, "getUpdates"))["result"][-1]["update_id"] + 1
    first = asyncio.create_task(call(world, "getUpdates", offset=after, timeout=30))
    for _ in range(5):
        await asyncio.sleep(0)
    assert world.updates.waiting
    second = asyncio.create_task(call(world, "getUpdates", offset=after, timeout=30))
    assert (await first)["error_code"] == 409
    world.phone(ME).send("news")
    assert (await second)["result"][0]["message"]["text"] == "news"


async def test_commands_by_scope_and_language(world: World) -> None:
    zh, en = world.phone(20, "a", "zh"), world.phone(21, "b", "en")
    await call(world, "setMyCommands", commands=[{"command": "one", "description": "1"}])
    private = {"type": "all_private_chats"}
    await call(
        world,
        "setMyCommands",
        commands=[{"command": "two", "description": "2"}],
        scope=private,
        language_code="en",
    )
    assert [phone.menu[0]["command"] for phone in (zh, en)] == ["one", "two"]


@pytest.mark.parametrize(
    ("how", "effect"),
    [("timeout_before", 0), ("reset_before", 0), ("timeout_after", 1), ("reset_after", 1), ("truncated", 1)],
)
async def test_faults_break_the_wire_before_or_after(world: World, how: Any, effect: int) -> None:
    world.faults.fail(how, method="sendMessage")
    with pytest.raises(Broken):
        await call(world, "sendMessage", chat_id=ME, text="x")
    assert len(world.phone(ME).heard) == effect
    await sent(world)


async def test_faults_of_the_server(world: World) -> None:
    world.faults.fail("500")
    world.faults.fail("429", retry_after=7)
    assert (await call(world, "sendMessage", chat_id=ME, text="x"))["error_code"] == 500
    assert (await call(world, "sendMessage", chat_id=ME, text="x"))["parameters"] == {"retry_after": 7}
