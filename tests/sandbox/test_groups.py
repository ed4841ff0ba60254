"""Groups: who may speak and tap there, in which topic, and what of it the bot hears."""

from __future__ import annotations

from typing import Any

import pytest

from bot.clock import ManualClock
from bot.sandbox.model import Chat
from bot.sandbox.phone import NoSuchButton, NotThere
from bot.sandbox.server import perform
from bot.sandbox.world import World

LIN, CHEN, EVE = 1, 2, 3
INLINE = {"inline_keyboard": [[{"text": "Take it", "callback_data": "take"}]]}


@pytest.fixture
def world() -> World:
    made = World(ManualClock())
    for person, name in ((LIN, "Lin"), (CHEN, "Chen"), (EVE, "Eve")):
        made.phone(person, name)
    return made


@pytest.fixture
def staff(world: World) -> Chat:
    return world.group("Staff", (LIN, CHEN), topics=("New", "Reports"))


async def says(world: World, chat: Chat, text: str = "A card", **more: Any) -> int:
    answer = await world.call(world.token, "sendMessage", {"chat_id": chat.id, "text": text, **more})
    assert answer["ok"], answer
    return int(answer["result"]["message_id"])


def heard(world: World) -> list[str]:
    """What reached the bot."""
    return [next(v for k, v in u.items() if k != "update_id").get("text") for u in world.updates.pending]


async def test_members_tap_a_card_in_a_topic_and_each_sees_her_own_answer(world: World, staff: Chat) -> None:
    new, reports = staff.topics
    card = await says(world, staff, reply_markup=INLINE, message_thread_id=new)
    world.phone(CHEN).tap("Take it", to=staff, topic=new)
    [update] = world.updates.pending
    query = update["callback_query"]
    assert (query["from"]["id"], query["message"]["message_id"]) == (CHEN, card)
    assert query["message"]["message_thread_id"] == new
    await world.call(world.token, "answerCallbackQuery", {"callback_query_id": query["id"], "text": "Yours"})
    assert world.phone(CHEN).toasts == [("Yours", False)]
    assert world.phone(LIN).toasts == []
    with pytest.raises(NoSuchButton):
        world.phone(CHEN).tap("Take it", to=staff, topic=reports)
    with pytest.raises(NoSuchButton):
        world.phone(CHEN).tap("Take it")


async def test_who_does_not_belong_sees_nothing_and_can_do_nothing(world: World, staff: Chat) -> None:
    card = await says(world, staff, reply_markup=INLINE)
    eve = world.phone(EVE)
    for act in (
        lambda: eve.tap("Take it", to=staff),
        lambda: eve.forge_callback("take", card, to=staff.id),
        lambda: eve.send("hello", to=staff),
        lambda: eve.sees(staff),
        lambda: eve.send("hello", to=12345),
    ):
        with pytest.raises(NotThere):
            act()
    assert eve.view()["groups"] == []
    assert world.updates.pending == []


async def test_in_privacy_mode_the_bot_hears_only_what_is_meant_for_it(world: World, staff: Chat) -> None:
    lin = world.phone(LIN)
    lin.send("lunch?", to=staff)
    lin.send("/queue", to=staff)  # no bot has spoken yet
    lin.send_photo(to=staff)
    lin.send("/queue@another_bot", to=staff)
    assert world.updates.pending == []
    lin.send("/queue@Jinlin_sandbox_bot", to=staff)
    card = await says(world, staff)
    lin.send("/stats", to=staff)
    lin.send("yes", to=staff, reply_to=card)
    own = lin.send("to each other", to=staff)
    lin.send("no", to=staff, reply_to=own)
    lin.edit(own, "to each other, again", to=staff)
    assert heard(world) == ["/queue@Jinlin_sandbox_bot", "/stats", "yes"]


@pytest.mark.parametrize("how", ["administrator", "privacy off"])
async def test_an_administrator_and_a_bot_without_privacy_hear_everything(
    world: World, staff: Chat, how: str
) -> None:
    if how == "administrator":
        staff.bot_status = "administrator"
    else:
        world.privacy = False
    world.phone(LIN).send("lunch?", to=staff)
    assert heard(world) == ["lunch?"]
    me = (await world.call(world.token, "getMe", {}))["result"]
    assert me["can_read_all_group_messages"] is (how == "privacy off")


async def test_what_is_said_stands_in_its_topic(world: World, staff: Chat) -> None:
    new, reports = staff.topics
    card = await says(world, staff, message_thread_id=new)
    lin = world.phone(LIN)
    lin.send("/queue@jinlin_sandbox_bot", to=staff, topic=reports)
    lin.send("done", to=staff, reply_to=card)  # in the topic of what it answers
    first, second = (update["message"] for update in world.updates.pending)
    assert (first["message_thread_id"], second["message_thread_id"]) == (reports, new)
    assert second["reply_to_message"]["message_id"] == card
    assert [seen.text for seen in lin.sees(staff, topic=new)] == ["A card", "done"]
    with pytest.raises(NotThere):
        lin.send("x", to=staff, topic=999)
    answer = {"reply_parameters": {"message_id": second["message_id"]}}
    await says(world, staff, "well done", **answer)
    assert [seen.text for seen in lin.sees(staff, topic=new)][-1] == "well done"


async def test_talking_in_a_group_lets_the_bot_into_no_chat(world: World, staff: Chat) -> None:
    world.phone(LIN).send("/queue@jinlin_sandbox_bot", to=staff)
    answer = await world.call(world.token, "sendMessage", {"chat_id": LIN, "text": "x"})
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"


async def test_the_page_and_the_http_door_know_groups_by_their_id(world: World, staff: Chat) -> None:
    new, _ = staff.topics
    await says(world, staff, reply_markup=INLINE, message_thread_id=new)
    lin = world.phone(LIN)
    perform(lin, "send", {"text": "hello", "to": staff.id, "topic": new})
    perform(lin, "tap", {"label": "Take it", "to": staff.id})
    [shown] = lin.view()["groups"]
    assert (shown["id"], shown["title"], shown["unread"]) == (staff.id, "Staff", 0)
    assert [topic["name"] for topic in shown["topics"]] == ["New", "Reports"]
    assert [(m["from"]["name"], m["topic"]) for m in shown["messages"]] == [("Jinlin", new), ("Lin", new)]
    assert world.phone(CHEN).view()["groups"][0]["unread"] == 2
    perform(world.phone(CHEN), "read", {"to": staff.id})
    assert world.phone(CHEN).view()["groups"][0]["unread"] == 0


@pytest.fixture
def news(world: World) -> Chat:
    return world.channel("News", (LIN,), username="Our_News")


async def test_in_a_channel_the_bot_posts_and_nobody_signs(world: World, news: Chat) -> None:
    for where in (news.id, "@Our_News", "@our_news"):
        answer = await world.call(world.token, "sendMessage", {"chat_id": where, "text": "Good morning"})
        assert answer["result"]["chat"] == answer["result"]["sender_chat"]
        assert answer["result"]["chat"] == {
            "id": news.id,
            "type": "channel",
            "title": "News",
            "username": "Our_News",
        }
        assert "from" not in answer["result"]
    assert [seen.text for seen in world.phone(LIN).sees(news)] == ["Good morning"] * 3
    for someone in (LIN, EVE):
        with pytest.raises(NotThere):
            world.phone(someone).send("me too", to=news)
    with pytest.raises(NotThere):
        world.phone(EVE).sees(news)


@pytest.mark.parametrize(
    ("status", "where", "said"),
    [
        ("administrator", "@nowhere", "Bad Request: chat not found"),
        ("administrator", "Our_News", "Bad Request: chat not found"),
        ("administrator", -100777, "Bad Request: chat not found"),
        ("left", "@our_news", "Forbidden: bot is not a member of the channel chat"),
        ("member", "@our_news", "Bad Request: need administrator rights in the channel chat"),
    ],
)
async def test_where_it_may_not_post_it_is_told(
    world: World, news: Chat, status: str, where: int | str, said: str
) -> None:
    news.bot_status = status
    answer = await world.call(world.token, "sendMessage", {"chat_id": where, "text": "x"})
    assert answer["description"] == said
    assert news.present() == []


async def test_without_a_name_a_channel_is_called_by_its_id(world: World) -> None:
    quiet = world.channel("Quiet")
    await says(world, quiet)
    answer = await world.call(world.token, "sendMessage", {"chat_id": "@", "text": "x"})
    assert answer["description"] == "Bad Request: chat not found"
    assert [message.text for message in quiet.present()] == ["A card"]
