"""Two who would rather not meet again are not brought together; it is nobody's business but hers who said so."""

from __future__ import annotations

from sqlmodel import select

from bot.community import erasing, pairs, people
from bot.community.pairs import Pair
from tests.flows.standing import person_of
from tests.flows.test_close import engaged
from tests.flows.test_desk import at_desk
from tests.town import Neighbour, Town


async def again(town: Town, mei: Neighbour, lin: Neighbour) -> None:
    """The same neighbour asks for the same help once more."""
    await town.later(hours=30)
    await mei.starts()
    await mei.taps("请人帮忙", "修小东西", "都行", "没有了", "不写门牌", "不要", "发出求助")
    await lin.taps("放行")
    await town.settle()


async def test_the_asker_says_so_and_the_two_are_not_brought_together(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await mei.taps("办好了", "别再安排我和这位")
    mei.hears("以后不安排您和这位", "对方不会知道")
    before = chen.everything
    await again(town, mei, lin)
    assert chen.everything == before


async def test_the_helper_says_so(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await mei.taps("办好了")
    chen.hears("谢谢您搭把手")
    await chen.taps("别再安排我和这位")
    chen.hears("以后不安排")
    assert "不安排" not in mei.everything
    before = chen.everything
    await again(town, mei, lin)
    assert chen.everything == before


async def test_after_she_asked_for_somebody_else(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.taps("换个人", "换一位")
    await mei.taps("别再安排我和这位")
    mei.hears("以后不安排")
    await town.settle()
    await chen.starts()
    await chen.taps("看看谁要帮忙")
    chen.hears("现在没有您会帮")


async def test_taken_back_at_once_or_later(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await mei.taps("办好了", "别再安排我和这位", "还是可以安排")
    mei.hears("改回来了")
    async with town.store.transaction() as session:
        assert session.exec(select(Pair)).all() == []
    await mei.taps("回首页", "我的资料", "改一改")
    assert "不再安排" not in mei.last.text
    await chen.taps("别再安排我和这位")
    await chen.taps("回首页", "我的资料", "改一改")
    chen.hears("不再安排一起的邻居：1 位")
    await chen.taps("都可以再安排了")
    assert "不再安排" not in chen.last.text
    await again(town, mei, lin)
    chen.hears("您登记了")


async def test_only_the_two_of_them_and_not_while_they_are_together(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    data = chen.button("出发了").split(":")
    forged = ":".join([data[0], "claim.apart", *data[2:]])
    for one in (mei, chen):
        await one.forges(forged)
        assert "旧的" in one.toast
    await lin.forges(forged)
    lin.hears("不是给您的")
    async with town.store.transaction() as session:
        assert session.exec(select(Pair)).all() == []


async def test_whom_she_would_not_meet_goes_with_her(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await engaged(town)
    await mei.taps("办好了", "别再安排我和这位")
    await chen.taps("别再安排我和这位")
    await town.later(hours=1)
    await mei.starts()
    await mei.taps("我的资料", "删除", "全部删除")
    async with town.store.transaction() as session:
        assert session.exec(select(Pair)).all() == []


async def test_in_english(town: Town) -> None:
    mei, _, _ = await engaged(town)
    await mei.starts()
    await mei.taps("设置", "English")
    await mei.starts()
    await mei.taps("My requests", "YS-0001", "Done", "Don't pair us again")
    mei.hears("not brought together again", "The other is not told")
    async with town.store.transaction() as session:
        [pair] = session.exec(select(Pair)).all()
        assert (pair.why, pairs.apart_from(session, pair.one)) == ("blocked", {pair.other})


async def test_the_button_means_the_one_it_was_shown_for(town: Town) -> None:
    """Another has come and gone since: it is still the first she would not meet again."""
    mei, chen, _ = await engaged(town)
    zhao = await town.volunteer("小赵")
    await mei.taps("换个人", "换一位")
    old = mei.button("别再安排我和这位")
    await town.later(hours=3)
    await zhao.taps("我来", "确认接单")
    await zhao.taps("去不了了", "临时有事")
    await mei.forges(old)
    async with town.store.transaction() as session:
        first, second = [people.find(session, one.phone.user.id) for one in (chen, zhao)]
        assert first is not None and second is not None  # noqa: PT018
        asker = people.find(session, mei.phone.user.id)
        assert asker is not None
        assert pairs.apart_from(session, asker.id) == {first.id}


# --- ties


async def test_a_tie_is_written_down_where_the_two_met_and_neither_is_asked_for_the_other(
    either_town: Town,
) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    await mei.taps("办好了")
    await chen.taps("我们是自己人")
    chen.hears("您和这位是自己人", "对方不会知道")
    assert "自己人" not in mei.everything
    async with town.store.transaction() as session:
        hers, his = (person_of(town, one).id for one in (mei, chen))
        assert pairs.tied(session, hers, his)
        assert pairs.tied(session, his, hers)
        assert pairs.said_by(session, his) == []
    before = chen.everything
    await again(town, mei, lin)
    assert chen.everything == before
    await chen.says("/mydata")
    await chen.taps("改一改", "和我有关系的邻居")
    chen.hears("现在写着 1 位")
    await chen.taps("都去掉")
    assert "现在写着" not in chen.last.text
    async with town.store.transaction() as session:
        assert not pairs.tied(session, hers, his)


async def test_a_tie_of_the_asker_is_taken_back_at_once(town: Town) -> None:
    mei, _, _ = await engaged(town)
    await mei.taps("办好了", "我们是自己人", "点错了")
    mei.hears("改回来了")
    async with town.store.transaction() as session:
        assert session.exec(select(Pair)).all() == []


async def test_staff_write_down_a_tie_at_the_desk_on_her_word(town: Town) -> None:
    lin = await town.member("林站长")
    mei, chen = await town.newcomer("李阿姨"), await town.newcomer("小陈")
    await at_desk(lin, "李阿姨", "电话说的")
    await lin.taps("有关系的人")
    await lin.says("没有这个人")
    lin.hears("没有找到")
    for _ in range(2):
        await town.newcomer("小吴")
    await lin.says("小吴")
    lin.hears("不止一位")
    await lin.says("小陈")
    mei.hears("按您电话里说的", "写下了一位和您有关系的邻居")
    assert "有关系" not in chen.everything
    async with town.store.transaction() as session:
        hers, his = (person_of(town, one).id for one in (mei, chen))
        assert pairs.tied(session, his, hers)
        pairs.part(session, his, hers, pairs.Why.TIE)  # he has said so too, for himself
    await lin.taps("有关系的人")
    await lin.says("小陈")
    mei.hears("去掉了一位")
    async with town.store.transaction() as session:
        assert pairs.said_by(session, hers, pairs.Why.TIE) == []
        assert pairs.tied(session, hers, his)
        erasing.erase_person(session, his)
        assert not pairs.tied(session, hers, his)


async def test_ties_in_english(town: Town) -> None:
    may = await town.newcomer("May", "en")
    await may.says("/mydata")
    await may.taps("Change it", "Close to me")
    may.hears("not asked to help each other", "or tell staff")


async def test_nobody_is_tied_to_somebody_she_has_not_met(town: Town) -> None:
    _, chen, _ = await engaged(town)
    bo = await town.newcomer("小博")
    data = chen.button("出发了").split(":")
    await bo.forges(":".join([data[0], "claim.tie", *data[2:]]))
    bo.hears("这个按钮不是给您的")
    await chen.forges(":".join([data[0], "claim.tie", *data[2:]]))
    async with town.store.transaction() as session:
        assert session.exec(select(Pair)).all() == []
