"""A neighbour joins the pool in two minutes, changes what she said, rests, leaves."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from bot.community import people, talents
from bot.community.asking import AskingSum
from bot.community.talents import ANY_HOURS, Volunteer
from bot.handlers.register.conversation import PRESETS
from tests.flows.test_claim import approved
from tests.town import Neighbour, Town


async def card(town: Town) -> Neighbour:
    """The card of a volunteer for small repairs."""
    chen = await town.volunteer("小陈")
    await chen.says("/start")
    await chen.taps("我想帮忙")
    return chen


async def at_kinds(town: Town, area: str | None = "b2") -> Neighbour:
    """Somebody who is asked what she can do."""
    zhao = await town.newcomer("小赵", area=area)
    await zhao.starts()
    await zhao.taps("我想帮忙", "同意")
    return zhao


async def noted(town: Town, who: Neighbour) -> tuple[Volunteer, list[str]]:
    async with town.store.transaction() as session:
        person = people.find(session, who.phone.user.id)
        assert person is not None
        volunteer = talents.get(session, person.id)
        assert volunteer is not None
        session.expunge(volunteer)
        return volunteer, talents.kinds_of(session, person.id)


# Joining


async def test_twelve_taps_and_no_word_typed(town: Town) -> None:
    zhao = town.stranger("小赵")
    await zhao.starts()
    taps = [
        "我想帮忙",
        "同意",
        "用「小赵」",
        "同意",
        "修小东西",
        "就这些",
        "5–8",
        "工作日晚上",
        "就这些",
        "3 次",
    ]
    await zhao.taps(*taps)
    assert len(taps) <= 12
    zhao.hears("记好了，小赵", "有合适的我来问您", "见个面或看个证")
    volunteer, kinds = await noted(town, zhao)
    assert kinds == ["repair"]
    assert (volunteer.asks_a_week, volunteer.languages, volunteer.max_open) == (3, "mandarin", 1)
    assert volunteer.hours == sum(1 << (day * 3 + 2) for day in range(5))
    assert (volunteer.on_duty, volunteer.urgent_ok, volunteer.shows_title) == (True, False, False)
    assert (volunteer.gender, volunteer.quiet_from) == (None, None)


async def test_the_same_in_english(town: Town) -> None:
    tom = town.stranger("Tom", "en")
    await tom.starts()
    await tom.taps("I can help", "Agree", "Use “Tom”", "Agree", "Small repairs", "All kinds")
    tom.hears("Tap a kind", "Ticked: Small repairs")
    await tom.taps("Elder companionship")
    tom.hears("Elder companionship: what can you do?")
    await tom.taps("Friendly phone calls", "That's all", "Blocks 5–8")
    tom.hears("When are you usually free?")
    await tom.taps("Choose myself", "Sat am", "Sun eve", "Done ticking")
    tom.hears("Which languages")
    assert "✓ English" in tom.last.labels
    await tom.taps("Mandarin", "That's all")
    tom.hears("Sometimes it is not once in weeks")
    await tom.taps("Once")
    tom.hears("Tom", "staff meet you or see a paper first")
    volunteer, kinds = await noted(town, tom)
    assert kinds == ["elder_call", "repair"]
    assert (volunteer.languages, volunteer.hours) == ("mandarin,english", 1 << 15 | 1 << 20)


async def test_two_levels_of_kinds(town: Town) -> None:
    zhao = await at_kinds(town)
    await zhao.taps("全部类别", "陪伴助老", "电话问候")
    zhao.hears("陪伴助老里", "点了：电话问候")
    await zhao.taps("看别的类")
    assert "✓ 陪伴助老" in zhao.last.labels
    await zhao.taps("环境与公共空间", "这一类都行")
    assert "✓ 这一类都行" in zhao.last.labels
    zhao.hears("点了：电话问候、环境与公共空间")
    await zhao.taps("返回", "别的")  # the one category with nothing in it is ticked at once
    assert "✓ 别的" in zhao.last.labels
    await zhao.taps("✓ 别的", "就这些", "都行", "就这些", "1 次")
    assert (await noted(town, zhao))[1] == ["elder_call", "place"]


async def test_all_of_a_kind_stands_for_what_is_in_it(town: Town) -> None:
    zhao = await at_kinds(town)
    await zhao.taps("全部类别", "陪伴助老", "电话问候", "这一类都行")
    zhao.hears("点了：陪伴助老")
    await zhao.taps("电话问候")
    zhao.hears("点了：电话问候")
    assert "这一类都行" in zhao.last.labels


async def test_a_tap_that_comes_twice_ticks_once(town: Town) -> None:
    zhao = await at_kinds(town)
    tick = zhao.button("买菜")
    await zhao.forges(tick)
    await zhao.forges(tick)
    zhao.hears("点了：买菜")


async def test_words_do_as_well_as_taps(town: Town) -> None:
    zhao = await at_kinds(town, area=None)
    await zhao.says("我会修小东西，也可以教人用手机")
    zhao.hears("点了：修小东西、教用手机")
    await zhao.says("就这些", "2栋", "周末", "就这些", "3")
    zhao.hears("记好了", "小赵")
    assert (await noted(town, zhao))[0].hours == 0b111111 << 15


@pytest.mark.parametrize(
    ("asked", "words"), [(19, "几个星期一次也没有"), (20, "一个月问不到一次"), (400, "一个月问 5 次左右")]
)
async def test_how_often_a_request_comes_is_said_as_far_as_it_is_known(
    town: Town, asked: int, words: str
) -> None:
    """Of who offers the same, over this month and the last (1.8 of 30 days), and of nobody alone."""
    async with town.store.transaction() as session:
        for number in range(44):
            person = people.register(session, telegram_id=9000 + number, language="zh")
            talents.offer(session, person.id, ["repair"])
        session.add(AskingSum(month="2026-11", category="repair", ring=0, part="any", asked=asked))
    zhao = await at_kinds(town)
    await zhao.taps("修小东西", "就这些", "都行", "就这些")
    zhao.hears("最多问您几次", words)


async def test_words_that_point_nowhere_tick_nothing(town: Town) -> None:
    zhao = await at_kinds(town)
    await zhao.says("天气真好")
    zhao.hears("没听懂")
    await zhao.taps("接着写")
    assert not any(label.startswith("✓") for label in zhao.last.labels)


@pytest.mark.parametrize("words", ["看心情", "😀"])
async def test_hours_and_languages_are_ticked(town: Town, words: str) -> None:
    zhao = await at_kinds(town)
    await zhao.taps("修小东西", "就这些")
    for taps in (["自己点"], ["周一早", "点好了"], ["就这些"]):
        await zhao.says(words)
        zhao.hears("没听懂")
        await zhao.taps("接着写", *taps)
    await zhao.says("十次")
    zhao.hears("最多问您几次")


async def test_nothing_chosen_is_asked_for(town: Town) -> None:
    zhao = await at_kinds(town)
    await zhao.taps("就这些")
    assert "先点一样" in zhao.toast
    zhao.hears("您会帮什么")
    await zhao.taps("修小东西", "就这些", "自己点", "点好了")
    assert "先点一个有空的时段" in zhao.toast
    await zhao.taps("周二午", "✓ 周二午", "周三晚", "点好了", "✓ 普通话", "就这些")
    assert "先点一种" in zhao.toast
    await zhao.taps("闽南话", "就这些", "1 次")
    volunteer, _ = await noted(town, zhao)
    assert (volunteer.hours, volunteer.languages) == (1 << 8, "minnan")


async def test_back_from_every_question(town: Town) -> None:
    zhao = await at_kinds(town, area=None)
    await zhao.taps("修小东西", "就这些", "5–8", "自己点", "周一早", "点好了", "就这些")
    for words in ("会说哪些话", "有空的时段", "一般什么时候有空", "住哪一片", "您会帮什么", "先说好"):
        await zhao.taps("返回")
        zhao.hears(words)


async def test_nonsense_in_a_tap_changes_nothing(town: Town) -> None:
    zhao = await at_kinds(town)

    def forged(action: str, choice: str) -> str:
        _, _, about, version = zhao.button("返回").split(":")
        return f"v1:register.{action}={choice}:{about}:{version}"

    for action, choice in [("kind", "+nope"), ("kind", "x"), ("open", "nope"), ("open", "other")]:
        await zhao.forges(forged(action, choice))
        zhao.hears("您会帮什么")
    await zhao.taps("修小东西", "就这些")
    await zhao.forges(forged("hours", "always"))
    await zhao.taps("自己点")
    for choice in ("+21", "+-1", "+x", "x"):
        await zhao.forges(forged("part", choice))
        assert not any(label.startswith("✓") for label in zhao.last.labels)
    await zhao.taps("周一早", "点好了")
    await zhao.forges(forged("language", "+klingon"))
    await zhao.taps("就这些")
    await zhao.forges(forged("often", "99"))
    zhao.hears("最多问您几次")
    await zhao.taps("7 次")
    assert (await noted(town, zhao))[0].languages == "mandarin"


# What she can change


async def test_her_card_says_all_of_it(town: Town) -> None:
    chen = await card(town)
    chen.hears("修小东西", "时间：都行；会说：普通话", "最多问 3 次，手上最多 1 件", "21:00 到 08:00 不打扰")


@pytest.mark.parametrize(
    ("taps", "says", "kept"),
    [
        (["什么时候", "工作日晚上"], "时间：工作日晚上", {"hours": PRESETS["evenings"]}),
        (["什么时候", "白天"], "时间：白天", {"hours": PRESETS["daytime"]}),
        (["什么时候", "周末"], "时间：周末", {"hours": 0b111111 << 15}),
        (["什么时候", "自己点", "✓ 周一早", "点好了"], "您点的 20 个时段", {"hours": ANY_HOURS - 1}),
        (["会说什么话", "粤语", "就这些"], "普通话、粤语", {"languages": "mandarin,cantonese"}),
        (["多久问一次", "1 次"], "最多问 1 次", {"asks_a_week": 1}),
        (["手上几件", "2 件"], "最多 2 件", {"max_open": 2}),
        (["急事", "可以"], "急事夜里也可以问", {"urgent_ok": True}),
        (["急事", "不用"], "最多问 3 次", {"urgent_ok": False}),
        (["安静时间", "晚八点到早九点"], "20:00 到 09:00", {"quiet_from": time(20), "quiet_until": time(9)}),
        (["安静时间", "晚六点到早十点"], "18:00 到 10:00", {"quiet_from": time(18), "quiet_until": time(10)}),
        (["安静时间", "晚十点到早七点"], "22:00 到 07:00", {"quiet_from": time(22), "quiet_until": time(7)}),
        (["安静时间", "和大家一样"], "21:00 到 08:00", {"quiet_from": None}),
        (["让人知道看过证", "让人知道"], "您帮的人也知道", {"shows_title": True}),
        (["男女", "女"], "修小东西", {"gender": "f"}),
        (["男女", "男"], "修小东西", {"gender": "m"}),
        (["男女", "不说"], "修小东西", {"gender": None}),
    ],
)
async def test_each_thing_is_changed_alone(
    town: Town, taps: list[str], says: str, kept: dict[str, Any]
) -> None:
    chen = await card(town)
    before, _ = await noted(town, chen)
    await chen.taps("改一改", *taps)
    chen.hears("您会帮：修小东西", says)
    after, kinds = await noted(town, chen)
    assert kinds == ["repair"]
    assert after.model_dump() == before.model_dump() | kept


async def test_what_she_offers_is_changed(town: Town) -> None:
    chen = await card(town)
    await chen.taps("改一改", "会帮什么", "陪看病", "就这些")
    chen.hears("修小东西", "陪看病", "3 次")
    assert (await noted(town, chen))[1] == ["errand_clinic", "repair"]


async def test_the_way_back_from_a_change(town: Town) -> None:
    chen = await card(town)
    for what in ("手上几件", "急事", "安静时间", "让人知道看过证", "男女"):
        await chen.taps("改一改", what, "返回")
        chen.hears("您会帮：修小东西")
    await chen.taps("改一改", "什么时候", "返回")
    assert "我想帮忙" in chen.last.labels


# Resting


@pytest.mark.parametrize(("rest", "days"), [("歇一天", 1), ("歇一星期", 7), ("歇一个月", 30)])
async def test_somebody_who_rests_is_not_asked_until_it_is_over(town: Town, rest: str, days: int) -> None:
    chen = await card(town)
    await chen.taps("歇一歇", rest)
    chen.hears("现在歇着")
    await town.later(hours=24 * days - 1)
    await approved(town)
    assert "我来" not in chen.last.labels
    await town.later(hours=2)
    await chen.says("/start")
    await chen.taps("我想帮忙")
    assert "现在歇着" not in chen.last.text


async def test_a_week_later_she_is_asked_again(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一歇", "歇一星期")
    await town.later(hours=8 * 24)
    await approved(town)
    assert "我来" in chen.last.labels


async def test_rest_is_over_when_she_says_so(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一歇", "歇一星期", "可以问我了")
    await approved(town)
    assert "我来" in chen.last.labels


async def test_until_she_says_so(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一歇", "等我说")
    chen.hears("等您说")
    assert not (await noted(town, chen))[0].on_duty
    await chen.taps("可以问我了")
    assert "等您说" not in chen.last.text
    assert (await noted(town, chen))[0].on_duty


# Leaving


async def test_who_leaves_is_not_asked_and_nothing_is_kept(town: Town) -> None:
    chen = await card(town)
    await chen.taps("退出", "不退了", "退出", "退出")
    chen.hears("退出了")
    await approved(town)
    assert "我来" not in chen.last.labels
    await chen.taps("回首页", "我想帮忙")
    chen.hears("先说好")


async def test_an_old_button_of_somebody_who_left(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一歇")
    week, more, set_ = chen.button("歇一星期"), "v1:register.anew=hours:-:0", "v1:register.one=most:-:0"
    await chen.taps("返回", "退出", "退出")
    for old in (week, more, set_):
        await chen.forges(old)
        assert "旧的" in chen.toast


async def test_nonsense_about_her_card(town: Town) -> None:
    chen = await card(town)
    before = await noted(town, chen)
    for tap in ("set=most.9", "set=nope.1", "set", "one=nope", "one", "anew=nope", "anew"):
        await chen.forges(f"v1:register.{tap}:-:0")
    assert (await noted(town, chen)) == before
    assert "差错" not in chen.everything


async def test_what_was_ticked_before_she_was_called_away_is_still_ticked(town: Town) -> None:
    zhao = await at_kinds(town)
    await zhao.taps("修小东西")
    await zhao.starts()
    zhao.hears("没写完")
    await zhao.taps("我想帮忙", "同意")
    zhao.hears("修小东西")
    await zhao.taps("就这些", "都行", "就这些", "3 次")
    assert (await noted(town, zhao))[1] == ["repair"]
