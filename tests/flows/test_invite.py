"""A slip of paper invites a neighbour: good for one, for two weeks, and perhaps from somebody who has met her."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from bot.community import credentials, slips
from bot.store.models import metadata
from tests.flows.test_credential import LOCAL, acts_on, counts
from tests.flows.test_my_data import one_of, paper_of
from tests.town import Neighbour, Town


async def slip(town: Town, met: bool = True, language: str = "zh") -> tuple[Neighbour, str]:
    """Staff, and the code of the slip they hand over."""
    lin = await town.member("林站长" if language == "zh" else "Grace", language)
    await lin.starts()
    if language == "zh":
        await lin.taps("替邻居办", "邀请一位邻居", "见过面" if met else "没见过")
    else:
        await lin.taps("Act for a neighbour", "Invite a neighbour", "Yes, we have met" if met else "Not yet")
    code = re.search(r"i-([a-z0-9]{8})", lin.everything)
    assert code is not None
    return lin, code[1]


async def joins(zhao: Neighbour) -> None:
    await zhao.taps("看看怎么帮", "同意", f"用「{zhao.phone.user.first_name}」", "同意")
    await zhao.taps("修小东西", "就这些", "5–8", "都行", "就这些", "3 次")


async def left(town: Town) -> int:
    async with town.store.transaction() as session:
        return len(session.execute(sa.select(metadata.tables["slip"])).all())


async def test_a_slip_says_all_there_is_to_know(town: Town) -> None:
    lin, code = await slip(town)
    lin.hears("A6", "没有谁的名字")
    lin.has_heard("写好了，只给一位", "记作跟您见过面")
    name, page = paper_of(town, lin)
    text = page.decode()
    assert name == "invitation.html"
    assert "林站长" not in text
    assert text.count(f"i-{code}") == 2
    for words in (
        "请您来搭把手",
        "Lend a hand?",
        LOCAL.phone,
        "云杉社区工作站",
        "the Spruce community office",
        "14 天",
    ):
        assert words in text
    assert "<svg" in text
    assert len(f"i-{code}") <= 12
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


async def test_the_link_greets_and_the_meeting_counts(either_town: Town) -> None:
    town = either_town
    lin, code = await slip(town)
    zhao = town.stranger("小赵")
    await zhao.starts(f"i-{code}")
    zhao.hears("您好！云杉社区工作站请您来搭把手")
    await joins(zhao)
    zhao.hears("记好了，小赵")
    lin.hears("小赵用您给的邀请来了，记作跟您见过面")
    assert "还没跟工作人员见过面" not in lin.everything
    assert await counts(town, zhao, "known")
    assert await acts_on(town, zhao) == ["seen:known"]
    assert await left(town) == 0
    await lin.taps("不是这位")
    lin.hears("还没跟工作人员见过面")
    zhao.hears("改回没看过")
    assert not await counts(town, zhao, "known")


async def test_the_same_in_english(town: Town) -> None:
    grace, code = await slip(town, language="en")
    grace.has_heard("Done, for one neighbour only", "noted as met by you")
    tom = town.stranger("Tom", "en")
    await tom.starts(f"i-{code}")
    tom.hears("Here is the Spruce community office, with an invitation")
    await tom.taps("See how to help", "Agree", "Use “Tom”", "Agree")
    await tom.taps("Small repairs", "That's all", "Blocks 5–8", "Any time", "That's all", "Once")
    grace.hears("Tom came with the slip you handed over")
    eve = town.stranger("Eve", "en")
    await eve.starts(f"i-{code}")
    eve.hears("has been used, or it is too old")


async def test_one_from_somebody_who_has_not_met_her(town: Town) -> None:
    lin, code = await slip(town, met=False)
    assert "记作跟您见过面" not in lin.everything
    zhao = town.stranger("小赵")
    await zhao.starts(f"i-{code}")
    await joins(zhao)
    zhao.hears("先跟工作人员见个面")
    lin.hears("小赵 · 见过面", "还没跟工作人员见过面")
    assert not await counts(town, zhao, "known")


@pytest.mark.parametrize("typed", ["i-{}", "I-{}", " i- {} "])
async def test_the_code_is_typed(town: Town, typed: str) -> None:
    _, code = await slip(town)
    zhao = town.stranger("小赵")
    await zhao.says(typed.format(code.upper() if typed[0] == "I" else code))
    zhao.hears("请您来搭把手")
    await joins(zhao)
    assert await counts(town, zhao, "known")


async def test_it_is_good_for_one(town: Town) -> None:
    _, code = await slip(town)
    zhao, qian = town.stranger("小赵"), town.stranger("小钱")
    await zhao.starts(f"i-{code}")
    await qian.starts(f"i-{code}")
    await joins(zhao)
    await joins(qian)  # whose slip was used up meanwhile: she joins, and is met like everybody
    assert (await counts(town, zhao, "known"), await counts(town, qian, "known")) == (True, False)
    sun = town.stranger("小孙")
    await sun.starts(f"i-{code}")
    sun.hears("这张邀请用过了", "想帮忙点下面就行")
    await sun.taps("我想帮忙")
    sun.hears("您的资料怎么用")


@pytest.mark.parametrize("code", ["", "x", "aaaaaaaa", "' or 1=1"])
async def test_a_code_nobody_wrote(town: Town, code: str) -> None:
    zhao = town.stranger("小赵")
    await zhao.starts(f"i-{code}")
    zhao.hears("用过了，或者放得太久了")


async def test_a_slip_is_void_after_two_weeks(either_town: Town) -> None:
    town = either_town
    _, code = await slip(town)
    await town.later(hours=24 * 14 - 1)
    zhao = town.stranger("小赵")
    await zhao.starts(f"i-{code}")
    zhao.hears("请您来搭把手")
    assert await left(town) == 1
    await town.later(hours=1)
    assert await left(town) == 0
    await joins(zhao)  # she had it in her hand, but too long
    assert not await counts(town, zhao, "known")
    qian = town.stranger("小钱")
    await qian.starts(f"i-{code}")
    qian.hears("放得太久")


async def test_one_too_old_is_not_used_before_it_is_swept_away(town: Town) -> None:
    _, code = await slip(town)
    town.clock.advance(14 * 24 * 3600)
    async with town.store.transaction() as session:
        assert not slips.is_good(session, code)
        assert slips.use(session, code) is None


async def test_a_volunteer_who_scans_one_has_been_met(town: Town) -> None:
    zhao = await town.volunteer("小赵", knows=())
    lin, code = await slip(town)
    await zhao.starts(f"i-{code}")
    zhao.hears("您会帮：修小东西")
    assert await counts(town, zhao, "known")
    lin.hears("小赵用您给的邀请来了")
    assert await left(town) == 0


async def test_nobody_meets_herself_by_a_slip(town: Town) -> None:
    lin, code = await slip(town)
    await lin.starts(f"i-{code}")
    await lin.taps("看看怎么帮", "同意", "修小东西", "就这些", "5–8", "都行", "就这些", "3 次")
    assert not await counts(town, lin, "known")
    assert await left(town) == 0


async def test_whoever_holds_no_role_any_more_has_met_nobody(town: Town) -> None:
    from bot.community import staff

    lin, code = await slip(town)
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    town.clock.advance(1)
    zhao = town.stranger("小赵")
    await zhao.starts(f"i-{code}")
    await joins(zhao)
    assert not await counts(town, zhao, "known")
    assert "小赵" not in lin.everything


async def test_staff_who_are_erased_leave_no_trace_on_a_slip(town: Town) -> None:
    lin, code = await slip(town)
    await lin.says("/mydata")
    await lin.taps("删除", "全部删除")
    async with town.store.transaction() as session:
        assert session.execute(sa.select(metadata.tables["slip"].c.known_by)).scalars().all() == [None]
        assert slips.is_good(session, code)


async def test_the_code_is_not_in_the_database(town: Town) -> None:
    _, code = await slip(town)
    async with town.store.transaction() as session:
        [row] = session.execute(sa.select(metadata.tables["slip"])).all()
    assert code not in str(row)


async def test_only_staff_invite(town: Town) -> None:
    eve = await town.newcomer("伊芙")
    for action in ("begin", "write=met", "write=new"):
        await eve.forges(f"v1:invite.{action}:-:0")
        eve.hears("不是给您的")
    assert await left(town) == 0
    lin = await town.member("林站长")
    await lin.forges("v1:invite.write=nope:-:0")
    assert await left(town) == 0
    async with town.store.transaction() as session:
        assert credentials.due(session) == []
