"""The staff's own group: numbers and sorts, and a way into the chat of whoever may see it."""

from __future__ import annotations

import pytest

from bot.community import people, staff
from bot.community.items import FAMILIES, NEVER_IN_A_GROUP, Sort
from bot.sandbox.model import Chat
from tests.flows.test_queue import the_case
from tests.town import Neighbour, Town

SECRET = ("李阿姨", "灯", "302", "5–8", "6栋", "够不着")


async def with_group(town: Town, *members: Neighbour, topics: tuple[str, ...] = ()) -> Chat:
    group = town.world.group("Staff", tuple(one.phone.user.id for one in members), topics=topics)
    town.staff_chat = str(group.id)
    town.staff_topics = dict(zip(FAMILIES, group.topics, strict=False))
    town.restart()
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
