"""A neighbour joins the pool, changes what she offered, rests, leaves."""

from __future__ import annotations

from tests.flows.test_claim import approved
from tests.town import Neighbour, Town


async def card(town: Town) -> Neighbour:
    """The card of a volunteer for small repairs."""
    chen = await town.volunteer("小陈")
    await chen.says("/start")
    await chen.taps("我想帮忙")
    return chen


async def test_what_she_offered_and_how_often(town: Town) -> None:
    chen = await card(town)
    chen.hears("修小东西", "3 次")
    await chen.taps("改一改", "陪", "就这些", "1 次")
    await chen.taps("看我填的")
    chen.hears("修小东西", "陪", "1 次")


async def test_words_do_as_well_as_taps(town: Town) -> None:
    zhao = await town.newcomer("小赵")
    await zhao.starts()
    await zhao.taps("我想帮忙")
    await zhao.says("同意", "我会修灯")
    assert any(label.startswith("✓") for label in zhao.last.labels)
    await zhao.taps("就这些")
    await zhao.says("2栋")
    await zhao.says("3")
    zhao.hears("记好了", "小赵")


async def test_nothing_chosen_is_asked_for(town: Town) -> None:
    zhao = await town.newcomer("小赵", area="b2")
    await zhao.starts()
    await zhao.taps("我想帮忙", "同意", "就这些")
    assert "先点一样" in zhao.toast
    zhao.hears("您会帮什么")


async def test_somebody_who_rests_is_not_asked(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一星期")
    chen.hears("歇着")
    await approved(town)
    assert "我来" not in chen.last.labels


async def test_a_week_later_she_is_asked_again(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一星期")
    await town.later(hours=8 * 24)
    await approved(town)
    assert "我来" in chen.last.labels


async def test_rest_is_over_when_she_says_so(town: Town) -> None:
    chen = await card(town)
    await chen.taps("歇一星期", "可以问我了")
    await approved(town)
    assert "我来" in chen.last.labels


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
    pause = chen.button("歇一星期")
    await chen.taps("退出", "退出")
    await chen.forges(pause)
    assert "旧的" in chen.toast
