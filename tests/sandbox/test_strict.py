"""What Telegram would refuse, the sandbox refuses, in Telegram's own words."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from telegram import Bot

from bot.clock import ManualClock
from bot.sandbox.door import WorldRequest
from bot.sandbox.faults import Broken
from bot.sandbox.parameters import KNOWN
from bot.sandbox.phone import NoSuchButton
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


async def test_too_many_messages_to_one_person(world: World) -> None:
    for _ in range(5):
        await sent(world)
    assert await call(world, "sendMessage", chat_id=ME, text="x") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    world.clock.advance(1)  # type: ignore[attr-defined]
    await sent(world)


async def accepted(world: World, chats: list[int], seconds: float, step: float) -> int:
    """How many of the messages offered all the time are let through."""
    count = 0
    for _ in range(round(seconds / step)):
        for chat in chats:
            count += (await call(world, "sendMessage", chat_id=chat, text="x"))["ok"]
        world.clock.advance(step)  # type: ignore[attr-defined]
    return count


async def test_no_minute_has_more_than_twenty_messages_to_a_group(world: World) -> None:
    group = world.group("Block 6", (ME,)).id
    assert await accepted(world, [group], 59, 0.5) == 20
    answer = await call(world, "sendMessage", chat_id=group, text="x")
    assert answer["parameters"] == {"retry_after": 1}
    world.clock.advance(1)  # type: ignore[attr-defined]
    assert (await call(world, "sendMessage", chat_id=group, text="x"))["ok"]


async def test_no_second_has_more_than_thirty_messages(world: World) -> None:
    people = list(range(100, 160))
    for person in people:
        world.phone(person).start()
    assert await accepted(world, people, 1, 0.05) == 30
    assert await accepted(world, people, 1, 0.05) == 30


async def test_about_one_message_a_second_to_a_person_in_the_long_run(world: World) -> None:
    assert await accepted(world, [ME], 60, 0.25) <= 70


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


async def test_one_order_breaks_one_poll(world: World) -> None:
    world.faults.fail("truncated", method="getUpdates", times=2)
    for _ in range(2):
        with pytest.raises(Broken):
            await call(world, "getUpdates")
    assert (await call(world, "getUpdates"))["ok"]


async def test_a_key_is_pressed_by_its_whole_name(world: World) -> None:
    keys = [[{"text": "Share my number", "request_contact": True}], [{"text": "number"}]]
    await sent(world, reply_markup={"keyboard": keys})
    world.phone(ME).press("number")
    assert world.updates.pending[-1]["message"]["text"] == "number"
    with pytest.raises(NoSuchButton):
        world.phone(ME).press("Share")


def bold(**changed: Any) -> dict[str, Any]:
    return {"type": "bold", "offset": 0, "length": 1, **changed}


@pytest.mark.parametrize(
    ("method", "given", "words"),
    [
        ("sendMessage", {"entities": "[{"}, "can't parse entities JSON object"),
        ("sendMessage", {"entities": "[" * 100_000}, "can't parse entities JSON object"),
        ("sendMessage", {"entities": {}}, "expected an Array of MessageEntity"),
        ("sendMessage", {"entities": ["x"]}, "can't parse MessageEntity: expected an Object"),
        (
            "sendMessage",
            {"entities": [{"type": "bold", "length": 1}]},
            "can't parse MessageEntity: Can't find field \"offset\"",
        ),
        (
            "sendMessage",
            {"entities": [bold(offset="first")]},
            'can\'t parse MessageEntity: Field "offset" must be of type Number',
        ),
        (
            "sendMessage",
            {"entities": [bold(type="zork")]},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            "sendMessage",
            {"entities": [bold(type="text_link")]},
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
        ("sendMessage", {"entities": [bold(offset=-1)]}, "receive an entity with incorrect offset -1"),
        (
            "sendMessage",
            {"entities": [bold(length=9)]},
            "entity ends after the end of the text at UTF-16 offset 9",
        ),
        (
            "sendMessage",
            {"entities": [bold(colour="red")]},
            'can\'t parse MessageEntity: unknown field "colour" in MessageEntity',
        ),
        ("sendMessage", {"link_preview_options": []}, "object expected as link preview options"),
        (
            "sendMessage",
            {"link_preview_options": {"is_disabled": "1"}},
            'field "is_disabled" must be of type Boolean',
        ),
        ("sendMessage", {"link_preview_options": {"off": True}}, 'unknown field "off" in LinkPreviewOptions'),
        ("sendMessage", {"reply_parameters": 5}, "object expected as reply parameters"),
        (
            "sendMessage",
            {"reply_parameters": {"message_id": {}}},
            'field "message_id" must be of type Number',
        ),
        ("sendMessage", {"reply_markup": "5"}, "object expected as reply markup"),
        (
            "sendMessage",
            {"reply_markup": {**INLINE, "resize_keyboard": True}},
            'unknown field "resize_keyboard" in InlineKeyboardMarkup',
        ),
        ("sendMessage", {"reply_markup": {"keyboard": {}}}, 'field "keyboard" must be of type Array'),
        ("sendMessage", {"reply_markup": {"keyboard": ["x"]}}, 'field "keyboard" must be an Array of Arrays'),
        (
            "sendMessage",
            {"reply_markup": {"inline_keyboard": [["x"]]}},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        (
            "sendMessage",
            {"reply_markup": {"inline_keyboard": [[{"text": "a", "web_app": "x"}]]}},
            'can\'t parse inline keyboard button: Field "web_app" must be of type Object',
        ),
        ("setMyCommands", {"commands": "["}, "can't parse commands JSON object"),
        ("setMyCommands", {"commands": {}}, "expected an Array of BotCommand"),
        ("setMyCommands", {"commands": ["help"]}, "can't parse BotCommand: expected an Object"),
        (
            "setMyCommands",
            {"commands": [{"command": "help"}]},
            "can't parse BotCommand: Can't find field \"description\"",
        ),
        (
            "setMyCommands",
            {"commands": [], "scope": {}},
            "can't parse BotCommandScope: Can't find field \"type\"",
        ),
        ("getUpdates", {"allowed_updates": [{}]}, "string expected"),
        ("deleteMessages", {"chat_id": ME, "message_ids": ["one"]}, "number expected"),
        (
            "setChatMenuButton",
            {"menu_button": {"type": 5}},
            "can't parse menu button: MenuButton has unsupported type",
        ),
    ],
)
async def test_nested_objects_are_read_as_closely_as_parameters(
    world: World, method: str, given: dict[str, Any], words: str
) -> None:
    more = {"chat_id": ME, "text": "x"} if method == "sendMessage" else {}
    assert await refusal(world, method, **more, **given) == (400, f"Bad Request: {words}")


async def test_what_the_server_marks_by_itself_it_takes_from_nobody(world: World) -> None:
    message = await call(
        world,
        "sendMessage",
        chat_id=ME,
        text="Mei: /help",
        entities=[bold(length=3), {"type": "bot_command", "offset": 0, "length": 3}],
    )
    assert message["result"]["entities"] == [
        bold(length=3),
        {"type": "bot_command", "offset": 5, "length": 5},
    ]


@pytest.mark.parametrize(
    "markup",
    [
        {"keyboard": [["Yes"]]},
        {"remove_keyboard": True},
        {"force_reply": True},
    ],
)
async def test_what_carried_another_keyboard_cannot_be_edited(world: World, markup: dict[str, Any]) -> None:
    message = await sent(world, reply_markup=markup)
    answer = await refusal(world, "editMessageText", chat_id=ME, message_id=message, text="y")
    assert answer == (400, "Bad Request: message can't be edited")


@pytest.mark.parametrize(
    ("method", "kind", "words"),
    [
        ("sendPhoto", "voice", "can't use file of type VoiceNote as Photo"),
        ("sendPhoto", "sticker", "can't use file of type Sticker as Photo"),
        ("sendVoice", "photo", "can't use file of type Photo as VoiceNote"),
        ("sendDocument", "photo", "can't use file of type Photo as Document"),
    ],
)
async def test_a_file_is_sent_again_as_what_it_is(world: World, method: str, kind: str, words: str) -> None:
    getattr(world.phone(ME), f"send_{kind}")()
    [file_id] = world.files
    given = {"chat_id": ME, method.removeprefix("send").lower(): file_id}
    assert await refusal(world, method, **given) == (400, f"Bad Request: {words}")


async def test_the_name_of_a_topic_has_one_to_128_letters(world: World) -> None:
    group = world.group("Staff", (ME,), topics=("New",)).id
    for name, words in [
        ("", "title must be non-empty"),
        (" ", "title must be non-empty"),
        ("x" * 129, "too long"),
    ]:
        code, said = await refusal(world, "createForumTopic", chat_id=group, name=name)
        assert code == 400
        assert words in said
    assert (await call(world, "createForumTopic", chat_id=group, name="长" * 128))["ok"]


async def test_the_bot_finds_itself_among_the_members(world: World) -> None:
    group = world.group("Staff", (ME,))
    group.bot_status = "administrator"
    me = int(world.token.partition(":")[0])
    async with Bot(world.token, base_url="http://sandbox/bot", request=WorldRequest(world)) as bot:
        for chat, status in ((ME, "member"), (group.id, "administrator")):
            found = await bot.get_chat_member(chat, me)
            assert (found.user.id, found.status) == (me, status)


ODD = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "{",
    "[" * 9999,
    [],
    [[]],
    [None],
    ["x"],
    {},
    {"type": "chat"},
    [{}],
]
FIELDS = (
    "type",
    "message_id",
    "command",
    "inline_keyboard",
    "keyboard",
    "remove_keyboard",
    "input_field_placeholder",
)
RIGHT = {"chat_id": ME, "text": "x", "caption": "x", "message_id": 1, "action": "typing", "user_id": ME}


@pytest.mark.parametrize("method", KNOWN)
async def test_whatever_is_sent_is_answered(world: World, method: str) -> None:
    world.limits = False
    given = {key: value for key, value in RIGHT.items() if key in KNOWN[method]}
    for name in KNOWN[method].keys() - {"timeout"}:
        for odd in ODD:
            for shape in (odd, *({field: odd} for field in FIELDS), *([{field: odd}] for field in FIELDS)):
                answer = await call(world, method, **{**given, name: shape})
                assert answer["ok"] or answer["error_code"] in (400, 403), (name, odd)
