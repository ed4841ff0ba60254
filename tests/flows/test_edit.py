"""What volunteers read is changed by the writer, or with her yes; before that no card changes."""

from __future__ import annotations

from sqlmodel import select

from bot.community import cases, events
from bot.community.cases import Case
from bot.community.events import Kind
from tests.flows.test_claim import approved
from tests.flows.test_decide import only_case
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town

BETTER = "换一个灯，要用梯子"


async def proposed(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """It is out, and staff would put it otherwise."""
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    await lin.taps("别的", "换个写法")
    lin.hears("够不着", "邻居点头才换")
    await lin.says(BETTER)
    await lin.taps("去问邻居")
    return mei, chen, lin


async def story(town: Town, mei: Neighbour) -> str:
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        return cases.told_by(session, case, one_of(session, mei))


async def test_only_her_yes_changes_the_cards(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await proposed(town)
    mei.hears(BETTER, "够不着", "您点头才换")
    assert BETTER not in chen.everything
    chen.has_heard("够不着")
    await mei.taps("好，就这样")
    mei.hears("换好了")
    chen.has_heard(BETTER)
    assert "够不着" not in chen.everything
    lin.hears("邻居点头了", BETTER)
    assert await story(town, mei) == BETTER
    await chen.taps("我来")
    case = await only_case(town)
    async with town.store.transaction() as session:
        codes = [line.code for line in events.of_case(session, case.id) if line.kind == Kind.EDITED]
    assert (case.proposed, codes) == (None, ["proposed", "agreed"])


async def test_she_leaves_it_and_staff_decide(town: Town) -> None:
    mei, chen, lin = await proposed(town)
    yes = mei.button("好，就这样")
    await mei.taps("照原来的")
    mei.hears("照原来的", "工作人员来定")
    lin.hears("邻居想照原来的")
    assert BETTER not in chen.everything
    await mei.forges(yes)
    assert "旧的" in mei.toast
    assert "够不着" in await story(town, mei)


async def test_her_own_words_without_numbers_and_nothing_private(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await proposed(town)
    await mei.taps("我自己写")
    await mei.says("我有糖尿病，换不了灯")
    mei.hears("卡片上先不写")
    await mei.says("换厨房的灯，打 13812345678")
    mei.hears("换厨房的灯，打 ▇▇▇")
    await mei.taps("就这样换")
    chen.has_heard("换厨房的灯")
    assert "13812345678" not in chen.everything
    assert "糖尿病" not in chen.everything
    assert "够不着" not in await story(town, mei)


async def test_in_english_before_it_goes_out(town: Town) -> None:
    lin = await town.member("Lin", "en")
    ann = await town.newcomer("Ann", "en", area="b2")
    await ann.says("my lamp is broken, I cannot reach it")
    await ann.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("More", "Put it better")
    await lin.says("A bulb to change, a ladder is needed")
    await lin.taps("Ask the neighbour")
    ann.hears("A bulb to change", "only with your yes")
    await ann.taps("Yes, like this")
    lin.has_heard("the neighbour said yes")
    assert await story(town, ann) == "A bulb to change, a ladder is needed"


async def test_others_change_nothing_and_what_has_ended_stays(town: Town) -> None:
    mei, chen, lin = await proposed(town)
    yes = mei.button("好，就这样")
    for somebody in (chen, lin, await town.newcomer("伊芙")):
        await somebody.forges(yes)
        somebody.hears("不是给您的")
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    await mei.forges(yes)
    assert "够不着" in await story(town, mei)
    await town.later(hours=24 * 31)
    case = await only_case(town)
    assert (case.story, case.proposed) == (None, None)


async def test_who_proposed_it_does_not_say_yes_in_her_name(town: Town) -> None:
    mei, _, lin = await proposed(town)
    wu = await town.member("吴")
    yes = mei.button("好，就这样")
    before = await story(town, mei)
    for one in (lin, wu):
        await at_desk(one, "李阿姨")
        await one.taps("替这位求助、帮忙", "刚才")
        await one.forges(yes)
        assert (await story(town, mei) == before) == (one is lin)
    lin.has_heard("和您自己有关")
