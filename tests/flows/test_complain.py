"""Somebody complains: another person than who handled it looks at it and answers, by a day that is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from bot.community import complaints, people, staff
from bot.community.complaints import Complaint
from bot.community.record import gate_of
from bot.errors import OldButton
from privacy.opening import Closed
from tests.flows.test_claim import approved
from tests.flows.test_close import engaged
from tests.flows.test_matrix import two_communities
from tests.flows.test_my_data import erases_all, one_of, only_case
from tests.town import Neighbour, Town

WORDS = "他没有来，也没有说一声"


async def only(town: Town) -> Complaint:
    async with town.store.transaction() as session:
        return session.exec(select(Complaint)).one()


async def complained(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    """About a case Lin handled; Wu had no hand in it."""
    mei, _, lin = await engaged(town)
    wu = await town.member("小吴")
    await mei.says("投诉")
    await mei.taps("YS-0001")
    await mei.says(WORDS)
    await mei.taps("交上去")
    return mei, lin, wu


async def test_another_person_than_who_handled_it_reads_and_answers(either_town: Town) -> None:
    town = either_town
    mei, lin, wu = await complained(town)
    mei.hears("投诉 1 号", "11 月 30 日", "加了密")
    wu.hears("投诉 1 号", WORDS, "YS-0001", "李阿姨", "没有经手")
    assert WORDS not in lin.everything
    await wu.taps("回复")
    await wu.says("是我们没有安排好，明天再去")
    wu.hears("已回")
    mei.hears("投诉 1 号有答复了", "明天再去", "街道办事处", "0592-555 0190")
    await mei.says("投诉")
    mei.hears("投诉 1 号", "回了您")


async def test_a_complaint_told_as_a_need_is_taken_as_one_and_not_told_twice(town: Town) -> None:
    mei, _, _ = await engaged(town)
    await town.member("小吴")
    await mei.says("我要投诉志愿者，没有来也没有说")
    mei.hears("您是想投诉吧")
    await mei.taps("投诉", "YS-0001")
    mei.hears("没有来也没有说")
    await mei.taps("交上去")
    mei.hears("投诉 1 号")
    await mei.starts()
    assert "没写完" not in mei.last.text


async def test_who_handled_it_cannot_answer_nor_can_others(town: Town) -> None:
    mei, lin, wu = await complained(town)
    reply = wu.button("回复")
    for somebody in (lin, mei, await town.newcomer("伊芙")):
        await somebody.forges(reply)
        somebody.hears("不是给您的")
    await wu.forges(reply.replace((await only(town)).id, "x" * 16))
    wu.hears("不是给您的")
    assert (await only(town)).answered_at is None


async def test_the_first_answer_counts(either_town: Town) -> None:
    town = either_town
    _, _, lin = await engaged(town)
    wu, han = await town.member("小吴"), await town.member("小韩")
    mei = await town.newcomer("张叔")
    await mei.says("投诉")
    await mei.taps("别的事")
    await mei.says("周末总没有人")
    await mei.taps("交上去")
    for member in (lin, wu, han):
        member.hears("周末总没有人")
    old = lin.button("回复")
    await wu.taps("回复")
    await han.taps("回复")
    await wu.says("下个月周末有人")
    await han.says("我来回")
    assert "我来回" not in mei.everything
    assert "旧的" in han.toast or "没有发出去" in han.last.text
    mei.hears("下个月周末有人")
    await lin.forges(old)
    assert "旧的" in lin.toast
    async with town.store.transaction() as session:
        complaint = session.exec(select(Complaint)).one()
        with pytest.raises(OldButton):  # the database decides who was first
            complaints.answer(session, complaint, staff_id=one_of(session, han).id, words="我来回")
        assert complaint.answered_by == one_of(session, wu).id


async def test_where_everybody_had_a_hand_in_it_she_hears_whom_to_turn_to(town: Town) -> None:
    mei, _, _ = await engaged(town)
    await mei.says("投诉")
    await mei.taps("YS-0001")
    mei.hears("街道办事处", "0592-555 0190", "不归我们管")
    async with town.store.transaction() as session:
        assert session.exec(select(Complaint)).all() == []


async def test_staff_who_complain_do_not_answer_themselves(town: Town) -> None:
    lin = await town.member("林站长")
    await lin.says("投诉")
    await lin.says("没有人听我说")
    await lin.taps("交上去")
    lin.hears("不归我们管")


async def test_more_lines_and_written_anew_and_in_english(town: Town) -> None:
    wu = await town.member("小吴")
    ann = await town.newcomer("Ann", language="en")
    await ann.says("complain")
    await ann.says("nobody came")
    ann.hears("nobody came", "Hand it in")
    await ann.says("call me 13812345678")
    ann.hears("nobody came\ncall me ▇▇▇")
    await ann.taps("Write it again")
    await ann.says("x" * 1001)
    ann.hears("Too long")
    await ann.says("Nobody came at all")
    assert "call me" not in ann.last.text
    await ann.taps("Hand it in")
    ann.hears("Received, complaint 1")
    wu.hears("Nobody came at all")


async def test_an_answer_that_is_late_is_told_and_staff_are_reminded(town: Town) -> None:
    mei, lin, wu = await complained(town)
    before = wu.everything.count(WORDS)
    await town.later(hours=24 * 5)
    wu.hears("还没有回", WORDS)
    assert wu.everything.count(WORDS) == before + 1
    assert "过了答应" not in mei.everything
    await town.later(hours=24 * 2)
    mei.hears("投诉 1 号还没有答复", "是我们不对", "街道办事处")
    for _ in range(6):
        await town.later(hours=24)
    assert mei.everything.count("是我们不对") == 1
    assert wu.everything.count(WORDS) == before + 5
    assert WORDS not in lin.everything


async def test_a_year_after_the_answer_the_words_are_gone(either_town: Town) -> None:
    town = either_town
    _, _, wu = await complained(town)
    await wu.taps("回复")
    await wu.says("明天再去")
    await town.later(hours=24 * 365 - 1)
    async with town.store.transaction() as session:
        assert session.exec(select(Complaint)).one().words is not None
    await town.later(hours=1)
    complaint = await only(town)
    assert (complaint.words, complaint.answer, complaint.due_at) == (None, None, None)


async def test_who_leaves_takes_her_complaint_along(town: Town) -> None:
    mei, _, wu = await complained(town)
    reply = wu.button("回复")
    await erases_all(mei)
    complaint = await only(town)
    assert (complaint.words, complaint.due_at) == (None, None)
    await wu.forges(reply)
    assert "旧的" in wu.toast
    assert WORDS not in wu.everything
    await town.later(hours=24 * 9)
    assert WORDS not in wu.everything


async def test_old_buttons_of_somebody_else_hand_nothing_in(town: Town) -> None:
    mei, _ = await approved(town)
    await town.member("小吴")
    await mei.says("投诉")
    await mei.taps("YS-0001")
    await mei.says(WORDS)
    send = mei.button("交上去")
    await mei.taps("返回", "返回")
    eve = await town.newcomer("伊芙")
    await eve.says("投诉")
    about = eve.button("别的事").replace("=none", f"={(await only_case(town)).id}")
    await eve.forges(about)
    eve.hears("不是给您的")
    for somebody in (mei, eve):
        await somebody.forges(send)
    async with town.store.transaction() as session:
        assert session.exec(select(Complaint)).all() == []
        assert complaints.of_person(session, one_of(session, mei).id) == []


async def test_who_looks_after_the_case_reads_the_name_though_its_writer_lives_elsewhere_now(
    sqlite_url: str, tmp_path: Path
) -> None:
    town = Town(sqlite_url, community=two_communities(tmp_path / "data"))
    mei, _, _ = await engaged(town)
    wu, east = await town.member("小吴"), await town.newcomer("东东")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, east).id, staff.Role.MODERATOR, community="east")
        people.update(session, one_of(session, mei), area="b3")
    await mei.says("投诉")
    await mei.taps("YS-0001")
    await mei.says(WORDS)
    await mei.taps("交上去")
    wu.hears("投诉 1 号", WORDS, "李阿姨")
    assert WORDS not in east.everything
    await wu.taps("回复")
    await wu.says("明天再去")
    async with town.store.transaction() as session:  # and once it is answered she is nobody's here
        name, reader = people.name_of(one_of(session, mei)), one_of(session, wu).id
        with pytest.raises(Closed):
            gate_of(session).open(session, name, reader=reader)
    town.close()
