"""How long a mediation is kept, and that nobody reads what is not hers: canaries in every text, searched for everywhere."""

from __future__ import annotations

import json
import logging

import pytest
import sqlalchemy as sa
from sqlmodel import select

import run_bot
from bot.community import copying, mediations, pairs, people
from bot.community.mediations import Mediation
from bot.community.stages import State
from bot.store.models import metadata
from privacy import archive
from tests.flows.mediating import (
    accepted,
    applies,
    both,
    chosen,
    joins,
    mediator,
    opens,
    reads,
    the_one,
    the_slip,
)
from tests.flows.test_canaries import found
from tests.flows.test_my_data import one_of, paper_of
from tests.flows.test_staff_group import asks, posted, with_group
from tests.town import Neighbour, Town

# Each side's own words, what each shows, and what the mediator writes.
A_WORDS, A_MORE, A_SHOWN = "金丝雀甲一吵架想请人调解", "金丝雀甲二", "金丝雀甲三"
WORDING = "金丝雀甲零"
B_WORDS, B_SHOWN, COMPANY, PAPER = "金丝雀乙一", "金丝雀乙二", "金丝雀乙三", "金丝雀丙"
PRIVATE_A, PRIVATE_B = [A_WORDS, A_MORE], [B_WORDS]
ALL = [A_WORDS, A_MORE, A_SHOWN, WORDING, B_WORDS, B_SHOWN, COMPANY, PAPER]


async def rows(town: Town, table: str) -> list[sa.Row]:
    async with town.store.transaction() as session:
        return list(session.execute(sa.select(metadata.tables[table])).all())


async def test_thirty_days_later_only_a_line_of_the_register_is_left(either_town: Town) -> None:
    town = either_town
    mei, _, _, chen = await accepted(town)
    await chen.taps("打开", "写要签的话")
    await chen.says(PAPER)
    await opens(chen)
    await chen.taps("没有谈成", "就这样记")
    mei.hears("没有谈成")
    await town.later(hours=24 * 30 - 1)
    one = await the_one(town)
    assert (one.agreement is not None, one.a_id is not None) == (True, True)
    assert await rows(town, "statement")
    async with town.store.transaction() as session:
        assert pairs.apart_from(session, one_of(session, mei).id)
    await town.later(hours=1)
    one = await the_one(town)
    assert (one.a_id, one.b_id, one.mediator_id, one.wording, one.agreement) == (None,) * 5
    assert (one.number, one.topic, one.outcome) == (1, "noise", State.NOT_AGREED)
    assert await rows(town, "statement") == await rows(town, "mediation_time") == []
    async with town.store.transaction() as session:
        assert not pairs.apart_from(session, one_of(session, mei).id)
    await town.later(hours=24 * 1065 - 1)
    assert await rows(town, "mediation")
    await town.later(hours=2)
    assert await rows(town, "mediation") == []


async def test_a_slip_nobody_answers_is_void_after_two_weeks(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    code = await the_slip(town, lin)
    wang = town.stranger("王叔")
    await wang.starts(f"m-{code}")
    await wang.taps("先听听", "同意")
    await wang.says("王叔")
    await town.later(hours=24 * 14 - 1)
    assert (await the_one(town)).b_id is not None
    await town.later(hours=1)
    one = await the_one(town)
    assert (one.state, one.b_id, one.code_index) == (State.NO_ANSWER, None, None)
    mei.hears("对方没有来", "12348")
    wang.hears("登记也都删掉")
    async with town.store.transaction() as session:
        assert people.find(session, wang.phone.user.id) is None


async def told(town: Town) -> tuple[Neighbour, Neighbour, Neighbour, Neighbour, Neighbour]:
    """A whole story with a canary in every text; another was asked first and would rather not."""
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b1")
    await mei.says(A_WORDS)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * 7, "声音")
    await mei.says(WORDING)
    await mei.taps("就这样", "可以这样送", "同意")
    wang = town.stranger("王叔")
    await joins(wang, await the_slip(town, lin))
    async with town.store.transaction() as session:
        people.update(session, one_of(session, wang), area="b1")
    wu = await mediator(town, "老吴")
    await chosen(lin)
    await wu.taps("没有往来，我来")
    for one in (mei, wang):
        await one.starts()
        await one.taps("坐下来谈", "1 号", "写给调解人")
        await one.says(A_MORE if one is mei else B_WORDS)
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "换一位调解人")
    chen = await mediator(town, "老陈")
    await chosen(lin)
    await chen.taps("没有往来，我来")
    for one in (mei, wang):
        await one.starts()
        await one.taps("坐下来谈", "1 号")
        one_id = (await the_one(town)).id
        chen_id = (await the_one(town)).mediator_id
        await one.forges(f"v1:mediate.accept={chen_id}:{one_id}:0")
    for one, words in ((mei, A_SHOWN), (wang, B_SHOWN)):
        await one.starts()
        await one.taps("坐下来谈", "1 号", "写给调解人")
        await one.says(words)
        await one.taps("给对方也看")
    await wang.taps("回这件事", "带人陪或翻译")
    await wang.says(COMPANY)
    await mei.taps("同意带来")
    await opens(chen)
    await chen.taps("写要签的话")
    await chen.says(PAPER)
    await chen.taps("打印")
    return mei, wang, lin, wu, chen


def leaks(text: str, *words: str) -> list[str]:
    return [word for word in words if word in text]


async def pages(town: Town, one: Neighbour) -> str:
    """Everything she can look at about it, and all that she was ever told, documents included."""
    await one.starts()
    for label in ("坐下来谈", "已经结束的", "1 号", "看写过的"):
        if any(label in button.text for row in one.last.buttons for button in row):
            await one.taps(label)
    return one.everything


async def copy_of(town: Town, one: Neighbour) -> str:
    async with town.store.transaction() as session:
        person, local = one_of(session, one), town.service.house.local
        controller = copying.Controller(name="x", contact="x", storage="x", withdrawal="x")
        everything = copying.machine(session, local, person, controller)
        return json.dumps(everything, ensure_ascii=False)


async def test_nobody_reads_what_is_not_hers(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.setLevel(logging.NOTSET)
    run_bot.log("DEBUG")
    mei, wang, lin, wu, chen = await told(town)
    eve = await town.newcomer("伊芙")
    assert leaks(mei.everything + await copy_of(town, mei), *PRIVATE_B) == []
    assert leaks(wang.everything + await copy_of(town, wang), *PRIVATE_A) == []
    for one in (mei, wang):
        seen = await pages(town, one)
        assert leaks(seen, A_SHOWN, B_SHOWN, COMPANY, PAPER) == [
            A_SHOWN,
            B_SHOWN,
            COMPANY,
            PAPER,
        ]  # a positive control
    assert leaks(await pages(town, mei), *PRIVATE_B) == []
    assert leaks(await pages(town, wang), *PRIVATE_A) == []
    for outsider in (lin, wu, eve):
        await outsider.starts()
        assert leaks(await pages(town, outsider) + await copy_of(town, outsider), *ALL) == []
    one = await the_one(town)
    for action in ("desk", "slip", "choose", "halt"):
        for outsider in (wu, eve):
            await outsider.forges(f"v1:mediator.{action}:{one.id}:0")
            assert leaks(outsider.everything, *ALL) == []
    await reads(chen)
    await chen.taps("更早的")
    assert leaks(chen.last.text, A_WORDS, B_WORDS, A_MORE) == [
        A_WORDS,
        B_WORDS,
        A_MORE,
    ]  # the mediator does read
    assert leaks(caplog.text, *ALL, "李阿姨", "王叔") == []
    assert found(town, ALL) == []  # nothing of it lies open in any file
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "不谈了")
    await reads(chen)
    assert leaks(chen.last.text, *ALL) == []
    async with town.store.transaction() as session:
        found_one = session.exec(select(Mediation)).one()
        assert mediations.to_arrange(session) == []
        assert found_one.state == State.WITHDRAWN


async def nobody_reads_more(
    town: Town, mei: Neighbour, wang: Neighbour, *outsiders: Neighbour, words: list[str] = ALL
) -> None:
    """What each can look at, was told and is given: hers and what was shown to her, and outside of it nothing."""
    for one, theirs in ((mei, PRIVATE_B), (wang, PRIVATE_A)):
        assert leaks(await pages(town, one) + await copy_of(town, one), *theirs) == []
    number = (await the_one(town)).id
    for outsider in outsiders:
        for action in ("mediator.desk", "mediator.read", "mediator.see", "mediate.read", "mediate.see"):
            await outsider.starts()
            await outsider.forges(f"v1:{action}:{number}:0")
            assert leaks(outsider.everything, *words) == []
        assert leaks(await pages(town, outsider) + await copy_of(town, outsider), *words) == []
    assert found(town, words) == []


async def test_times_more_time_the_court_and_the_follow_up_tell_nobody_more(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setLevel(logging.NOTSET)
    run_bot.log("DEBUG")
    mei, wang, lin, wu, chen = await told(town)
    group = await with_group(town, lin)
    monkeypatch.setitem(town.service.house.local.mediation.__dict__, "committee", True)
    eve, number = await town.newcomer("伊芙"), (await the_one(town)).id
    assert leaks(paper_of(town, chen)[1].decode(), *ALL) == [PAPER]
    assert leaks(paper_of(town, lin)[1].decode(), *ALL, "李阿姨", "王叔") == []
    await chen.starts()
    await chen.forges(f"v1:mediator.meet=both:{number}:0")
    await chen.says("周六上午十点")
    for one in (mei, wang):
        await one.taps("没有，我来")
    await town.later(hours=24 * 4 + 1)
    for one in (mei, wang, chen):
        one.hears("提醒一声")
    for one in (mei, wang):
        await one.starts()
        await one.forges(f"v1:mediate.longer:{number}:0")
    mei.hears("延到")
    await nobody_reads_more(town, mei, wang, lin, wu, eve)
    await chen.starts()
    await chen.forges(f"v1:mediator.outcome=agreed_written:{number}:0")
    await chen.taps("两周后")
    for one in (mei, wang):
        await one.taps("要司法确认")
    await town.later(hours=24 * 14 + 1)
    await mei.taps("没有做到", "可以告诉")
    await wang.taps("做到一些")
    chen.hears("还没有都做到")
    await town.later(hours=24 * 9)
    for one in (mei, wang):
        one.hears("一起去法院申请")
    assert (await the_one(town)).state == State.FOLLOWED
    await nobody_reads_more(town, mei, wang, lin, wu, eve)
    for one in (wang, lin, wu, eve):
        assert "愿意让您知道" not in one.everything
    await reads(chen)
    assert leaks(chen.last.text, *ALL) == []  # it is over
    assert posted(group) == []
    assert leaks(caplog.text, *ALL, "李阿姨", "王叔") == []


async def test_who_sat_in_the_middle_reads_nothing_of_what_comes_after_her(town: Town) -> None:
    mei, wang, lin, wu, chen = await told(town)
    number, later = (await the_one(town)).id, "金丝雀甲四"
    await wang.starts()
    await wang.forges(f"v1:mediate.object={(await the_one(town)).mediator_id}:{number}:0")
    await mei.starts()
    await mei.forges(f"v1:mediate.say:{number}:0")
    await mei.says(later)
    await mei.taps("给对方也看")
    wang.hears(later)
    await nobody_reads_more(town, mei, wang, lin, wu, words=[*ALL, later])
    for action in ("read", "see", "paper"):
        await chen.starts()
        await chen.forges(f"v1:mediator.{action}:{number}:0")
        assert leaks(chen.last.text, *ALL, later) == []
    assert later not in chen.everything


async def test_a_guest_who_declines_and_who_listens_leave_no_word_behind(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.setLevel(logging.NOTSET)
    run_bot.log("DEBUG")
    guest = "金丝雀客"
    lin, eve, mei = await town.member("林站长"), await town.newcomer("伊芙"), await town.newcomer("李阿姨")
    await mei.says(A_WORDS)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * 7, "声音")
    await mei.says(WORDING)
    await mei.taps("就这样", "可以这样送", "同意")
    wang = town.stranger("王叔")
    await wang.starts(f"m-{await the_slip(town, lin)}")
    assert leaks(wang.everything, *ALL, "李阿姨") == []  # before she listens not even what it is about
    await wang.taps("先听听", "同意")
    await wang.says(guest)
    wang.hears(WORDING)
    assert leaks(wang.everything, A_WORDS, "李阿姨") == []
    await wang.taps("不参加")
    mei.hears("对方没有来")
    for one in (mei, lin, eve):
        assert leaks(await pages(town, one) + await copy_of(town, one), guest, "王叔") == []
    for one in (lin, eve):
        assert leaks(await pages(town, one), *ALL) == []
    assert found(town, [guest, *ALL]) == []
    assert leaks(caplog.text, *ALL, guest, "李阿姨", "王叔") == []


async def test_of_several_households_staff_hear_a_name_and_no_word(town: Town) -> None:
    lin, eve, mei = await town.member("林站长"), await town.newcomer("伊芙"), await town.newcomer("李阿姨")
    await mei.says(A_WORDS)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * 6)
    await mei.says("有")
    await mei.taps("想开协商会")
    lin.hears("李阿姨找工作人员", "我想开个楼里的协商会")
    for one in (lin, eve):
        assert leaks(await pages(town, one) + await copy_of(town, one), *ALL) == []
    assert await rows(town, "mediation") == await rows(town, "statement") == []
    assert found(town, ALL) == []


async def test_the_copy_staff_make_has_nothing_of_it(town: Town) -> None:
    mei, *_ = await told(town)
    async with town.store.transaction() as session:
        person, local, texts = one_of(session, mei), town.service.house.local, town.service.house.texts
        locked, key = copying.make(session, local, texts, person, whole=False)
    assert leaks(archive.unlock(locked, key).decode("utf-8", "replace"), *ALL) == []


async def test_two_who_talk_are_not_sent_to_each_other_to_help(town: Town) -> None:
    mei, wang, _ = await both(town)
    async with town.store.transaction() as session:
        assert pairs.apart_from(session, one_of(session, mei).id) == {one_of(session, wang).id}


async def test_no_group_ever_hears_of_it(town: Town) -> None:
    lin = await town.member("林站长")
    group = await with_group(town, lin)
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    await town.later(hours=10)
    await lin.taps("打开")
    lin.hears("1 号")
    await town.later(hours=24)
    assert posted(group) == []
    await asks(town)
    assert len(posted(group)) == 1  # of everything else it does hear
