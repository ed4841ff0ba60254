"""The first minute, in both languages, with the wrong turns."""

from __future__ import annotations

import sqlalchemy as sa

from privacy.ledger import ConsentEvent
from tests.town import Town


async def _consents(town: Town) -> list[tuple[str, str]]:
    async with town.store.transaction() as session:
        rows = session.execute(sa.select(ConsentEvent).order_by(sa.text("id"))).scalars()
        return [(row.purpose, row.status) for row in rows]


async def test_consent_is_for_account_and_telegram_only(town: Town) -> None:
    await town.newcomer("李阿姨")
    assert await _consents(town) == [("account", "given"), ("telegram", "given")]


async def test_not_now_keeps_nothing(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.starts()
    await mei.taps("请人帮忙", "先不用")
    mei.hears("什么都没有存")
    assert await _consents(town) == []


async def test_english_from_the_first_word_for_an_english_phone(town: Town) -> None:
    zoe = town.stranger("Zoe", "en")
    await zoe.starts()
    zoe.hears("program", "120")
    await zoe.taps("中文" if "中文" in str(zoe.last.labels) else "English")
    await zoe.starts()


async def test_the_language_can_be_changed_before_and_after(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.starts()
    await mei.taps("English")
    mei.hears("program")
    await mei.taps("Ask for help", "Agree", "Use")
    mei.hears("need")
    await mei.says("/language")
    assert "大字简版" in str(mei.last.labels)


async def test_simple_view_has_one_button_a_row(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.starts()
    await mei.taps("大字简版")
    assert all(len(row) == 1 for row in mei.last.buttons)
    await mei.taps("请人帮忙", "同意", "用「阿芳」")
    assert all(len(row) == 1 for row in mei.last.buttons)


async def test_a_name_with_a_number_in_it_is_asked_again(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.starts()
    await mei.taps("请人帮忙", "同意")
    await mei.says("李阿姨13812345678")
    mei.hears("不带号码")
    await mei.says("很长很长很长很长很长很长很长很长很长的名字")
    mei.hears("20 个字以内")
    await mei.says("李阿姨")
    mei.hears("您要帮什么")


async def test_an_invitation_works_once(town: Town) -> None:
    from bot.community import staff

    async with town.store.transaction() as session:
        code = staff.invite(session)
    lin = town.stranger("林站长")
    await lin.starts(f"staff-{code}")
    lin.hears("资料怎么用")
    await lin.taps("同意")
    await lin.says("林站长")
    lin.hears("工作人员")
    eve = await town.newcomer("伊芙")
    for forged in (f"staff-{code}", "staff-abc", "staff-"):
        await eve.starts(forged)
        eve.hears("用过或过期")


async def test_commands_are_offered_in_both_languages(town: Town) -> None:
    await town.runtime.start()
    await town.service.introduce()
    zh, en = town.stranger("阿芳").phone, town.stranger("Zoe", "en").phone
    wanted = {"start", "help", "cancel", "settings", "privacy", "mydata", "language", "staff", "report"}
    assert {c["command"] for c in zh.menu} == {c["command"] for c in en.menu} == wanted
    assert [c["description"] for c in zh.menu] != [c["description"] for c in en.menu]


async def test_help_privacy_and_settings_answer_everybody(town: Town) -> None:
    mei = town.stranger("阿芳")
    for command, word in (("/help", "119"), ("/privacy", "没有您的资料"), ("/settings", "怎么跟您说话")):
        await mei.says(command)
        mei.hears(word)
    await mei.taps("资料怎么用", "看全文", "返回", "回首页")
    mei.hears("我是自动程序")


async def test_who_blocks_us_and_comes_back(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.taps("找工作人员")
    await mei.says("请回我")
    mei.phone.block()
    await town.settle()
    await lin.taps("回话")
    await lin.says("在的")
    assert "在的" not in mei.everything
    mei.phone.unblock()
    await mei.starts()
    await town.settle()
    assert "在的" in mei.everything


async def test_what_is_written_before_agreeing_is_kept_and_said_so(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.says("我家灯坏了", "够不着", "是厨房的")
    assert mei.everything.count("资料怎么用") == 1
    mei.hears("这句也记下了")
    await mei.taps("同意，继续", "用「阿芳」")
    mei.hears("听起来是「修小东西：换灯泡灯管」")
    await mei.taps("对", "明天", "先不说")
    mei.hears("我家灯坏了", "够不着", "是厨房的")


async def test_a_number_written_before_agreeing_is_hidden_too(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.says("我家灯坏了", "电话13812345678，厨房的")
    await mei.taps("同意，继续", "用「阿芳」")
    mei.hears("电话号码", "藏起来")


async def test_a_long_story_before_agreeing_loses_nothing(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.says("我家灯坏了", "高" * 900, "长" * 200)
    mei.hears("先说到这里")
    await mei.taps("同意，继续", "用「阿芳」", "对", "明天", "先不说")
    mei.hears("我家灯坏了", "高高高")


async def test_an_old_hello_can_still_be_made_simple(town: Town) -> None:
    mei = town.stranger("阿芳")
    await mei.starts()
    old = mei.button("大字简版")
    await mei.taps("请人帮忙", "同意", "用「阿芳」")
    await mei.says("/cancel")
    await mei.forges(old)
    mei.hears("今天要做什么")
    await mei.says("设置")
    mei.hears("换一换")
    assert "大字简版：开着" in mei.last.labels
