"""A supervisor looks at how a few needs went: drawn by lot, nothing of what they were about, never what she handled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from bot.community import events, people, rules, staff
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.staff import Role
from bot.data import Local
from bot.handlers.sample import service
from tests.flows.test_claim import ask
from tests.flows.test_close import engaged
from tests.flows.test_ledgers import supervisor
from tests.flows.test_matrix import two_communities
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town


async def done_last_week(town: Town) -> tuple[Neighbour, Neighbour]:
    """One need that ended well, a week ago; and the supervisor."""
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("办好了")
    await town.later(hours=24 * 7)
    return lin, await supervisor(town)


async def test_how_it_went_is_looked_at_and_staff_hear_what_was_not_fine(either_town: Town) -> None:
    town = either_town
    lin, boss = await done_last_week(town)
    await boss.taps("五本账", "抽看几件")
    boss.hears("YS-0001", "不看是谁的")
    await boss.taps("看 YS-0001")
    boss.hears("收到求助", "放行", "有人接", "说办好了", "本人说好了", "这样办，行吗")
    for secret in ("灯坏了", "李阿姨", "小陈", "302", "林站长"):
        assert secret not in boss.everything
    slow = boss.button("太慢了")
    await lin.forges(slow)
    lin.hears("不是给您的")
    await boss.taps("太慢了")
    boss.hears("都看过了")
    lin.hears("YS-0001 督导抽看过经过", "太慢了")
    await boss.forges(slow)
    assert "旧的" in boss.toast
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        [line] = [one for one in events.of_case(session, case.id) if one.kind == Kind.SAMPLED]
        assert (line.code, line.actor_id) == ("slow", one_of(session, boss).id)


async def test_fine_is_told_to_nobody(town: Town) -> None:
    lin, boss = await done_last_week(town)
    await boss.taps("五本账", "抽看几件", "看 YS-0001", "没问题")
    boss.hears("都看过了")
    assert "抽看" not in lin.everything
    await boss.forges("v1:sample.judge=nice:x:0")
    boss.hears("不是给您的")


async def test_nobody_looks_at_what_she_handled(town: Town) -> None:
    """Lin let it out, and supervises now."""
    lin, _ = await done_last_week(town)
    async with town.store.transaction() as session:
        her = people.find(session, lin.phone.user.id)
        assert her is not None
        staff.end(session, her.id)
        staff.grant(session, her.id, Role.SUPERVISOR)
        case = session.exec(select(Case)).one()
        assert her.id in rules.hands(session, case)
    await lin.starts()
    await lin.taps("五本账", "抽看几件")
    lin.hears("都看过了")
    await lin.forges(f"v1:sample.look:{case.id}:{case.version}")
    assert "收到" not in lin.last.text


@pytest.mark.parametrize("most", [0, 2, 5])
async def test_the_lot_is_drawn_by_number_and_week_alone(town: Town, most: int) -> None:
    """So many at most; the same for everybody all week, and another week another lot; what is still running is never in it."""
    await town.member("林站长")
    for n in range(5):
        await ask(town, f"邻居{n}")
    local = replace(Local.load(), sample=most)
    async with town.store.transaction() as session:
        assert service.drawn(session, local, "") == []
        for case in session.exec(select(Case)):
            case.state, case.ended_at = "closed", town.clock.now()
            events.note(session, case.id, Kind.VERIFIED)
            session.add(case)
    await town.later(hours=24 * 7 + 1)
    drawn = []
    for _ in range(2):
        async with town.store.transaction() as session:
            drawn.append([case.number for case in service.drawn(session, local, "")])
            assert service.drawn(session, local, "east") == []
        await town.later(hours=24)
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == min(most, 5)


async def test_in_english(town: Town) -> None:
    await done_last_week(town)
    boss = await town.newcomer("Boss", "en")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, boss).id, Role.SUPERVISOR)
    await boss.starts()
    await boss.taps("The five ledgers", "Look at a few")
    boss.hears("A few of the requests that ended last week were drawn")
    await boss.taps("YS-0001")
    boss.hears("Request received", "Done, they said", "Was this handled well?")
    await boss.taps("Fine")
    boss.hears("have been looked at")


async def test_of_a_week_only_the_few_are_read_that_lie_there(sqlite_url: str, tmp_path: Path) -> None:
    town = Town(sqlite_url, community=two_communities(tmp_path / "data"))
    await done_last_week(town)
    async with town.store.transaction() as session:
        first = session.exec(select(Case)).one()
        for number, area in enumerate(["b3", "b2", None, "b1", "b2", "b3"], first.number + 1):
            row = {**first.model_dump(), "id": f"copy{number}", "number": number, "area": area}
            session.add(Case(**row))
            session.flush()
            events.note(session, f"copy{number}", Kind.VERIFIED)
    read: list[int] = []
    event.listen(Case, "load", lambda case, _: read.append(case.number))
    async with town.store.transaction() as session:
        local = replace(town.service.house.local, sample=2)
        drawn = {there: service.drawn(session, local, there) for there in ("", "east")}
        assert {case.area for case in drawn["east"]} == {"b3"}
        assert {case.area for case in drawn[""]} <= {"b1", "b2", None}
        assert [len(found) for found in drawn.values()] == [2, 2]
    assert sorted(read) == sorted(case.number for found in drawn.values() for case in found)
    town.close()


@pytest.mark.parametrize(
    "kind", [Kind.HIDDEN, Kind.KEPT, Kind.REFERRED, Kind.EDITED, Kind.VOLUNTEERS_ASKED, Kind.DESK]
)
async def test_no_hand_in_it_means_none_of_what_staff_do(town: Town, kind: Kind) -> None:
    """She was a moderator then, and hid it, put it in other words, thought of somebody, or spoke in its asker's name."""
    _, boss = await done_last_week(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        events.note(session, case.id, kind, actor=one_of(session, boss).id, code="x")
    await boss.forges(f"v1:sample.look:{case.id}:0")
    assert "经过手" in boss.toast
    await boss.forges("v1:sample.list:-:0")
    assert "YS-0001" not in boss.last.text
