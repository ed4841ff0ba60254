"""Every tap is forged until checked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.store.models import metadata
from tests.flows.test_close import engaged
from tests.town import Neighbour, Town

GARBAGE = [
    "x",
    "v1:",
    "v1:claim.take",
    "v1:nope.nope:a:1",
    "v1:ask.send:-:99",
    "v2:home.menu:-:0",
    "v1:claim.take:a:-1",
    "{" * 64,
]


async def _state(town: Town) -> dict[str, list[tuple[object, ...]]]:
    """All the nouns; not the traffic."""
    nouns = (
        "help_case",
        "claim",
        "ask",
        "event",
        "duty",
        "volunteer",
        "talent",
        "consent_event",
        "credential",
        "slip",
    )
    async with town.store.transaction() as session:
        return {
            name: sorted(map(tuple, session.execute(sa.select(metadata.tables[name]))), key=str)
            for name in nouns
        }


@pytest.mark.parametrize("known", [True, False])
async def test_garbage_changes_nothing(town: Town, known: bool) -> None:
    """Every action by every role stands in test_matrix; here what no button of ours ever was."""
    mei, _, _ = await engaged(town)
    eve = await town.newcomer("伊芙") if known else town.stranger("伊芙")
    await eve.starts()
    before = await _state(town)
    for data in (*GARBAGE, f"v1:review.approve:{mei.button('说句话').split(':')[2]}:1"):
        await eve.forges(data)
        assert await _state(town) == before, data
    assert "差错" not in eve.everything
    assert "6栋302" not in eve.everything


async def test_a_button_of_another_flow_answers_no_question(town: Town) -> None:
    """Its number and turn may be those of the talk on screen: the draft in hand is not what it asks about."""
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了")
    _, _, talk, turn = mei.button("对").split(":")
    for action in ("mediate.agree", "report.send=named", "restrict.send", "my_data.erase_all"):
        await mei.forges(f"v1:{action}:{talk}:{turn}")
        assert "旧的" in mei.toast, action
    assert "差错" not in mei.everything
    await mei.taps("对")
    mei.hears("什么时候")


async def test_a_helper_cannot_act_for_the_resident_nor_she_for_her(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    case_id = mei.button("说句话").split(":")[2]
    before = await _state(town)
    for action in (
        "follow.withdraw_yes",
        "close.happy",
        "close.not_yet",
        "claim.other_yes",
        "review.approve",
    ):
        await chen.forges(f"v1:{action}:{case_id}:3")
    for action in ("claim.release=none", "meet.way=here", "close.done", "claim.take", "review.settled"):
        await mei.forges(f"v1:{action}:{case_id}:3")
    assert await _state(town) == before


async def test_a_role_that_ended_counts_no_more(town: Town) -> None:
    from bot.community import people, staff
    from tests.flows.test_claim import ask

    lin = await town.member("林站长")
    await ask(town)
    async with town.store.transaction() as session:
        person = people.find(session, lin.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    town.clock.advance(1)
    before = await _state(town)
    await lin.taps("放行")
    lin.hears("不是给您的")
    assert await _state(town) == before


async def test_pressed_twice_is_done_once(town: Town) -> None:
    from tests.flows.test_claim import ask

    mei = await ask(town)
    lin = await town.member("林站长")
    send = await _second_request(mei)
    mei.phone.forge_callback(send)
    mei.phone.forge_callback(send)
    await town.settle()
    async with town.store.transaction() as session:
        cases = session.execute(sa.select(sa.func.count()).select_from(metadata.tables["help_case"]))
        assert cases.scalar_one() == 2
    lin.hears("YS-0002")


async def _second_request(mei: Neighbour) -> str:
    await mei.says("洗衣机坏了")
    await mei.taps("对", "明天", "下一步", "不写门牌", "不要")
    return mei.button("发出求助")


async def test_an_old_button_shows_what_is_true_now(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    old = chen.button("去不了了")
    await chen.taps("办好了")
    await mei.taps("办好了")
    await chen.forges(old.replace("claim.cannot", "claim.take"))
    chen.has_heard("不用了")
    await mei.forges(f"v1:close.happy:{old.split(':')[2]}:4")
    assert "旧的" in mei.toast
    mei.hears("结束了")


@pytest.mark.parametrize("label", ["修小东西", "明天"])
async def test_a_button_of_an_earlier_question_asks_the_present_one(town: Town, label: str) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙")
    old = mei.button("修小东西")
    await mei.taps("买菜")
    if label == "明天":
        old = mei.button(label)
        await mei.taps("今天")
    await mei.forges(old)
    assert "旧的" in mei.toast
    mei.hears("什么时候" if label == "修小东西" else "还要说明")


async def test_ways_out_can_be_said(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对")
    mei.hears("什么时候方便")
    await mei.says("返回")
    mei.hears("最像哪一样")
    await mei.says("人工")
    mei.hears("工作人员电话")
    await mei.says("返回")
    mei.hears("最像哪一样")
    await mei.says("取消")
    await mei.says("/start")
    assert "接着写" not in mei.last.labels


ASKING: list[tuple[str, str]] = [
    ("says", "灯坏了，电话13812345678"),
    ("taps", "留给接单人"),
    ("taps", "对"),
    ("says", "后天三点"),
    ("taps", "15:00"),
    ("says", "厨房的灯，6栋302"),
    ("taps", "删掉"),
    ("taps", "下一步"),
    ("taps", "不写门牌"),
    ("taps", "改一处"),
]


@pytest.mark.parametrize("far", range(1, len(ASKING) + 1))
async def test_back_from_every_question_loses_nothing(
    town: Town, far: int, caplog: pytest.LogCaptureFixture
) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    for do, what in ASKING[:far]:
        await getattr(mei, do)(what)
    for _ in range(far + 3):
        if "返回" not in mei.last.labels:
            break
        await mei.taps("返回")
    assert {"接着写", "发出求助"} & set(mei.last.labels)
    for _ in range(12):
        for label in ("接着写", "留给接单人", "修小东西", "对", "明天", "下一步", "不写门牌", "不要"):
            if any(shown.startswith(label) for shown in mei.last.labels):
                await mei.taps(label)
                break
    mei.hears("请看一遍", "灯坏了")
    assert not caplog.records


async def test_a_command_there_is_not_is_no_answer(town: Town) -> None:
    mei = await town.newcomer("阿芳")
    await mei.starts()
    await mei.taps("请人帮忙")
    await mei.says("灯坏了", "/home")
    mei.hears("/cancel")
    await mei.taps("对", "都行")
    mei.hears("灯坏了")
    assert "/home" not in mei.last.text


async def test_a_buttons_words_typed_are_a_tap_on_it(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.starts()
    await mei.says("请人帮忙")
    mei.hears("您要帮什么")
    await mei.says("All kinds", "Something else")  # some people type in their own language
    mei.hears("什么时候方便")
    await mei.says("都行")
    mei.hears("住哪一片")
    await mei.says("先不说")
    mei.hears("还要说明什么")
    await mei.says("厨房的", "Next")
    mei.hears("门牌")
    await mei.says("不写门牌", "不要，发消息")
    mei.hears("请看一遍", "别的", "都行", "没有说", "厨房的")
    for word in ("请人帮忙", "下一步", "Next"):
        assert word not in mei.last.text
    await mei.says("发出求助")
    mei.hears("收到了")


async def test_a_volunteer_may_type_it_all(town: Town) -> None:
    chen = await town.newcomer("小陈", area="b2")
    await chen.starts()
    await chen.says("我想帮忙", "同意，继续", "就这些")
    chen.hears("先点一样")
    await chen.says("修小东西", "就这些", "都行", "就这些", "三次")
    chen.hears("记好了")


async def test_what_was_not_followed_does_not_contradict_itself(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天")
    await mei.says("在河那边")
    mei.hears("没听懂这一句", "换个说法")
    await mei.says("接着写")
    mei.hears("住哪一片")


async def test_typed_words_of_a_button_ask_its_rule_too(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("去不了了")
    await mei.taps("换个人", "换一位")
    await chen.says("临时有事")
    chen.hears("旧的")


async def test_no_emergency_can_be_said_in_words(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("我老伴摔倒起不来了", "已经打了")
    mei.hears("保持电话畅通")
