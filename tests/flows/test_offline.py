"""People without Telegram: entered on their word, spoken to by staff, served like everybody; and who stands in for somebody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from bot.community import claims, credentials, events, people, posts, quiet, staff
from bot.community.cases import LOOKING, Case, State
from bot.community.credentials import Standing
from bot.community.events import Kind
from bot.community.messages import Message
from bot.community.people import Person
from bot.understanding import past
from privacy import access_log, consent
from privacy.consent import By
from tests.flows.standing import an_open_post
from tests.flows.test_assign import thinks_of
from tests.flows.test_claim import approved
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import one_of, only_case, paper_of
from tests.town import MORNING, Neighbour, Town


async def entered(town: Town, lin: Neighbour, name: str = "李奶奶", way: str = "电话里同意") -> str:
    """Somebody without Telegram, at the desk. Returns her id."""
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says(name)
    await lin.taps("登记这位邻居", "5–8 栋", "说中文")
    lin.hears(f"登记「{name}」", "念给本人听", "一件一件说清楚")
    await lin.taps(way)
    lin.hears("留哪个电话")
    await lin.says("0592-555 0142")
    lin.hears(name, "5–8 栋", "没有 Telegram")
    async with town.store.transaction() as session:
        [person] = people.called(session, name)
        return person.id


async def stands_in(lin: Neighbour, when: str = "刚才") -> None:
    await lin.taps("替这位求助、帮忙")
    if when in ("刚才", "昨天", "前天", "今天早些时候"):
        await lin.taps(when)
    else:
        await lin.says(when)


async def asks_for_her(lin: Neighbour, words: str = "灯坏了 我够不着") -> None:
    await lin.taps("写求助")
    await lin.says(words)
    await lin.taps("对", "明天", "下一步")
    await lin.says("6栋302")
    await lin.taps("不要")


async def sent_for_her(town: Town, lin: Neighbour) -> str:
    her = await entered(town, lin)
    await stands_in(lin)
    await asks_for_her(lin)
    lin.hears("电话：不给，站里转告")
    await lin.taps("发出求助", "替完了")
    return her


async def lines_of(town: Town, case_id: str) -> list[tuple[str, str | None, str, datetime | None]]:
    async with town.store.transaction() as session:
        return [
            (line.kind, line.actor_id, line.channel, line.was_at) for line in events.of_case(session, case_id)
        ]


async def test_somebody_is_entered_on_her_word(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    her = await entered(town, lin)
    async with town.store.transaction() as session:
        person, lins = people.get(session, her), one_of(session, lin).id
        assert not people.has_chat(person)
        assert person.area == "b2"
        agreed = [
            (line.purpose, line.by, line.by_id, line.way) for line in consent.history(session, person_id=her)
        ]
    assert agreed == [(what, By.PROXY, lins, "phone") for what in ("account", "telegram")]
    await at_desk(lin, "李奶奶", "电话说的")
    lin.hears("李奶奶", "没有 Telegram")


async def test_her_language_is_hers_and_not_that_of_who_enters_her(town: Town) -> None:
    grace, lin = await town.member("Grace", "en"), await town.member("林站长")
    chen = await town.volunteer("小陈")
    await grace.starts()
    await grace.taps("Act for a neighbour")
    await grace.says("李奶奶")
    await grace.taps("Enter this neighbour", "Blocks 5–8", "Speaks Chinese")
    grace.hears("一件一件说清楚")
    await grace.taps("Agreed in person", "No number")
    async with town.store.transaction() as session:
        [person] = people.called(session, "李奶奶")
        assert {line.language for line in consent.history(session, person_id=person.id)} == {"zh"}
    await at_desk(lin, "李奶奶")
    await stands_in(lin)
    await asks_for_her(lin)
    await lin.taps("发出求助", "替完了")
    await grace.taps("Approve and ask")
    await town.settle()
    chen.hears("为什么问您")


async def test_her_language_is_corrected_at_the_desk(town: Town) -> None:
    lin = await town.member("林站长")
    her = await entered(town, lin)
    await lin.taps("帮改语言", "说英文")
    lin.hears("李奶奶", "没有 Telegram")
    async with town.store.transaction() as session:
        assert people.get(session, her).language == "en"


async def test_staff_do_not_read_that_she_knows_while_her_errand_waits(town: Town) -> None:
    lin, wang = await town.member("林站长"), await town.member("王姐")
    await sent_for_her(town, lin)
    await wang.taps("放行")
    await town.later(hours=8, minutes=55)
    wang.has_heard("要转告邻居的话在待办里")
    assert "邻居知道" not in wang.everything


async def test_who_has_not_been_told_yet_what_staff_ask_is_not_reminded(town: Town) -> None:
    lin, wang = await town.member("林站长"), await town.member("王姐")
    await sent_for_her(town, lin)
    await wang.taps("问清楚")
    await wang.says("是吸顶灯吗")
    for _ in range(2):
        await town.later(hours=25)
    wang.has_heard("请告诉李奶奶", "是吸顶灯吗")
    assert "轻轻问一声" not in wang.everything


async def test_once_told_she_is_reminded_in_the_same_way(town: Town) -> None:
    lin, wang = await town.member("林站长"), await town.member("王姐")
    await sent_for_her(town, lin)
    await wang.taps("问清楚")
    await wang.says("是吸顶灯吗")
    await wang.taps("电话说了")
    await town.later(hours=25)
    wang.has_heard("请告诉李奶奶", "轻轻问一声")


async def test_her_helper_is_told_that_staff_pass_it_on(town: Town) -> None:
    lin, wang = await town.member("林站长"), await town.member("王姐")
    chen = await town.volunteer("小陈")
    await sent_for_her(town, lin)
    await wang.taps("放行")
    await town.later(minutes=1)
    await chen.taps("我来", "确认接单")
    chen.hears("没有 Telegram", "工作人员转告", "0592-555 0100")
    wang.has_heard("对不上就不开门，找工作人员")
    await chen.taps("出发了")
    assert "请工作人员转告了" in chen.toast
    await chen.taps("说句话")
    chen.hears("工作人员转告")
    assert "不留底" not in chen.last.text
    await chen.says("我带梯子来")
    chen.hears("YS-0001 交给工作人员转告了")
    await chen.says("十分钟到")
    chen.hears("这句也请工作人员转告")
    assert "转过去了" not in chen.everything
    wang.has_heard("出发了", "我带梯子来")


async def test_without_her_yes_nothing_is_kept(town: Town) -> None:
    lin = await town.member("林站长")
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says("李奶奶")
    await lin.taps("登记这位邻居", "不留楼栋", "说中文", "不同意，不登记")
    async with town.store.transaction() as session:
        assert people.called(session, "李奶奶") == []


async def test_a_need_told_yesterday_on_the_stairs_is_hers_and_says_so(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    her = await entered(town, lin, way="上门时同意")
    await stands_in(lin, "昨天 15:00")
    lin.hears("替李奶奶：", "现在办的都算本人的")
    await asks_for_her(lin)
    lin.hears("替李奶奶：", "灯坏了", "6栋302")  # read back before it goes out
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).all() == []
    await lin.taps("发出求助")
    assert any("替李奶奶：" in seen.text and "YS-0001" in seen.text for seen in lin.phone.heard)
    case = await only_case(town)
    told = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
    assert (case.person_id, case.channel, case.told_at) == (her, "visit", told)
    async with town.store.transaction() as session:
        lins = one_of(session, lin).id
        reveal = consent.history(session, person_id=her)[-1]
    assert (await lines_of(town, case.id))[:2] == [
        (Kind.RECEIVED, her, "visit", told),
        (Kind.DESK, lins, "visit", told),
    ]
    assert (reveal.purpose, reveal.by, reveal.by_id, reveal.way) == ("reveal", By.PROXY, lins, "visit")


async def test_what_she_should_hear_waits_until_somebody_has_told_her(either_town: Town) -> None:
    town = either_town
    lin, wang = await town.member("林站长"), await town.member("王姐")
    chen = await town.volunteer("小陈")
    her = await sent_for_her(town, lin)
    await wang.taps("放行")
    await town.later(minutes=1)
    await chen.taps("我来", "确认接单")
    for one in (lin, wang):
        one.has_heard("请告诉李奶奶（没有 Telegram）", "小陈")
    card = next(seen for seen in lin.phone.heard if "请告诉李奶奶" in seen.text)
    assert {"电话说了", "看电话", "替这位办"} <= set(card.labels)
    await lin.taps("看电话")
    assert "0592-555 0142" in lin.toast
    assert "0592-555 0142" not in lin.everything
    async with town.store.transaction() as session:
        assert ("telephone", "answer") in {(line.kind, line.purpose) for line in access_log.of(session, her)}
    before = len(lin.phone.heard)
    await town.later(hours=24)
    assert any("请告诉李奶奶" in seen.text for seen in lin.phone.heard[before:])  # nothing is forgotten
    await lin.taps("电话说了")
    lin.hears("已经告诉李奶奶了", "林站长")
    wang.has_heard("已经告诉李奶奶了：林站长")
    case = await only_case(town)
    assert (Kind.TOLD, "phone") in [(kind, channel) for kind, _, channel, _ in await lines_of(town, case.id)]
    await town.later(minutes=1)
    async with town.store.transaction() as session:
        assert [one for one in session.exec(select(Message)) if one.done_at is not None] == []


async def test_all_she_could_do_in_the_chat_is_done_for_her(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    chen = await town.volunteer("小陈")
    her = await sent_for_her(town, lin)
    await lin.forges((await look(town, lin)).replace("review.look", "review.approve"))
    await town.later(minutes=1)
    await chen.taps("我来", "确认接单")
    chen.has_heard("6栋302")
    await chen.taps("办好了")
    await at_desk(lin, "李奶奶", "电话说的")
    await stands_in(lin)
    await lin.taps("看求助、回话", "YS-0001")
    lin.hears("替李奶奶：", "YS-0001", "小陈")
    await lin.taps("办好了")
    lin.hears("替李奶奶：")
    case = await only_case(town)
    assert case.state == State.CLOSED
    verified = next(line for line in await lines_of(town, case.id) if line[0] == Kind.VERIFIED)
    assert verified[1:3] == (her, "phone")


async def test_the_telephone_in_hand_is_not_hers(town: Town) -> None:
    lin = await town.member("林站长")
    await entered(town, lin)
    await stands_in(lin)
    await lin.taps("写求助")
    await lin.says("灯坏了 我够不着")
    await lin.taps("对", "明天", "下一步", "不写门牌", "可以")
    lin.hears("请本人报号码")
    assert lin.last.labels == ["返回", "找工作人员", "替完了"]
    await lin.sends("contact")
    lin.hears("您自己的名片，我没有存")
    lin.phone.send_contact("0592-555 0142")
    await town.settle()
    lin.hears("替李奶奶：", "0592-555 0142", "发出求助")


async def test_her_yes_to_who_comes_is_said_for_her(town: Town) -> None:
    lin, wang = await town.member("林站长"), await town.member("王姐")
    chen = await town.volunteer("小陈", "陪看病")
    her = await entered(town, lin)
    await stands_in(lin)
    await lin.taps("写求助", "陪看病", "都行", "没有了", "不写门牌", "不要", "发出求助", "替完了")
    await wang.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    lin.has_heard("请告诉李奶奶（没有 Telegram）", "好，请来 / 换一位")  # what she can answer
    await at_desk(wang, "李奶奶", "上门说的")
    await stands_in(wang)
    await wang.taps("看求助、回话", "YS-0001", "好，请来")
    case = await only_case(town)
    assert case.state == State.ENGAGED
    said = [line[:2] for line in await lines_of(town, case.id) if line[2] == "visit"]
    async with town.store.transaction() as session:
        assert said == [(Kind.ENGAGED, her), (Kind.DESK, one_of(session, wang).id)]


async def look(town: Town, lin: Neighbour) -> str:
    case = await only_case(town)
    return f"v1:review.look:{case.id}:{case.version}"


async def test_she_withdraws_at_the_desk(town: Town) -> None:
    lin = await town.member("林站长")
    await sent_for_her(town, lin)
    await at_desk(lin, "李奶奶", "写信来的")
    await stands_in(lin, "前天")
    await lin.taps("看求助、回话", "YS-0001", "撤回", "撤回")
    case = await only_case(town)
    assert case.state == State.WITHDRAWN
    line = next(line for line in await lines_of(town, case.id) if line[0] == Kind.WITHDRAWN)
    assert line[2:] == ("letter", datetime(2026, 11, 21, 4, 0, tzinfo=UTC))


async def test_who_has_a_chat_sees_what_was_done_in_her_name(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await at_desk(lin, "李阿姨", "电话说的")
    await stands_in(lin)
    await asks_for_her(lin)
    await lin.taps("发出求助")
    mei.hears("按您电话里说的", "YS-0001", "要是您没有说过")
    await mei.taps("我的求助", "YS-0001")
    mei.hears("YS-0001", "今天 18:00 前给您回音")


async def test_nothing_else_is_done_in_her_name(town: Town) -> None:
    lin = await town.member("林站长")
    await town.newcomer("李阿姨", area="b2")
    await at_desk(lin, "李阿姨")
    await stands_in(lin)
    for data in ("v1:my_data.see:-:0", "v1:register.begin:-:0", "v1:review.queue:-:0", "v1:desk.begin:-:0"):
        await lin.forges(data)
        assert "先点「替完了」" in lin.toast
    await lin.says("/mydata")
    lin.hears("先点「替完了」")
    await lin.taps("替完了")
    lin.has_heard("李阿姨 · 5–8 栋")
    await lin.forges("v1:review.queue:-:0")
    assert "替李阿姨" not in lin.last.text


async def test_it_ends_with_the_role_and_after_half_an_hour(town: Town) -> None:
    lin = await town.member("林站长")
    await town.newcomer("李阿姨", area="b2")
    await at_desk(lin, "李阿姨")
    await stands_in(lin)
    await town.later(minutes=31)
    await lin.starts()
    lin.hears("林站长，今天要做什么")
    await at_desk(lin, "李阿姨")
    await stands_in(lin)
    await lin.taps("写求助")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    town.clock.advance(1)
    await lin.says("灯坏了 我够不着")
    assert "替李阿姨" not in lin.last.text
    async with town.store.transaction() as session:
        assert session.exec(select(Case)).all() == []


async def test_who_helps_says_no_word_for_the_other_side(town: Town) -> None:
    lin = await town.member("林站长")
    wang = await town.volunteer("王姐")
    await sent_for_her(town, lin)
    await lin.forges((await look(town, lin)).replace("review.look", "review.approve"))
    await town.later(minutes=1)
    for label in ("我来", "确认接单", "办好了"):
        await wang.forges(wang.button(label))
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, wang).id, staff.Role.MODERATOR)
    await at_desk(wang, "李奶奶", "电话说的")
    await stands_in(wang)
    await wang.taps("看求助、回话", "YS-0001")
    wang.hears("别的同事来看")
    assert (await only_case(town)).state == State.HANDLED


async def test_everybody_elses_taps_change_nothing(town: Town) -> None:
    lin, eve = await town.member("林站长"), await town.newcomer("路人")
    await sent_for_her(town, lin)
    case = await only_case(town)
    async with town.store.transaction() as session:
        person = people.get(session, case.person_id)
    for data in (
        "v1:desk.enter:-:0",
        "v1:desk.new=counter:-:0",
        "v1:desk.told=now:-:0",
        "v1:desk.over:-:0",
        f"v1:desk.open:{person.id}:0",
        f"v1:talk.told=phone:{case.id}:0",
        f"v1:talk.look:{case.id}:0",
        f"v1:follow.card:{case.id}:0",
    ):
        await eve.forges(data)
        await lin.forges(data.replace("follow.card", "talk.seen"))
    assert "李奶奶" not in eve.everything
    assert (await only_case(town)).state == State.RECEIVED


async def test_her_death_and_her_erasure(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    her = await sent_for_her(town, lin)
    other = await entered(town, lin, "陈爷爷")
    async with town.store.transaction() as session:
        quiet.mark(session, people.get(session, her), actor=one_of(session, lin).id)
        assert session.exec(select(Message)).all() == []
    await at_desk(lin, "陈爷爷")
    await lin.taps("删除", "全部删除")
    lin.hears("删好了")
    async with town.store.transaction() as session:
        gone = session.get(Person, other)
        assert gone is not None
        assert (gone.name, gone.phone, gone.area) == (None, None, None)
        assert people.is_gone(gone)


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await lin.starts()
    await lin.taps("Act for a neighbour")
    await lin.says("Granny Li")
    await lin.taps("Enter this neighbour", "Blocks 5–8", "Speaks English")
    lin.hears("Read this to them", "Who uses them")
    await lin.taps("By phone", "No number", "Ask or help for them")
    await lin.says("yesterday 3 pm")
    lin.hears("For Granny Li:", "counts as theirs")
    await lin.taps("Write a request")
    await lin.says("the lamp is broken, I cannot reach it")
    lin.hears("For Granny Li:")


@pytest.mark.parametrize(
    ("said", "hour"),
    [
        ("昨天 15:00", "2026-11-22T07:00"),
        ("昨天下午3点半", "2026-11-22T07:30"),
        ("yesterday 3 pm", "2026-11-22T07:00"),
        ("11月20日", "2026-11-20T04:00"),
        ("11-20 15.30", "2026-11-20T07:30"),
        ("08:30", "2026-11-23T00:30"),
        ("今天", "2026-11-23T01:00"),
        ("明天", None),
        ("23:00", None),
        ("2月30日", None),
        ("25:00", None),
        ("8月1日", None),
        ("", None),
    ],
)
def test_when_it_was_is_read(town: Town, said: str, hour: str | None) -> None:
    local = town.service.house.local
    found = past.parse(said, MORNING, local.tz)
    assert found == (datetime.fromisoformat(f"{hour}+00:00") if hour else None)


# --- helping, in her own word


async def seen_by_staff(town: Town, person_id: str) -> None:
    async with town.store.transaction() as session:
        for kind in ("known", "trained"):
            credential = credentials.declare(session, person_id, kind)
            credential.state, credential.checked_at = Standing.CHECKED, credential.declared_at
            credential.due_at = None


async def joins(town: Town, lin: Neighbour, name: str = "陈爷爷") -> str:
    """He would help, says so by telephone, and staff have met him before."""
    his = await entered(town, lin, name)
    await stands_in(lin, "昨天")
    await lin.taps("本人想帮忙", "同意", "修", "就这些", "都行", "就这些", "3 次")
    await lin.says("/start")
    await seen_by_staff(town, his)
    return his


async def test_who_has_no_telegram_says_yes_to_a_need_and_hands_it_back(either_town: Town) -> None:
    town = either_town
    mei, lin = await approved(town)
    his = await joins(town, lin)
    async with town.store.transaction() as session:
        [pool] = [one for one in consent.history(session, person_id=his) if one.purpose == "pool"]
        assert (pool.by, pool.by_id, pool.way) == (By.PROXY, one_of(session, lin).id, "phone")
    await lin.taps("找件事帮", "看 YS-0001", "我来", "确认接单")
    lin.hears("替陈爷爷：", "YS-0001", "门牌和电话不留在这里")
    assert "302" not in lin.last.text
    mei.has_heard("陈爷爷")
    case = await only_case(town)
    told = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    assert (Kind.ENGAGED, his, "phone", told) in await lines_of(town, case.id)
    assert case.state == State.ENGAGED
    await lin.taps("去不了了", "临时有事")
    case = await only_case(town)
    assert case.state in LOOKING
    assert (Kind.RELEASED, his) in [line[:2] for line in await lines_of(town, case.id)]


async def test_his_limits_are_his_limits_whoever_taps(town: Town) -> None:
    _, lin = await approved(town)
    await entered(town, lin, "陈爷爷")
    await stands_in(lin)
    await lin.taps("本人想帮忙", "同意", "教用手机", "就这些", "都行", "就这些", "3 次")
    await lin.says("/start")
    await lin.taps("找件事帮")
    lin.hears("没有您会帮")
    case = await only_case(town)
    for action in ("board.open", "claim.take", "meet.write", "post.propose", "post.desk", "credential.mine"):
        await lin.forges(f"v1:{action}:{case.id}:{case.version}")
    assert (await only_case(town)).state in LOOKING


async def test_staff_who_think_of_him_speak_to_him_and_note_his_yes(town: Town) -> None:
    mei, lin = await approved(town)
    wang = await town.member("王姐")
    his = await joins(town, lin)
    await lin.taps("替完了")
    await thinks_of(town, lin, "陈爷爷")
    lin.has_heard("问了陈爷爷")
    wang.has_heard("请告诉陈爷爷（没有 Telegram）", "工作人员想到了您", "我来 / 这次不行")
    await wang.taps("电话说了")
    await at_desk(wang, "陈爷爷", "电话说的")
    await stands_in(wang)
    await wang.taps("找件事帮", "看 YS-0001", "我来", "确认接单")
    mei.has_heard("陈爷爷")
    case = await only_case(town)
    async with town.store.transaction() as session:
        assert [line[:2] for line in lines_in(session, case.id) if line[2] == "phone"][-1] == (
            Kind.DESK,
            one_of(session, wang).id,
        )
        assert his in {line.actor_id for line in events.of_case(session, case.id)}


def lines_in(session: Session, case_id: str) -> list[tuple[str, str | None, str]]:
    return [(line.kind, line.actor_id, line.channel) for line in events.of_case(session, case_id)]


async def test_who_is_a_side_of_it_says_no_yes_for_him(town: Town) -> None:
    """Wang asks for herself, and is of the staff: she does not take her own need in his name."""
    mei, lin = await approved(town)
    his = await joins(town, lin)
    case = await only_case(town)
    await lin.taps("找件事帮", "看 YS-0001", "替完了")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, mei).id, staff.Role.MODERATOR)
    await at_desk(mei, "陈爷爷", "电话说的")
    await stands_in(mei)
    await mei.forges(f"v1:claim.take:{case.id}:{case.version}")
    mei.hears("别的同事来看")
    async with town.store.transaction() as session:
        assert claims.live(session, case.id) is None
        assert people.get(session, his).quiet_since is None


async def test_he_comes_to_a_shift_stands_on_the_duty_sheet_and_lets_it_go(either_town: Town) -> None:
    town = either_town
    _, lin = await approved(town)
    his = await joins(town, lin)
    post = await an_open_post(town, "P-PHONE", days=1 << 1, slots=1)  # tomorrow, Tuesday
    await lin.forges(f"v1:post.card:{post}:{await version_of(town, post)}")
    await lin.taps("我来担任", "同意")
    lin.has_heard("替陈爷爷：\n\n谢谢您！「手机课堂」有您了")
    async with town.store.transaction() as session:
        lines = [line for line in events.of_case(session, his) if line.kind in (Kind.POST, Kind.DESK)]
        assert (lines[-1].code, lines[-1].actor_id, lines[-1].channel) == (
            Kind.POST,
            one_of(session, lin).id,
            "phone",
        )
        assert (lines[-2].code, lines[-2].actor_id) == ("post.agree", his)
    await lin.taps("替完了")
    sheet = await sheet_of(town, lin)
    assert "陈爷爷" in sheet
    assert "0592-555 0142" in sheet
    await at_desk(lin, "陈爷爷", "电话说的")
    await stands_in(lin)
    await lin.taps("岗位和班", "手机课堂", "放下这个岗位")
    lin.hears("放下了")
    await lin.taps("替完了")
    assert "陈爷爷" not in await sheet_of(town, lin)


async def test_who_has_a_chat_reads_what_was_said_for_her_about_a_shift(town: Town) -> None:
    lin, bo = await town.member("Lin", "en"), await town.volunteer("Bo", "Phone lessons", "en")
    post = await an_open_post(town, "P-PHONE", days=1 << 1, slots=1)
    await lin.starts()
    await lin.taps("Act for a neighbour")
    await lin.says("Bo")
    await lin.taps("By telephone", "Ask or help for them", "Just now")
    await lin.forges(f"v1:post.card:{post}:{await version_of(town, post)}")
    await lin.taps("I'll take it", "I agree")
    bo.hears("about posts and shifts", "did not ask for this")
    assert "My shifts" in bo.last.labels


async def sheet_of(town: Town, lin: Neighbour) -> str:
    await lin.starts()
    await lin.forges("v1:paper.list:-:0")
    await lin.taps("今天的值班单")
    called, data = paper_of(town, lin)
    assert called.startswith("duty-")
    return data.decode()


async def version_of(town: Town, post_id: str) -> int:
    async with town.store.transaction() as session:
        post = posts.get(session, post_id)
        assert post is not None
        return post.version


async def test_what_he_was_asked_by_staff_is_answered_though_he_offers_something_else(town: Town) -> None:
    mei, lin = await approved(town)
    await entered(town, lin, "陈爷爷")
    await stands_in(lin)
    await lin.taps("本人想帮忙", "同意", "教用手机", "就这些", "都行", "就这些", "3 次")
    await lin.says("/start")
    async with town.store.transaction() as session:
        [chen] = people.called(session, "陈爷爷")
    await seen_by_staff(town, chen.id)
    await lin.taps("替完了")
    await thinks_of(town, lin, "陈")  # there is one
    lin.has_heard("请告诉陈爷爷")
    await at_desk(lin, "陈爷爷", "上门说的")
    await stands_in(lin)
    await lin.taps("问过 YS-0001", "我来", "确认接单")
    mei.has_heard("陈爷爷")
    assert (await only_case(town)).state == State.ENGAGED
    await lin.says("/start")
    assert "问过 YS-0001" not in lin.last.labels


async def test_he_helps_in_english(town: Town) -> None:
    lin, ann = await town.member("Lin", "en"), await town.newcomer("Ann", "en", area="b2")
    await ann.says("my lamp is broken, I cannot reach it")
    await ann.taps("Yes", "Tomorrow", "Next", "No door number", "No", "Send my request")
    await lin.taps("Approve and ask")
    await town.later(minutes=1)
    await lin.starts()
    await lin.taps("Act for a neighbour")
    await lin.says("Old Chen")
    await lin.taps(
        "Enter this neighbour",
        "Blocks 5–8",
        "Speaks English",
        "By phone",
        "No number",
        "Ask or help for them",
        "Just now",
    )
    await lin.taps("They wish to help", "Agree", "Small repairs", "That's all", "Any time", "That's all", "3")
    await lin.says("/start")
    async with town.store.transaction() as session:
        [chen] = people.called(session, "Old Chen")
    await seen_by_staff(town, chen.id)
    await lin.taps("Find something to do", "See YS-0001", "I'll do it", "Confirm")
    lin.hears("For Old Chen:", "Door and phone stay out of this chat")
    ann.has_heard("Old Chen")
    await lin.taps("That’s all")
    await lin.forges("v1:paper.day:-:0")
    _, sheet = paper_of(town, lin)
    assert "Volunteers without Telegram who come today or tomorrow" in sheet.decode()
    assert "Old Chen" in sheet.decode()
