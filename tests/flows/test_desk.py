"""Staff do for a neighbour who comes, calls or writes what others do in the chat; whose word it was is kept."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from bot.community import events, people, staff
from bot.community.cases import Case, State
from bot.community.events import Kind
from privacy import access_log, consent
from privacy.consent import By, Status
from tests.flows.test_close import engaged
from tests.flows.test_my_data import nouns_of, one_of, only_case, opened, paper_of
from tests.town import Neighbour, Town


async def at_desk(lin: Neighbour, who: str, way: str = "当面说的") -> None:
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says(who)
    await lin.taps(way)


async def acts_on(town: Town, person_id: str) -> list[str | None]:
    async with town.store.transaction() as session:
        return [line.code for line in events.of_case(session, person_id) if line.kind == Kind.DESK]


@pytest.mark.parametrize("who", ["YS-0001", "1", "ys0001", "李阿姨", " 李 阿姨 "])
async def test_somebody_is_found_by_number_or_by_her_whole_name(town: Town, who: str) -> None:
    _, _, lin = await engaged(town)
    await at_desk(lin, who)
    lin.hears("李阿姨", "5–8 栋", "求助：1 件")


@pytest.mark.parametrize("who", ["李", "阿姨", "YS-0002", "0", "%", "李阿姨姨", "999999999999"])
async def test_nobody_is_listed_or_hinted_at(town: Town, who: str) -> None:
    _, _, lin = await engaged(town)
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says(who)
    lin.hears("没有找到")
    assert "李阿姨" not in lin.last.text


async def test_two_of_one_name_are_told_apart_by_their_blocks(town: Town) -> None:
    lin = await town.member("林站长")
    await town.newcomer("李阿姨", area="b2")
    second = await town.newcomer("李阿姨", area="b3")
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says("李阿姨")
    lin.hears("不止一位")
    await lin.taps("第 2 位 · 9–12 栋", "电话说的", "改楼栋", "1–4")
    second.hears("改了楼栋", "电话里说的")


async def test_names_written_before_the_index_are_found_and_indexed(town: Town) -> None:
    _, _, lin = await engaged(town)
    async with town.store.transaction() as session:
        for person in session.exec(select(people.Person)):
            people.update(session, person, name_index=None)
    await at_desk(lin, "李阿姨")
    lin.hears("李阿姨")
    async with town.store.transaction() as session:
        assert all(person.name_index is not None for person in session.exec(select(people.Person)))


async def test_a_consent_taken_back_at_the_desk_says_whose_word_it_was(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    await at_desk(lin, "李阿姨", "写了字条")
    await lin.taps("收回同意", "收回 YS-0001 门牌")
    lin.hears("念给本人听", "马上从接单人那里收回")
    assert "6栋302" in chen.everything
    await lin.taps("本人要收回")
    assert "6栋302" not in chen.everything
    mei.hears("按您写的字条", "收回了门牌和电话", "要是您没有说过")
    async with town.store.transaction() as session:
        me, lins = one_of(session, mei), one_of(session, lin).id
        line = consent.history(session, person_id=me.id)[-1]
    assert (line.purpose, line.status, line.by, line.by_id, line.way) == (
        "reveal",
        Status.WITHDRAWN,
        By.PAPER,
        lins,
        "paper",
    )
    assert await acts_on(town, me.id) == ["see:paper", "reveal:paper"]


async def test_a_volunteer_leaves_the_pool_by_telephone(town: Town) -> None:
    lin = await town.member("林站长")
    chen = await town.volunteer("小陈")
    await at_desk(lin, "小陈", "电话说的")
    lin.hears("会帮：修小东西")
    await lin.taps("收回同意", "别再来问", "本人要收回")
    assert "会帮" not in lin.last.text
    chen.hears("按您电话里说的", "退出人才库")
    await chen.starts()
    await chen.taps("我想帮忙")
    chen.hears("先说好")


async def test_name_and_blocks_are_corrected(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await at_desk(lin, "1")
    await lin.taps("改称呼")
    await lin.says("13812345678")
    lin.hears("像有号码")
    await lin.says("李奶奶")
    lin.hears("李奶奶")
    mei.hears("改了称呼")
    await lin.taps("改楼栋")
    await lin.says("2栋")
    lin.hears("1–4 栋")
    await at_desk(lin, "李奶奶")
    lin.hears("1–4 栋")


async def test_a_copy_is_made_for_her_and_printed_at_the_office(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await at_desk(lin, "李阿姨")
    await lin.taps("给副本", "看密码")
    [key] = re.findall(r"\d{4}(?:-\d{4}){4}", lin.toast)
    assert key not in lin.everything
    _, locked = paper_of(town, lin)
    page, machine = opened(locked, key)
    assert "李阿姨" in page
    assert machine["person"]["telegram_id"] == mei.phone.user.id
    async with town.store.transaction() as session:
        seen = {
            (line.kind, line.purpose)
            for line in access_log.of(session, one_of(session, mei).id)
            if line.part == "steward"
        }
        assert seen == {("name", "rights"), ("story", "rights"), ("contact", "rights")}
    mei.hears("做了一份副本")
    await lin.taps("抄好了")
    lin.has_heard("李阿姨 · 5–8 栋", "求助：1 件")


async def test_all_is_erased_on_her_word_and_she_is_told(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    async with town.store.transaction() as session:
        meis, lins = one_of(session, mei).id, one_of(session, lin).id
    await at_desk(lin, "YS-0001")
    await lin.taps("删除")
    lin.hears("念给来办的人听", "没办完的 1 件会一起撤回")
    await lin.taps("全部删除")
    lin.hears("删好了", meis)
    mei.hears("删好了", meis)
    chen.hears("YS-0001 不用您去了")
    assert "6栋302" not in chen.everything
    async with town.store.transaction() as session:
        assert people.find(session, mei.phone.user.id) is None
        assert set(nouns_of(session, meis).values()) == {0}
        lines = {line.purpose: line for line in consent.history(session, person_id=meis)}
        assert (lines["account"].by, lines["account"].by_id) == (By.PROXY, lins)
        case = session.exec(select(Case)).one()
        assert (case.state, case.story) == (State.WITHDRAWN, None)
    assert await acts_on(town, meis) == ["see:counter", "erase_all:counter"]
    await lin.taps("再办一位")
    await lin.says("李阿姨")
    lin.hears("没有找到")
    await lin.says("1")
    lin.hears("没有找到")


async def test_what_is_done_is_erased(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("办好了", "不用了")
    await at_desk(lin, "1")
    await lin.taps("删除", "只删办完的")
    mei.hears("删了办完的内容")
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).one().story is None


async def test_the_family_of_who_has_died_is_served(town: Town) -> None:
    mei, _, lin = await engaged(town)
    async with town.store.transaction() as session:
        meis = one_of(session, mei).id
    await lin.taps("别的", "邻居去世了", "家人来办", "替家人办")
    lin.hears("人已经不在了", "不拍照")
    before = mei.everything
    await lin.forges(lin.button("家人当面说").replace("family", "counter"))
    lin.hears("人已经不在了")
    await lin.taps("家人当面说", "给副本", "看密码")
    assert "密码：" in lin.toast
    await lin.taps("抄好了", "删除", "全部删除")
    lin.has_heard("删好了")
    assert mei.everything in before  # cards may go, no word comes
    async with town.store.transaction() as session:
        assert people.find(session, mei.phone.user.id) is None
    assert await acts_on(town, meis) == ["see:family", "copy:family", "erase_all:family"]


async def test_staff_never_act_on_their_own(town: Town) -> None:
    lin = await town.member("林站长")
    async with town.store.transaction() as session:
        lins = one_of(session, lin).id
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says("林站长")
    lin.hears("别的同事来看")
    await lin.forges(f"v1:desk.open:{lins}:0")
    lin.hears("别的同事来看")
    assert await acts_on(town, lins) == []


async def test_the_role_is_read_at_every_tap(town: Town) -> None:
    mei, _, lin = await engaged(town)
    async with town.store.transaction() as session:
        meis = one_of(session, mei).id
    await at_desk(lin, "李阿姨")
    taps = [lin.button(label) for label in ("给副本", "收回同意", "改称呼", "改楼栋", "删除")]
    await lin.taps("删除")
    taps += [lin.button("全部删除"), lin.button("只删办完的")]
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    town.clock.advance(1)
    talk = taps[-1].split(":")[2:]
    taps += [f"v1:desk.{act}:{':'.join(talk)}" for act in ("how=counter", "withdraw=pool", "area=b1", "page")]
    for data in taps:
        await lin.forges(data)
    await lin.says("你好")
    eve = await town.newcomer("伊芙")
    for data in [*taps, f"v1:desk.open:{meis}:0", "v1:desk.begin:-:0", "v1:desk.key:-:0"]:
        await eve.forges(data)
    assert "李阿姨" not in eve.everything
    assert await acts_on(town, meis) == ["see:counter"]
    async with town.store.transaction() as session:
        assert people.called(session, "李阿姨") == [one_of(session, mei)]
        assert session.exec(select(Case)).one().state == State.ENGAGED


@pytest.mark.parametrize("who", ["没有这个人", "李阿姨"])
async def test_who_is_staff_no_more_finds_nobody(town: Town, who: str) -> None:
    """Whether the name is there or not, a forger learns nothing."""
    _, _, lin = await engaged(town)
    await lin.starts()
    await lin.taps("替邻居办")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    town.clock.advance(1)
    await lin.says(who)
    lin.hears("这件事已经变了，您刚写的没有发出去。")


async def test_nothing_is_done_before_it_is_said_how_she_said_it(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says("李阿姨")
    talk = ":".join(lin.button("当面说的").split(":")[2:])
    for act in ("page", "do=copy", "do=erase", "erase_all", "erase_done", "area=b1", "how=family", "how=x"):
        await lin.forges(f"v1:desk.{act}:{talk}")
    assert (await only_case(town)).state == State.ENGAGED
    assert "求助：1 件" not in lin.everything
    async with town.store.transaction() as session:
        me = one_of(session, mei)
        assert me.area == "b2"
    assert await acts_on(town, me.id) == []
    assert town.world.files == {}


async def test_she_leaves_while_staff_have_her_page_open(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await at_desk(lin, "李阿姨")
    await mei.says("/mydata")
    await mei.taps("删除", "全部删除")
    await lin.taps("改楼栋")
    assert "旧的" in lin.toast
    lin.hears("今天要做什么")
