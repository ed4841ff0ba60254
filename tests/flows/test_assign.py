"""Staff think of somebody they know: she is asked and told so, may say no, and what comes of it counts as assigned."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from bot.community import claims, events, pairs, people
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.handlers.assign import service
from tests.flows.test_claim import approved
from tests.flows.test_matrix import two_communities
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town


async def thinks_of(town: Town, lin: Neighbour, name: str) -> None:
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
    await lin.forges(f"v1:decide.more:{case.id}:{case.version}")
    await lin.taps("问一位认识的")
    await lin.says(name)


async def test_she_is_asked_by_name_and_counts_as_assigned(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈", "陪")  # repairs nothing as far as she has said
    mei, lin = await approved(town)
    assert "够不着" not in chen.everything
    await thinks_of(town, lin, "小陈")
    lin.hears("问了小陈，等回音")
    chen.hears("够不着", "工作人员想到了您", "去不去都由您")
    await chen.taps("我来", "确认接单")
    mei.has_heard("小陈")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        assert case.state == State.ENGAGED
        assert events.code_of(session, case.id, Kind.ENGAGED) == "assigned"
        [asked] = [one for one in events.of_case(session, case.id) if one.code == "staff"]
        assert (asked.kind, asked.actor_id) == (Kind.VOLUNTEERS_ASKED, one_of(session, lin).id)


async def test_her_no_is_a_no(town: Town) -> None:
    chen = await town.volunteer("小陈", "陪")
    _, lin = await approved(town)
    await thinks_of(town, lin, "小陈")
    await chen.taps("这次不行")
    await thinks_of(town, lin, "小陈")  # and she is not asked twice
    lin.hears("现在不能问这一位")
    assert chen.everything.count("工作人员想到了您") == 0  # her card says what she said
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().state in (State.OPEN, State.NOBODY)


async def test_every_limit_of_hers_holds_and_nobody_learns_which(town: Town) -> None:
    """Not there, no volunteer, kept apart from the asker, off duty: the same words."""
    chen, zhao = await town.volunteer("小陈", "陪"), await town.volunteer("小赵", "陪")
    await town.newcomer("老吴", area="b2")
    mei, lin = await approved(town)
    async with town.store.transaction() as session:
        pairs.part(session, one_of(session, mei).id, one_of(session, chen).id, pairs.Why.BLOCKED)
        people.update(session, one_of(session, zhao), reachable=False)
    said = set()
    for name in ("小陈", "小赵", "老吴", "没有这人"):
        await thinks_of(town, lin, name)
        said.add(lin.last.text)
        await lin.taps("返回")
    assert len(said) == 1
    async with town.store.transaction() as session:
        assert claims.asks_of(session, session.exec(select(Case)).one().id) == []


async def test_nobody_is_asked_for_what_is_in_other_hands_meanwhile(town: Town) -> None:
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵", "陪")
    _, lin = await approved(town)
    await town.settle()
    await lin.starts()
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        begin = f"v1:assign.begin:{case.id}:{case.version}"
    await lin.forges(begin)
    await chen.taps("我来", "确认接单")
    await lin.says("小赵")
    assert "工作人员想到了您" not in zhao.everything
    await lin.forges(begin)
    assert "旧的" in lin.toast


async def test_in_english(town: Town) -> None:
    chen = await town.volunteer("Chen", "Phone lessons", "en")
    lin = await town.member("Lin", "en")
    ann = await town.newcomer("Ann", "en", area="b2")
    await ann.says("my lamp is broken, I cannot reach it")
    await ann.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("Approve and ask")
    await town.later(minutes=1)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
    await lin.forges(f"v1:decide.more:{case.id}:{case.version}")
    await lin.taps("Ask one you know")
    lin.hears("Who do you think of?")
    await lin.says("Chen")
    lin.hears("Chen has been asked")
    chen.hears("Staff thought of you", "it is up to you")


async def test_a_part_of_a_name_finds_a_few_and_staff_choose(either_town: Town) -> None:
    town = either_town
    fang = await town.volunteer("陈芳", "陪")
    await town.volunteer("陈静", "陪")
    far = await town.volunteer("陈远", "陪", area="b1")
    _, lin = await approved(town)
    await thinks_of(town, lin, "芳")  # one has it in her name
    fang.hears("工作人员想到了您")
    await thinks_of(town, lin, "陈")
    lin.hears("是哪一位", "陈芳", "陈静", "陈远 · 1–4 栋")
    [line] = [line for line in lin.last.text.splitlines() if "陈远 · 1–4 栋" in line]
    await lin.taps(f"看第 {line[0]} 位")
    lin.hears("问了陈远")
    far.hears("工作人员想到了您")
    async with town.store.transaction() as session:
        assert len(claims.asks_of(session, session.exec(select(Case)).one().id)) == 2


async def test_no_list_of_the_pool_comes_of_it(tmp_path: Path, sqlite_url: str) -> None:
    """Too many, nobody of another community, nobody who is no volunteer; and a choice that was not offered does nothing."""
    town = Town(sqlite_url, community=two_communities(tmp_path / "data"))
    for n in range(6):
        await town.volunteer(f"王{n}", "陪")
    east = await town.volunteer("赵东", "陪", area="b3")
    await town.newcomer("赵西", area="b2")
    _, lin = await approved(town)
    await thinks_of(town, lin, "王")
    lin.hears("太多了")
    assert "王1" not in lin.last.text
    await lin.says("赵")
    lin.hears("现在不能问这一位")
    assert "工作人员想到了您" not in east.everything
    async with town.store.transaction() as session:  # were the case there, it would be them and nobody here
        case = session.exec(select(Case)).one()
        case.area = "b3"
        assert [one.id for one in service.called(session, "赵", case)] == [one_of(session, east).id]
        assert service.called(session, "王", case) == []
        session.rollback()
    talk = lin.button("返回").split(":")
    await lin.forges(f"v1:assign.one=0:{talk[2]}:{talk[3]}")
    assert "旧的" in lin.toast
    town.close()
