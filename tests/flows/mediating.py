"""A mediation in scenes: how it comes as far as each step."""

from __future__ import annotations

import re

from sqlmodel import select

from bot.community import people, staff
from bot.community.mediations import Mediation
from bot.community.staff import Role
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town

QUARREL = "楼上半夜拖椅子吵得睡不着，想请人调解"
NO = {"zh": "没有的", "en": "No"}


async def applies(mei: Neighbour, story: str = QUARREL, topic: str = "声音") -> None:
    """She writes what troubles her, and asks for somebody in the middle."""
    await mei.says(story)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * 7, topic, "就这样", "可以这样送", "同意")


async def the_slip(town: Town, lin: Neighbour) -> str:
    """Staff have talked with her and write a slip. Returns its code."""
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "1 号", "写纸条")
    found = re.search(r"m-([a-z0-9]{8})", lin.everything)
    assert found is not None
    return found[1]


async def joins(wang: Neighbour, code: str, *, known: bool = False) -> None:
    """Who was invited listens first, and joins."""
    await wang.starts(f"m-{code}")
    await wang.taps("先听听")
    if not known:
        await wang.taps("同意")
        await wang.says(wang.phone.user.first_name)
    await wang.taps("没有，愿意谈", "接着看", "同意")


async def mediator(town: Town, name: str, area: str = "b3") -> Neighbour:
    """Somebody with the role, who lives elsewhere."""
    one = await town.newcomer(name, area=area)
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, one).id, Role.MEDIATOR)
    return one


async def both(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Two who want to talk, and staff."""
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b1")
    await applies(mei)
    wang = town.stranger("王叔")
    await joins(wang, await the_slip(town, lin))
    async with town.store.transaction() as session:
        people.update(session, one_of(session, wang), area="b1")
    return mei, wang, lin


async def chosen(lin: Neighbour, n: int = 1) -> None:
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "1 号", "请人坐中间", f"请第 {n} 位")


async def accepted(town: Town) -> tuple[Neighbour, Neighbour, Neighbour, Neighbour]:
    """And somebody in the middle whom both accepted."""
    mei, wang, lin = await both(town)
    chen = await mediator(town, "老陈")
    await chosen(lin)
    await chen.taps("没有往来，我来")
    for one in (mei, wang):
        await one.taps("没有，我认可")
    return mei, wang, lin, chen


async def opens(chen: Neighbour) -> None:
    """Her card of it, under way or over."""
    await chen.starts()
    await chen.taps("坐下来谈")
    if "1 号" not in chen.last.labels:
        await chen.taps("已经结束的")
    await chen.taps("1 号")


async def reads(chen: Neighbour) -> None:
    """What both wrote, as the mediator sees it."""
    await opens(chen)
    if any("看写过的" in button.text for row in chen.last.buttons for button in row):
        await chen.taps("看写过的")


async def the_one(town: Town) -> Mediation:
    async with town.store.transaction() as session:
        return session.exec(select(Mediation)).one()


async def listening(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Who was invited has read what the other side lets her read, and has not decided."""
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b1")
    await applies(mei)
    wang = town.stranger("王叔")
    await wang.starts(f"m-{await the_slip(town, lin)}")
    await wang.taps("先听听", "同意")
    await wang.says("王叔")
    return mei, wang, lin
