"""The staff's own group: numbers and sorts, and a way into the chat of whoever may see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.community import events, groups, people, staff
from bot.community.events import NO_CASE, Kind
from bot.community.items import FAMILIES, NEVER_IN_A_GROUP, Sort
from bot.community.staff import Role
from bot.sandbox.model import Chat
from bot.sandbox.phone import NotThere
from tests.flows.test_matrix import two_communities
from tests.flows.test_queue import the_case
from tests.town import Neighbour, Town

SECRET = ("李阿姨", "灯", "302", "5–8", "6栋", "够不着")


async def steward(town: Town, name: str = "王主任", language: str = "zh", **terms: Any) -> Neighbour:
    one = await town.newcomer(name, language)
    await names(town, one, **{"role": Role.STEWARD, **terms})
    return one


async def names(town: Town, one: Neighbour, **terms: Any) -> None:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        staff.grant(session, person.id, **terms)


async def link_for_group(wang: Neighbour) -> str:
    """What the button of her own chat opens."""
    await wang.says("/roles")
    await wang.taps("工作群")
    await wang.taps("接上一个群" if "接上一个群" in wang.last.labels else "换一个群")
    [url] = [button.url for row in wang.last.buttons for button in row if button.url]
    return str(url)


async def opens(wang: Neighbour, url: str, group: Chat) -> None:
    """She chooses this group on her telephone."""
    wang.phone.start_group(url, group)
    await wang.town.settle()


async def with_group(town: Town, *members: Neighbour, topics: tuple[str, ...] = ()) -> Chat:
    """A steward has connected the staff's group, and its topics."""
    wang = await steward(town)
    there = (wang, *members)
    group = town.world.group(
        "Staff", tuple(one.phone.user.id for one in there), topics=topics, with_bot=False
    )
    await opens(wang, await link_for_group(wang), group)
    for label, topic in zip(("急事", "求助"), group.topics, strict=False):
        await wang.says("/roles")
        await wang.taps("工作群", "分话题", label)
        wang.phone.send(wang.last.text.splitlines()[-1], to=group, topic=topic)
        await town.settle()
    for message in list(group.messages.values()):
        message.deleted = True  # what was said while it was connected
    return group


async def asks(town: Town) -> Neighbour:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "下一步")
    await mei.says("6栋302")
    await mei.taps("不要", "发出求助")
    await town.settle()  # the sweep that looks what is new
    return mei


def posted(group: Chat) -> list[str]:
    return [message.text for message in group.present() if message.from_bot]


def link_of(group: Chat) -> str:
    """What a tap on the button opens: /start and this."""
    [row] = group.present()[-1].markup["inline_keyboard"]
    zh, en = row
    assert (zh["text"], en["text"]) == ("打开", "Open")
    assert zh["url"] == en["url"]
    return str(zh["url"]).partition("?start=")[2]


async def test_the_group_reads_a_number_and_a_sort_and_nothing_else(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    group = await with_group(town, lin)
    await asks(town)
    assert posted(group) == ["YS-0001 新求助\nYS-0001 New request"]
    assert not any(word in text for text in posted(group) for word in SECRET)
    await town.later(hours=1)
    assert len(posted(group)) == 1
    case = await the_case(town)
    assert link_of(group) == f"q-{case.id}"
    await lin.starts(link_of(group))
    lin.hears("李阿姨", "够不着")
    await lin.taps("放行")
    for _ in range(3):  # somebody is looked for, few are found, the group hears so
        await town.settle()
    assert "YS-0001 可问的人少" in posted(group)[-1]


async def test_who_is_not_of_the_staff_gets_nothing_from_it(town: Town) -> None:
    lin, eve = await town.member("林站长"), await town.newcomer("伊芙")
    group = await with_group(town, lin, eve)
    mei = await asks(town)
    stranger = town.stranger("Bo")
    async with town.store.transaction() as session:
        member = people.find(session, lin.phone.user.id)
        assert member is not None
        staff.end(session, member.id)
    for one in (eve, mei, lin, stranger):
        before = one.everything if one is not stranger else ""
        await one.starts(link_of(group))
        assert one.everything.count("够不着") == before.count("够不着")
        assert "放行" not in one.last.labels
    eve.hears("不是给您的")
    eve.phone.send("YS-0001?", to=group)
    await town.settle()
    assert len(posted(group)) == 1


async def test_a_topic_for_each_family_and_the_plain_group_where_it_is_gone(town: Town) -> None:
    lin = await town.member("林站长")
    group = await with_group(town, lin, topics=("急", "求助"))
    urgent, needs = group.topics
    await asks(town)
    wu = await town.newcomer("老吴")
    await wu.says("我妈摔倒了起不来，头上流血")
    await town.settle()
    assert [(message.topic, message.text.split("\n")[0]) for message in group.present()] == [
        (needs, "YS-0001 新求助"),
        (urgent, "YS-0002 急事"),
    ]
    del group.topics[needs]
    await asks_again(town)
    assert group.present()[-1].topic is None
    assert posted(group)[-1].startswith("YS-0003 新求助")


async def asks_again(town: Town) -> None:
    wang = await town.newcomer("王伯", area="b1")
    await wang.says("想请人教我用手机挂号")
    await wang.taps("对", "都行", "下一步", "不写门牌", "不要", "发出求助")
    await town.settle()


async def test_what_is_done_meanwhile_is_said_so(town: Town) -> None:
    lin = await town.member("林站长")
    group = await with_group(town, lin)
    mei = await asks(town)
    await mei.taps("看进度", "撤回", "撤回")
    await lin.starts(link_of(group))
    lin.hears("已经有人办了")


async def test_without_a_group_nothing_is_posted(town: Town) -> None:
    await town.member("林站长")
    group = town.world.group("Staff", ())
    await asks(town)
    assert posted(group) == []


@pytest.mark.parametrize("sort", Sort)
def test_every_sort_has_a_topic(sort: Sort) -> None:
    assert sum(sort in sorts for sorts in FAMILIES.values()) == (sort not in NEVER_IN_A_GROUP)


# --- connecting it, and its end


async def test_a_steward_connects_the_group_from_her_own_chat(either_town: Town) -> None:
    town = either_town
    await town.member("林站长")
    wang = await steward(town)
    await asks(town)
    group = town.world.group("Staff", (wang.phone.user.id,), with_bot=False)
    await opens(wang, await link_for_group(wang), group)
    wang.hears("工作群接上了", "从现在起")
    assert "只说编号和是哪一种" in posted(group)[-1]
    assert "Only the number" in posted(group)[-1]
    for _ in range(3):
        await town.settle()
    assert len(posted(group)) == 1  # what waited before is not told
    await asks_again(town)
    assert posted(group)[-1].startswith("YS-0002 新求助")
    async with town.store.transaction() as session:
        lines = [line.code for line in events.of_case(session, NO_CASE) if line.kind == Kind.GROUP]
        assert lines == ["connected:group"]


async def test_only_she_who_asked_for_it_within_the_hour_once_and_while_she_is_steward(
    either_town: Town,
) -> None:
    town = either_town
    lin, wang, gu = await town.member("林站长"), await steward(town), await steward(town, "顾主任")
    members = tuple(one.phone.user.id for one in (lin, wang, gu))
    group = town.world.group("Staff", members, with_bot=False)
    other = town.world.group("Others", members, with_bot=False)

    async def refused(one: Neighbour, url: str, to: Chat = group) -> None:
        before = len(posted(to))
        await opens(one, url, to)
        assert "这一行用不上" in posted(to)[-1]
        assert len(posted(to)) == before + 1

    first = await link_for_group(wang)
    for one in (lin, gu):
        await refused(one, first)
    url = await link_for_group(wang)
    await refused(wang, first)  # the newer one counts
    await town.later(hours=1)
    await refused(wang, url)
    url = await link_for_group(wang)
    async with town.store.transaction() as session:
        person = people.find(session, wang.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    await refused(wang, url)
    await names(town, wang, role=Role.STEWARD)
    await opens(wang, url, group)
    wang.hears("工作群接上了")
    await refused(wang, url, other)
    for forged in ("g-", "g-xxxxxxxxxxxx", "staff-xxxxxxxxxxxx"):
        wang.phone.send(f"/start@jinlin_sandbox_bot {forged}", to=group)
        await town.settle()
        assert "这一行用不上" in posted(group)[-1]


async def test_a_group_nobody_connected_hears_one_sentence_and_nothing_else(town: Town) -> None:
    lin, eve = await town.member("林站长"), town.stranger("Eve")
    group = town.world.group("Friends", (lin.phone.user.id, eve.phone.user.id), with_bot=False)
    await opens(eve, "https://t.me/jinlin_sandbox_bot?startgroup=hello", group)
    assert len(posted(group)) == 1
    lin.phone.send("/help@jinlin_sandbox_bot", to=group)
    lin.phone.send("/start@jinlin_sandbox_bot", to=group)
    await asks(town)
    assert len(posted(group)) == 2
    assert all("工作群" in text for text in posted(group))
    assert "这里没有接上待办" in posted(group)[-1]
    for nothing in ("https://t.me/another?startgroup=x", "https://t.me/jinlin_sandbox_bot?startgroup=a b"):
        with pytest.raises(NotThere):
            lin.phone.start_group(nothing, group)


async def test_it_ends_by_her_tap_and_by_being_put_out(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    group = await with_group(town, lin)
    [wang] = [one for one in town.world.phones.values() if one.user.first_name == "王主任"]
    steward_ = Neighbour(town, wang)
    lin.phone.put_out(group)
    await town.settle()
    steward_.hears("工作群里没有我了", "一件没少")
    await asks(town)
    assert posted(group) == []
    await opens(steward_, await link_for_group(steward_), group)
    await steward_.says("/roles")
    await steward_.taps("工作群", "不在群里说了")
    steward_.hears("还没有接工作群")
    for message in list(group.messages.values()):
        message.deleted = True
    await asks_again(town)
    assert posted(group) == []


async def test_a_group_that_becomes_a_supergroup_stays_connected(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    group = await with_group(town, lin)
    new = town.world.upgrade(group)
    await town.settle()
    assert await address(town) == new.id
    await asks(town)
    assert posted(new) == ["YS-0001 新求助\nYS-0001 New request"]
    again = with_group_moved_unheard(town, new)
    await town.settle()
    assert await address(town) == new.id
    await asks_again(town)
    assert posted(again)[-1].startswith("YS-0002 新求助")
    assert await address(town) == again.id


async def address(town: Town) -> int | None:
    async with town.store.transaction() as session:
        group = groups.of(session, "")
        assert group is not None
        return group.chat


def with_group_moved_unheard(town: Town, old: Chat) -> Chat:
    """It moves once more, and Telegram tells it only when something is posted."""
    town.world.updates.allow(["callback_query"])
    new = town.world.upgrade(old)
    town.world.updates.allow(["message", "edited_message", "callback_query", "my_chat_member"])
    return new


async def test_each_community_has_a_group_of_its_own(sqlite_url: str, tmp_path: Path) -> None:
    town = Town(sqlite_url, community=two_communities(tmp_path / "data"))
    wang, east = await steward(town), await steward(town, "东主任", community="east")
    ids = (wang.phone.user.id, east.phone.user.id)
    here, there = (town.world.group(name, ids, with_bot=False) for name in ("Staff", "East"))
    url = await link_for_group(wang)
    await opens(wang, url, here)
    await east.says("/roles")
    await east.taps("工作群 · 东区", "接上一个群")
    [theirs] = [button.url for row in east.last.buttons for button in row if button.url]
    await opens(east, str(theirs), here)
    assert "这一行用不上" in posted(here)[-1]  # one group, one community
    await opens(east, str(theirs), there)
    east.hears("东区的工作群接上了")
    await asks(town)
    assert any(text.startswith("YS-0001") for text in posted(here))
    assert not any("YS-" in text for text in posted(there))
    await wang.forges(east.button("看看"))
    wang.hears("不是给您的")
    town.close()


async def test_her_code_goes_with_her(town: Town) -> None:
    wang = await steward(town)
    url = await link_for_group(wang)
    async with town.store.transaction() as session:
        person = people.find(session, wang.phone.user.id)
        assert person is not None
        groups.forget(session, person.id)
    group = town.world.group("Staff", (wang.phone.user.id,), with_bot=False)
    await opens(wang, url, group)
    assert "这一行用不上" in posted(group)[-1]


async def test_a_group_connected_in_english(town: Town) -> None:
    wang = await steward(town, "Wang", "en")
    await wang.says("/roles")
    await wang.taps("Staff group", "Connect a group")
    wang.hears("one hour")
    [url] = [button.url for row in wang.last.buttons for button in row if button.url]
    group = town.world.group("Staff", (wang.phone.user.id,), topics=("Urgent",), with_bot=False)
    await opens(wang, str(url), group)
    wang.hears("is connected")
    await wang.taps("See", "Topics", "Urgent")
    wang.phone.send(wang.last.text.splitlines()[-1], to=group)
    await town.settle()
    assert "in the wrong topic" in posted(group)[-1]
