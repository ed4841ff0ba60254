"""A neighbour has died. One tap of staff, and nothing is said to her any more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from bot.community import cases, claims, people, quiet, staff
from bot.community.cases import State
from bot.store.models import metadata
from privacy import consent
from privacy.consent import Status
from tests.flows.test_claim import approved
from tests.flows.test_claim import ask as asked
from tests.flows.test_close import engaged
from tests.flows.test_my_data import one_of, only_case
from tests.town import Neighbour, Town

DIED = "邻居去世了"
PRAISE_OR_PITY = ("恭喜", "节哀", "哀悼", "祝", "去世", "逝")


async def quiet_from(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """Mei's lamp is being seen to by Chen, when staff learn that she has died."""
    mei, chen, lin = await engaged(town)
    await lin.taps("别的", DIED)
    return mei, chen, lin


async def failures(town: Town) -> list[object]:
    async with town.store.transaction() as session:
        return list(session.execute(sa.select(metadata.tables["failure"])).all())


async def test_one_tap_and_everything_is_quiet(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    before = mei.everything
    await lin.taps("别的", DIED)
    lin.hears("李阿姨这里安静了", "没办完的 1 件静静结束了", "5 月 22 日")
    assert "6栋302" not in chen.everything
    chen.hears("YS-0001 不用您去了")
    for _ in range(60):
        await town.later(hours=24)
    assert mei.everything == before
    assert not any(word in chen.everything for word in PRAISE_OR_PITY)
    case = await only_case(town)
    assert (case.state, case.due) == (State.WITHDRAWN, cases.TRAIL)
    async with town.store.transaction() as session:
        assert claims.live(session, case.id) is None
    assert await failures(town) == []


@pytest.mark.parametrize(
    "state", ["received", "asked back", "open", "held", "nobody", "handled", "emergency"]
)
async def test_whatever_was_under_way_ends_without_a_word(town: Town, state: str) -> None:
    chen = await town.volunteer("小陈")
    if state == "emergency":
        lin = await town.member("林站长")
        mei = await town.newcomer("李阿姨")
        await mei.says("我摔倒流血了，快来人")
    elif state in ("received", "asked back"):
        lin = await town.member("林站长")
        mei = await asked(town)
        if state == "asked back":
            await lin.taps("问清楚")
            await lin.says("灯多高？")
    else:
        mei, lin = await approved(town)
        if state == "nobody":
            await chen.taps("这次不行")
            await town.later(hours=30)
        if state in ("held", "handled"):
            await chen.taps("我来")
        if state == "handled":
            await chen.taps("确认接单", "办好了")
    before = mei.everything
    case = await only_case(town)
    await lin.forges(f"v1:quiet.begin=case:{case.id}:0")
    lin.hears("这里安静了")
    for _ in range(40):
        await town.later(hours=24)
    assert mei.everything == before
    assert (await only_case(town)).state not in cases.LIVE
    assert await failures(town) == []


async def test_what_still_waited_for_her_is_not_sent(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    mei.phone.block()
    await chen.taps("出发了")
    await lin.taps("别的", DIED)
    mei.phone.unblock()
    before = mei.everything
    mei.phone.start()
    await town.settle()
    assert "小陈出发了" not in mei.everything
    assert mei.everything.removeprefix(before).strip("\n").startswith("请打 0592")


async def test_a_mistake_is_undone_with_a_second_tap(either_town: Town) -> None:
    town = either_town
    mei, _, lin = await quiet_from(town)
    before = mei.everything
    undo = lin.button("弄错了，恢复")
    await lin.taps("弄错了，恢复")
    lin.hears("恢复了", "回到待办")
    assert mei.everything == before  # what is to be said, staff say
    case = await only_case(town)
    assert (case.state, case.due, case.reason, case.ended_at) == (State.RECEIVED, "review", None, None)
    await lin.taps("YS-0001")
    lin.hears("灯坏了", "李阿姨")
    await lin.taps("放行")
    await mei.says("/mydata")
    mei.hears("求助：1 件，没办完的 1 件")
    await lin.forges(undo)
    assert "旧的" in lin.toast


async def test_an_emergency_taken_up_again_is_one_still_and_never_let_out(town: Town) -> None:
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("我摔倒流血了，快来人")
    case = await only_case(town)
    await lin.forges(f"v1:quiet.begin=case:{case.id}:0")
    await lin.taps("弄错了，恢复")
    case = await only_case(town)
    assert (case.state, case.due) == (State.EMERGENCY, None)
    await lin.forges(f"v1:review.approve:{case.id}:{case.version}")
    await town.later(hours=3)
    assert "流血" not in chen.everything


async def test_what_had_ended_before_stays_ended(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await mei.taps("不用了", "撤回")
    await lin.forges(f"v1:quiet.begin=case:{(await only_case(town)).id}:0")
    await lin.taps("弄错了，恢复")
    assert "YS-0001" not in " ".join(lin.last.labels)
    assert (await only_case(town)).state == State.WITHDRAWN


async def test_a_helper_who_died_is_replaced_and_asked_no_more(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    async with town.store.transaction() as session:
        chens = one_of(session, chen).id
    await lin.forges(f"v1:quiet.begin=person:{chens}:0")
    mei.hears("小陈来不了了", "正在找下一位")
    assert "6栋302" not in chen.everything
    before = chen.everything
    await town.later(hours=3)
    await approved_again(town, lin)
    assert chen.everything == before
    async with town.store.transaction() as session:
        assert claims.open_asks(session, chens) == []
    await lin.forges(f"v1:quiet.undo:{chens}:0")
    await mei.taps("不用了", "撤回")
    await town.later(hours=24)  # she has rested
    await mei.says("电灯又坏了")
    await mei.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()
    assert "我来" in chen.last.labels  # what she offered was still there


async def approved_again(town: Town, lin: Neighbour) -> None:
    """Somebody else needs the same kind of help, and volunteers are asked."""
    zhang = await town.newcomer("张叔", area="b2")
    await zhang.says("灯坏了，够不着")
    await zhang.taps("对", "明天")
    await zhang.taps("下一步", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()


async def test_whoever_holds_her_telephone_reads_one_neutral_sentence(town: Town) -> None:
    mei, _, lin = await quiet_from(town)
    told = len(lin.phone.heard)
    await mei.says("你好，有人吗")
    mei.hears("请打 0592", "110")
    assert not any(word in mei.last.text for word in PRAISE_OR_PITY)
    lin.hears("李阿姨的号", "弄错了，点恢复")
    await mei.forges("v1:home.menu:-:0")
    await mei.starts()
    await mei.sends("voice")
    mei.hears("请打 0592")
    assert len(lin.phone.heard) == told + 1  # once a day
    await mei.says("着火了，快来人")
    mei.hears("119")
    lin.hears("请马上看")
    await town.later(hours=24)
    await mei.says("在吗")
    lin.hears("李阿姨的号")


async def test_after_half_a_year_the_words_are_gone(either_town: Town) -> None:
    town = either_town
    mei, _, lin = await quiet_from(town)
    async with town.store.transaction() as session:
        meis = one_of(session, mei).id
    await town.later(hours=24 * 180 - 1)
    async with town.store.transaction() as session:
        assert people.get(session, meis).name is not None
    await lin.taps("家人来办")
    lin.hears("第 49 条", "不拍照", "自动删掉")
    undo = lin.button("返回").replace("quiet.card", "quiet.undo")
    await town.later(hours=1)
    async with town.store.transaction() as session:
        assert people.find(session, mei.phone.user.id) is None
        assert people.get(session, meis).name is None
        assert quiet.outlived(session) == []
        uses = {"person_id": meis, "purpose": "account", "at": town.clock.now()}
        assert consent.standing(session, **uses) is Status.EXPIRED
    await lin.forges(undo)
    assert "旧的" in lin.toast
    async with town.store.transaction() as session:
        assert people.get(session, meis).quiet_since is not None
    await mei.starts()
    mei.hears("可以请邻居搭把手")


async def test_an_emergency_from_her_telephone_ends_with_the_half_year_too(town: Town) -> None:
    mei, _, lin = await quiet_from(town)
    await mei.says("着火了，快来人")
    lin.hears("请马上看", "YS-0002")
    await town.later(hours=24 * 181)
    async with town.store.transaction() as session:
        assert people.find(session, mei.phone.user.id) is None
        states = session.exec(select(cases.Case.state).order_by(col(cases.Case.number))).all()
    assert states == [State.WITHDRAWN, State.CLOSED]
    assert await failures(town) == []


async def test_only_staff_who_are_no_side_may(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    case = await only_case(town)
    async with town.store.transaction() as session:
        meis, lins = one_of(session, mei).id, one_of(session, lin).id
    eve = await town.newcomer("伊芙")
    forged = [
        f"v1:quiet.begin=case:{case.id}:0",
        f"v1:quiet.begin=person:{meis}:0",
        f"v1:quiet.begin:{meis}:0",
        f"v1:quiet.undo:{meis}:0",
        f"v1:quiet.relatives:{meis}:0",
    ]
    for data in forged:
        for somebody in (eve, chen, mei):
            await somebody.forges(data)
    await lin.forges(f"v1:quiet.begin=person:{lins}:0")
    lin.hears("别的同事来看")
    await lin.forges("v1:quiet.begin=person:nobody:0")
    lin.hears("不是给您的")
    async with town.store.transaction() as session:
        silent = session.exec(select(people.Person).where(col(people.Person.quiet_since).is_not(None))).all()
    assert silent == []
    assert "家人" not in eve.everything


async def test_staff_who_died_are_no_longer_on_duty(town: Town) -> None:
    lin = await town.member("林站长")
    wu = await town.member("小吴")
    async with town.store.transaction() as session:
        lins = one_of(session, lin).id
    await wu.forges(f"v1:quiet.begin=person:{lins}:0")
    before = lin.everything
    await asked(town)
    wu.hears("YS-0001")
    assert lin.everything == before
    async with town.store.transaction() as session:
        assert lins not in [member.id for member in staff.on_duty(session)]


async def test_whoever_would_speak_to_her_is_not_heard(town: Town) -> None:
    mei, lin = await approved(town)
    chen, wu = await town.volunteer("小陈"), await town.member("小吴")
    await town.later(hours=5)
    await chen.taps("这次不行")
    await mei.says("投诉")
    await mei.taps("YS-0001")
    await mei.says("没有人来")
    await mei.taps("交上去")
    async with town.store.transaction() as session:
        chens = one_of(session, chen).id
    await lin.forges(f"v1:quiet.begin=person:{chens}:0")
    before = chen.everything
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    assert chen.everything == before  # the card of who said no would be redrawn
    await lin.forges(f"v1:quiet.begin=case:{(await only_case(town)).id}:0")
    before = mei.everything
    await wu.taps("回复")
    await wu.says("明天去")
    wu.hears("已回")
    assert mei.everything == before


@pytest.mark.parametrize("first", ["helper", "staff"])
async def test_she_dies_as_a_helper_confirms(town: Town, first: str) -> None:
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    await chen.taps("我来")
    await lin.taps("别的")
    acts = [(chen, chen.button("确认接单")), (lin, lin.button(DIED))]
    before = mei.everything
    for somebody, data in acts if first == "helper" else reversed(acts):
        somebody.phone.forge_callback(data)
    await town.settle()
    assert "6栋302" not in chen.everything
    assert mei.everything == before
    case = await only_case(town)
    async with town.store.transaction() as session:
        assert claims.live(session, case.id) is None
