"""What is open stands in a plain list, the longest waiting first; and whoever likes is not asked at all."""

from __future__ import annotations

from sqlmodel import select

from bot.community import credentials, pairs, people, talents
from bot.community.cases import Case
from bot.community.credentials import Standing
from bot.community.pairs import Why
from tests.flows.test_approval import speaks
from tests.flows.test_claim import approved, ask
from tests.town import Neighbour, Town


async def board(one: Neighbour) -> None:
    await one.starts()
    await one.taps("看看谁要帮忙")


async def let_out(town: Town, lin: Neighbour, name: str, kind: str, area: str = "b2") -> Neighbour:
    """Another need, asked for by its button."""
    mei = await town.newcomer(name, area=area)
    await mei.starts()
    await mei.taps("请人帮忙", kind, "都行", "没有了", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()
    return mei


async def id_of(town: Town, one: Neighbour) -> str:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        return person.id


async def test_the_longest_waiting_first_and_no_story(town: Town) -> None:
    await approved(town)
    lin = await town.member("小林")
    await town.later(minutes=30)
    await let_out(town, lin, "王伯", "修小东西", "b3")
    zhao = await town.volunteer("小赵")
    await board(zhao)
    text = zhao.last.text
    assert text.index("YS-0001 换灯泡灯管｜5–8 栋") < text.index("YS-0002 修小东西｜9–12 栋")
    for word in ("灯坏了", "够不着", "李阿姨", "王伯"):
        assert word not in text
    await zhao.taps("看 YS-0001")
    zhao.hears("灯坏了")


async def test_taken_from_the_list_it_is_the_same_claim(either_town: Town) -> None:
    town = either_town
    mei, _ = await approved(town)
    zhao = await town.volunteer("小赵")
    await board(zhao)
    await zhao.taps("看 YS-0001", "我来", "确认接单")
    zhao.hears("接上了", "6栋302")
    mei.hears("有人接了", "小赵")
    wu = await town.volunteer("小吴")
    await board(wu)
    wu.hears("现在没有您会帮")


async def test_opened_by_herself_it_counts_as_asked_and_leaves_a_line(town: Town) -> None:
    mei, _ = await approved(town)
    zhao = await town.volunteer("小赵")
    await board(zhao)
    await zhao.taps("看 YS-0001")
    await mei.starts()
    await mei.taps("我的资料", "谁看过")
    mei.hears("被问到的志愿者", "看能不能帮")


async def test_only_what_she_can_do_and_may_see(town: Town) -> None:
    lin = await town.member("林站长")
    await let_out(town, lin, "王伯", "陪看病")
    await let_out(town, lin, "老周", "修小东西")
    zhao = await town.volunteer("小赵", knows=())
    await board(zhao)
    zhao.hears("现在没有您会帮")  # repairs need somebody staff have met
    await town.knows(zhao, "known")
    await board(zhao)
    zhao.hears("YS-0002")
    assert "YS-0001" not in zhao.last.text


async def test_her_own_and_those_she_would_not_meet_are_not_in_it(town: Town) -> None:
    mei, _ = await approved(town)
    zhao = await town.volunteer("小赵")
    hers, his = await id_of(town, mei), await id_of(town, zhao)
    async with town.store.transaction() as session:
        pairs.part(session, hers, his, Why.BLOCKED)
    await board(zhao)
    zhao.hears("现在没有您会帮")
    chen = await town.volunteer("小陈")
    await board(chen)
    chen.hears("YS-0001")


async def test_what_is_not_let_out_or_is_over_is_not_in_it(town: Town) -> None:
    await ask(town)
    zhao = await town.volunteer("小赵")
    await board(zhao)
    zhao.hears("现在没有您会帮")


async def test_what_staff_arrange_themselves_is_in_no_list(town: Town) -> None:
    lin = await town.member("林站长")
    await let_out(town, lin, "王伯", "修小东西")
    zhao = await town.volunteer("小赵", knows=("mediator", "known"))
    zhaos = await id_of(town, zhao)
    for skill, listed in (("med_meeting", False), ("repair", True), ("med_property", False)):
        async with town.store.transaction() as session:
            talents.offer(session, zhaos, ["repair", "med_property"])
            [case] = session.exec(select(Case)).all()
            case.skill = skill
            session.add(case)
        await board(zhao)
        assert ("YS-0001" in zhao.last.text) is listed


async def test_more_than_fit_on_a_screen(town: Town) -> None:
    lin = await town.member("林站长")
    for name in ("甲", "乙", "丙", "丁", "戊"):
        await let_out(town, lin, name, "修小东西")
    zhao = await town.volunteer("小赵")
    await board(zhao)
    assert [label for label in zhao.last.labels if "YS" in label] == [f"看 YS-000{n}" for n in range(1, 5)]
    await zhao.taps("往后看")
    assert [label for label in zhao.last.labels if "YS" in label] == ["看 YS-0005"]


async def test_not_asked_any_more_and_asked_again(town: Town) -> None:
    zhao = await town.volunteer("小赵")
    await board(zhao)
    await zhao.taps("不要问我，我自己看")
    zhao.hears("现在不问您，您自己来看")
    await approved(town)
    assert "为什么问您" not in zhao.everything
    await board(zhao)
    zhao.hears("YS-0001")
    await zhao.taps("有合适的也来问我")
    zhao.hears("也会来问您")


async def test_only_the_pool_has_it(town: Town) -> None:
    mei, _ = await approved(town)
    zhao = await town.volunteer("小赵")
    await board(zhao)
    open_ = zhao.button("看 YS-0001")
    await mei.starts()
    assert "看看谁要帮忙" not in mei.last.labels
    await mei.forges(open_)
    assert "旧的" in mei.toast
    await zhao.starts()
    await zhao.taps("我想帮忙", "退出", "退出")
    await zhao.forges(open_)
    assert "为什么问您" not in zhao.everything


async def test_who_rests_is_not_told_that_she_is_asked_and_may_end_the_rest_here(town: Town) -> None:
    zhao = await town.volunteer("小赵")
    await zhao.starts()
    await zhao.taps("我想帮忙", "歇一歇", "歇一星期")
    await board(zhao)
    zhao.hears("现在不问您，您自己来看")
    await zhao.taps("有合适的也来问我")
    zhao.hears("有合适的也会来问您")
    await approved(town)
    zhao.hears("为什么问您")


async def test_what_was_taken_meanwhile_is_not_opened(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵", kind="修")
    await zhao.starts()
    await zhao.taps("看看谁要帮忙", "不要问我，我自己看")
    await approved(town)
    await board(zhao)
    await chen.taps("我来", "确认接单")
    await zhao.taps("看 YS-0001")
    assert "旧的" in zhao.toast
    assert "够不着" not in zhao.everything


async def test_what_has_changed_since_she_was_asked_counts_at_the_tap(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    mei, _ = await approved(town)
    hers, chens, zhaos = [await id_of(town, one) for one in (mei, chen, zhao)]
    async with town.store.transaction() as session:
        pairs.part(session, hers, zhaos, Why.BLOCKED)
        for one in credentials.of_person(session, chens):
            one.state = Standing.EXPIRED
            session.add(one)
    await chen.taps("我来")
    chen.hears("看过资格", "看过了就能接")
    await zhao.taps("我来")
    zhao.hears("另有安排", "这次不用您去")


async def test_her_hands_are_full(town: Town) -> None:
    chen = await town.volunteer("小陈")
    await approved(town)
    lin = await town.member("小林")
    await chen.taps("我来", "确认接单")
    await let_out(town, lin, "王伯", "修小东西")
    await board(chen)
    await chen.taps("看 YS-0002", "我来")
    assert "够您忙的了" in chen.toast
    assert "15 分钟" not in chen.last.text


async def test_in_english(town: Town) -> None:
    await approved(town)
    zhao = await town.volunteer("Zhao", "Small repairs", "en")
    await speaks(town, zhao, "mandarin", "english")
    await zhao.starts()
    await zhao.taps("See who needs a hand")
    zhao.hears("longest waiting first", "YS-0001 Changing bulbs and tubes｜Blocks 5–8")
    await zhao.taps("Don't ask, I'll look")
    zhao.hears("you look for yourself")
    await zhao.taps("See YS-0001")
    assert "Changing bulbs" in zhao.last.text
