"""A neighbour chooses a time at a post; who holds it sees when somebody comes, and while the shift runs, who."""

from __future__ import annotations

import sqlalchemy as sa

from bot.community import cases, copying, erasing, people, posts, shifts
from bot.community.posts import State
from bot.community.record import gate_of
from privacy import access_log
from privacy.opening import Closed
from privacy.receipt import Controller
from tests.flows.standing import an_open_post, holds, in_pool, person_of, shifts_of
from tests.town import Neighbour, Town


async def a_lawyer(town: Town, name: str = "Lin") -> tuple[Neighbour, str]:
    """Who holds the legal-aid desk, Wednesdays from two to five, and the desk."""
    lin = await town.newcomer(name)
    await in_pool(town, lin, "law_advice")
    await town.knows(lin, "lawyer")
    post = await an_open_post(town, "P-LAW")
    await holds(town, lin, post)
    return lin, post


async def looks(one: Neighbour) -> None:
    """At the posts with times to choose."""
    await one.forges("v1:book.posts:-:0")


async def slots_taken(town: Town) -> int:
    async with town.store.transaction() as session:
        return int(session.execute(sa.text("SELECT count(*) FROM appointment")).scalar_one())


async def test_a_time_is_chosen_changed_and_cancelled(town: Town) -> None:
    await a_lawyer(town)
    mei = await town.newcomer("Mei")
    await looks(mei)
    mei.hears("可以约半个小时", "法律援助岗", "最近：11 月 25 日（周三）14:00–17:00")
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    mei.hears("约好了", "11 月 25 日（周三）14:30–15:00", "社区服务中心 2 号窗", "来之前提醒您")
    await mei.taps("换个时间", "12 月 2 日", "16:30")
    mei.hears("约好了", "12 月 2 日（周三）16:30–17:00")
    assert await slots_taken(town) == 1
    await looks(mei)
    mei.hears("您约了：12 月 2 日（周三）16:30–17:00")
    await mei.taps("12 月 2 日（周三）16:30–17:00", "取消")
    mei.hears("取消了")
    assert await slots_taken(town) == 0


async def test_in_english(town: Town) -> None:
    await a_lawyer(town)
    may = await town.newcomer("May", "en")
    await looks(may)
    may.hears("You can choose half an hour", "Legal-aid desk", "next: Wed 25 Nov, 14:00–17:00")
    await may.taps("Legal-aid desk", "Wed 25 Nov", "15:00")
    may.hears("It is settled", "Wed 25 Nov, 15:00–15:30", "window 2")
    await town.later(hours=53)  # Wednesday, two o'clock
    may.hears("The time you chose is near", "15:00–15:30")
    await may.taps("Cancel it")
    may.hears("Cancelled")


async def test_she_is_reminded_an_hour_before(town: Town) -> None:
    await a_lawyer(town)
    mei = await town.newcomer("Mei")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    await town.later(hours=52)
    assert "快到您约的时间了" not in mei.everything
    await town.later(minutes=31)
    mei.hears("快到您约的时间了", "14:30–15:00")
    await town.later(minutes=5)
    assert mei.everything.count("快到您约的时间了") == 1


async def test_two_want_the_same_time(either_town: Town) -> None:
    town = either_town
    await a_lawyer(town)
    mei, bo = await town.newcomer("Mei"), await town.newcomer("Bo")
    for one in (mei, bo):
        await looks(one)
        await one.taps("法律援助岗", "11 月 25 日")
    await mei.taps("14:00")
    mei.hears("约好了")
    await bo.taps("14:00")
    bo.has_heard("这个时间刚被约走")
    assert await slots_taken(town) == 1
    await bo.taps("看别的时间", "法律援助岗", "11 月 25 日", "14:30")
    bo.hears("约好了")


async def test_who_holds_the_post_sees_when_and_only_while_it_runs_who(town: Town) -> None:
    lin, post = await a_lawyer(town)
    mei = await town.newcomer("Mei")
    (shift, *_) = await shifts_of(town, post)
    look = f"v1:book.visitors:{shift.id}:0"
    await lin.forges(look)
    lin.hears("还没有人约")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    await lin.forges(look)
    lin.hears("14:30 有一位邻居来", "称呼在开始以后才看得到")
    assert "Mei" not in lin.everything
    await town.later(hours=53.1)  # Wednesday, a little after two
    await lin.forges(look)
    lin.hears("14:30 Mei")
    async with town.store.transaction() as session:
        read = access_log.of(session, person_of(town, mei).id)
    assert [(line.part, line.purpose, line.kind) for line in read] == [("post", "receive", "name")]
    await mei.forges("v1:my_data.opened:-:0")
    mei.hears("您约的岗位上的志愿者", "在岗位上等您")
    await town.later(hours=3)
    await lin.forges(look)
    assert "Mei" not in lin.last.text


async def test_the_gate_opens_a_name_for_the_post_while_the_shift_runs(either_town: Town) -> None:
    town = either_town
    lin, _ = await a_lawyer(town)
    mei, bo = await town.newcomer("Mei"), await town.newcomer("Bo")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")

    async def opens(reader: Neighbour, owner: Neighbour) -> bool:
        async with town.store.transaction() as session:
            words = people.name_of(person_of(town, owner))
            try:
                gate_of(session).allows(session, words, reader=person_of(town, reader).id)
            except Closed:
                return False
            return True

    assert not await opens(lin, mei)
    await town.later(hours=53)
    assert await opens(lin, mei)
    assert not await opens(bo, mei)
    assert not await opens(lin, bo)
    await town.later(hours=3)
    assert not await opens(lin, mei)


async def test_nobody_else_sees_who_comes(town: Town) -> None:
    _, post = await a_lawyer(town)
    mei, bo = await town.newcomer("Mei"), await town.newcomer("Bo")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    (shift, *_) = await shifts_of(town, post)
    await town.later(hours=53.5)
    await bo.forges(f"v1:book.visitors:{shift.id}:0")
    bo.hears("这个按钮不是给您的")
    assert "Mei" not in bo.everything


async def test_somebody_elses_time_is_not_hers_to_cancel(town: Town) -> None:
    await a_lawyer(town)
    mei, bo = await town.newcomer("Mei"), await town.newcomer("Bo")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    await bo.forges(mei.button("取消"))
    assert "取消了" not in bo.everything
    assert await slots_taken(town) == 1


async def test_a_slot_there_is_not_and_a_post_one_does_not_come_to(town: Town) -> None:
    _, post = await a_lawyer(town)
    patrol = await an_open_post(town, "P-PATROL")
    mei = await town.newcomer("Mei")
    (shift, *_), (round_, *_) = await shifts_of(town, post), await shifts_of(town, patrol)
    for choice in ("=6", "=-1", "=x", ""):
        await mei.forges(f"v1:book.take{choice}:{shift.id}:0")
    await mei.forges(f"v1:book.take=0:{round_.id}:0")
    await mei.forges("v1:book.take=0:nothing:0")
    assert await slots_taken(town) == 0


async def test_where_the_shift_is_called_off_she_hears_at_once(town: Town) -> None:
    _, post = await a_lawyer(town)
    mei = await town.newcomer("Mei")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    async with town.store.transaction() as session:
        there = posts.get(session, post)
        assert there is not None
        posts.move(session, there, State.PAUSED, seen=there.version)
        shifts.cancel_all(session, there)
    await town.later(minutes=1)
    mei.hears("您约的这一次不办了", "14:30–15:00")
    assert await slots_taken(town) == 0


async def gives_back(town: Town, lin: Neighbour, post: str) -> None:
    """She does not come to the first shift."""
    async with town.store.transaction() as session:
        (shift, *_) = shifts.ahead(session, post)
        place = shifts.place_of(session, shift.id, person_of(town, lin).id)
        assert place is not None
        shifts.decline(session, shift, place)
    await town.later(minutes=1)


async def test_where_nobody_holds_the_post_that_day_she_hears_at_once(town: Town) -> None:
    lin, post = await a_lawyer(town)
    mei, may = await town.newcomer("Mei"), await town.newcomer("May", "en")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    await looks(may)
    await may.taps("Legal-aid desk", "Wed 25 Nov", "15:00")
    await gives_back(town, lin, post)
    mei.hears("岗上的人来不了了", "您约的先取消", "14:30–15:00")
    may.hears("Your time is cancelled", "15:00–15:30")
    assert await slots_taken(town) == 0
    await looks(mei)
    assert "11 月 25 日" not in mei.last.text


async def test_while_one_of_them_still_comes_nobody_is_put_off(town: Town) -> None:
    lin, post = await a_lawyer(town)
    chen = await town.newcomer("Chen")
    await in_pool(town, chen, "law_advice")
    await town.knows(chen, "lawyer")
    async with town.store.transaction() as session:
        row = posts.get(session, post)
        assert row is not None
        posts.change(session, row, seen=row.version, slots=2)
    await holds(town, chen, post)
    mei = await town.newcomer("Mei")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    await gives_back(town, lin, post)
    assert await slots_taken(town) == 1


# --- for somebody without a telephone


async def books_for(town: Town, boss: Neighbour, *, name: str = "陈阿姨", reach: str = "3 栋二楼") -> None:
    await looks(boss)
    await boss.taps("法律援助岗", "11 月 25 日", "替没有手机的人约", "14:30")
    await (boss.says(name) if name else boss.taps("不写称呼"))
    await (boss.says(reach) if reach else boss.taps("不用留"))
    await boss.taps("电话说的")


async def test_staff_choose_a_time_for_somebody_without_a_telephone(either_town: Town) -> None:
    town = either_town
    lin, post = await a_lawyer(town)
    boss = await town.member("王站长")
    await books_for(town, boss)
    boss.hears("约好了。念给本人听", "11 月 25 日（周三）14:30–15:00", "2 号窗", "打 0592-")
    (shift, *_) = await shifts_of(town, post)
    look = f"v1:book.visitors:{shift.id}:0"
    await lin.forges(look)
    lin.hears("14:30 有一位邻居来")
    assert "陈阿姨" not in lin.everything
    await town.later(hours=53.1)
    await lin.forges(look)
    lin.hears("14:30 陈阿姨")
    assert "3 栋" not in lin.everything
    async with town.store.transaction() as session:
        noted = session.execute(
            sa.text("SELECT case_id, code, actor_id FROM event WHERE kind = 'post' AND code LIKE 'booked%'")
        ).one()
        assert tuple(noted) == (post, "booked:phone", person_of(town, boss).id)
        kept = session.execute(sa.text("SELECT name, reach FROM appointment")).one()
        assert "陈".encode() not in bytes(kept[0]) + bytes(kept[1])
    await town.later(hours=1)
    assert await slots_taken(town) == 0


async def test_the_same_in_english_without_a_name(town: Town) -> None:
    lin, post = await a_lawyer(town)
    boss = await town.member("Wang", "en")
    await looks(boss)
    await boss.taps("Legal-aid desk", "Wed 25 Nov", "For somebody without a phone", "14:30")
    await boss.taps("No name", "Leave it out", "In person")
    boss.hears("Read it to them", "14:30–15:00")
    await boss.taps("Who comes then")
    boss.hears("14:30 a neighbour without a phone")
    await gives_back(town, lin, post)
    boss.has_heard("has no phone, and this time cannot take place", "say so when they come")


async def test_staff_tell_her_where_it_falls_through_and_cancel_for_her(town: Town) -> None:
    lin, post = await a_lawyer(town)
    boss = await town.member("王站长")
    await books_for(town, boss)
    await boss.taps("看这一次谁来")
    boss.hears("14:30 陈阿姨（3 栋二楼）")
    await boss.taps("取消 1")
    assert await slots_taken(town) == 0
    await books_for(town, boss)
    await gives_back(town, lin, post)
    boss.has_heard("陈阿姨没有手机，约的这一次办不成了", "怎么找：3 栋二楼")
    assert await slots_taken(town) == 0


async def test_nobody_else_chooses_for_others_or_reads_who_they_are(town: Town) -> None:
    _, post = await a_lawyer(town)
    boss, bo = await town.member("王站长"), await town.newcomer("Bo")
    await looks(bo)
    await bo.taps("法律援助岗", "11 月 25 日")
    assert "替没有手机的人约" not in bo.last.labels
    (shift, *_) = await shifts_of(town, post)
    await books_for(town, boss)
    await boss.taps("看这一次谁来")
    for forged in (
        f"v1:book.for_other:{shift.id}:0",
        f"v1:book.of_shift:{shift.id}:0",
        boss.button("取消 1"),
        "v1:book.way=phone:-:0",
    ):
        await bo.forges(forged)
        bo.hears("这个按钮不是给您的")
    assert "陈阿姨" not in bo.everything
    assert await slots_taken(town) == 1


async def test_her_own_time_is_not_staffs_to_cancel(town: Town) -> None:
    await a_lawyer(town)
    boss, mei = await town.member("王站长"), await town.newcomer("Mei")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    async with town.store.transaction() as session:
        one = session.execute(sa.text("SELECT id FROM appointment")).scalar_one()
    await boss.forges(f"v1:book.cancel_for:{one}:0")
    assert await slots_taken(town) == 1


async def test_when_the_time_is_over_nobody_knows_of_it(town: Town) -> None:
    await a_lawyer(town)
    mei = await town.newcomer("Mei")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    await town.later(hours=53.9)
    assert await slots_taken(town) == 1
    await town.later(hours=0.2)
    assert await slots_taken(town) == 0
    async with town.store.transaction() as session:
        written = session.execute(
            sa.text("SELECT count(*) FROM event WHERE actor_id = :who"), {"who": person_of(town, mei).id}
        )
        assert written.scalar_one() == 0


async def test_what_she_has_chosen_is_in_her_copy_and_goes_with_her(town: Town) -> None:
    await a_lawyer(town)
    mei = await town.newcomer("Mei")
    await looks(mei)
    await mei.taps("法律援助岗", "11 月 25 日", "14:30")
    async with town.store.transaction() as session:
        person = person_of(town, mei)
        controller = Controller(name="x", contact="x", storage="x", withdrawal="x")
        copied = copying.machine(session, town.service.house.local, person, controller)
    assert [one["post"]["zh"] for one in copied["appointments"]] == ["法律援助岗"]
    async with town.store.transaction() as session:
        erasing.erase_person(session, person_of(town, mei).id)
    assert await slots_taken(town) == 0


async def test_a_need_the_post_is_for_is_asked_of_its_people_first(town: Town) -> None:
    """The pool comes after them, and each hears why it is she."""
    boss = await town.member("Wang")
    lin, _ = await a_lawyer(town)
    zhao = await town.newcomer("Zhao")
    await in_pool(town, zhao, "law_advice")
    await town.knows(zhao, "lawyer")
    mei = await town.newcomer("Mei")
    await mei.starts()
    async with town.store.transaction() as session:
        now, local = town.clock.now(), town.service.house.local
        case = cases.submit(
            session,
            person_id=person_of(town, mei).id,
            skill="law_advice",
            area=None,
            urgency="U3",
            when=(None, None),
            story="想问租房押金的事",
            contact=cases.Contact(None, None),
            files=None,
            promised_at=local.promise(now, "U3"),
        )
        case_id, version = case.id, case.version
    await boss.forges(f"v1:review.approve:{case_id}:{version}")
    await town.later(minutes=1)
    lin.hears("想问租房押金的事", "为什么问您：您周三在法律援助岗")
    assert "押金" not in zhao.everything
    await lin.taps("这次不行")
    await town.later(minutes=1)
    zhao.hears("想问租房押金的事", "为什么问您：您登记了「")


async def test_whoever_asks_for_what_a_post_does_may_go_there_herself(town: Town) -> None:
    lin = await town.newcomer("Lin")
    await in_pool(town, lin, "dig_phone")
    await holds(town, lin, await an_open_post(town, "P-PHONE"))
    mei = await town.newcomer("Mei")
    await mei.says("手机不会用微信")
    await mei.taps("对", "都行", "先不说", "下一步", "不写门牌", "不要", "发出求助")
    mei.hears("收到了", "也可以自己去手机课堂")
    await mei.taps("约一个时段", "11 月 26 日", "15:30")
    mei.hears("约好了", "15:30–16:00")
