"""Staff who are a side of a case hear nothing of it as staff, and nothing is said to be told that nobody reads."""

from __future__ import annotations

from sqlmodel import select

from bot.community import people, staff
from bot.community.cases import Case
from bot.community.staff import Role, grant
from tests.flows.test_claim import ask
from tests.flows.test_close import engaged
from tests.town import Neighbour, Town


async def becomes_staff(town: Town, who: Neighbour) -> None:
    async with town.store.transaction() as session:
        person = people.find(session, who.phone.user.id)
        assert person is not None
        grant(session, person.id, Role.MODERATOR)


async def test_a_worry_about_a_helper_who_is_staff_does_not_reach_him(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await becomes_staff(town, chen)
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("他翻我抽屉")
    lin.hears("他翻我抽屉")
    assert "抽屉" not in chen.everything


async def test_nobody_decides_about_a_need_of_her_own(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await becomes_staff(town, mei)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
    await mei.forges(f"v1:review.approve:{case.id}:{case.version}")
    mei.hears("要由别的同事来看")
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state == "received"
    lin.hears("灯坏了")


async def test_a_worry_that_no_staff_can_read_is_said_to_be_unheard(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    async with town.store.transaction() as session:
        person = people.find(session, lin.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("不太放心")
    mei.hears("没有送到")


async def test_staff_see_the_number_over_the_chat_and_it_is_noted(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "下一步", "不写门牌", "可以")
    await mei.says("13812345678")
    await mei.taps("发出求助")
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单", "办好了")
    await mei.taps("有点不放心", "不想写")
    lin.hears("有人不放心")
    await lin.taps("看电话")
    assert "13812345678" in lin.toast
    assert "13812345678" not in lin.everything


async def test_words_written_when_the_case_has_ended_are_not_sent_and_trap_nobody(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("说句话")
    await mei.taps("不用了")
    await mei.taps("撤回")
    await chen.says("我快到了")
    chen.has_heard("没有发出去")
    assert "我快到了" not in mei.everything
    await chen.says("我家灯坏了")
    chen.hears("听起来是")


async def test_the_door_stays_gone_once_the_helper_has_said_it_is_done(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    await chen.says("/start")
    await chen.taps("我在帮的", "YS-")
    chen.hears("等对方说一声")
    assert "6栋302" not in chen.everything
    assert "办好了吗" in mei.everything


async def test_who_blocks_us_finds_the_door_gone_when_she_comes_back(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    chen.phone.block()
    await town.settle()
    await mei.taps("不用了")
    await mei.taps("撤回")
    chen.phone.unblock()
    await chen.starts()
    assert "6栋302" not in chen.everything


async def test_who_is_not_known_is_promised_no_answer_that_cannot_come(town: Town) -> None:
    await town.member("林站长")
    stranger = town.stranger("路人")
    await stranger.starts()
    await stranger.taps("找工作人员")
    await stranger.says("想问个路")
    stranger.hears("没法回您", "请打")
    await stranger.says("/cancel", "我妈晕倒了叫不醒")
    stranger.hears("120", "没法回您")
    assert "会联系您" not in stranger.everything


async def test_a_number_asked_for_in_typed_words_is_not_written_into_the_chat(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "下一步", "不写门牌", "可以")
    await mei.says("13812345678")
    await mei.taps("发出求助")
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单", "办好了")
    await mei.taps("有点不放心", "不想写")
    await lin.says("看电话")
    assert "13812345678" not in lin.everything
