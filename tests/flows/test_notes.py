"""What staff note for each other on a case."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import cases, copying, notes, people
from bot.community.cases import Case
from privacy.receipt import Controller
from tests.flows.test_claim import ask
from tests.flows.test_queue import the_case
from tests.town import Neighbour, Town


async def noted(town: Town, lin: Neighbour, words: str, whose: str) -> None:
    await lin.forges(f"v1:review.note:{(await the_case(town)).id}:0")
    await lin.says(words)
    await lin.taps(whose)


async def copy_of(town: Town, mei: Neighbour) -> list[dict[str, str]]:
    async with town.store.transaction() as session:
        person = people.find(session, mei.phone.user.id)
        assert person is not None
        made = copying.machine(session, town.service.house.local, person, Controller("", "", "", ""))
        return [note for request in made["requests"] for note in request["notes"]]


async def test_a_note_is_for_colleagues_and_what_is_of_her_alone_is_in_her_copy(either_town: Town) -> None:
    town = either_town
    lin, wu = await town.member("林站长"), await town.member("小吴")
    mei = await ask(town)
    await lin.taps("安排", "备注")
    lin.hears("还没有", "YS-0001")
    await lin.taps("写一条")
    await lin.says("耳朵不太好，打 13812345678 要响久一点")
    assert "13812345678" not in lin.last.text
    await lin.taps("只说这位邻居")
    lin.hears("林站长", "耳朵不太好")
    await town.later(minutes=1)
    await noted(town, lin, "她儿子在外地，别告诉他", "也说到别人")
    await wu.taps("安排", "备注")
    wu.hears("耳朵不太好", "她儿子在外地", "林站长")
    assert "耳朵不太好" not in mei.everything
    first, second = await copy_of(town, mei)
    assert "耳朵不太好" in first["words"]
    assert second["words"] == ""


@pytest.mark.parametrize("action", ["notes", "note"])
async def test_nobody_else_reads_or_writes_one(town: Town, action: str) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await noted(town, lin, "耳朵不太好", "只说这位邻居")
    for one in (mei, await town.newcomer("伊芙")):
        await one.forges(f"v1:review.{action}:{(await the_case(town)).id}:0")
        one.hears("不是给您的")


async def test_what_is_too_long_is_not_kept(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    await lin.forges(f"v1:review.note:{(await the_case(town)).id}:0")
    await lin.says("长" * 301)
    lin.hears("300 字以内")
    await lin.says("/cancel")
    async with town.store.transaction() as session:
        assert notes.of_case(session, session.exec(select(Case.id)).one()) == []


async def test_notes_go_with_the_words_of_the_case(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await noted(town, lin, "耳朵不太好", "只说这位邻居")
    await mei.taps("看进度", "撤回", "撤回")
    await town.later(hours=cases.KEEP.days * 24 + 1)
    await town.settle()
    async with town.store.transaction() as session:
        assert session.exec(select(notes.StaffNote)).all() == []


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await ask(town)
    await lin.taps("Arrange", "Notes", "Write one")
    await lin.says("Hard of hearing")
    await lin.taps("This neighbour alone")
    lin.hears("Notes on YS-0001", "Hard of hearing")
