"""Health, money, family and children: noted only with a yes of its own, and seen by fewer."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import cases, people
from bot.community.cases import Case, State
from bot.community.events import Kind, happened
from bot.errors import OldButton
from privacy import consent
from privacy.access_log import Access
from privacy.ledger import ConsentEvent
from privacy.opening import Closed, Reason
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


async def the_case(town: Town) -> tuple[str, str, bool, list[tuple[str, str, str]]]:
    """Story, what lies apart (of a child, or of health), whether it is of a child, and the consents about this case."""
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        lines = session.exec(select(ConsentEvent).where(ConsentEvent.scope == case.id)).all()
        said = [(line.purpose, line.status, line.by) for line in lines]
        asker = people.get(session, case.person_id)
        story, more, minor = (
            cases.told_by(session, case, asker, column=column) for column in ("story", "sensitive", "minor")
        )
        return story, minor + more, case.of_a_child, said


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
    assert (await the_case(town))[:2] == ("", "")


async def test_a_no_leaves_the_line_out_and_she_is_helped_all_the_same(town: Town) -> None:
    mei = await told(town, "买一袋米", ILL)
    await mei.taps("不记，当面说")
    await sent(mei)
    assert await the_case(town) == ("买一袋米", "", False, [])


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
    lin, zhou, chen = await town.member("林站长"), await town.member("周工"), await town.volunteer("小陈")
    mei = await told(town, SCHOOL)
    mei.hears("监护人", "7 天", SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    mei.hears("先和您商量", "不去问志愿者")
    assert await the_case(town) == ("", SCHOOL, True, [("guardian", "given", "self")])
    lin.hears("涉及孩子", "另一位同事也点头")
    assert "二年级" not in lin.everything + zhou.everything
    old = lin.button("由我们办")
    assert "放行，去问邻居" not in lin.last.labels
    await lin.forges(old.replace("review.ours", "review.approve"))
    await town.later(hours=3)
    assert "二年级" not in chen.everything
    await lin.taps("由我们办")
    mei.hears("由工作人员来办", "先跟您商量")
    await mei.taps("办好了")
    await town.later(hours=24 * 8)
    assert (await the_case(town))[:2] == ("", "")


@pytest.mark.parametrize(("words", "yes", "days"), [(SCHOOL, "我是监护人，同意", 7), (ILL, "同意记下", 30)])
async def test_past_their_time_they_open_for_nobody_even_when_no_sweep_comes(
    town: Town, words: str, yes: str, days: int
) -> None:
    mei = await told(town, words)
    await mei.taps(yes)
    await sent(mei)
    await mei.taps("撤回", "撤回")
    town.clock.advance(days * 86_400 - 60)
    assert (await the_case(town))[1] == words
    town.clock.advance(120)
    with pytest.raises(Closed) as closed:
        await the_case(town)
    assert closed.value.reason is Reason.KEPT


async def test_what_is_told_of_a_child_opens_for_a_day_once_a_second_member_of_staff_agrees(
    either_town: Town,
) -> None:
    town = either_town
    lin, zhou, chen = await town.member("林站长"), await town.member("周工"), await town.volunteer("小陈")
    mei = await told(town, SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    await lin.taps("请同事点头")
    assert "问同事了" in lin.toast
    zhou.hears("林站长", "想看里面说孩子的话")
    before = len(zhou.phone.heard)
    await lin.taps("请同事点头", "请同事点头")  # once is enough
    assert len(zhou.phone.heard) == before
    agree = zhou.button("同意")
    for somebody in (lin, chen, mei):  # neither she herself nor who is no staff
        await somebody.forges(agree)
    assert "二年级" not in lin.everything
    await zhou.taps("同意")
    zhou.hears("您点头了", "林站长")
    lin.hears(SCHOOL)
    before = len(lin.phone.heard)
    await zhou.forges(agree)
    assert len(lin.phone.heard) == before
    assert "二年级" not in zhou.everything
    async with town.store.transaction() as session:
        opened = {(line.part, line.kind) for line in session.exec(select(Access)).all()}
        assert ("moderator", "minor") in opened
        assert happened(session, session.exec(select(Case.id)).one(), Kind.VOUCHED)
    await lin.taps("由我们办")
    lin.hears(SCHOOL)
    await town.later(hours=25)
    await lin.forges(agree.replace("review.second", "review.look"))
    assert "二年级" not in lin.last.text


async def test_a_child_is_never_offered_to_volunteers_whatever_comes_of_it(town: Town) -> None:
    lin, _, chen = await town.member("林站长"), await town.member("周工"), await town.volunteer("小陈")
    mei = await told(town, "买一袋米", SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    await lin.taps("由我们办")
    await town.later(hours=48)
    await mei.taps("还没有")
    mei.hears("会接着办")
    assert "由我们办" in lin.last.text
    await town.later(hours=48)
    assert "买一袋米" not in chen.everything
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        assert case.state == State.HANDLED
        for to in (State.OPEN, State.NOBODY, State.ENGAGED):
            with pytest.raises(OldButton):
                cases.move(session, case, to, Kind.ACCEPTED, actor=None)
    await lin.taps("处理好了")
    mei.hears("工作人员已经处理")


async def test_a_photo_of_a_child_waits_for_the_second_too(town: Town) -> None:
    lin, zhou = await town.member("林站长"), await town.member("周工")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "修小东西", "明天")
    await mei.says(SCHOOL)
    await mei.sends("photo")
    await mei.taps("下一步", "我是监护人，同意")
    await sent(mei)
    assert all(seen.kind != "photo" for somebody in (lin, zhou) for seen in somebody.phone.heard)
    await lin.taps("请同事点头")
    await zhou.taps("同意")
    assert [seen.kind for seen in lin.phone.heard].count("photo") == 1
    assert all(seen.kind != "photo" for seen in zhou.phone.heard)


async def test_told_again_after_a_no_of_staff_private_words_stay_together(town: Town) -> None:
    lin = await town.member("林站长")
    whole = "我得了癌症\n只剩半年了，想有人陪我说说话"
    mei = await told(town, "买一袋米", whole)
    await mei.taps("同意记下")
    await sent(mei)
    await lin.taps("不发", "不能办", "要付钱的活", "告诉邻居")
    assert (await the_case(town))[3][-1] == ("sensitive", "expired", "service")
    await mei.taps("改了再发")
    await mei.taps("下一步")
    mei.hears("身体、钱或家里的难处", "想有人陪我说说话")
    await mei.taps("不记，当面说")
    await sent(mei)
    async with town.store.transaction() as session:
        case = session.exec(select(Case).order_by(Case.number.desc())).first()  # type: ignore[attr-defined]  # SQLModel types columns as their values
        assert case is not None
        assert cases.told_by(session, case, people.get(session, case.person_id)) == "买一袋米"


async def test_who_is_alone_on_duty_is_told_what_to_do_instead(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await told(town, SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    await lin.taps("请同事点头")
    assert "没有别的同事在班" in lin.toast
    assert "二年级" not in lin.everything


async def test_what_is_not_about_a_child_is_a_need_like_any_other(town: Town) -> None:
    await town.member("林站长")
    mei = await told(town, "孩子大了用不上的书，帮我搬下楼")
    await mei.taps("说的不是孩子")
    await sent(mei)
    assert await the_case(town) == ("孩子大了用不上的书，帮我搬下楼", "", False, [])


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
    noted = ILL if choice == "同意记下" else ""
    assert (await the_case(town))[:2] == ("买一袋米\n十斤的", noted)
    assert ("糖尿病" in lin.last.text) is bool(noted)


async def test_taken_back_it_vanishes_from_every_chat_and_nothing_opens_it_again(either_town: Town) -> None:
    town = either_town
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    mei = await told(town, "买一袋米", ILL)
    await mei.taps("同意记下")
    await sent(mei)
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    chen.hears(ILL)
    await mei.starts()
    await mei.taps("我的资料", "收回同意", "收回 YS-0001 那几句")
    mei.hears("马上删掉", "都看不到了", "事情不停")
    assert "糖尿病" in chen.everything  # nothing has happened yet
    await mei.taps("收回")
    mei.hears("收回了", "谁也看不到了")
    assert "糖尿病" not in chen.everything + lin.last.text
    chen.hears("收回了只给您看的那几句")
    await chen.taps("看这件事")
    chen.hears("买一袋米")
    assert "糖尿病" not in chen.everything
    story, more, _, said = await the_case(town)
    assert (story, more, said[-1]) == ("买一袋米", "", ("sensitive", "withdrawn", "self"))


async def test_older_cards_of_staff_lose_it_too(town: Town) -> None:
    """Staff get a card more than once; when the yes is taken back, and when its time is over, none shows it."""
    lin = await town.member("林站长")
    mei = await told(town, "买一袋米", ILL)
    await mei.taps("同意记下")
    await sent(mei)
    await town.later(hours=30)  # reminded of the promise, by a card anew
    assert lin.everything.count(ILL) > 1
    assert (
        sum("放行，去问邻居" in seen.labels for seen in lin.phone.heard) == 1
    )  # only the newest can be tapped
    before = lin.everything.count(ILL)
    await lin.starts()
    await lin.taps("看待办", "YS-0001")  # and drawn by a tap, over the list
    assert lin.everything.count(ILL) == before + 1
    await mei.starts()
    await mei.taps("我的资料", "收回同意", "收回 YS-0001 那几句", "收回")
    assert "糖尿病" not in lin.everything
    lin.hears("买一袋米")  # and what is left of it is before her

    wang = await told(town, ILL, name="王伯")
    await wang.taps("同意记下")
    await sent(wang)
    assert "糖尿病" in lin.everything
    await wang.taps("撤回", "撤回")
    await town.later(hours=24 * 31)
    assert "糖尿病" not in lin.everything


async def test_a_guardian_takes_back_what_is_told_of_a_child(town: Town) -> None:
    lin, _ = await town.member("林站长"), await town.member("周工")
    mei = await told(town, SCHOOL)
    await mei.taps("我是监护人，同意")
    await sent(mei)
    lin.hears("另一位同事也点头")
    await mei.starts()
    await mei.taps("我的资料", "收回同意", "收回 YS-0001 孩子那句", "收回")
    assert "点头" not in next(seen.text for seen in lin.phone.heard if "YS-0001" in seen.text)
    assert (await the_case(town))[1:3] == ("", True)


async def test_what_she_answers_in_one_message_stays_together(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await told(town, "买一袋米")
    await sent(mei)
    await lin.taps("问清楚")
    await lin.says("急不急？")
    await mei.taps("回答")
    await mei.says("我得了癌症\n只剩半年了")
    await mei.taps("就这样发", "同意记下")
    assert (await the_case(town))[:2] == ("买一袋米", "我得了癌症\n只剩半年了")


async def test_an_old_button_changes_nothing(town: Town) -> None:
    mei = await told(town, ILL)
    old = mei.button("同意记下")
    await mei.taps("不记，当面说")
    await mei.forges(old)
    await mei.forges(old.replace("=keep", "=anything"))
    await sent(mei)
    assert (await the_case(town))[:2] == ("", "")


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
