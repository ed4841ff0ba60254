"""What somebody may not do for a while: why, till when, looked at again; it ends by itself and is kept nowhere."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import people, posts, restrictions, shifts
from bot.community.cases import Case
from bot.community.restrictions import Restriction
from bot.errors import OldButton, Restricted
from tests.flows.standing import an_open_post, holds, person_of, shifts_of
from tests.flows.test_claim import approved, ask
from tests.flows.test_close import engaged
from tests.flows.test_post import takes
from tests.town import Neighbour, Town


async def all_of(town: Town) -> list[Restriction]:
    async with town.store.transaction() as session:
        return list(session.exec(select(Restriction)))


async def restricts(
    town: Town, lin: Neighbour, other: Neighbour, what: str = "接单", length: str = "一周"
) -> None:
    """Staff begin at this person, and choose."""
    about = lin.button("别的")
    person_id = await id_of(town, other)
    await lin.forges(about.split(":")[0] + f":restrict.begin:{person_id}:0")
    await lin.taps(what, "不说别人的私事", length, "就这样定")


async def id_of(town: Town, one: Neighbour) -> str:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        return person.id


async def test_she_hears_what_why_and_till_when_and_is_asked_nothing(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    await ask(town)
    await restricts(town, lin, chen)
    lin.hears("会告诉小陈为什么")
    chen.hears("11 月 30 日", "不能接单", "不打听、不外传", "到那天自己解除")
    assert chen.last.labels == ["再看一次", "找工作人员"]
    await lin.taps("放行")
    await town.settle()
    assert "够不着" not in chen.everything
    await chen.starts()
    await chen.taps("我的资料", "看限制")
    chen.hears("接单、上岗，到 11 月 30 日", "不说别人的私事")


async def test_what_she_was_asked_before_she_cannot_take(town: Town) -> None:
    chen = await town.volunteer("小陈")
    _mei, lin = await approved(town)
    take = chen.button("我来")
    await restricts(town, lin, chen)
    await chen.forges(take)
    chen.hears("先不能接单", "不打听、不外传", "0592-555 0100")
    assert "再看一次" in chen.last.labels
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state == "open"


async def test_neither_a_post_nor_a_shift_is_taken_and_what_she_has_stays(either_town: Town) -> None:
    town = either_town
    chen, zhao = await town.volunteer("小陈", "教"), await town.volunteer("小赵", "教")
    lin = await town.member("林站长")
    post_id = await an_open_post(town, "P-PHONE")
    await holds(town, zhao, post_id)
    await ask(town)
    for one in (chen, zhao):
        await restricts(town, lin, one)
        one.hears("先不能接单、上岗")
    await takes(chen)
    chen.hears("先不能接单、上岗", "不打听、不外传")
    assert "再看一次" in chen.last.labels
    [shift, *_] = await shifts_of(town, post_id)
    async with town.store.transaction() as session:
        local, post = town.service.house.local, posts.get(session, post_id)
        assert post is not None
        assert posts.member(session, post_id, person_of(town, chen).id) is None
        with pytest.raises(Restricted):
            shifts.take(session, local, shift, person_of(town, chen).id)
        assert shifts.take(session, local, shift, person_of(town, zhao).id)[1] is None  # hers already


async def test_a_need_is_not_taken_up_and_staff_stay_reachable(town: Town) -> None:
    mei, lin = await approved(town)
    await lin.taps("别的", "限制这位", "发求助", "不做广告", "一周", "就这样定")
    mei.hears("不能发求助", "不发广告")
    await mei.says("灯又坏了 我够不着")
    await mei.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    mei.hears("先不能发求助")
    async with town.store.transaction() as session:
        assert len(session.exec(select(Case)).all()) == 1
    await mei.taps("找工作人员")
    await mei.says("我就想换个灯")
    assert "我就想换个灯" in lin.everything


async def test_no_words_to_the_other_for_a_week(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await mei.taps("说句话")
    await restricts(town, lin, mei, "互相留言")
    await mei.says("你怎么还不来")
    assert "你怎么还不来" not in chen.everything
    mei.hears("先不能互相留言")
    await town.later(hours=24 * 7)
    mei.has_heard("又可以互相留言了")
    assert await all_of(town) == []


async def test_longer_than_a_week_needs_a_second_persons_yes(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen, length="三个月")
    lin.hears("已请同事看")
    wu.hears("林站长想让小陈", "2 月 21 日", "不能接单")
    assert "不能接单" not in chen.everything
    agree = wu.button("同意")
    await lin.forges(agree)
    lin.hears("不是给您的")
    await wu.starts()
    await wu.taps("待办")
    wu.hears("限制等同意")
    await wu.forges(agree)
    wu.hears("您同意了")
    chen.hears("2 月 21 日", "不能接单")
    await wu.forges(agree)
    assert "旧的" in wu.toast


async def test_a_second_person_thinks_otherwise_and_she_never_hears(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen, length="一个月")
    await wu.taps("不同意")
    lin.hears("没有人同意，作罢了")
    assert "不能接单" not in chen.everything
    assert await all_of(town) == []


async def test_a_proposal_is_dropped_from_the_list_and_she_never_hears(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen, length="一个月")
    told = chen.everything
    await lin.taps("看限制名单", "小陈")
    assert "现在就解除" not in lin.last.labels
    await wu.forges(lin.button("作罢"))
    wu.hears("对方不会知道有这回事")
    lin.hears("没有人同意，作罢了")
    assert chen.everything == told
    assert await all_of(town) == []
    await restricts(town, lin, chen, length="一个月")
    await lin.taps("看限制名单", "小陈", "作罢")
    lin.hears("对方不会知道有这回事")


async def test_where_nobody_could_agree_it_is_a_week_at_most(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    await ask(town)
    await restricts(town, lin, chen, length="一个月")
    assert "先定一周" in lin.toast
    assert await all_of(town) == []


async def test_what_holds_already_is_not_prolonged_by_one_alone(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    await ask(town)
    await restricts(town, lin, chen)
    for length in ("一个月", "一周"):
        await restricts(town, lin, chen, length=length)
        assert "一个人不能再延" in lin.toast
        assert "先定一周" not in lin.toast
    assert [one.length for one in await all_of(town)] == ["week"]
    await lin.forges(f"v1:restrict.begin:{await id_of(town, chen)}:0")
    await lin.taps("接单", "不说别人的私事")
    lin.hears("再限多久都要另一位同事也同意")


async def test_a_proposal_nobody_answers_lapses(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin, _ = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen, length="一个月")
    await town.later(hours=24 * 3)
    lin.has_heard("没有人同意，作罢了")
    assert "不能接单" not in chen.everything
    assert await all_of(town) == []


async def test_looked_at_again_by_who_had_no_part(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen)
    again = chen.button("再看一次")
    await chen.taps("再看一次")
    wu.hears("请重新看", "不能接单", "不说别人的私事")
    assert "请重新看" not in lin.everything
    await wu.taps("改过来", "不写，就这样")
    chen.hears("改过来了，您现在可以照常用")
    assert await all_of(town) == []
    await chen.forges(again)
    assert "旧的" in chen.toast


async def test_the_one_list_and_an_earlier_end(town: Town) -> None:
    chen = await town.volunteer("小陈")
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen)
    await lin.taps("看限制名单")
    lin.hears("现在的限制")
    await lin.taps("小陈")
    end = lin.button("现在就解除")
    for somebody in (chen, await town.newcomer("伊芙")):
        await somebody.forges(end)
        somebody.hears("不是给您的")
    await wu.forges(end)
    chen.hears("又可以接单、上岗了")
    assert await all_of(town) == []


async def test_the_longest_ends_by_itself_and_nothing_of_it_is_kept(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    lin, wu = await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen, length="三个月")
    await wu.taps("同意")
    await town.later(hours=24 * 90 - 1)
    assert len(await all_of(town)) == 1
    await town.later(hours=1)
    chen.has_heard("又可以接单、上岗了")
    assert await all_of(town) == []


async def test_in_english_and_gone_with_her(town: Town) -> None:
    lin = await town.member("Lin", "en")
    ann = await town.volunteer("Ann", "Small repairs", language="en")
    await ask(town)
    person_id = await id_of(town, ann)
    await lin.forges(f"v1:restrict.begin:{person_id}:0")
    await lin.taps("Take requests", "Kind words", "A week", "Decide it so")
    ann.hears("you cannot take requests", "speak kindly", "It ends by itself")
    await ann.says("/mydata")
    await ann.taps("Erase", "Erase everything")
    assert await all_of(town) == []


async def test_nobody_restricts_herself_or_from_outside(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    begin = f"v1:restrict.begin:{await id_of(town, lin)}:0"
    await lin.forges(begin)
    lin.hears("和您自己有关")
    eve = await town.newcomer("伊芙")
    await eve.forges(f"v1:restrict.begin:{await id_of(town, mei)}:0")
    eve.hears("不是给您的")
    assert await all_of(town) == []


async def test_week_after_week_is_not_one_persons_to_decide(town: Town) -> None:
    """What has just ended, or was found wrong, is not begun again by one alone."""
    chen, lin, wu = await town.volunteer("小陈"), await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen)
    [held] = await all_of(town)
    await wu.forges(f"v1:restrict.end:{held.id}:0")
    told = chen.everything
    await restricts(town, lin, chen)
    [again] = await all_of(town)
    assert again.since is None
    assert chen.everything == told
    wu.hears("小陈", "林站长")
    await wu.taps("不同意")
    await town.later(hours=24 * 7, minutes=1)
    await restricts(town, lin, chen)
    assert [one.since is not None for one in await all_of(town)] == [True]


async def test_a_yes_that_comes_after_the_proposal_lapsed_holds_nothing(either_town: Town) -> None:
    town = either_town
    chen, lin, wu = await town.volunteer("小陈"), await town.member("林站长"), await town.member("小吴")
    await ask(town)
    await restricts(town, lin, chen, length="一个月")
    [held] = await all_of(town)
    wus = await id_of(town, wu)
    town.clock.advance(3 * 24 * 3600)
    async with town.store.transaction() as session:
        with pytest.raises(OldButton):
            restrictions.second(session, session.get_one(Restriction, held.id), wus)
    await town.settle()
    assert await all_of(town) == []
    assert "不能接单" not in chen.everything
