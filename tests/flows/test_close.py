"""On the way, at the door, and how it ends."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlmodel import select

from bot.community import cases, claims, disclosure, people, staff
from bot.runtime.tables import outbox
from tests.flows.test_asking import limits
from tests.flows.test_claim import approved
from tests.town import Neighbour, Town


async def engaged(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    await chen.taps("我来", "确认接单")
    return mei, chen, lin


async def test_what_helper_and_resident_are_told(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    chen.hears("6栋302", "李阿姨", "不收钱")
    mei.hears("小陈", "对不上就不开门", "从不要钱")
    word = chen.last.text.split("您说「")[1].split("」")[0]
    mei.hears(f"对方说「{word}」")


async def test_two_who_use_the_bot_in_two_languages_have_the_same_words_at_the_door(town: Town) -> None:
    """Tom's bot speaks English and Li's Chinese: what he is to say is what she waits for, in her language first."""
    tom = await town.volunteer("Tom", kind="Small repairs", language="en")
    await limits(town, tom, languages="english,mandarin")
    mei, _ = await approved(town)
    await tom.taps("I'll do it", "Confirm")
    [said, answer] = re.findall("“([^”]*)”", tom.last.text.split("At the door you say")[1])[:2]
    assert re.fullmatch(r"[\u4e00-\u9fff]+ / [a-z ]+", said)
    mei.hears(f"对方说「{said}」，您答「{answer}」")
    await tom.taps("At the door")
    mei.hears(f"对方说「{said}」，您答「{answer}」")
    await mei.starts()
    await mei.taps("我的", "YS-0001")
    mei.hears(f"对方说「{said}」，您答「{answer}」")


async def test_done_tapped_too_early_is_taken_back_by_the_helper(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    assert "6栋302" not in chen.everything
    asked = mei.button("还没有")
    await chen.starts()
    await chen.taps("我在帮的", "YS-0001", "还没办完")
    chen.hears("接上了，YS-0001", "6栋302")
    mei.hears("小陈刚才点早了", "会接着办")
    await mei.forges(asked)
    assert "旧的" in mei.toast
    await chen.taps("办好了")
    await mei.taps("办好了")
    assert "6栋302" not in chen.everything


async def test_what_is_over_or_looked_at_by_staff_is_not_begun_again_by_the_helper(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    again = chen.button("还没办完")
    await mei.taps("有点不放心")
    await mei.says("灯还在闪")
    await chen.forges(again)
    assert "旧的" in chen.toast
    assert "还没办完" not in chen.last.labels
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "办好了")
    await chen.forges(again)
    assert "6栋302" not in chen.everything
    assert "点早了" not in mei.everything


async def test_each_preset_is_told_once(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("出发了", "出发了", "晚十分钟", "到了")
    for words in ("出发了", "晚十分钟", "到了。先对暗号"):
        assert mei.everything.count(words) == 1
    assert "告诉对方了" in chen.toast


async def test_words_pass_without_numbers_and_can_be_reported(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("说句话")
    await chen.says("打我13812345678，带点酒来")
    chen.hears("替您遮住")
    mei.hears("小陈说", "▇▇▇", "带点酒来")
    assert "13812345678" not in mei.everything
    await mei.taps("举报")
    mei.hears("已交给工作人员")
    lin.hears("带点酒来")
    assert "举报" not in chen.everything


def with_door(chen: Neighbour) -> int:
    """Where in the helper's chat the door stands."""
    return max(seen.id for seen in chen.phone.heard if "6栋302" in seen.text)


async def test_the_messages_with_the_door_are_deleted_when_their_use_ends(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    shown = with_door(chen)
    await chen.taps("办好了")
    assert shown not in {seen.id for seen in chen.phone.heard}
    async with town.store.transaction() as session:
        deletes = sa.select(outbox.c.state).where(outbox.c.method == "deleteMessage")
        assert list(session.connection().scalars(deletes)) == ["sent"]  # asked of Telegram once
    chen.hears("辛苦了")
    await mei.taps("还没有")
    await chen.taps("看这件事")
    again = with_door(chen)
    await chen.taps("办好了")
    await mei.taps("办好了")
    assert again not in {seen.id for seen in chen.phone.heard}
    chen.hears("结束")


async def test_what_is_too_old_to_be_deleted_is_covered(town: Town) -> None:
    """Telegram lets a bot delete for 48 hours, and edit for ever."""
    mei, chen, _ = await engaged(town)
    shown = with_door(chen)
    await town.later(hours=49)
    await mei.taps("不用了", "撤回")
    [covered] = [seen for seen in chen.phone.heard if seen.id == shown]
    assert "6栋302" not in covered.text
    assert "不用您去了" in covered.text
    chen.hears("不用您去了")


async def test_not_yet_and_then_done(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    assert "6栋302" not in chen.everything
    mei.hears("办好了吗")
    await mei.taps("还没有")
    chen.hears("还没有办完")
    await chen.taps("看这件事")
    chen.hears("6栋302")
    await chen.taps("办好了")
    await mei.taps("办好了")
    mei.hears("结束", "收回")
    assert "6栋302" not in chen.everything
    await mei.taps("不用了")


async def test_a_worry_reaches_staff_and_not_the_helper(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    before = chen.everything
    await mei.taps("有点不放心")
    await mei.says("他问我存折放哪")
    lin.hears("他问我存折放哪", "李阿姨")
    assert chen.everything == before
    await town.later(hours=80)
    assert "轻轻问一声" not in mei.everything
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    lin.hears("有人不放心")
    await lin.taps("处理好了")
    mei.hears("已经处理")


async def test_what_staff_settle_ends_as_everything_ends(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    wu = await town.member("小吴")
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("他翻我抽屉")
    old = wu.button("处理好了")
    await chen.starts()
    await chen.taps("我在帮的", "YS-0001")
    chen.hears("等对方说一声")
    await lin.taps("处理好了")
    assert "6栋302" not in chen.everything
    chen.hears("结束了")
    wu.hears("已经结束")
    async with town.store.transaction() as session:
        [case] = session.exec(select(cases.Case)).all()
        assert not disclosure.is_agreed(session, case)
        assert claims.live(session, case.id) is None
    await wu.forges(old)
    assert "旧的" in wu.toast
    assert mei.everything.count("已经处理") == 1


async def test_a_worry_while_the_two_go_on_is_not_settled_by_a_tap(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("他说要收钱")
    old = lin.button("处理好了")
    await mei.taps("看进度", "还没有")
    await lin.forges(old)
    assert "旧的" in lin.toast
    lin.hears("还在办")
    await mei.forges(old.replace("review.settled", "close.worry"))
    await mei.says("还是不放心")
    lin.hears("还是不放心")
    assert "处理好了" not in lin.last.labels


async def test_silence_is_reminded_twice_and_is_not_satisfaction(town: Town) -> None:
    from bot.community import cases, events
    from bot.community.events import Kind

    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    for _ in range(2):
        await town.later(hours=25)
    assert mei.everything.count("轻轻问一声") == 2
    await town.later(hours=25)
    mei.hears("先记作结束")
    chen.has_heard("结束了")
    async with town.store.transaction() as session:
        [case] = session.exec(select(cases.Case)).all()
        assert case.state == "closed"
        assert events.happened(session, case.id, Kind.NO_ANSWER)
        assert not events.happened(session, case.id, Kind.VERIFIED)


async def test_a_helper_who_says_nothing_is_asked(town: Town) -> None:
    _, chen, lin = await engaged(town)
    await town.later(hours=45)
    assert "办好了吗" not in chen.everything  # 06:00
    await town.later(hours=2)
    chen.hears("办好了吗")
    await town.later(hours=25)
    await town.later(hours=25)
    lin.hears("没有回音")


async def silent(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Engaged for tomorrow, and never a word of the helper."""
    mei, chen, lin = await engaged(town)
    for _ in range(5):
        await town.later(hours=24)
    return mei, chen, lin


async def test_a_silent_helper_has_a_name_and_can_be_written_to(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await silent(town)
    lin.has_heard("小陈", "没有回音")
    mei.hears("还没有小陈的消息", "工作人员在问")
    assert {"换个人", "找工作人员"} <= set(mei.last.labels)
    await lin.taps("问志愿者")
    await lin.says("李阿姨家的灯，去了吗？")
    chen.hears("去了吗")
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    lin.hears("小陈", "没有回音")
    await mei.forges(lin.button("问志愿者"))
    mei.hears("不是给您的")
    assert "6栋302" in chen.everything  # he may still be on it
    await lin.taps("处理好了")
    mei.hears("工作人员已经处理")
    chen.hears("结束了")
    assert "6栋302" not in chen.everything
    await lin.starts()
    await lin.taps("待办")
    lin.hears("都看过了")


async def test_with_nobody_of_staff_she_is_not_told_that_they_ask(town: Town) -> None:
    mei, _, lin = await engaged(town)
    async with town.store.transaction() as session:
        person = people.find(session, lin.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    for _ in range(5):
        await town.later(hours=24)
    mei.hears("还没有小陈的消息", "0592")
    assert "工作人员在问" not in mei.everything


async def test_thanks_are_brought_once(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.taps("办好了", "说谢谢")
    chen.hears("谢谢您")
    assert chen.everything.count("谢谢您！") == 1


async def test_nobody_is_reminded_at_night(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    heard = {one: len(one.phone.heard) for one in (mei, chen, lin)}
    for hour in range(9, 9 + 24 * 7):
        now = {one: len(one.phone.heard) for one in heard}
        if hour % 24 >= 21 or hour % 24 < 8:
            assert now == heard, hour % 24
        heard = now
        await town.later(hours=1)
    assert "没有回音" in lin.everything


async def test_what_is_urgent_waits_for_nobodys_sleep(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    async with town.store.transaction() as session:
        [case] = session.exec(select(cases.Case)).all()
        case.urgency = "U1"
        session.add(case)
    await town.later(hours=10)  # 19:00
    await chen.taps("办好了")
    await mei.taps("还没有")
    await chen.taps("看这件事")
    await town.later(hours=9)  # 04:00
    await chen.taps("办好了")
    await town.later(hours=24)
    mei.hears("轻轻问一声")


async def test_a_relayed_word_in_three_messages(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.taps("说句话")
    await mei.says("门铃坏了", "到了敲门", "狗不咬人")
    chen.has_heard("门铃坏了", "到了敲门", "狗不咬人")
    mei.hears("这句也转过去了")
    await mei.taps("说完了")
    mei.hears("都转到了")
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")


async def test_a_worry_in_three_messages_is_for_staff_alone(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("他进门以后", "一直问我存折放哪", "我害怕")
    lin.has_heard("他进门以后", "一直问我存折放哪", "我害怕")
    mei.hears("这句也交给工作人员了")
    await mei.taps("说完了")
    assert "存折" not in chen.everything
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    assert "存折" not in mei.last.text


async def test_words_for_what_is_over_are_not_passed_on_and_nobody_is_stuck(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("说句话")
    await chen.says("我几点来？")
    await mei.taps("办好了")
    await chen.says("喂？")
    chen.has_heard("没有发出去")
    assert "喂" not in mei.everything
    await chen.says("灯坏了 我够不着")
    chen.hears("听起来是")


async def test_a_tap_elsewhere_ends_what_was_left_open(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.taps("说句话")
    await mei.says("门铃坏了")
    await mei.taps("回到这件事")
    await mei.says("灯坏了 我够不着")
    mei.hears("听起来是")
    assert "够不着" not in chen.last.text


async def test_a_word_reported_twice_reaches_staff_once(either_town: Town) -> None:
    mei, chen, lin = await engaged(either_town)
    await chen.taps("说句话")
    await chen.says("带点酒来")
    mei.phone.tap("举报")
    mei.phone.tap("举报")
    await either_town.settle()
    mei.hears("已交给工作人员")
    assert lin.everything.count("带点酒来") == 1
    await chen.taps("说句话")
    await chen.says("再带点烟")
    await mei.taps("举报")
    lin.hears("再带点烟")  # another word is another report
