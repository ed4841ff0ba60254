"""A neighbour sees what we hold, takes a yes back, and has it erased."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from bot import serve
from bot.community import cards, cases, claims, events, people, staff
from bot.community.cases import Case, State
from bot.community.claims import ClaimState
from bot.community.events import Kind
from bot.community.people import Person
from bot.runtime.seals import Seals
from bot.settings import SettingsWrong
from bot.store.models import metadata
from privacy import access_log, archive, consent
from privacy.consent import Status
from privacy.ledger import ConsentEvent
from privacy.vault import KeyGone
from tests.flows.test_canaries import found
from tests.flows.test_claim import approved
from tests.flows.test_claim import ask as asked
from tests.flows.test_close import engaged
from tests.town import Neighbour, Town


def one_of(session: Session, somebody: Neighbour) -> Person:
    person = people.find(session, somebody.phone.user.id)
    assert person is not None
    return person


async def cards_of(town: Town, somebody: Neighbour) -> int:
    """How many of her messages show a case."""
    async with town.store.transaction() as session:
        return len(cards.messages_of(session, one_of(session, somebody).id)) or pytest.fail("none")


async def last_line(town: Town) -> int:
    """The number of the last line of the ledger."""
    async with town.store.transaction() as session:
        return session.exec(select(ConsentEvent.id).order_by(col(ConsentEvent.id).desc())).first() or 0


async def only_case(town: Town) -> Case:
    async with town.store.transaction() as session:
        return session.exec(select(Case)).one()


async def test_what_is_held_is_three_taps_from_home(town: Town) -> None:
    mei, _, _ = await engaged(town)
    await mei.starts()
    await mei.taps("我的资料")
    mei.hears("李阿姨", "5–8 栋", "求助：1 件，没办完的 1 件", "同意过 3 项", "办完 30 天删")
    await mei.taps("看明细")
    mei.hears("YS-0001", "换灯泡灯管", "办完 30 天删", f"聊天里的卡片：{await cards_of(town, mei)} 条")
    await mei.taps("返回", "收回同意")
    mei.hears("用资料安排帮忙", "用 Telegram 联系", "YS-0001 的门牌、电话", "告知第 1 版", "今天 09:00")


async def test_in_english_by_command_and_by_word(town: Town) -> None:
    ann = await town.volunteer("Ann", kind="repairs", language="en")
    await ann.says("/mydata")
    ann.hears("Name: Ann", "Blocks: Blocks 5–8", "You offer:", "Consents: 3")
    await ann.says("my data")
    ann.hears("Name: Ann")
    await ann.taps("Take back consent", "Ask me no more")
    ann.hears("you leave the pool")
    await ann.taps("Take it back")
    ann.hears("Taken back", "asked no more")
    await ann.says("my data")
    assert "You offer" not in ann.last.text


async def test_a_stranger_is_told_that_nothing_is_kept(town: Town) -> None:
    eve = town.stranger("伊芙")
    await eve.says("/mydata")
    eve.hears("没有您的资料")
    await eve.forges("v1:my_data.erase:-:0")
    await eve.forges("v1:my_data.agreed:-:0")
    eve.hears("没有您的资料")


async def test_how_long_words_stay_is_told_and_true(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("办好了", "不用了", "我的资料", "看明细")
    mei.hears("存到 12 月 23 日")
    await town.later(hours=24 * 30 - 1)
    await mei.says("/mydata")
    await mei.taps("看明细")
    mei.hears("存到")
    await town.later(hours=1)
    await mei.says("/mydata")
    await mei.taps("看明细")
    mei.hears("只剩编号和日期")


async def test_taking_back_door_and_phone_is_at_once_and_everywhere(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await engaged(town)
    assert "6栋302" in chen.everything
    door = (await only_case(town)).door
    assert door is not None
    await mei.says("/mydata")
    await mei.taps("收回同意", "收回 YS-0001 门牌")
    mei.hears("马上从接单人那里收回")
    assert "6栋302" in chen.everything  # the page says what it does before it is done
    await mei.taps("收回")
    mei.hears("收回了", "看不到", f"同意账第 {await last_line(town)} 行")
    assert "6栋302" not in chen.everything
    chen.hears("YS-0001", "李阿姨", "收回了门牌和电话")
    await chen.taps("看这件事")
    assert "6栋302" not in chen.last.text
    case = await only_case(town)
    assert (case.door, case.phone, case.state) == (None, None, State.ENGAGED)
    async with town.store.transaction() as session:
        uses = {"person_id": case.person_id, "purpose": "reveal", "scope": case.id}
        standing = consent.standing(session, **uses, at=town.clock.now())
        place = {"subject": case.id, "data_class": "contact", "place": cases.Place("case", "door", case.id)}
        with pytest.raises(KeyGone):  # nor does it open in a copy of the database
            town.vault.open(door, **place)
    assert standing is Status.WITHDRAWN
    await mei.says("/mydata")
    await mei.taps("收回同意")
    assert not any("门牌" in label for label in mei.last.labels)


async def test_a_door_still_on_its_way_does_not_arrive(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    chen.phone.block()
    await mei.says("/mydata")
    await mei.taps("收回同意", "收回 YS-0001 门牌", "收回")
    chen.phone.unblock()
    await chen.starts()
    assert "6栋302" not in chen.everything


async def test_a_door_taken_back_is_not_asked_for_again_but_may_be_given(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    zhao = await town.volunteer("小赵")
    await mei.says("/mydata")
    await mei.taps("收回同意", "收回 YS-0001 门牌", "收回")
    await chen.taps("看这件事", "去不了了", "不想说")
    await town.later(hours=3)
    await zhao.taps("我来", "确认接单")
    mei.hears("有人接了", "小赵")
    assert "给门牌" not in mei.last.labels
    await mei.starts()
    await mei.taps("我的求助", "YS-0001", "给门牌")  # whoever asks for it herself is answered
    await mei.says("6栋303")
    await mei.taps("给")
    zhao.hears("6栋303")


async def test_an_old_page_takes_nothing_back_twice(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.says("/mydata")
    await mei.taps("收回同意")
    page = mei.button("收回 YS-0001 门牌")
    await mei.taps("收回 YS-0001 门牌")
    sure = mei.button("收回")
    await mei.taps("收回")
    told = len(chen.phone.heard)
    await mei.forges(sure)
    await mei.forges(page)
    assert "旧的" in mei.toast
    await chen.forges(page)
    assert "旧的" in chen.toast
    assert len(chen.phone.heard) == told


async def test_no_is_no_and_something_else_asks_again(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.says("/mydata")
    await mei.taps("收回同意", "收回 YS-0001 门牌")
    await mei.says("什么意思")
    mei.hears("马上从接单人那里收回")
    await mei.sends("sticker")
    mei.hears("贴纸")
    await mei.says("不要")
    assert "6栋302" in chen.everything
    await mei.says("/mydata")
    await mei.taps("收回同意", "收回 YS-0001 门牌")
    await mei.says("好的")
    assert "6栋302" not in chen.everything


async def test_what_is_over_while_she_reads_the_page_needs_no_taking_back(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await mei.says("/mydata")
    await mei.taps("收回同意", "收回 YS-0001 门牌")
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("没事了", "说完了")
    await lin.taps("处理好了")
    await mei.says("什么意思")
    mei.hears("今天要做什么")
    await mei.says("/mydata")
    mei.hears("同意过 2 项")


async def test_leaving_the_pool_drops_what_she_was_asked_and_held(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    zhao = await town.volunteer("小赵")
    await approved(town)
    take = chen.button("我来")
    await chen.taps("我来")
    confirm = chen.button("确认接单")
    await zhao.forges(zhao.button("我来"))
    zhao.hears("另一位")
    await chen.says("/mydata")
    await chen.taps("收回同意", "别再问我", "收回")
    chen.has_heard("不用您管了")
    for old in (confirm, take):
        await chen.forges(old)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        assert claims.live(session, case.id) is None
        assert claims.open_asks(session, one_of(session, chen).id) == []
    await zhao.taps("我来", "确认接单")
    zhao.hears("接上了")


async def test_what_she_has_confirmed_stays_hers(town: Town) -> None:
    _, chen, _ = await engaged(town)
    await chen.says("/mydata")
    await chen.taps("收回同意", "别再问我", "收回")
    await chen.starts()
    await chen.taps("我在帮的", "YS-0001")
    chen.hears("6栋302")
    async with town.store.transaction() as session:
        chens = one_of(session, chen).id
        live = {"person_id": chens, "purpose": "pool"}
        assert consent.standing(session, **live, at=town.clock.now()) is Status.WITHDRAWN
        assert not consent.may_ask(session, **live, at=town.clock.now())


async def test_blocks_are_corrected(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("/mydata")
    await mei.taps("改一改", "改楼栋", "9–12")
    mei.hears("改好了", "9–12")
    await mei.taps("我的资料", "改一改", "改楼栋")
    await mei.says("十九栋")
    mei.hears("没听懂")
    await mei.says("2栋")
    mei.hears("1–4")
    await mei.taps("我的资料", "改一改", "改楼栋", "不留楼栋")
    mei.hears("不留")
    await mei.taps("我的资料")
    mei.hears("楼栋：没有说")
    await mei.taps("改一改", "改称呼")
    await mei.says("阿芳")
    await mei.says("/mydata")
    mei.hears("称呼：阿芳")
    await mei.taps("改一改", "English")
    await mei.says("my data")
    mei.hears("Name: 阿芳")


async def erases_all(somebody: Neighbour) -> None:
    await somebody.says("/mydata")
    await somebody.taps("删除", "全部删除")


# Under her random id, for what others need: who was asked when, who was staff when, and proof.
STAYS = {"consent_event", "help_case", "claim", "ask", "duty", "complaint"}


def nouns_of(session: Session, person_id: str) -> dict[str, int]:
    """How many rows of each table still name her."""
    counted = {}
    for table in metadata.tables.values():
        if "person_id" in table.columns and table.name not in STAYS:
            rows = sa.select(sa.func.count()).where(table.c.person_id == person_id)
            counted[table.name] = session.execute(rows).scalar_one()
    return counted


async def test_erasing_says_what_goes_and_what_stays(town: Town) -> None:
    mei, _, _ = await engaged(town)
    await mei.says("/mydata")
    await mei.taps("删除")
    mei.hears("找不回来", "会删：称呼", "会留，不带名字", "三年", "没办完的 1 件会一起撤回")
    assert "最后一位" not in mei.last.text
    await mei.says("好的")
    mei.hears("找不回来")  # a mere yes erases nothing
    await mei.says("不要")
    await mei.says("/mydata")
    mei.hears("李阿姨")


async def test_everything_is_erased_and_the_helper_is_told(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await engaged(town)
    case = await only_case(town)
    async with town.store.transaction() as session:
        before = one_of(session, mei)
        name, person_id = before.name, before.id
        story = case.story
    assert name is not None
    assert story is not None
    await mei.taps("说句话")  # a talk in hand
    await erases_all(mei)
    mei.hears("删好了", "还留着，不带名字", "11 月 22 日", "35 天", person_id, "/start")
    assert [seen.text for seen in mei.phone.heard if "YS-0001" in seen.text] == []
    assert "6栋302" not in chen.everything
    chen.hears("YS-0001 不用您去了")
    async with town.store.transaction() as session:
        assert people.find(session, mei.phone.user.id) is None
        left = people.get(session, person_id)
        assert (left.name, left.area, left.telegram_index) == (None, None, people.NOBODY)
        assert set(nouns_of(session, person_id).values()) == {0}
        kept = cases.get(session, case.id)
        assert kept is not None
        assert (kept.state, kept.number, kept.story, kept.door) == (State.WITHDRAWN, 1, None, None)
        lines = {line.purpose: line for line in consent.history(session, person_id=person_id)}
        assert {lines[purpose].status for purpose in ("account", "telegram")} == {Status.WITHDRAWN}
        assert claims.live(session, case.id) is None
        talks = metadata.tables["persistence"]
        hers = Seals(town.vault).key("user", str(mei.phone.user.id))
        assert session.execute(sa.select(talks.c.part).where(talks.c.key == hers)).all() == []
    async with town.store.transaction() as session:
        for sealed, subject, column, row in (
            (name, person_id, "name", person_id),
            (story, case.id, "story", case.id),
        ):
            table = "person" if column == "name" else "case"
            data_class = "account" if column == "name" else "story"
            with pytest.raises(KeyGone):
                town.vault.open(
                    sealed, subject=subject, data_class=data_class, place=cases.Place(table, column, row)
                )
    await mei.starts()
    mei.hears("可以请邻居搭把手")  # as to anybody new


async def test_everything_is_erased_in_english(town: Town) -> None:
    ann = await town.volunteer("Ann", kind="repairs", language="en")
    await ann.says("my data")
    await ann.taps("Erase")
    ann.hears("cannot be brought back", "Goes: name", "Stays, without a name", "three years")
    await ann.says("yes")
    ann.hears("cannot be brought back")
    await ann.says("erase everything")  # the words of the button
    ann.hears("Erased", "Still kept, without a name", "Backups: 35 days")
    async with town.store.transaction() as session:
        assert people.find(session, ann.phone.user.id) is None


async def test_afterwards_nothing_speaks_to_her_and_nothing_fails(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await mei.taps("找工作人员")
    await mei.says("我先问一句")
    await erases_all(mei)
    heard = len(mei.phone.heard)
    await lin.taps("回话")
    lin.hears("已经不在了")  # what she wrote went with her
    await chen.starts()
    for _ in range(40):
        await town.later(hours=24)
    assert len(mei.phone.heard) == heard
    assert "差错" not in chen.everything + lin.everything
    async with town.store.transaction() as session:
        assert session.execute(sa.select(metadata.tables["failure"])).all() == []


async def test_a_helper_who_leaves_hands_everything_back(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await engaged(town)
    await chen.says("/mydata")
    await chen.taps("删除")
    chen.hears("您在帮的会交回")
    await chen.taps("全部删除")
    assert "6栋302" not in chen.everything
    mei.hears("小陈来不了了", "正在找下一位")
    case = await only_case(town)
    assert case.state == State.OPEN
    zhao = await town.volunteer("小赵")
    await town.later(hours=5)
    await zhao.taps("我来", "确认接单")
    zhao.hears("6栋302")


async def test_a_helper_who_leaves_after_it_was_done_leaves_it_to_staff(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await erases_all(chen)
    await mei.taps("还没有")
    mei.hears("已告诉工作人员")
    lin.hears("YS-0001", "到现在没有人接")
    case = await only_case(town)
    async with town.store.transaction() as session:
        assert events.happened(session, case.id, Kind.RELEASED)


@pytest.mark.parametrize("first", ["helper", "resident"])
async def test_she_leaves_at_the_moment_a_helper_confirms(town: Town, first: str) -> None:
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来")
    confirm = chen.button("确认接单")
    await mei.says("/mydata")
    await mei.taps("删除")
    everything = mei.button("全部删除")
    acts = [(chen, confirm), (mei, everything)]
    for somebody, data in acts if first == "helper" else reversed(acts):
        somebody.phone.forge_callback(data)
    await town.settle()
    assert "6栋302" not in chen.everything
    chen.has_heard("不用")
    case = await only_case(town)
    assert (case.state, case.story, case.door) == (State.WITHDRAWN, None, None)
    async with town.store.transaction() as session:
        assert claims.live(session, case.id) is None
        assert session.exec(select(claims.Claim)).one().state == ClaimState.RELEASED
        assert people.find(session, mei.phone.user.id) is None


async def test_an_old_or_foreign_tap_erases_nothing(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await mei.says("/mydata")
    await mei.taps("删除")
    everything, done = mei.button("全部删除"), mei.button("只删办完的")
    await mei.taps("不删了")
    for data in (everything, done, "v1:my_data.erase_all:-:0", "v1:my_data.erase_all:-:1"):
        await mei.forges(data)
        await chen.forges(data)
    async with town.store.transaction() as session:
        assert people.find(session, mei.phone.user.id) is not None
        assert people.find(session, chen.phone.user.id) is not None
        assert session.exec(select(Case)).one().story is not None


async def test_only_what_is_done_is_erased(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("办好了", "不用了")
    await mei.says("洗衣机坏了")
    await mei.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    await mei.says("/mydata")
    await mei.taps("删除", "只删办完的")
    mei.hears("办完的 1 件", "编号和日期还在")
    async with town.store.transaction() as session:
        first, second = session.exec(select(Case).order_by(col(Case.number))).all()
        assert (first.story, first.door) == (None, None)
        assert cases.told_by(session, second, one_of(session, mei)) == "洗衣机坏了"
    await mei.taps("我的资料", "删除", "只删办完的")
    mei.hears("没删什么")


async def test_the_last_of_the_staff_is_told_so(town: Town) -> None:
    lin = await town.member("林站长")
    await lin.says("/mydata")
    await lin.taps("删除")
    lin.hears("最后一位工作人员")
    wu = await town.member("小吴")
    await lin.says("/mydata")
    await lin.taps("删除")
    assert "最后一位" not in lin.last.text
    await lin.taps("全部删除")
    async with town.store.transaction() as session:
        assert [member.id for member in staff.on_duty(session)] == [one_of(session, wu).id]
    await asked(town)
    wu.hears("YS-0001")


async def test_taking_back_what_everything_stands_on_is_erasing(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("/mydata")
    await mei.taps("收回同意", "都收回")
    mei.hears("找不回来", "会删")
    await mei.taps("全部删除")
    mei.hears("删好了")


async def test_an_emergency_is_left_to_staff_who_see_that_it_ended(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says("我妈摔倒流血了，快来人")
    lin.hears("请马上看")
    await erases_all(mei)
    mei.hears("删好了")
    lin.hears("YS-0001", "已经结束")


def paper_of(town: Town, somebody: Neighbour) -> tuple[str, bytes]:
    """The last file in her chat: what it is called, and what is in it."""
    message = [one for one in somebody.phone.chat.messages.values() if "document" in one.content][-1]
    document = message.content["document"]
    return document["file_name"], town.world.files[document["file_id"]].data


async def copied(town: Town, somebody: Neighbour, *, language: str = "zh") -> tuple[str, bytes, str]:
    """Her copy, and the passphrase she is shown."""
    await somebody.says("/mydata")
    labels = {"zh": ("要副本", "要一份", "看密码"), "en": ("Get a copy", "Give me one", "Show passphrase")}
    get, make, show = labels[language]
    await somebody.taps(get, make)
    name, locked = paper_of(town, somebody)
    await somebody.taps(show)
    [key] = re.findall(r"\d{4}(?:-\d{4}){4}", somebody.toast)
    return name, locked, key


def opened(locked: bytes, key: str) -> tuple[str, dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(archive.unlock(locked, key))) as files:
        return files.read("copy.html").decode(), json.loads(files.read("copy.json"))


async def test_a_copy_holds_everything_and_only_its_passphrase_opens_it(town: Town) -> None:
    mei, _, _ = await engaged(town)
    async with town.store.transaction() as session:
        me = one_of(session, mei)
    name, locked, key = await copied(town, mei)
    assert name == "my-data-2026-11-23.jinlin"
    assert b"copy.html" not in locked
    assert key not in mei.everything  # it is laid over the chat, never in it
    page, machine = opened(locked, key)
    for word in ("李阿姨", "灯坏了", "6栋302", "YS-0001", "换灯泡灯管", "5–8 栋", "帮您的志愿者", me.id):
        assert word in page, word
    assert "http" not in page
    [request] = machine["requests"]
    assert (request["number"], request["door"], request["state"]) == (1, "6栋302", "engaged")
    assert request["words"] == "灯坏了 我够不着"
    assert machine["person"]["telegram_id"] == mei.phone.user.id
    parts = {(one["part"], one["request"]) for one in machine["opened"]}
    assert parts == {("helper", 1), ("asked", 1), ("moderator", 1)}
    purposes = [receipt["processing"]["purposes"][0]["purpose"] for receipt in machine["consents"]]
    assert purposes == ["account", "telegram", "reveal"]
    assert machine["consents"][0]["ledger"]["person_id"] == me.id
    with pytest.raises(archive.ArchiveBroken):
        archive.unlock(locked, key[:-1] + str((int(key[-1]) + 1) % 10))


async def test_a_helpers_copy_has_nothing_of_the_neighbours(town: Town) -> None:
    _, chen, _ = await engaged(town)
    page, machine = opened(*(await copied(town, chen))[1:])
    assert "小陈" in page
    assert [one["request"] for one in machine["helped"]] == [1]
    assert machine["pool"]["kinds"] == ["repair"]
    for word in ("李阿姨", "6栋302", "灯坏了"):
        assert word not in page + json.dumps(machine, ensure_ascii=False)


async def test_a_copy_in_english(town: Town) -> None:
    ann = await town.volunteer("Ann", kind="repairs", language="en")
    page, _ = opened(*(await copied(town, ann, language="en"))[1:])
    assert "Your own copy" in page
    assert re.search(r"[\u3400-\u9fff]", page) is None


async def test_the_passphrase_is_forgotten_when_she_has_it_or_in_a_day(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await copied(town, mei)
    await mei.taps("看密码")
    assert "密码：" in mei.toast
    await mei.says("看密码")  # typed, there is nothing to lay it over
    assert re.search(r"\d{4}-\d{4}", mei.everything) is None
    show = mei.button("看密码")
    await mei.taps("抄好了")
    await mei.forges(show)
    assert "忘了" in mei.toast
    await copied(town, mei)
    await town.later(hours=24)
    await mei.forges(show)
    assert "忘了" in mei.toast


async def test_an_old_button_makes_no_copy_and_a_stranger_gets_none(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says("/mydata")
    await mei.taps("要副本")
    make = mei.button("要一份")
    await mei.taps("不要了")
    eve = town.stranger("伊芙")
    await eve.starts()
    for somebody in (mei, eve):
        await somebody.forges(make)
        await somebody.forges("v1:my_data.copy_key:-:0")
    assert town.world.files == {}


async def test_a_copy_waits_sealed_and_leaves_no_words_behind(town: Town) -> None:
    mei, _, _ = await engaged(town)
    _, locked, key = await copied(town, mei)
    assert found(town, [key, base64.b64encode(locked).decode()[:60]]) == []
    outbox = metadata.tables["outbox"]
    async with town.store.transaction() as session:
        sent = sa.select(outbox.c.state, outbox.c.payload).where(outbox.c.method == "sendDocument")
        assert session.execute(sent).all() == [("sent", None)]


async def test_at_a_computer_the_copy_is_opened_with_the_passphrase(town: Town, tmp_path: Path) -> None:
    mei = await town.newcomer("李阿姨")
    name, locked, key = await copied(town, mei)
    (tmp_path / name).write_bytes(locked)
    with pytest.raises(SettingsWrong, match="passphrase"):
        serve.open_copy(tmp_path / name, "0000-0000-0000-0000-0000")
    assert "copy.html" in serve.open_copy(tmp_path / name, key.replace("-", " ") + "\n")
    folder = tmp_path / f"{name}-opened"
    assert "李阿姨" in (folder / "copy.html").read_text(encoding="utf-8")
    assert folder.stat().st_mode & 0o777 == 0o700
    with pytest.raises(SettingsWrong, match="must not"):
        serve.open_copy(tmp_path / name, key)


async def looked(town: Town, owner: Neighbour, *openings: tuple[Neighbour, str, str]) -> None:
    """Somebody opened what is hers: each reader, her part, and what for, a minute apart."""
    for reader, part, purpose in openings:
        town.clock.advance(60)
        async with town.store.transaction() as session:
            case = session.exec(select(Case).order_by(col(Case.number).desc())).first()
            line = {
                "at": town.clock.now(),
                "owner_id": one_of(session, owner).id,
                "reader_id": one_of(session, reader).id,
                "part": part,
                "purpose": purpose,
                "case_id": case.id if case else "",
            }
            access_log.write(session, [line | {"kind": kind} for kind in ("name", "story")])


async def test_who_opened_it_is_told_by_her_part_and_a_helper_by_the_name_she_had(either_town: Town) -> None:
    town = either_town
    mei, chen, _ = await engaged(town)
    await mei.says("/mydata")
    mei.hears("别人打开看过 4 次")
    await mei.taps("谁看过")
    lines = {line for line in mei.last.text.splitlines() if "YS-0001" in line}
    assert lines == {
        "今天 09:00 · 志愿者小陈 · 来帮您 · YS-0001",
        "今天 09:00 · 被问到的志愿者 · 看能不能帮 · YS-0001",
        "今天 09:00 · 工作人员 · 安排帮忙 · YS-0001",
    }
    assert "林站长" not in mei.last.text
    await chen.says("/mydata")
    await chen.taps("谁看过")
    chen.hears("您帮的邻居 · 知道谁来帮 · YS-0001")
    assert "李阿姨" not in chen.last.text
    eve = await town.newcomer("伊芙")
    await eve.says("/mydata")
    await eve.taps("谁看过")
    eve.hears("还没有别人打开看过")


async def test_who_was_never_her_helper_has_no_name_whatever_the_log_says(town: Town) -> None:
    mei, _, lin = await engaged(town)
    await looked(town, mei, (lin, "helper", "help"))
    await mei.says("/mydata")
    await mei.taps("谁看过")
    mei.hears("帮您的志愿者")
    assert "林站长" not in mei.last.text


async def test_the_page_of_who_opened_it_is_hers_alone_and_short(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await looked(town, mei, *[(lin, "moderator", "moderate")] * 12)
    await chen.says("/mydata")
    await chen.taps("谁看过")
    assert chen.last.text.count("YS-0001") == 1
    await mei.says("/mydata")
    await mei.taps("谁看过")
    assert mei.last.text.count("YS-0001") == 10
    mei.hears("更早的都在副本里", "存三年")
    _, machine = opened(*(await copied(town, mei))[1:])
    assert len(machine["opened"]) > 24
