"""Who opens whose words in a living neighbourhood: what is noted, what stays covered, and that nothing leaves unnoted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from bot.community import cases, people, staff
from bot.community.cases import HIDDEN, Case
from bot.community.events import Event, Kind
from bot.community.people import Person
from bot.community.record import gate_of
from bot.community.staff import Role
from bot.sandbox import insight
from privacy import access_log, consent
from privacy.access_log import KEPT, Access
from privacy.opening import Closed, Reason
from tests.flows.test_claim import ask
from tests.flows.test_close import engaged
from tests.town import Neighbour, Town

BROKEN = "CREATE TRIGGER full BEFORE INSERT ON access BEGIN SELECT RAISE(ABORT, 'disk full'); END"


def person_of(session: Session, who: Neighbour) -> Person:
    found = people.find(session, who.phone.user.id)
    assert found is not None
    return found


async def lines(town: Town, owner: Neighbour) -> set[tuple[str, str, str]]:
    """Who read what of hers, as what: every line is different, or the count says so."""
    async with town.store.transaction() as session:
        found = access_log.of(session, person_of(session, owner).id)
        names = {
            person.id: gate_of(session).open(session, people.name_of(person), reader=person.id, purpose="own")
            for person in session.exec(select(Person))
        }
    return {(str(names[line.reader_id]), line.part, line.kind) for line in found}


async def execute(town: Town, statement: str) -> None:
    async with town.store.transaction() as session:
        session.connection().execute(sa.text(statement))


async def test_she_can_read_who_opened_what_of_hers(either_town: Town) -> None:
    mei, chen, lin = await engaged(either_town)
    assert await lines(either_town, mei) == {
        ("林站长", "moderator", "name"),
        ("林站长", "moderator", "story"),
        ("小陈", "asked", "story"),
        ("小陈", "helper", "name"),
        ("小陈", "helper", "story"),
        ("小陈", "helper", "contact"),
    }
    assert await lines(either_town, chen) == {("李阿姨", "asker", "name")}
    assert await lines(either_town, lin) == set()


async def test_a_look_at_her_own_words_leaves_no_line(town: Town) -> None:
    mei = await ask(town)
    await mei.taps("看进度")
    await mei.starts()
    mei.hears("李阿姨，今天要做什么？")
    assert await lines(town, mei) == set()


async def test_the_same_words_in_one_message_are_one_line(town: Town) -> None:
    await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("我妈摔了起不来 流血")
    async with town.store.transaction() as session:
        found = access_log.of(session, person_of(session, mei).id)
    assert sorted(line.kind for line in found) == ["name", "story"]


async def test_no_word_leaves_when_its_line_cannot_be_written(town: Town) -> None:
    lin = await town.member("林站长")
    await execute(town, BROKEN)
    mei = await ask(town)
    assert "够不着" not in lin.everything
    assert "收到了" not in mei.everything
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).all() == []
    await execute(town, "DROP TRIGGER full")
    await town.later(hours=1)
    lin.hears("够不着")
    mei.has_heard("收到了")
    assert {kind for _, _, kind in await lines(town, mei)} == {"name", "story"}


async def test_the_number_over_the_chat_leaves_a_line_too(town: Town) -> None:
    mei, lin = await worried(town)
    before = await lines(town, mei)
    assert ("林站长", "moderator", "contact") not in before
    await lin.taps("看电话")
    assert "13812345678" in lin.toast
    assert await lines(town, mei) - before == {("林站长", "moderator", "contact")}


async def test_no_number_over_the_chat_when_its_line_cannot_be_written(town: Town) -> None:
    _, lin = await worried(town)
    await execute(town, BROKEN)
    await lin.taps("看电话")
    assert "13812345678" not in lin.toast
    assert "13812345678" not in lin.everything


async def worried(town: Town) -> tuple[Neighbour, Neighbour]:
    chen = await town.volunteer("小陈")
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("灯坏了 我够不着")
    await mei.taps("对", "明天", "下一步", "不写门牌", "可以")
    await mei.says("13812345678")
    await mei.taps("发出求助")
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单", "办好了")
    await mei.taps("有点不放心", "不想写")
    return mei, lin


async def test_a_door_taken_back_is_gone_from_the_next_card(town: Town) -> None:
    """The helper is still on her way; only the consent went, and nothing else has to be told."""
    mei, chen, _ = await engaged(town)
    assert "6栋302" in chen.everything
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        owner = person_of(session, mei).id
        consent.withdraw(session, person_id=owner, purpose="reveal", scope=case.id, at=town.clock.now())
    await chen.starts()
    await chen.taps("我在帮的", "YS-")
    chen.hears("接上了", "李阿姨")
    assert "6栋302" not in chen.last.text


async def test_a_name_without_consent_is_covered(town: Town) -> None:
    lin, mei = await town.member("林站长"), await ask(town)
    lin.hears("李阿姨", "够不着")
    async with town.store.transaction() as session:
        owner = person_of(session, mei).id
        consent.withdraw(session, person_id=owner, purpose="account", at=town.clock.now())
    await lin.taps("不发", "返回")
    lin.hears(f"{HIDDEN} ·")
    assert "李阿姨" not in lin.last.text
    assert "够不着" not in lin.last.text


async def test_words_whose_sweep_is_late_open_for_nobody(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await mei.taps("办好了")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        member, owner = person_of(session, lin), person_of(session, mei)
        words = cases.story_of(case)
        assert _why(session, words, member.id, case.id) is None
        assert _why(session, words, owner.id, case.id) is None
    town.clock.advance(cases.KEEP.total_seconds())  # and no sweep runs
    async with town.store.transaction() as session:
        assert _why(session, words, member.id, case.id) is Reason.CASE
        assert _why(session, words, owner.id, case.id) is Reason.KEPT
        assert _why(session, people.name_of(owner), member.id, case.id) is Reason.CASE


def _why(session: Session, words: Any, reader: str, case: str | None) -> Reason | None:
    try:
        gate_of(session).allows(session, words, reader=reader, case=case)
    except Closed as closed:
        return closed.reason
    return None


async def has_read(town: Town, who: Neighbour, *, of: int, part: str = "moderator") -> None:
    """As if she had opened the words of so many people an hour ago."""
    at: datetime = town.clock.now() - timedelta(hours=1)
    async with town.store.transaction() as session:
        reader = person_of(session, who).id
        line = {"at": at, "reader_id": reader, "part": part, "purpose": "moderate", "kind": "name"}
        access_log.write(session, [{**line, "owner_id": f"n{n}", "case_id": ""} for n in range(of)])


async def test_who_has_read_about_very_many_reads_no_more_and_the_others_hear_once(town: Town) -> None:
    lin, zhao = await town.member("林站长"), await town.member("赵姐")
    await has_read(town, lin, of=199)
    await ask(town)
    lin.hears("李阿姨", "够不着")
    wang = await ask(town, "王伯")
    assert "王伯" not in lin.everything
    lin.has_heard(f"{HIDDEN} ·", "一天里，您打开了很多位邻居的内容")
    zhao.has_heard("王伯", "林站长一天里打开了很多位邻居的内容")
    assert {who for who, _, _ in await lines(town, wang)} == {"赵姐"}
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    assert lin.everything.count("李阿姨") == 2  # whom she has read about today she reads about again
    await ask(town, "陈叔")
    assert lin.everything.count("一天里，您打开了") == 1
    assert zhao.everything.count("林站长一天里") == 1
    async with town.store.transaction() as session:
        assert len(session.exec(select(Event).where(Event.kind == Kind.READ_MUCH)).all()) == 1
    await has_read(town, zhao, of=200)
    await ask(town, "吴姨")
    zhao.has_heard("一天里，您打开了很多位邻居的内容")  # each is told of her own
    lin.has_heard("赵姐一天里打开了很多位邻居的内容")
    await town.later(hours=24)
    await lin.starts()
    await lin.taps("待办", "YS-0002")
    lin.has_heard("王伯")
    assert {who for who, _, _ in await lines(town, wang)} == {"赵姐", "林站长"}


async def test_looking_at_who_sees_what_leaves_no_line(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    before = await lines(town, mei) | await lines(town, chen)
    async with town.store.transaction() as session:
        numbers = [one.phone.user.id for one in (mei, chen, lin)]
        (case,) = insight.read(session, town.service.house, "zh", numbers)["cases"]
        count = len(session.exec(select(Access)).all())
    assert case["values"]["door"] == "6栋302"
    assert {"door", "name"} <= set(case["sees"]["helper"])
    assert await lines(town, mei) | await lines(town, chen) == before
    async with town.store.transaction() as session:
        assert len(session.exec(select(Access)).all()) == count


async def test_a_story_whose_key_was_erased_is_covered_and_breaks_no_card(town: Town) -> None:
    lin, _ = await town.member("林站长"), await ask(town)
    async with town.store.transaction() as session:
        town.vault.forget(session.exec(select(Case)).one().id, "story")
    await lin.taps("不发", "返回")
    lin.hears(f"{HIDDEN}\n", "李阿姨")
    assert "够不着" not in lin.last.text


async def test_whose_key_was_erased_is_in_nobodys_way(town: Town) -> None:
    """She shares a bucket with another, who is still known."""
    gone, lin = await town.newcomer("陈叔"), await town.newcomer("李阿姨")
    async with town.store.transaction() as session:
        left, stays = person_of(session, gone), person_of(session, lin)
        people.update(session, left, telegram_index=stays.telegram_index)
        town.vault.forget(left.id)
    async with town.store.transaction() as session:
        assert people.find(session, lin.phone.user.id) is not None
        assert people.find(session, gone.phone.user.id) is None


async def test_lines_go_after_three_years(town: Town) -> None:
    mei, _, _ = await engaged(town)
    at = town.clock.now()
    async with town.store.transaction() as session:
        owner = person_of(session, mei).id
        line = {"owner_id": owner, "reader_id": "r", "part": "desk", "purpose": "answer", "kind": "name"}
        access_log.write(session, [{**line, "at": at + KEPT + timedelta(hours=2), "case_id": ""}])
    town.clock.advance((KEPT - timedelta(hours=1)).total_seconds())
    await town.settle()
    async with town.store.transaction() as session:
        assert len(access_log.of(session, owner)) > 1
    await town.later(hours=3)
    async with town.store.transaction() as session:
        assert [line.part for line in access_log.of(session, owner)] == ["desk"]


async def stands(town: Town, reader: Neighbour, owner: Neighbour, case: str | None) -> set[str]:
    gate = town.store.gate
    assert gate is not None
    async with town.store.transaction() as session:
        one, other = person_of(session, reader).id, person_of(session, owner).id
        return set(gate._standing.parts(session, reader=one, case=case, owner=other))


async def test_who_stands_how_at_every_step(either_town: Town) -> None:
    town = either_town
    lin, chen, zhao = await town.member("林站长"), await town.volunteer("小陈"), await town.volunteer("小赵")
    mei, wang = await ask(town), await town.newcomer("王伯")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one().id

    async def now() -> tuple[set[str], set[str], set[str], set[str]]:
        """The staff and the helper to the asker, another who was asked, and the asker to the helper."""
        whom = ((lin, mei), (chen, mei), (zhao, mei), (mei, chen))
        a, b, c, d = [await stands(town, reader, owner, case) for reader, owner in whom]
        return a, b, c, d

    assert await now() == ({"moderator"}, set(), set(), set())
    await lin.taps("放行")
    await town.settle()
    assert await now() == ({"moderator"}, {"asked"}, {"asked"}, set())
    await chen.taps("我来")
    assert await now() == ({"moderator"}, {"asked"}, {"asked"}, set())
    await chen.taps("确认接单")
    assert await now() == ({"moderator"}, {"helper"}, set(), {"asker"})
    assert await stands(town, lin, chen, case) == {"moderator"}
    assert await stands(town, zhao, chen, case) == set()
    await chen.taps("办好了")
    assert await now() == ({"moderator"}, {"helped"}, set(), {"asker"})
    await mei.taps("办好了")
    assert await now() == ({"moderator"}, {"thanked"}, set(), {"asker"})
    assert await stands(town, wang, mei, case) == set()
    assert (
        await stands(town, lin, wang, case) == set()
    )  # who has no part in a case is not read about by way of it
    assert await stands(town, lin, mei, "no-such-case") == set()
    assert await stands(town, lin, wang, None) == {"desk"}
    assert await stands(town, wang, mei, None) == set()
    town.clock.advance(cases.KEEP.total_seconds())
    assert await now() == (set(), set(), set(), set())


async def test_who_handed_back_reads_no_name_any_more(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one().id
    await chen.taps("去不了了", "不想说")
    assert await stands(town, chen, mei, case) == {"asked"}
    assert await stands(town, mei, chen, case) == {"asker"}


async def test_staff_who_are_a_side_read_nothing_as_staff(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one().id
        for one in (mei, chen):
            staff.grant(session, person_of(session, one).id, Role.MODERATOR)
    assert await stands(town, mei, chen, case) == {"asker"}
    await chen.taps("办好了")
    assert await stands(town, chen, mei, case) == {"helped"}


async def test_a_role_that_has_ended_opens_nothing(town: Town) -> None:
    lin, mei = await town.member("林站长"), await ask(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one().id
        staff.end(session, person_of(session, lin).id)
    assert await stands(town, lin, mei, case) == set()
    assert await stands(town, lin, mei, None) == set()
