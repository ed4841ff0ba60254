"""Health, money, family and children: noted only with a yes of its own, and seen by fewer."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community.cases import Case, sensitive_of, story_of
from privacy import consent
from privacy.ledger import ConsentEvent
from tests.town import Neighbour, Town

ILL = "我有糖尿病，胰岛素要冷藏"
SCHOOL = "孩子上二年级，四点半没人接"


async def told(town: Town, *words: str, name: str = "李阿姨") -> Neighbour:
    """Everything is told, and what must be asked is asked."""
    mei = await town.newcomer(name, area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "修小东西", "明天")
    await mei.says(*words)
    await mei.taps("下一步")
    return mei


async def sent(mei: Neighbour) -> None:
    await mei.taps("不写门牌", "不要", "发出求助")
    mei.hears("收到了")


async def the_case(town: Town) -> tuple[str, str | None, bool, list[tuple[str, str, str]]]:
    """Story, what lies apart, whether it is of a child, and the consents about this case."""
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        lines = session.exec(select(ConsentEvent).where(ConsentEvent.scope == case.id)).all()
        said = [(line.purpose, line.status, line.by) for line in lines]
        return story_of(session, case), sensitive_of(session, case), case.of_a_child, said


async def test_a_line_on_health_is_asked_about_and_seen_by_staff_and_the_helper_only(
    either_town: Town,
) -> None:
    town = either_town
    lin, chen, wang = await town.member("林站长"), await town.volunteer("小陈"), await town.volunteer("小王")
    mei = await told(town, "买一袋米", ILL)
    mei.hears("身体、钱或家里的难处", ILL, "30 天", "不同意也照样帮您")
    assert "买一袋米" not in mei.last.text
    await mei.taps("同意记下")
    await mei.taps("不写门牌", "不要")
    mei.hears("买一袋米", "只给工作人员和接单人看", ILL)
    await mei.taps("发出求助")
    assert await the_case(town) == ("买一袋米", ILL, False, [("sensitive", "given", "self")])
    lin.hears(ILL, "另外同意才记")
    await lin.taps("放行")
    await town.settle()
    assert "糖尿病" not in chen.everything + wang.everything
    await chen.taps("我来", "确认接单")
    chen.hears(ILL, "只给您看的")
    assert "糖尿病" not in wang.everything
    await chen.taps("办好了")
    await mei.taps("办好了")
    assert "糖尿病" not in chen.everything
    assert (await the_case(town))[3][-1] == ("sensitive", "expired", "service")
    await town.later(hours=24 * 31)
    assert (await the_case(town))[:2] == ("", None)


async def test_a_no_leaves_the_line_out_and_she_is_helped_all_the_same(town: Town) -> None:
    mei = await told(town, "买一袋米", ILL)
    await mei.taps("不记，当面说")
    await sent(mei)
    assert await the_case(town) == ("买一袋米", None, False, [])


async def test_words_answer_too_and_more_of_them_are_more_of_the_story(town: Town) -> None:
    mei = await told(town, ILL)
    await mei.says("还要一把葱", "家里吃低保")
    mei.hears(ILL, "吃低保")
    await mei.says("好的")
    await sent(mei)
    assert (await the_case(town))[:2] == ("还要一把葱", f"{ILL}\n家里吃低保")


async def test_what_is_added_on_the_last_page_is_asked_about_before_it_goes_out(town: Town) -> None:
    mei = await told(town, "买一袋米")
    await mei.taps("不写门牌", "不要")
    await mei.says(ILL)
    await mei.taps("发出求助")
    mei.hears("身体、钱或家里的难处", ILL)
    await mei.taps("同意记下", "发出求助")
    assert (await the_case(town))[1] == ILL


async def test_a_child_needs_a_guardian_and_no_volunteer_is_asked(town: Town) -> None:
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    mei = await told(town, SCHOOL)
    mei.hears("监护人", "7 天", SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    assert await the_case(town) == ("", SCHOOL, True, [("guardian", "given", "self")])
    lin.hears("涉及孩子", SCHOOL)
    old = lin.button("由我们办")
    assert "放行，去问邻居" not in lin.last.labels
    await lin.forges(old.replace("review.ours", "review.approve"))
    await town.later(hours=3)
    assert "二年级" not in chen.everything
    await lin.taps("由我们办")
    mei.hears("由工作人员来办", "先跟您商量")
    await mei.taps("办好了")
    await town.later(hours=24 * 8)
    assert (await the_case(town))[:2] == ("", None)


async def test_what_is_not_about_a_child_is_a_need_like_any_other(town: Town) -> None:
    await town.member("林站长")
    mei = await told(town, "孩子大了用不上的书，帮我搬下楼")
    await mei.taps("说的不是孩子")
    await sent(mei)
    assert await the_case(town) == ("孩子大了用不上的书，帮我搬下楼", None, False, [])


async def test_a_child_and_health_are_two_questions_and_two_consents(town: Town) -> None:
    mei = await told(town, SCHOOL, "我在住院")
    mei.hears("监护人", SCHOOL)
    assert "住院" not in mei.last.text
    await mei.taps("我是监护人，同意")
    mei.hears("身体、钱或家里的难处", "住院")
    assert SCHOOL not in mei.last.text
    await mei.taps("同意记下")
    await sent(mei)
    assert {said[0] for said in (await the_case(town))[3]} == {"guardian", "sensitive"}


@pytest.mark.parametrize("choice", ["同意记下", "不记，当面说"])
async def test_what_she_answers_to_staff_is_asked_about_too(town: Town, choice: str) -> None:
    lin = await town.member("林站长")
    mei = await told(town, "买一袋米")
    await sent(mei)
    await lin.taps("问清楚")
    await lin.says("多大一袋？")
    await mei.taps("回答")
    await mei.says("十斤的", ILL)
    await mei.taps("就这样发")
    mei.hears("身体、钱或家里的难处", ILL)
    await mei.taps(choice)
    if choice == "不记，当面说":
        await mei.taps("就这样发")
    noted = ILL if choice == "同意记下" else None
    assert (await the_case(town))[:2] == ("买一袋米\n十斤的", noted)
    assert ("糖尿病" in lin.last.text) is (noted is not None)


async def test_an_old_button_changes_nothing(town: Town) -> None:
    mei = await told(town, ILL)
    old = mei.button("同意记下")
    await mei.taps("不记，当面说")
    await mei.forges(old)
    await mei.forges(old.replace("=keep", "=anything"))
    await sent(mei)
    assert (await the_case(town))[:2] == ("", None)


async def test_without_a_live_consent_the_helper_is_not_told(town: Town) -> None:
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    mei = await told(town, "买一袋米", ILL)
    await mei.taps("同意记下")
    await sent(mei)
    await lin.taps("放行")
    await town.settle()
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        consent.withdraw(
            session, person_id=case.person_id, purpose="sensitive", scope=case.id, at=town.clock.now()
        )
    await chen.taps("我来", "确认接单")
    assert "糖尿病" not in chen.everything
