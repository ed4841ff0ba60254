"""Where somebody comes close, the asker says yes to who comes; where she is silent, a person decides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.community import credentials, people, talents
from bot.community.cases import Case
from bot.community.claims import Claim
from bot.data import Local
from tests.flows.test_promises import until
from tests.town import Neighbour, Town


async def clinic(town: Town, when: str = "都行", **who: str) -> tuple[Neighbour, Neighbour]:
    """Somebody to go along to the doctor's, let out."""
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "陪看病", when, "没有了", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()
    return mei, lin


async def offered(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    chen = await town.volunteer("小陈", "陪看病")
    mei, lin = await clinic(town)
    await chen.taps("我来", "确认接单")
    return mei, chen, lin


async def says_of_herself(town: Town, neighbour: Neighbour, **what: object) -> None:
    """What she has on her card of the pool."""
    async with town.store.transaction() as session:
        person = people.find(session, neighbour.phone.user.id)
        assert person is not None
        volunteer = talents.get(session, person.id)
        assert volunteer is not None
        for name, value in what.items():
            setattr(volunteer, name, value)
        session.add(volunteer)


async def speaks(town: Town, neighbour: Neighbour, *languages: str) -> None:
    await says_of_herself(town, neighbour, languages=",".join(languages))


def test_which_kinds_need_a_yes() -> None:
    local = Local.load()
    need = {kind.code for kind in local.kinds if local.asks_for_yes(kind.code)}
    assert {"errand_clinic", "elder_visit", "fix_rail", "fam_reading", "law_draft"} <= need
    assert need.isdisjoint({"errand_shop", "errand_carry", "repair", "fix_bulb", "dig_phone"})


async def test_the_asker_says_yes(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await offered(town)
    chen.hears("对方点头了才算定")
    mei.hears("有人愿意来", "小陈", "会说普通话", "11:00 前")
    assert "接上了" not in chen.everything
    await mei.taps("好，请来")
    mei.hears("有人接了", "小陈", "对不上就不开门")
    chen.hears("接上了", "李阿姨")


async def test_a_title_is_told_only_by_who_shows_it(town: Town) -> None:
    zhao = await town.volunteer("小赵", "陪看病", knows=("known", "trained", "nurse"))
    await says_of_herself(town, zhao, shows_title=True)
    mei, _ = await clinic(town)
    await zhao.taps("我来", "确认接单")
    mei.hears("工作人员看过", "护士证")
    assert "见过面" not in mei.last.text
    await zhao.taps("不去了")
    await says_of_herself(town, zhao, shows_title=False)
    await zhao.taps("还是我来", "确认接单")
    mei.hears("有人愿意来")
    assert "护士" not in mei.last.text


async def test_somebody_else_needs_no_reason_and_leaves_no_trace(town: Town) -> None:
    mei, chen, _ = await offered(town)
    zhao = await town.volunteer("小赵", "陪看病")
    await mei.taps("换一位")
    mei.hears("正在问别的邻居")
    chen.hears("这次不用您去了", "不影响以后问您")
    assert "换一位" not in chen.everything
    await town.settle()
    zhao.hears("为什么问您")
    assert chen.everything.count("为什么问您") <= 1
    async with town.store.transaction() as session:
        [claim] = session.exec(select(Claim)).all()
        assert (claim.state, claim.confirmed_at) == ("released", None)
    await zhao.taps("我来", "确认接单")
    await mei.taps("好，请来")
    mei.hears("有人接了", "小赵")


async def test_an_answer_to_one_is_not_an_answer_to_the_next(town: Town) -> None:
    mei, chen, _ = await offered(town)
    old = mei.button("好，请来")
    await chen.taps("不去了")
    mei.hears("来不了了", "不用重说")
    zhao = await town.volunteer("小赵", "陪看病")
    await town.later(hours=2)
    await zhao.taps("我来", "确认接单")
    await mei.forges(old)
    assert "旧的" in mei.toast
    mei.hears("小赵愿意来", "等您一句话")
    assert "接上了" not in zhao.everything
    await mei.taps("好，请来")
    zhao.hears("接上了")


async def test_silence_goes_to_staff_and_never_counts_as_yes(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await offered(town)
    await until(town, 10, 59)
    assert "还没有回话" not in lin.everything
    await until(town, 11)
    lin.hears("小陈愿意去", "请您定")
    mei.hears("还在等您一句话", "工作人员看了")
    assert "接上了" not in chen.everything
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    lin.hears("小陈愿意去")
    await lin.taps("同意，请去")
    lin.hears("有人接了")
    chen.hears("接上了")
    mei.hears("有人接了", "小陈")


async def test_staff_may_say_no_for_her(town: Town) -> None:
    mei, chen, lin = await offered(town)
    await until(town, 11)
    await lin.taps("换一位")
    chen.hears("这次不用您去了")
    mei.hears("正在问别的邻居")


async def test_she_may_still_answer_while_staff_think(town: Town) -> None:
    mei, chen, lin = await offered(town)
    await until(town, 11)
    decide = lin.button("同意，请去")
    await mei.taps("好，请来")
    chen.hears("接上了")
    await lin.forges(decide)
    assert "旧的" in lin.toast


async def test_staff_are_asked_again_every_morning(town: Town) -> None:
    mei, _, lin = await offered(town)
    await until(town, 11)
    await until(town, 8)
    await until(town, 8)
    assert lin.everything.count("请您定") == 3
    assert mei.everything.count("还在等您一句话") == 1


async def test_staff_do_not_decide_before_she_had_her_time(town: Town) -> None:
    mei, chen, lin = await offered(town)
    await lin.forges(mei.button("好，请来").replace("claim.yes", "claim.staff_yes"))
    assert "接上了" not in chen.everything


async def test_nobody_else_says_yes_for_her(town: Town) -> None:
    mei, chen, _ = await offered(town)
    zhao = await town.volunteer("小赵", "陪看病")
    for one in (zhao, chen):
        await one.forges(mei.button("好，请来"))
        one.hears("不是给您的")
    assert "接上了" not in chen.everything


async def test_nobody_is_woken_for_it(town: Town) -> None:
    chen = await town.volunteer("小陈", "陪看病")
    mei, lin = await clinic(town)
    await until(town, 20, 55)
    await chen.taps("我来")
    await until(town, 21, 5)
    await chen.taps("确认接单")
    chen.hears("对方点头了才算定")
    assert "愿意来" not in mei.everything
    await until(town, 7, 59)
    assert "愿意来" not in mei.everything
    await until(town, 8)
    mei.hears("小陈", "愿意来", "10:00 前")
    await until(town, 9, 59)
    assert "请您定" not in lin.everything
    await until(town, 10)
    lin.hears("请您定")


async def test_after_a_standstill_nobody_is_woken_either(town: Town) -> None:
    _, _, lin = await offered(town)
    await town.later(hours=13)  # it was due at 11:00, and is seen at 22:00
    assert "请您定" not in lin.everything
    await until(town, 8)
    lin.hears("请您定")


async def test_withdrawn_while_an_offer_waits(town: Town) -> None:
    mei, chen, _ = await offered(town)
    await mei.taps("不用了", "撤回")
    mei.hears("撤回了")
    chen.hears("已经不用了")


async def test_an_offer_is_over_with_the_time_of_the_need(town: Town) -> None:
    chen = await town.volunteer("小陈", "陪看病")
    mei, _ = await clinic(town, "今天")
    await until(town, 20, 30)
    await chen.taps("我来", "确认接单")
    await until(town, 8)
    chen.hears("说好的时间过了")
    mei.hears("换到什么时候")
    assert "接上了" not in chen.everything


async def test_another_time_is_confirmed_anew(town: Town) -> None:
    mei, chen, _ = await offered(town)
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "换时间", "周末")
    chen.hears("替您留 15 分钟", "11 月 28 日")
    await chen.taps("确认接单")
    mei.hears("小陈", "愿意来", "11 月 28 日")


async def test_leaving_the_pool_takes_the_offer_back(town: Town) -> None:
    mei, chen, _ = await offered(town)
    await chen.starts()
    await chen.taps("我想帮忙", "退出", "退出")
    mei.hears("来不了了", "下一位")


async def test_what_staff_have_seen_ends_while_the_offer_waits(town: Town) -> None:
    mei, chen, lin = await offered(town)
    async with town.store.transaction() as session:
        helper, member = (people.find(session, one.phone.user.id) for one in (chen, lin))
        assert helper is not None
        assert member is not None
        seen = credentials.of_kind(session, helper.id, "trained")
        assert seen is not None
        today = town.clock.now().date()
        credentials.check(session, Local.load(), seen, by=member.id, expires_on=today)
    await town.later(hours=24)
    mei.has_heard("来不了了，正在找下一位")
    assert "接上了" not in chen.everything


async def test_nobody_goes_alone_where_two_must(town: Town) -> None:
    chen = await town.volunteer("小陈", "陪看病")
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "陪看病", "都行", "没有了", "不写门牌", "不要", "发出求助")
    async with town.store.transaction() as session:
        person = people.find(session, chen.phone.user.id)
        assert person is not None
        talents.offer(session, person.id, ["elder_visit"])
        [case] = session.exec(select(Case)).all()
        case.skill = "elder_visit"
        session.add(case)
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来")
    chen.hears("两位志愿者或一位工作人员陪同", "预约、暗号")
    await chen.taps("确认接单")
    await mei.taps("好，请来")
    lin.hears("要两人同行", "小陈", "安排一位同事")
    await lin.taps("告诉志愿者")
    await lin.says("我陪您一起去")
    chen.hears("我陪您一起去")


@pytest.mark.parametrize("answer", ["Yes, do come", "Someone else"])
async def test_in_english(town: Town, answer: str) -> None:
    chen = await town.volunteer("Chen", "Clinic visit", "en")
    await speaks(town, chen, "mandarin", "english")
    lin = await town.member("Lin", "en")
    mei = await town.newcomer("Li", "en", area="b2")
    await mei.starts()
    await mei.taps("Ask for help", "Clinic visit", "Any time")
    await mei.taps("Nothing more", "No door number", "No", "Send my request")
    await lin.taps(lin.last.labels[0])
    await town.settle()
    await chen.taps(chen.last.labels[0], "Confirm")
    chen.hears("settled once the neighbour says yes")
    mei.hears("Somebody would come", "Chen", "no reason is needed", "Speaks English")
    await mei.taps(answer)
    chen.hears("Li" if answer.startswith("Yes") else "you need not go this time")


async def test_an_offer_ends_with_the_time_of_the_need_and_both_hear_so(town: Town) -> None:
    mei, chen, lin = await offered(town)
    now = town.clock.now()
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        case.when_from, case.when_until = now + timedelta(hours=2), now + timedelta(hours=3)
    await until(town, 11)
    lin.hears("请您定")
    await until(town, 12, 15)
    chen.hears("时间过了")
    await until(town, 13)
    mei.hears("时间", "过了")


async def test_every_member_of_staff_sees_that_two_must_go(town: Town) -> None:
    chen = await town.volunteer("小陈", "陪看病")
    lin, ke = await town.member("林站长"), await town.member("柯站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "陪看病", "都行", "没有了", "不写门牌", "不要", "发出求助")
    async with town.store.transaction() as session:
        person = people.find(session, chen.phone.user.id)
        assert person is not None
        talents.offer(session, person.id, ["elder_visit"])
        [case] = session.exec(select(Case)).all()
        case.skill = "elder_visit"
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    await until(town, 12)
    await lin.taps("同意，请去")
    for member in (lin, ke):
        member.hears("要两人同行")


async def test_staff_s_question_is_over_once_the_asker_has_answered(town: Town) -> None:
    mei, _, lin = await offered(town)
    await until(town, 11)
    lin.hears("请您定")
    await mei.taps("好，请来")
    assert "请您定" not in lin.last.text


async def test_who_offered_hears_when_staff_see_to_it_themselves(town: Town) -> None:
    _, chen, lin = await offered(town)
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        ours = f"v1:review.ours:{case.id}:{case.version}"
    await lin.forges(ours)
    chen.hears("这次不用您去了")


async def test_what_is_settled_without_staff_does_not_stand_before_them(town: Town) -> None:
    """The asker says no, or who offered thinks better of it, or the need is withdrawn."""
    mei, _, lin = await offered(town)
    zhou = await town.member("周工")
    await until(town, 11)
    for member in (lin, zhou):
        assert "同意，请去" in member.last.labels
    await mei.taps("换一位")
    for member in (lin, zhou):
        member.hears("正在问邻居")
        assert "同意，请去" not in member.last.labels


@pytest.mark.parametrize(("who", "labels"), [("chen", ["不去了"]), ("mei", ["不用了", "撤回"])])
async def test_nor_does_what_she_took_back(town: Town, who: str, labels: list[str]) -> None:
    mei, chen, lin = await offered(town)
    await until(town, 11)
    assert "同意，请去" in lin.last.labels
    await {"mei": mei, "chen": chen}[who].taps(*labels)
    assert "同意，请去" not in lin.last.labels
    assert "请您定" not in lin.last.text
