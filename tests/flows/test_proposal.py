"""Once a week the few who could are asked about the shifts nobody comes to; what stays empty becomes a need."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.community import claims, pairs, posts, proposals, shifts
from bot.community.cases import Case
from bot.community.people import Person
from bot.handlers.claim.service import engage
from tests.flows.standing import WEDNESDAYS, an_open_post, coming, holds, in_pool, person_of, shifts_of
from tests.town import Neighbour, Town

MORNINGS = sum(1 << 3 * day for day in range(7))


async def until_thursday(town: Town) -> None:
    """From Monday nine o'clock to Thursday ten o'clock."""
    await town.settle()
    await town.later(hours=73)


async def a_pupil_of(town: Town, *names: str, language: str = "zh", **limits: int) -> list[Neighbour]:
    """Neighbours who would help with telephones."""
    people = [await town.newcomer(name, language) for name in names]
    for one in people:
        await in_pool(town, one, "dig_phone", **limits)
    return people


async def rows_of(town: Town, table: str) -> int:
    async with town.store.transaction() as session:
        return int(session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())


async def test_on_thursday_whoever_could_is_asked_and_a_yes_takes_the_place(town: Town) -> None:
    (lin,) = await a_pupil_of(town, "Lin")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await town.settle()
    await town.later(hours=72)
    assert "这一班还空着" not in lin.everything
    await town.later(hours=1)
    lin.hears("手机课堂", "12 月 2 日（周三）15:00–16:30", "为什么问您：您填过「", "不来也没关系")
    await lin.taps("可以")
    lin.hears("排上了", "12 月 2 日")
    assert await coming(town, (await shifts_of(town, post))[0]) == 1
    assert await rows_of(town, "proposal") == 0


async def test_in_english(town: Town) -> None:
    (lin,) = await a_pupil_of(town, "Lin", language="en")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    lin.hears("Phone class", "This shift is still empty", "Why you: you offered", "a no is fine too")
    await lin.taps("Yes")
    lin.hears("You are on it")


async def test_a_no_leaves_nothing_and_another_is_asked(town: Town) -> None:
    boss = await town.member("Wang")
    pupils = await a_pupil_of(town, "Lin", "Chen")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    (first,) = [one for one in pupils if "这一班还空着" in one.everything]
    (other,) = [one for one in pupils if one is not first]
    await first.taps("这次不行")
    first.hears("没关系")
    assert await rows_of(town, "proposal") == 0
    await town.later(minutes=1)
    other.hears("这一班还空着")
    assert "还缺 1 人" not in boss.everything
    await other.taps("这次不行")
    await town.later(minutes=1)
    boss.has_heard("还缺 1 人", "手机课堂", "没有别的人说过这个时候能来")
    assert await coming(town, (await shifts_of(town, post))[0]) == 0


async def test_silence_is_a_no_after_two_days(town: Town) -> None:
    boss = await town.member("Wang")
    (lin,) = await a_pupil_of(town, "Lin")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    await town.later(hours=47)
    assert "还缺" not in boss.everything
    await town.later(hours=2)
    boss.has_heard("还缺 1 人")
    await lin.taps("可以")  # the place is still free, so a late yes is as good
    lin.hears("排上了")


async def test_who_has_said_mornings_is_not_asked_for_the_afternoon(town: Town) -> None:
    boss = await town.member("Wang")
    (lin,) = await a_pupil_of(town, "Lin", hours=MORNINGS)
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    await until_thursday(town)
    assert "这一班" not in lin.everything
    boss.has_heard("还缺 2 人", "没有别的人说过这个时候能来")


async def test_nobody_is_asked_more_often_than_she_wishes(town: Town) -> None:
    boss = await town.member("Wang")
    (lin,) = await a_pupil_of(town, "Lin", asks=1)
    await an_open_post(town, "P-PHONE", days=0b10110, slots=1)  # Tuesday, Wednesday, Friday
    await until_thursday(town)
    assert lin.everything.count("这一班还空着") == 1
    boss.has_heard("能来的人都问过了")


async def test_a_credential_staff_have_not_seen_asks_nobody(town: Town) -> None:
    boss = await town.member("Wang")
    lin = await town.newcomer("Lin")
    await in_pool(town, lin, "pap_form")
    await an_open_post(town, "P-FORM", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    assert "这一班" not in lin.everything
    boss.has_heard("填表帮办岗", "要看的证件还没有看过")


async def test_where_a_page_is_to_be_agreed_to_only_the_people_of_the_post_are_asked(town: Town) -> None:
    lin, chen = await town.newcomer("Lin"), await town.newcomer("Chen")
    for one in (lin, chen):
        await in_pool(town, one, "law_advice")
        await town.knows(one, "lawyer")
    post = await an_open_post(town, "P-LAW", slots=1)
    await holds(town, lin, post)
    async with town.store.transaction() as session:
        second = shifts.ahead(session, post)[1]
        place = shifts.place_of(session, second.id, person_of(town, lin).id)
        assert place is not None
        shifts.decline(session, second, place)
    await until_thursday(town)
    assert "这一班还空着" not in chen.everything + lin.everything


async def test_what_stays_empty_is_asked_of_everybody_and_who_takes_it_has_the_shift(town: Town) -> None:
    boss = await town.member("Wang")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    boss.has_heard("还缺 1 人")
    (bo,) = await a_pupil_of(town, "Bo")
    await boss.taps("问大家")
    boss.hears("发出去了", "用的是您的名字")
    await town.later(minutes=1)
    bo.hears("手机课堂缺一个人")
    (shift, *_) = await shifts_of(town, post)
    await bo.taps("我来", "确认接单")
    await town.later(minutes=1)
    bo.has_heard("就是这一班，给您排上了")
    assert await coming(town, shift) == 1


async def test_where_somebody_else_comes_nobody_is_asked_any_more(town: Town) -> None:
    boss = await town.member("Wang")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    await boss.taps("问大家")
    (bo,) = await a_pupil_of(town, "Bo")
    await town.later(minutes=1)
    await holds(town, bo, post)
    await town.later(minutes=1)
    boss.has_heard("不用再问，已经替您撤回")


async def test_whoever_gives_the_need_back_gives_the_shift_back(town: Town) -> None:
    boss = await town.member("Wang")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    (bo,) = await a_pupil_of(town, "Bo")
    await boss.taps("问大家")
    await town.later(minutes=1)
    await bo.taps("我来", "确认接单")
    await town.later(minutes=1)
    (shift,) = (await shifts_of(town, post))[:1]
    assert await coming(town, shift) == 1
    await bo.taps("去不了了", "临时有事")
    await town.later(minutes=1)
    assert await coming(town, shift) == 0


async def test_nobody_is_woken_for_it(town: Town) -> None:
    pupils = await a_pupil_of(town, "Lin", "Chen")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    (first,) = [one for one in pupils if "这一班还空着" in one.everything]
    (other,) = [one for one in pupils if one is not first]
    await town.later(hours=12.5)  # half past ten in the evening
    await first.taps("这次不行")
    await town.later(hours=1)
    assert "这一班还空着" not in other.everything
    await town.later(hours=8.5)
    other.has_heard("这一班还空着")


async def test_two_who_want_the_last_place(either_town: Town) -> None:
    town = either_town
    lin, chen = await a_pupil_of(town, "Lin", "Chen")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    await until_thursday(town)
    async with town.store.transaction() as session:
        (shift,) = shifts.ahead(session, post)[:1]
        shift.slots = 1
        session.add(shift)
    await lin.taps("可以")
    lin.hears("排上了")
    await chen.taps("可以")
    assert "排上了" not in chen.everything
    assert await coming(town, (await shifts_of(town, post))[0]) == 1


async def test_what_was_filled_and_is_empty_again_staff_hear_of_again(town: Town) -> None:
    boss = await town.member("Wang")
    (lin,) = await a_pupil_of(town, "Lin")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    await until_thursday(town)
    assert boss.everything.count("还缺 1 人") == 1
    await lin.taps("可以", "来不了了")
    await town.later(minutes=1)
    boss.has_heard("还缺 2 人")


async def test_one_alone_where_two_should_be_is_told(town: Town) -> None:
    boss = await town.member("Wang")
    lin = await town.newcomer("Lin")
    await in_pool(town, lin, "plc_patrol")
    await town.knows(lin, "trained")
    await an_open_post(town, "P-PATROL", days=WEDNESDAYS, slots=2)
    await until_thursday(town)
    lin.hears("楼道巡查岗", "先看一眼：须两人同行")
    boss.has_heard("还缺 1 人", "这一班要两个人一起，现在只有一位")


@pytest.mark.parametrize("action", ["propose.yes", "propose.no", "propose.ask_all"])
async def test_a_shift_nobody_asked_her_about_is_not_hers_to_answer(town: Town, action: str) -> None:
    mei = await town.newcomer("Mei")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    (shift, *_) = await shifts_of(town, post)
    await mei.forges(f"v1:{action}:{shift.id}:0")
    mei.hears("这个按钮不是给您的")
    assert await coming(town, shift) == 0


async def test_staff_ask_once(town: Town) -> None:
    boss = await town.member("Wang")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    again = boss.button("问大家")
    await boss.taps("问大家")
    await boss.forges(again)
    assert await rows_of(town, "help_case") == 1


async def test_when_the_shift_is_over_nothing_of_it_is_noted(town: Town) -> None:
    await a_pupil_of(town, "Lin")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    await until_thursday(town)
    assert await rows_of(town, "shift_gap") == 1
    for _ in range(7):
        await town.later(hours=24)
    assert await rows_of(town, "shift_gap") <= 1  # the next week's
    async with town.store.transaction() as session:
        assert proposals.outlived(session) == []


async def asked_of_all(town: Town, slots: int = 1) -> tuple[Neighbour, Neighbour, str]:
    """Staff have asked everybody about the first shift; Bo, in the pool, has read it."""
    boss = await town.member("Wang")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=slots)
    await until_thursday(town)
    (bo,) = await a_pupil_of(town, "Bo")
    await boss.taps("问大家")
    await town.later(minutes=1)
    bo.hears("手机课堂缺一个人")
    return boss, bo, post


async def test_a_second_gap_is_a_need_of_its_own_and_each_gives_back_its_own_place(town: Town) -> None:
    boss, bo, post = await asked_of_all(town, slots=2)
    await bo.taps("我来", "确认接单")
    await town.later(minutes=1)
    (ann,) = await a_pupil_of(town, "Ann")
    (shift, *_) = await shifts_of(town, post)
    await boss.forges(f"v1:propose.ask_all:{shift.id}:0")
    boss.hears("发出去了")
    await town.later(minutes=1)
    await ann.taps("我来", "确认接单")
    await town.later(minutes=1)
    assert await coming(town, shift) == 2
    await bo.taps("去不了了", "临时有事")
    await town.later(minutes=1)
    async with town.store.transaction() as session:
        assert shifts.people_of(session, shift, *shifts.COMING) == [person_of(town, ann).id]
    await ann.taps("去不了了", "临时有事")
    await town.later(minutes=1)
    assert await coming(town, shift) == 0


async def test_in_english_it_goes_out_by_itself(town: Town) -> None:
    boss = await town.member("Wang", "en")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    boss.hears("If nobody taps, it goes out by itself", "Mon 30 Nov")
    (bo,) = await a_pupil_of(town, "Bo")
    await town.later(hours=101.1)
    boss.has_heard("went out in your name")
    await town.later(minutes=1)
    bo.has_heard("手机课堂缺一个人")  # who was on duty asks for nothing, in no language


async def test_who_is_there_already_stays_there_when_the_need_is_given_back(town: Town) -> None:
    _, bo, post = await asked_of_all(town)
    await bo.taps("我来", "确认接单")
    await town.later(minutes=1)
    (shift, *_) = await shifts_of(town, post)
    async with town.store.transaction() as session:
        place = shifts.place_of(session, shift.id, person_of(town, bo).id)
        assert place is not None
        place.state = shifts.PlaceState.PRESENT.value
        session.add(place)
    await bo.taps("去不了了", "临时有事")
    await town.later(minutes=1)
    await town.later(minutes=1)
    async with town.store.transaction() as session:
        assert proposals.to_settle(session) == []
        assert shifts.people_of(session, shift, shifts.PlaceState.PRESENT) == [person_of(town, bo).id]


async def test_who_claims_what_staff_must_have_seen_first_hears_so_and_others_are_asked(town: Town) -> None:
    _, bo, post = await asked_of_all(town)
    await bo.taps("我来")
    async with town.store.transaction() as session:
        row = posts.get(session, post)
        assert row is not None
        posts.change(session, row, seen=row.version, credentials="first_aid")
    await bo.taps("确认接单")
    await town.later(minutes=1)
    bo.hears("谢谢您接了", "这一班要工作人员先看过一样：急救证", "您不用去")
    (shift, *_) = await shifts_of(town, post)
    assert await coming(town, shift) == 0
    (ann,) = await a_pupil_of(town, "Ann")
    await town.knows(ann, "first_aid")
    await town.later(hours=24)
    await town.later(hours=24)
    ann.has_heard("手机课堂缺一个人")


async def test_who_claims_a_shift_somebody_has_taken_meanwhile_hears_so(town: Town) -> None:
    _, bo, post = await asked_of_all(town)
    ann = await town.newcomer("Ann")
    await bo.taps("我来")
    async with town.store.transaction() as session:
        (case,) = session.exec(select(Case)).all()
        claim = claims.live(session, case.id)
        assert claim is not None
        engage(session, town.service.house.local, case, claim, actor=claim.person_id)
    await holds(town, ann, post)
    await town.later(minutes=1)
    bo.has_heard("不用您去了，谢谢您愿意帮")
    assert await coming(town, (await shifts_of(town, post))[0]) == 1


@pytest.mark.parametrize(("answer", "language"), [("可以", "zh"), ("这次不行", "zh"), ("Yes", "en")])
async def test_who_answers_about_a_shift_that_is_called_off_hears_that_it_is(
    town: Town, answer: str, language: str
) -> None:
    (lin,) = await a_pupil_of(town, "Lin", language=language)
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    async with town.store.transaction() as session:
        row = posts.get(session, post)
        assert row is not None
        shifts.cancel_all(session, row)
    await lin.taps(answer)
    lin.hears("这一次取消了" if language == "zh" else "This one is called off")


async def test_unless_staff_say_no_everybody_is_asked_two_days_before(town: Town) -> None:
    boss = await town.member("Wang")
    (bo,) = await a_pupil_of(town, "Bo", asks=0)
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    boss.hears("没有人点，11 月 30 日（周一）15:00", "用值班同事的名字")
    await in_pool(town, bo, "dig_phone")
    await town.later(hours=100)
    assert "缺一个人" not in bo.everything
    await town.later(hours=1.1)
    boss.has_heard("用您的名字发出去了", "没有人说不问")
    await town.later(minutes=1)
    bo.hears("手机课堂缺一个人")
    assert await rows_of(town, "help_case") == 1


async def test_staff_say_no_and_nothing_goes_out_by_itself(town: Town) -> None:
    boss = await town.member("Wang")
    (bo,) = await a_pupil_of(town, "Bo", asks=0)
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    await boss.taps("不用问大家")
    boss.hears("这一班不问大家")
    await town.later(hours=140)
    assert "缺一个人" not in bo.everything
    assert await rows_of(town, "help_case") == 0


async def test_two_who_are_kept_apart_are_not_asked_for_the_same_shift(town: Town) -> None:
    lin, chen = await a_pupil_of(town, "Lin", "Chen")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    async with town.store.transaction() as session:
        pairs.part(session, person_of(town, lin).id, person_of(town, chen).id, pairs.Why.BLOCKED)
    await until_thursday(town)
    assert ["这一班还空着" in one.everything for one in (lin, chen)].count(True) == 1


async def test_a_family_may_stand_side_by_side(town: Town) -> None:
    lin, chen = await a_pupil_of(town, "Lin", "Chen")
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    async with town.store.transaction() as session:
        pairs.part(session, person_of(town, lin).id, person_of(town, chen).id, pairs.Why.TIE)
    await until_thursday(town)
    assert ["这一班还空着" in one.everything for one in (lin, chen)].count(True) == 2


async def test_who_comes_already_is_not_asked_about_the_other_place(town: Town) -> None:
    """It went to the people of the post first, as a need of its kind does."""
    boss = await town.member("Wang")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=2)
    lin, bo = await a_pupil_of(town, "Lin", "Bo")
    await holds(town, lin, post)
    (shift, *_) = await shifts_of(town, post)
    await boss.forges(f"v1:propose.ask_all:{shift.id}:0")
    await town.later(minutes=1)
    bo.hears("手机课堂缺一个人")
    assert "手机课堂缺一个人" not in lin.everything


async def test_where_a_page_is_to_be_agreed_to_first_nothing_goes_out_by_itself(town: Town) -> None:
    boss = await town.member("Wang")
    await an_open_post(town, "P-LAW", slots=1)
    await until_thursday(town)
    boss.has_heard("法律援助岗", "还缺 1 人")
    assert "自己发出去" not in boss.everything
    await town.later(hours=110)
    assert await rows_of(town, "help_case") == 0


async def test_the_need_of_a_shift_speaks_of_the_shift_and_of_no_neighbour(either_town: Town) -> None:
    town = either_town
    boss, lin, ann = await town.member("Wang"), await town.member("林站长"), await town.member("Ann", "en")
    post = await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    (shift, *_) = await shifts_of(town, post)
    await boss.forges(f"v1:propose.ask_all:{shift.id}:0")
    await town.later(minutes=1)
    cards, english = [lin.last], [ann.last]
    for _ in range(12):
        await town.later(hours=8)
        cards.append(lin.last)
        english.append(ann.last)
    of_shift = [card for card in cards if "「手机课堂」的班" in card.text]
    assert {"可以打电话找", "找人的时间到了，这一班还缺人"} <= {
        words
        for words in ("可以打电话找", "找人的时间到了，这一班还缺人")
        for card in of_shift
        if words in card.text
    }
    for card in of_shift:
        assert not {"回话", "问换时间"} & set(card.labels)
        assert not any(words in card.text for words in ("Wang", "一位邻居", "没有说楼栋", "给邻居一个答复"))
    assert any("A shift of “Phone class”" in card.text for card in english)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        asker, quiet = case.person_id, f"v1:quiet.begin=case:{case.id}:{case.version}"
    await lin.forges(quiet)
    assert "旧的" in lin.toast
    async with town.store.transaction() as session:
        assert session.get_one(Person, asker).quiet_since is None
    await lin.starts()
    await lin.taps("待办", "YS-0001", "看这一班")
    lin.hears("手机课堂", "缺 1 人")
