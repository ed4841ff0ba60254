"""Who is asked, and who is left in peace; why it is she; and that staff hear when nobody is left."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.community import asking, claims, credentials, pairs, people, talents
from bot.community.asking import AskingSum
from bot.community.cases import Case
from bot.community.claims import Ask, Claim
from bot.community.people import Person
from bot.community.record import now_of
from bot.community.talents import Talent
from bot.data import Local
from bot.matching import waves
from privacy import consent
from tests.flows.test_claim import approved, ask
from tests.flows.test_promises import until
from tests.town import Neighbour, Town

LOCAL = Local.load()
TUESDAY = 0b111 << 3
ASKED = "为什么问您"


async def person_of(town: Town, one: Neighbour) -> Person:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
    assert person is not None
    return person


async def limits(town: Town, one: Neighbour, **values: Any) -> None:
    """Her own limits, as she set them some day before."""
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        volunteer = talents.get(session, person.id) if person is not None else None
        assert volunteer is not None
        for name, value in values.items():
            setattr(volunteer, name, value)
        session.add(volunteer)


async def change(town: Town, **values: Any) -> Case:
    """The need as the asker wished it."""
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        for name, value in values.items():
            setattr(case, name, value)
        session.add(case)
    return case


async def asked_before(town: Town, one: Neighbour, *hours_ago: float) -> None:
    """She was asked about others' needs, so long ago."""
    person = await person_of(town, one)
    async with town.store.transaction() as session:
        for number, hours in enumerate(hours_ago):
            at = town.clock.now() - timedelta(hours=hours)
            case = Case(
                id=f"o{number}{person.id}"[:16],
                number=900_000 + int(hours * 10) + number * 1000,
                person_id=person.id,
                state="closed",
                skill="repair",
                received_at=at,
                promised_at=at,
            )
            session.add(case)
            session.flush()
            session.add(Ask(case_id=case.id, person_id=person.id, state="closed", asked_at=at))
        for talent in session.exec(select(Talent).where(Talent.person_id == person.id)):
            talent.asked_at = town.clock.now() - timedelta(hours=min(hours_ago))
            session.add(talent)


def was_asked(one: Neighbour) -> bool:
    return ASKED in one.everything


async def test_hours(either_town: Town) -> None:
    town = either_town
    free, busy = await town.volunteer("周二有空"), await town.volunteer("周末有空")
    await limits(town, free, hours=TUESDAY)
    await limits(town, busy, hours=0b111111 << 15)
    await approved(town)  # for Tuesday
    assert (was_asked(free), was_asked(busy)) == (True, False)
    free.hears("您说过这个时间有空")
    async with town.store.transaction() as session:
        assert {one.hours for one in session.exec(select(Talent))} == {TUESDAY, 0b111111 << 15}


async def test_language(either_town: Town) -> None:
    town = either_town
    other, shared = await town.volunteer("说英语"), await town.volunteer("都会说")
    await limits(town, other, languages="english")
    await limits(town, shared, languages="english,mandarin")
    await approved(town)
    assert (was_asked(other), was_asked(shared)) == (False, True)


async def test_credential_and_the_day_it_ends(either_town: Town) -> None:
    town = either_town
    known, new, over = [await town.volunteer(name) for name in ("见过", "没见过", "过期")]
    await town.knows(known, "known")
    today = town.clock.now().date()
    async with town.store.transaction() as session:
        for one, last in ((new, None), (over, today)):
            person = people.find(session, one.phone.user.id)
            assert person is not None
            for held in credentials.of_person(session, person.id):
                if last is None:
                    held.state = "declared"
                held.expires_on = last
                session.add(held)
    await approved(town)  # for tomorrow
    assert [was_asked(one) for one in (known, new, over)] == [True, False, False]


async def test_own_load(either_town: Town) -> None:
    town = either_town
    one_at_once, two_at_once = await town.volunteer("一件"), await town.volunteer("两件")
    await limits(town, two_at_once, max_open=2)
    for number, one in enumerate((one_at_once, two_at_once)):
        await asked_before(town, one, 40 + number)
        person = await person_of(town, one)
        async with town.store.transaction() as session:
            session.add(
                Claim(
                    case_id=f"o0{person.id}"[:16],
                    person_id=person.id,
                    state="confirmed",
                    held_until=town.clock.now(),
                )
            )
    await approved(town)
    assert (was_asked(one_at_once), was_asked(two_at_once)) == (False, True)


async def test_own_cap_and_rest(either_town: Town) -> None:
    town = either_town
    full, tired, rested = [await town.volunteer(name) for name in ("够了", "刚问过", "歇好了")]
    await asked_before(town, full, 30, 60, 90)
    await asked_before(town, tired, 23)
    await asked_before(town, rested, 24 * 9 + 1)
    await approved(town)
    assert [was_asked(one) for one in (full, tired, rested)] == [False, False, True]
    rested.hears("9 天没有打扰您了")


async def test_off_duty_and_paused(town: Town) -> None:
    off, on = await town.volunteer("自己看"), await town.volunteer("可以问")
    await limits(town, off, on_duty=False)
    await approved(town)
    assert (was_asked(off), was_asked(on)) == (False, True)


async def test_own_quiet_hours(either_town: Town) -> None:
    town = either_town
    naps, awake = await town.volunteer("上午睡"), await town.volunteer("醒着")
    await limits(town, naps, quiet_from=time(8), quiet_until=time(12))
    await approved(town)  # at nine
    assert (was_asked(naps), was_asked(awake)) == (False, True)


async def test_at_night_only_what_is_urgent_and_only_who_allows_it(either_town: Town) -> None:
    town = either_town
    allows, sleeps = await town.volunteer("半夜也行"), await town.volunteer("夜里睡")
    await limits(town, allows, urgent_ok=True)
    lin = await town.member("林站长")
    await ask(town)
    await change(town, urgency="U1")
    await until(town, 23)
    await lin.taps("放行")
    await town.settle()
    assert (was_asked(allows), was_asked(sleeps)) == (True, False)


async def test_who_is_kept_apart(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    blocked, tie, other = [await town.volunteer(name) for name in ("不见", "亲戚", "别人")]
    mei = await ask(town)
    ids = [(await person_of(town, one)).id for one in (mei, blocked, tie)]
    async with town.store.transaction() as session:
        pairs.part(session, ids[0], ids[1], pairs.Why.BLOCKED)
        pairs.part(session, ids[2], ids[0], pairs.Why.TIE)
    await lin.taps("放行")
    await town.settle()
    assert [was_asked(one) for one in (blocked, tie, other)] == [False, False, True]


@pytest.mark.parametrize(("kind", "only_women"), [("elder_visit", True), ("errand_parcel", False)])
async def test_a_wish_counts_only_where_the_kind_allows_one(
    either_town: Town, kind: str, only_women: bool
) -> None:
    town = either_town
    lin = await town.member("林站长")
    cast = [await town.volunteer(name) for name in ("女", "男", "没说")]
    for one, gender in zip(cast, ("f", "m", None), strict=True):
        await limits(town, one, gender=gender)
        person = await person_of(town, one)
        async with town.store.transaction() as session:
            talents.offer(session, person.id, [kind])
    await ask(town)
    await change(town, skill=kind, gender="f")
    await lin.taps("放行")
    await town.settle()
    assert [was_asked(one) for one in cast] == ([True, False, False] if only_women else [True, True, True])


async def test_few_could_come_and_staff_hear_at_once(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    chen.hears(ASKED)
    lin.hears("YS-0001", "不到 5 位", "灯坏了")
    await town.later(hours=1)
    assert lin.everything.count("不到 5 位") == 1
    await lin.taps("问换时间")
    lin.hears("会问邻居能不能换个时间")
    mei.hears("能来的人少", "不换我也接着问")
    assert {"换时间", "不换", "不用了", "找工作人员"} <= set(mei.last.labels)
    await mei.taps("不换")
    mei.hears("YS-0001")
    await chen.taps("我来", "确认接单")
    mei.hears("有人接了")
    lin.hears("有人接了，还在办")
    await chen.taps("办好了")
    await mei.taps("办好了")
    lin.hears("已经结束了")


@pytest.mark.parametrize(
    ("make", "knows", "need", "said"),
    [
        ({"hours": 1 << 20}, "known trained", {}, "这个时间都没有空"),
        ({}, "", {}, "有这件要的资格的，现在一位也没有"),
        ({"hours": 1 << 20}, "", {}, "有这件要的资格的，现在一位也没有"),
        ({"languages": "english"}, "known trained", {}, "没有一位和这位邻居语言相通"),
        ({"languages": "english", "hours": 1 << 20}, "", {}, "没有一位和这位邻居语言相通"),
        ({"gender": "m"}, "known trained", {"skill": "elder_visit", "gender": "f"}, "现在没有一位女的"),
        ({}, "known trained", {"skill": "life_pet"}, "还没有人登记做这一样"),
    ],
)
async def test_nobody_is_left_and_staff_hear_why(
    either_town: Town, make: dict[str, Any], knows: str, need: dict[str, Any], said: str
) -> None:
    town = either_town
    chen = await town.volunteer("小陈", knows=tuple(knows.split()))
    await limits(town, chen, **make)
    person = await person_of(town, chen)
    async with town.store.transaction() as session:
        talents.offer(session, person.id, ["repair", "elder_visit"])
    lin, mei = await town.member("林站长"), await ask(town)
    await change(town, **need)
    await lin.taps("放行")
    await town.settle()
    lin.hears("YS-0001", said, "接着问")
    assert {"由我们办", "问换时间", "回话"} <= set(lin.last.labels)
    await lin.taps("由我们办")
    mei.hears("由我们来办")
    assert not was_asked(chen)


async def test_all_have_been_asked_and_it_is_told_once(town: Town) -> None:
    await town.volunteer("小陈")
    _, lin = await approved(town)
    await town.later(hours=4, minutes=1)
    lin.hears("能做这件的都问过了")
    await town.later(hours=4)
    assert lin.everything.count("能做这件的都问过了") == 1


@pytest.mark.parametrize("rests", [{"on_duty": False}, {"quiet_from": time(6), "quiet_until": time(23)}])
async def test_nobody_was_asked_who_rests_and_staff_are_told_so(
    either_town: Town, rests: dict[str, Any]
) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    await limits(town, chen, **rests)
    _, lin = await approved(town)
    lin.hears("眼下都在歇着或忙着")
    zhao = await town.volunteer("小赵")
    await town.later(hours=4, minutes=1)
    assert was_asked(zhao)
    case = await change(town)
    await lin.forges(f"v1:review.look:{case.id}:{case.version}")
    lin.hears("不到 5 位，正在问")
    await zhao.taps("这次不行")
    await lin.forges(f"v1:review.look:{case.id}:{case.version}")  # as it is now
    lin.hears("能问的都问过了，别的眼下在歇着或忙着")


async def test_of_a_need_for_any_time_no_other_time_is_asked(town: Town) -> None:
    lin, mei = await town.member("林站长"), await ask(town)
    await change(town, when_from=None, when_until=None)
    await lin.taps("放行")
    await town.settle()
    lin.hears("还没有人登记")
    assert "问换时间" not in lin.last.labels
    case = await change(town)
    await lin.forges(f"v1:review.other_time:{case.id}:{case.version}")
    assert "会问邻居" not in lin.everything
    assert "能来的人少" not in mei.everything


async def test_from_twenty_on_staff_are_left_in_peace(town: Town) -> None:
    await town.volunteer("小陈")
    first = await person_of(town, await town.volunteer("小赵"))
    for _ in range(waves.ALARM - 2):
        async with town.store.transaction() as session:
            _double(session, first)
    _, lin = await approved(town)
    assert "不到 5 位" not in lin.everything
    assert "能做这件的只有" not in lin.everything
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().could == waves.ALARM


@pytest.mark.parametrize("area", [None, "b1", "b2"])
async def test_who_can_come_is_found_behind_however_many_who_cannot(
    either_town: Town, area: str | None
) -> None:
    """New volunteers whom staff have not met are the longest rested of all, and in nobody's way."""
    town = either_town
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    person = await person_of(town, chen)
    async with town.store.transaction() as session:
        for talent in session.exec(select(Talent).where(Talent.person_id == person.id)):
            talent.asked_at = now_of(session) - timedelta(days=9)
        for _ in range(asking.PAGE + 4):
            _double(session, None)
    await ask(town)
    await change(town, area=area)
    await lin.taps("放行")
    await town.settle()
    assert was_asked(chen)


def _double(session: Any, person: Person | None) -> None:
    """Another volunteer like her, who has no telephone here; `person` has met her."""
    other = people.register(
        session, telegram_id=5_000_000 + len(session.exec(select(Person)).all()), language="zh"
    )
    people.update(session, other, area="b2")
    talents.offer(session, other.id, ["repair"])
    if person is not None:
        held = credentials.declare(session, other.id, "known")
        credentials.check(session, LOCAL, held, by=person.id, expires_on=None)
    at = now_of(session)
    consent.record(session, person_id=other.id, purpose="pool", given=True, at=at, language="zh")


async def test_other_times_are_told_only_of_many(town: Town) -> None:
    chen = await town.volunteer("小陈")
    await limits(town, chen, hours=1 << 20)
    first = await person_of(town, chen)
    for _ in range(4):
        async with town.store.transaction() as session:
            _double(session, first)
            for volunteer in session.exec(select(talents.Volunteer)):
                volunteer.hours = 1 << 20  # Sunday evening
                session.add(volunteer)
    mei, lin = await approved(town)
    lin.hears("这个时间都没有空")
    await lin.taps("问换时间")
    mei.hears("周日晚上")


async def test_only_staff_ask_for_another_time(town: Town) -> None:
    chen = await town.volunteer("小陈")
    mei, lin = await approved(town)
    other_time = lin.button("问换时间")
    for one in (await town.newcomer("小赵"), mei):
        await one.forges(other_time)
        one.hears("不是给您的")
    await chen.taps("我来", "确认接单")
    await lin.forges(other_time)
    assert "能来的人少" not in mei.everything


async def test_who_moves_and_who_is_asked_is_found_where_she_is(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈", area="b3")
    person = await person_of(town, chen)
    async with town.store.transaction() as session:
        here = people.get(session, person.id)
        assert {one.area for one in session.exec(select(Talent))} == {"b3"}
        people.update(session, here, area="b1")
        assert {one.area for one in session.exec(select(Talent))} == {"b1"}
    await approved(town, area="b2")
    chen.hears("住得近")
    async with town.store.transaction() as session:
        last = session.exec(select(Talent.asked_at)).one()
        assert last == session.exec(select(Ask.asked_at)).one()
        talents.offer(session, person.id, ["repair", "errand"])
        assert {one.asked_at for one in session.exec(select(Talent))} == {last}


async def test_what_is_learned_knows_nobody(either_town: Town) -> None:
    town = either_town
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵", area="b3")
    await approved(town)
    await zhao.taps("我来")
    async with town.store.transaction() as session:
        sums = {(one.ring, one.asked, one.yes) for one in session.exec(select(AskingSum))}
        assert sums == {(0, 1, 0), (1, 1, 1)}
        assert asking.asks_a_month(session, LOCAL, ["repair"]) is None
        row = session.exec(select(AskingSum).where(AskingSum.ring == 0)).one()
        row.asked = 79
        session.add(row)
    async with town.store.transaction() as session:
        assert asking.asks_a_month(session, LOCAL, ["fix_tap"]) == pytest.approx(80 / (54 / 30) / 2)
    assert was_asked(chen)


async def test_why_it_is_she_in_english(town: Town) -> None:
    anna = await town.volunteer("Anna", kind="Small repairs", language="en")
    await limits(town, anna, hours=TUESDAY, languages="english,mandarin")
    lin = await town.member("林站长")
    await ask(town)
    await lin.taps("放行")
    await town.settle()
    anna.hears("Why you", "Small repairs", "you said you are free then", "you live near")


async def test_the_database_leaves_out_whom_the_rules_leave_out(either_town: Town) -> None:
    """Whoever is found is found by rules alone: the same few, however many are read at once."""
    town = either_town
    for name in ("一", "二", "三", "四"):
        await town.volunteer(name)
    _, _ = await approved(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        need = asking.need_of(session, LOCAL, case)
        left = asking.chosen(session, LOCAL, need, size=9, few=True)
        known = set(claims.asked(session, case.id)) | {one.person_id for one in left}
        assert len(left) == 1
        assert len(known) == 4


async def test_the_vulnerable_the_urgent_and_the_scarce_come_first(town: Town) -> None:
    at = town.clock.now()
    mei = await person_of(town, await town.newcomer("李阿姨"))
    rows = {
        "old": {},
        "new": {"received_at": at},
        "few": {"could": 1},
        "soon": {"urgency": "U2"},
        "elder": {"skill": "elder_call", "urgency": "U4"},
    }
    async with town.store.transaction() as session:
        for number, (name, values) in enumerate(rows.items(), 800):
            made = {
                "received_at": at - timedelta(hours=5),
                "could": 20,
                "urgency": "U3",
                "skill": "repair",
                **values,
            }
            session.add(
                Case(
                    id=name,
                    number=number,
                    person_id=mei.id,
                    state="open",
                    due="wave",
                    due_at=at,
                    promised_at=at,
                    **made,
                )
            )
    async with town.store.transaction() as session:
        assert asking.due(session) == ["elder", "soon", "few", "old", "new"]


async def test_a_dry_pool_is_no_longer_the_staff_s_once_somebody_takes_it(town: Town) -> None:
    chen = await town.volunteer("小陈")
    _, lin = await approved(town)
    lin.hears("不到 5 位")
    ours = lin.button("由我们办")
    await chen.taps("我来", "确认接单")
    lin.hears("有人接了")
    assert "由我们办" not in lin.last.labels
    await lin.forges(ours)
    chen.hears("接上了")


async def test_a_wish_of_who_comes_is_asked_where_it_may_be_and_kept(town: Town) -> None:
    """Of company at home it is asked; who has not said her gender is not sent, nor is who has said another (R: declared only)."""
    lin = await town.member("林站长")
    her = await town.volunteer("小陈", kind="修")
    him, unsaid = await town.volunteer("小赵", kind="修"), await town.volunteer("小吴", kind="修")
    for one, gender in ((her, "f"), (him, "m"), (unsaid, None)):
        person = await person_of(town, one)
        async with town.store.transaction() as session:
            talents.offer(session, person.id, ["elder_visit"])
            volunteer = talents.get(session, person.id)
            assert volunteer is not None
            volunteer.gender = gender
            session.add(volunteer)
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "全部种类", "陪伴助老", "上门聊天陪伴", "都行")
    mei.hears("希望来的是哪一位")
    await mei.says("随便吧")
    mei.hears("没听懂")
    await mei.taps("女的")
    await mei.says("想有人说说话")
    await mei.taps("下一步", "不写门牌", "不要")
    mei.hears("希望来的是：女的")
    await mei.taps("改一处", "希望谁来", "男的")
    mei.hears("希望来的是：男的")
    await mei.taps("改一处", "希望谁来", "女的", "发出求助")
    lin.hears("希望来的是：女的")
    await lin.taps("放行")
    await town.settle()
    asked = [one for one in (her, him, unsaid) if "为什么问您" in one.everything]
    assert asked == [her]
    await mei.starts()
    await mei.taps("请人帮忙", "修小东西", "都行")
    mei.hears("还要说明")


async def test_a_no_pressed_twice_asks_one_other(town: Town) -> None:
    """Six could come and three are asked: however often one of them says no, one other has it in her place."""
    cast = [await town.volunteer(f"小{number}") for number in range(6)]
    await approved(town)
    first = next(one for one in cast if was_asked(one))
    no = first.button("这次不行")
    for _ in range(3):
        first.phone.forge_callback(no)
    await town.settle()
    assert sum(was_asked(one) for one in cast) == 3  # she is asked no more
