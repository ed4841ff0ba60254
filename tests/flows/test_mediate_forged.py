"""What a changed client, an old button or a hasty finger may not do in a mediation, and what stays when somebody goes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.community import erasing, mediations, pairs, people, staff
from bot.community.credentials import Credential
from bot.community.mediation_times import MediationTime
from bot.community.mediations import Mediation
from bot.community.staff import Role
from bot.community.stages import State
from bot.community.statements import Statement
from tests.flows.mediating import (
    accepted,
    applies,
    both,
    chosen,
    joins,
    listening,
    mediator,
    reads,
    the_one,
    the_slip,
)
from tests.flows.standing import an_open_post, holds, in_pool
from tests.flows.test_my_data import erases_all, one_of
from tests.flows.test_renew import means_something_else
from tests.town import Neighbour, Town


async def count(town: Town, what: type) -> int:
    async with town.store.transaction() as session:
        return len(session.exec(select(what)).all())


async def taps_on(town: Town, who: Neighbour, action: str) -> None:
    await who.forges(f"v1:{action}:{(await the_one(town)).id}:0")


async def a_time(*who: Neighbour) -> None:
    """The last of them proposes one, and the others come."""
    *sides, chen = who
    await taps_on(chen.town, chen, "mediator.meet=both")
    await chen.says("周六上午十点")
    for one in sides:
        await one.taps("没有，我来")


async def test_who_only_listens_writes_nothing_that_the_next_guest_could_read(town: Town) -> None:
    _, wang, lin = await listening(town)
    await taps_on(town, wang, "mediate.say")
    assert "旧的" in wang.toast
    await wang.says("我和他没完")
    assert await count(town, Statement) == 1  # hers who asked
    await lin.starts()
    await taps_on(town, lin, "mediator.slip")
    zhou = town.stranger("周叔")
    await joins(zhou, lin.everything.split("m-")[-1][:8])
    await reads(zhou)
    assert "没完" not in zhou.everything


async def test_nobody_is_asked_into_the_middle_before_both_have_agreed(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b1")
    chen = await mediator(town, "老陈")
    await applies(mei)
    await the_slip(town, lin)
    async with town.store.transaction() as session:
        chen_id = one_of(session, chen).id
    await taps_on(town, lin, f"mediator.ask={chen_id}")
    assert "旧的" in lin.toast
    assert "1 号" not in chen.everything
    assert (await the_one(town)).mediator_id is None


async def test_once_it_has_come_out_the_mediator_neither_goes_nor_writes_anew(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, wang, _, chen = await accepted(town)
    await taps_on(town, chen, "mediator.write")
    await chen.says("十点后不拖椅子")
    await taps_on(town, chen, "mediator.outcome=agreed_written")
    await chen.taps("两周后")
    means_something_else(monkeypatch, "mediation")  # what was agreed stands, whatever the notice says by now
    for action in ("step_out", "write", "meet=both", "outcome=not_agreed", "declare=tie"):
        await taps_on(town, chen, f"mediator.{action}")
        assert "旧的" in chen.toast
    await chen.says("每月付一千元")
    one = await the_one(town)
    assert (one.state, one.mediator_id is not None) == (State.AGREED_WRITTEN, True)
    await taps_on(town, mei, "mediate.see")
    mei.hears("十点后不拖椅子")
    for side in (mei, wang):
        assert "一千元" not in side.everything


async def test_where_the_mediators_role_is_over_another_is_looked_for(either_town: Town) -> None:
    town = either_town
    mei, wang, lin, chen = await accepted(town)
    await reads(chen)
    chen.hears("拖椅子")
    async with town.store.transaction() as session:
        duty = staff.grant(session, one_of(session, chen).id, Role.MEDIATOR)
    await chen.forges(f"v1:roles.end:{duty.id}:0")
    await town.settle()
    chen.has_heard("1 号另请一位了，谢谢您")
    for side in (mei, wang):
        side.hears("要换一位，正在另请")
        await taps_on(town, side, "mediate.see")
        assert "老陈" not in side.last.text
    lin.hears("1 号在等您安排")
    for action in ("see", "read", "write", "meet=a", "outcome=partly"):
        await taps_on(town, chen, f"mediator.{action}")
        chen.hears("不是给您的")
    li = await mediator(town, "老李")
    await chosen(lin)
    await li.taps("没有往来，我来")
    for side in (mei, wang):
        side.hears("老李愿意坐在中间")


async def test_where_the_role_runs_out_the_two_hear_of_it_in_the_morning(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    async with town.store.transaction() as session:
        until = town.clock.now() + timedelta(hours=15)  # midnight
        staff.grant(session, one_of(session, chen).id, Role.MEDIATOR, until)
    await town.later(hours=16)
    assert (await the_one(town)).mediator_id is not None
    await town.later(hours=7)  # eight in the morning
    for side in (mei, wang):
        side.hears("要换一位，正在另请")


async def test_whose_role_is_over_can_still_warn(town: Town) -> None:
    """While the two have yet to hear that another is looked for."""
    mei, wang, lin, chen = await accepted(town)
    await town.later(hours=15)
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, chen).id)
    await taps_on(town, chen, "mediator.read")
    chen.hears("不是给您的")
    await taps_on(town, chen, "mediator.flag")
    lin.hears("怕有人会受伤害")
    for side in (mei, wang):
        side.hears("这次先停了")


async def test_a_paper_that_has_expired_opens_nothing_and_nobody_is_asked_on_it(town: Town) -> None:
    """On the post with a judge's paper, good to the end of tomorrow; no role."""
    mei, wang, lin = await both(town)
    zhao = await town.newcomer("赵法官", area="b3")
    await in_pool(town, zhao, "med_neighbour")
    await town.knows(zhao, "judge", "known")
    await holds(town, zhao, await an_open_post(town, "P-JUDGE"))
    async with town.store.transaction() as session:
        paper = session.exec(select(Credential).where(Credential.kind == "judge")).one()
        paper.expires_on = town.clock.now().date() + timedelta(days=1)
    await chosen(lin)
    await zhao.taps("没有往来，我来")
    for side in (mei, wang):
        await side.taps("没有，我认可")
    await reads(zhao)
    zhao.hears("拖椅子")
    await town.later(hours=48)
    await town.settle()
    for action in ("see", "read", "write", "meet=a", "outcome=partly"):
        await taps_on(town, zhao, f"mediator.{action}")
        zhao.hears("不是给您的")
    for side in (mei, wang):
        side.has_heard("要换一位，正在另请")
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "1 号", "请人坐中间")
    assert "赵法官" not in lin.last.text


async def test_whose_role_ended_since_she_was_asked_does_not_come_into_the_middle(town: Town) -> None:
    mei, wang, lin = await both(town)
    chen = await mediator(town, "老陈")
    await chosen(lin)
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, chen).id)
    await chen.taps("没有往来，我来")
    chen.has_heard("不是给您的", "另请一位了")
    one = await the_one(town)
    assert (one.state, one.mediator_id) == (State.CONSENTED, None)
    for side in (mei, wang):
        assert "另请" not in side.everything


async def test_tapping_again_rings_nobody_again(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    await a_time(mei, wang, chen)
    for side in (mei, wang):
        await side.starts()
    async with town.store.transaction() as session:
        fixed = session.exec(select(MediationTime)).one().id
    one = await the_one(town)
    for _ in range(3):
        await wang.forges(f"v1:mediate.time_yes={fixed}:{one.id}:0")
    for _ in range(3):
        await taps_on(town, mei, "mediate.longer")
    assert mei.everything.count("说定了") == 1
    assert wang.everything.count("对方想多给些时间") == 1
    await town.later(hours=24 * 6)
    await wang.forges(f"v1:mediate.time_no={fixed}:{one.id}:0")
    assert "旧的" in wang.toast
    assert "有人来不了" not in mei.everything


async def test_who_was_asked_and_would_rather_not_was_never_heard_of(town: Town) -> None:
    mei, wang, lin = await both(town)
    chen = await mediator(town, "老陈")
    await chosen(lin)
    await taps_on(town, chen, "mediator.read")
    assert "旧的" in chen.toast
    await taps_on(town, chen, "mediator.step_out")
    chen.hears("为什么，谁也不问")
    lin.hears("等您安排")
    for side in (mei, wang):
        assert "要换一位" not in side.everything


async def test_one_who_steps_out_by_an_old_button_is_said_to_have_gone(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    await taps_on(town, chen, "mediator.declare=tie")
    for side in (mei, wang):
        side.hears("要换一位")


async def test_the_times_of_a_mediator_who_is_replaced_are_void(either_town: Town) -> None:
    town = either_town
    mei, wang, lin, chen = await accepted(town)
    await a_time(mei, wang, chen)
    async with town.store.transaction() as session:
        fixed = session.exec(select(MediationTime)).one().id
    await mediator(town, "老吴")
    await taps_on(town, wang, f"mediate.object={(await the_one(town)).mediator_id}")
    for side in (mei, wang):
        side.hears("要换一位", "约过的时间也不算了")
    assert await count(town, MediationTime) == 0
    await mei.forges(f"v1:mediate.time_yes={fixed}:{(await the_one(town)).id}:0")
    assert "旧的" in mei.toast
    await chosen(lin)
    await taps_on(town, mei, "mediate.see")
    assert "10:00" not in mei.last.text


async def test_two_quarrels_of_the_same_two_the_other_way_round(either_town: Town) -> None:
    town = either_town
    mei, wang, lin, chen = await accepted(town)
    await taps_on(town, chen, "mediator.outcome=not_agreed")
    await chen.taps("就这样记")
    await town.later(hours=24 * 20)
    await applies(wang, "楼下又来敲门，邻里吵架想调解", "别的事")
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "2 号", "写纸条")
    await joins(mei, lin.everything.split("m-")[-1][:8], known=True)
    await town.later(hours=24 * 11)  # the first is forgotten
    async with town.store.transaction() as session:
        first, second = session.exec(select(Mediation).order_by(Mediation.number)).all()
        assert (first.a_id, second.state) == (None, State.CONSENTED)
        assert pairs.apart_from(session, one_of(session, mei).id) == {one_of(session, wang).id}
    for _ in range(3):  # the second lapses and is forgotten too
        await town.later(hours=24 * 31)
    async with town.store.transaction() as session:
        assert pairs.apart_from(session, one_of(session, mei).id) == set()


async def test_whoever_answers_what_somebody_erased_wrote_hears_that_it_is_gone(town: Town) -> None:
    mei, wang, _, _ = await accepted(town)
    await taps_on(town, mei, "mediate.company")
    await mei.says("我女儿来翻译")
    allow = wang.button("同意带来")
    await taps_on(town, wang, "mediate.say")
    await erases_all(mei)
    await wang.says("那我也说一句")
    wang.hears("已经结束了")
    await wang.forges(allow)
    wang.hears("这条已经不在了")
    assert await count(town, Statement) == 0


async def test_answering_in_english_what_somebody_erased_wrote(town: Town) -> None:
    mei, wang, _, _ = await accepted(town)
    async with town.store.transaction() as session:
        people.update(session, one_of(session, wang), language="en")
    await taps_on(town, mei, "mediate.company")
    await mei.says("我女儿来翻译")
    allow = wang.button("Agree")
    async with town.store.transaction() as session:
        mediations.leave(session, one_of(session, mei).id)
        erasing.erase_person(session, one_of(session, mei).id)
    await wang.forges(allow)
    wang.hears("This is no longer here")


async def test_who_comes_along_is_a_sentence_and_no_letter_to_the_other_side(town: Town) -> None:
    mei, wang, _, _ = await accepted(town)
    await taps_on(town, mei, "mediate.company")
    await mei.says("你听好了" * 51)
    mei.hears("太长了")
    assert "你听好了" not in wang.everything
    await mei.says("我女儿来翻译")
    wang.hears("我女儿来翻译")
