"""A person can always be reached."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import erasing, holdings, people, staff
from bot.community.messages import Message
from tests.flows.test_claim import ask
from tests.flows.test_my_data import one_of
from tests.town import Town


async def test_words_there_and_back(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    mei.hears("工作人员电话", "110")
    await mei.says("楼下的灯箱挡路了")
    mei.hears("转给工作人员了")
    lin.hears("李阿姨", "灯箱挡路")
    await lin.taps("回话")
    await lin.says("下午就去看，谢谢您")
    mei.hears("下午就去看")
    await mei.taps("回一句")
    await mei.says("好的")
    lin.hears("好的")


async def test_from_the_middle_of_a_request_and_back_to_it(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "找工作人员")
    await mei.says("要带什么证件吗？")
    await mei.taps("说完了")
    mei.hears("什么时候方便")
    await mei.taps("明天")
    mei.hears("灯坏了")


async def test_nobody_on_duty_is_said_as_it_is_and_nothing_is_lost(either_town: Town) -> None:
    town = either_town
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    await mei.says("有人吗")
    mei.hears("记下了，不会丢", "没有人在线上")
    lin = await town.member("林站长")
    await town.later(hours=2)
    lin.hears("李阿姨找工作人员", "09:00", "有人吗")
    await lin.taps("回话")
    await lin.says("有的，您说")
    mei.hears("工作人员回您", "有的，您说")
    await town.later(hours=48)
    assert lin.everything.count("有人吗") == 0  # what is answered is not brought again, and not on screen


async def test_out_of_hours_she_hears_when_the_office_opens(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await town.later(hours=10)  # 19:00
    await mei.says("/staff")
    mei.hears("现在下班了", "明天 08:00")
    await mei.says("明天几点量血压？")
    mei.hears("记下了，不会丢", "明天 08:00 开门先看")
    lin.hears("量血压")
    before = len(lin.phone.heard)
    await town.later(hours=12)  # 07:00: nobody is woken
    assert len(lin.phone.heard) == before
    for hours in (3, 24):  # two hours of working time, and every day from then on, until somebody answers
        await town.later(hours=hours)
        new = [seen.text for seen in lin.phone.heard if seen.id > lin.phone.heard[before - 1].id]
        assert any("19:00 等到现在" in text and "量血压" in text for text in new)
        before = len(lin.phone.heard)


async def test_what_follows_joins_and_colleagues_see_who_has_answered(either_town: Town) -> None:
    town = either_town
    lin, wang = await town.member("林站长"), await town.member("王姐")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "灯箱挡路", "轮椅过不去")
    for one in (lin, wang):
        one.hears("灯箱挡路", "轮椅过不去")
        assert sum("回话" in seen.labels for seen in one.phone.heard) == 1  # the card before gave way
    reply = wang.button("回话")
    await lin.taps("回话")
    await lin.says("马上搬")
    mei.hears("马上搬")
    assert "林站长" not in mei.everything
    wang.hears("李阿姨的话，林站长看了")
    assert "灯箱" not in wang.everything
    await wang.forges(reply)
    wang.hears("林站长看了")
    await wang.taps("再回一句")
    await wang.says("搬好了")
    mei.hears("搬好了")
    await mei.taps("回一句")
    await mei.says("谢谢")
    lin.hears("谢谢")
    assert "灯箱" not in lin.last.text
    await lin.taps("不用回")
    wang.hears("林站长看了")


async def test_two_answers_at_once_and_the_first_counts(town: Town) -> None:
    lin, wang = await town.member("林站长"), await town.member("王姐")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "灯箱挡路")
    seen = wang.button("不用回")
    await lin.taps("不用回")
    await wang.forges(seen)
    assert "旧的" in wang.toast


async def test_a_voice_note_and_a_photo_reach_staff(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    await mei.sends("voice")
    mei.hears("转给工作人员了")
    assert any("语音或照片" in seen.text and "回话" in seen.labels for seen in lin.phone.heard)
    assert lin.last.kind == "voice"
    await mei.sends("photo")
    assert lin.last.kind == "photo"


async def test_staff_sign_only_if_they_wish(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "几点开门？")
    await lin.taps("回话")
    lin.hears("不署您的名字")
    await lin.taps("署我的称呼")
    lin.hears("会署您的称呼")
    await lin.says("八点")
    mei.hears("林站长回您", "八点")


async def test_a_week_after_the_answer_the_words_are_gone(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "几点开门？")
    await lin.taps("回话")
    await lin.says("八点")
    await town.later(hours=24 * 7 - 1)
    async with town.store.transaction() as session:
        assert len(session.exec(select(Message)).all()) == 1
    await town.later(hours=1)
    async with town.store.transaction() as session:
        assert session.exec(select(Message)).all() == []


async def test_what_waits_goes_with_her_and_is_in_her_copy(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "几点开门？")
    async with town.store.transaction() as session:
        me = people.find(session, mei.phone.user.id)
        assert me is not None
        assert [one.person_id for one in holdings.of(session, me).messages] == [me.id]
    await mei.says("/mydata")
    await mei.taps("删除", "全部删除")
    async with town.store.transaction() as session:
        assert session.exec(select(Message)).all() == []


async def test_what_was_answered_does_not_come_back_with_an_old_backup(town: Town) -> None:
    await town.member("林站长")
    mei, eve = await town.newcomer("李阿姨"), await town.newcomer("路人")
    for one in (mei, eve):
        await one.says("/staff", "几点开门？")
    async with town.store.transaction() as session:
        gone, stays = session.exec(select(Message)).all()
        town.vault.forget(gone.id)
    async with town.store.transaction() as session:
        erasing.clear_what_no_key_opens(session)
    async with town.store.transaction() as session:
        assert [one.id for one in session.exec(select(Message))] == [stays.id]


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    mei = await town.newcomer("Mei", "en")
    await town.later(hours=10)
    await mei.says("/staff")
    mei.hears("The office is closed", "08:00 tomorrow")
    await mei.says("When can I come?")
    mei.hears("Kept, it will not get lost")
    lin.hears("Mei", "When can I come?")
    await lin.taps("Reply")
    await lin.says("At nine")
    mei.hears("At nine")


async def test_a_stranger_may_write_too(town: Town) -> None:
    lin = await town.member("林站长")
    eve = town.stranger("路人")
    await eve.says("/staff", "你们几点上班？")
    lin.hears("还没登记", "几点上班")
    assert "回话" not in lin.last.labels


async def test_somebody_without_a_name_yet_is_answered_too(town: Town) -> None:
    lin = await town.member("林站长")
    eve = town.stranger("路人")
    await eve.says("/start")
    await eve.taps("请人帮忙", "同意", "找工作人员")
    await eve.says("你们几点上班？")
    lin.hears("一位邻居找工作人员", "几点上班")
    await lin.taps("回话")
    await lin.says("八点半")
    lin.hears("转给这位邻居了")
    eve.hears("八点半")


async def test_only_staff_may_answer(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    eve = await town.newcomer("路人")
    await mei.says("/staff", "我的事")
    await eve.forges(lin.button("回话"))
    assert "我的事" not in eve.everything
    await eve.says("我是工作人员")
    assert "我是工作人员" not in mei.everything


async def test_staff_who_left_cannot_finish_an_answer(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    data = lin.button("问清楚")
    await lin.forges(data.replace("review.ask_back", "talk.reply=case"))
    async with town.store.transaction() as session:
        person = people.find(session, lin.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    await lin.says("您家的事")
    assert "您家的事" not in mei.everything


async def test_too_long_is_asked_again(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "长" * 501)
    mei.hears("写短一点")
    await mei.says("短的")
    lin.hears("短的")


async def test_one_answer_in_three_messages_reaches_staff_whole(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("/staff", "我想问", "楼下的灯箱", "挡路了怎么办")
    for words in ("我想问", "楼下的灯箱", "挡路了怎么办"):
        lin.has_heard(words)
    mei.hears("这句也转过去了")
    assert "说完了" in mei.last.labels
    await mei.taps("说完了")
    mei.hears("都转到了")
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    assert "我够不着" not in lin.everything


@pytest.mark.parametrize("said", ["说完了", "that's all", "That’s all."])
async def test_all_said_can_be_said(town: Town, said: str) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "找工作人员")
    await mei.says("要带什么证件吗？", said)
    mei.hears("什么时候方便")
    assert said not in lin.everything


async def test_what_was_left_open_ends_by_itself(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("/staff", "我想问")
    await town.later(minutes=31)
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    await mei.says("/staff", "还有一件")
    await mei.starts()
    mei.hears("今天要做什么", "没写完的")
    await mei.taps("接着写")
    mei.hears("听起来是")
    assert "我够不着" not in lin.everything


async def test_staff_answer_in_two_messages(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff", "灯箱挡路了")
    await lin.taps("回话")
    await lin.says("下午就去看", "您在家吗")
    mei.has_heard("下午就去看", "您在家吗")
    await lin.taps("说完了")
    lin.hears("都转到了")


async def test_cancel_drops_the_words_to_staff_and_nothing_else(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "找工作人员")
    await mei.says("取消")
    mei.has_heard("这一句不要了")
    mei.hears("灯坏了", "下一步")
    await mei.says("/cancel")
    mei.hears("都丢掉了")


async def test_cancel_after_words_have_gone_does_not_say_they_are_dropped(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "找工作人员")
    await mei.says("要带什么证件吗？", "取消")
    mei.hears("什么时候方便")
    mei.has_heard("都转到了")
    assert "这一句不要了" not in mei.everything
    lin.hears("要带什么证件吗")


@pytest.mark.parametrize(
    ("language", "reply", "says"), [("zh", "回话", "已经不在了"), ("en", "Reply", "no longer here")]
)
async def test_what_was_written_by_somebody_erased_since_is_gone(
    town: Town, language: str, reply: str, says: str
) -> None:
    lin = await town.member("Lin", language)
    mei = await town.newcomer("李阿姨")
    await mei.says("/staff")
    await mei.says("楼道灯坏了")
    tapped = lin.button(reply)
    async with town.store.transaction() as session:
        erasing.erase_person(session, one_of(session, mei).id)
    await lin.forges(tapped)
    lin.hears(says)
