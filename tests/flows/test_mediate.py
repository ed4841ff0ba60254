"""Two neighbours talk with somebody in the middle: voluntary, free, and either stops with one tap."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlmodel import select

from bot.community import cases, mediations, messages, pairs, people, staff
from bot.community.cases import Case
from bot.community.mediations import Mediation
from bot.community.pairs import Why
from bot.community.people import Person
from bot.community.staff import Role
from bot.community.stages import MOVES, State
from bot.data import Local
from privacy import consent
from privacy.purposes import purposes
from tests.flows.mediating import (
    QUARREL,
    accepted,
    applies,
    both,
    chosen,
    joins,
    listening,
    mediator,
    opens,
    reads,
    the_one,
    the_slip,
)
from tests.flows.standing import an_open_post, holds, in_pool
from tests.flows.test_invite import slip
from tests.flows.test_my_data import erases_all, one_of, paper_of
from tests.flows.test_renew import means_something_else
from tests.house.test_texts import TEXTS
from tests.town import Neighbour, Town

LOCAL = Local.load()


async def count(town: Town, what: type) -> int:
    async with town.store.transaction() as session:
        return len(session.exec(select(what)).all())


async def test_two_talk_and_it_is_kept(either_town: Town) -> None:
    town = either_town
    mei, wang, _lin, chen = await accepted(town)
    mei.hears("两边都认可老陈")
    await opens(chen)
    chen.hears("一边：李阿姨；另一边：王叔")
    await chen.taps("看写过的")
    chen.hears("李阿姨", QUARREL, "只给您")
    await chen.taps("返回", "约一起谈")
    await chen.says("周六上午十点")
    for one in (mei, wang):
        one.hears("老陈约您", "10:00", "动手、威胁")
    await mei.taps("没有，我来")
    mei.hears("等对方点头")
    await wang.taps("没有，我来")
    for one in (mei, wang, chen):
        one.hears("说定了", "10:00")
    await opens(chen)
    await chen.taps("写要签的话")
    await chen.says("十点后不拖椅子，椅脚贴垫。")
    for one in (mei, wang):
        one.hears("椅脚贴垫", "签在纸上才算")
    await chen.taps("打印")
    name, page = paper_of(town, chen)
    text = page.decode()
    assert name == "agreement.html"
    for words in ("椅脚贴垫", "李阿姨", "王叔", "签字", "Signature", "邻里协商", "Neighbour conversation"):
        assert words.lower() in text.lower(), words
    assert "盖章" not in text  # without a committee there is no seal of one
    await opens(chen)
    await chen.taps("书面谈成", "两周后")
    for one in (mei, wang):
        one.hears("书面谈成了", "分别问两边")
        assert "司法确认" not in one.last.text
    await town.later(hours=24 * 14 + 1)
    mei.hears("做得怎样", "对方不知道")
    await mei.taps("都做到了")
    wang.hears("做得怎样")
    await wang.taps("做到一些")
    wang.hears("12348")
    assert "做到一些" not in mei.everything
    one = await the_one(town)
    assert (one.state, one.outcome) == (State.FOLLOWED, State.AGREED_WRITTEN)


async def test_the_judge_reconciles_a_leak_between_two_floors(town: Town) -> None:
    """Invited by slip, in the pool, on the post; a tie screened out; and both still speak to each other."""
    lin, code = await slip(town)
    judge = town.stranger("赵法官")
    await judge.starts(f"i-{code}")
    await judge.taps("看看怎么帮", "同意", "用「赵法官」", "同意")
    await judge.taps("修小东西", "就这些", "9–12", "都行", "就这些", "3 次")
    await town.knows(judge, "judge", "known")
    await an_open_post(town, "P-JUDGE")
    await judge.starts()
    await judge.taps("岗位", "法官调解指导岗", "我来担任", "同意")
    judge.has_heard("有您了")
    cousin = await town.newcomer("孙法官", area="b3")
    await in_pool(town, cousin, "med_neighbour")
    await town.knows(cousin, "judge", "known")
    med = await an_open_post(town, "P-MED", credentials="judge,mediator")
    await holds(town, cousin, med)
    mei = await town.newcomer("李阿姨", area="b1")
    await applies(mei, "楼上漏水泡了我家天花板，邻里吵架想调解", "漏水")
    wang = town.stranger("王叔")
    await joins(wang, await the_slip(town, lin))
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "1 号", "请人坐中间")
    lin.hears("赵法官", "孙法官")
    first = lin.last.text.index("孙法官") < lin.last.text.index("赵法官")
    await lin.taps(f"请第 {1 if first else 2} 位")
    cousin.hears("李阿姨和王叔中间", "在职法官：单位同意吗")
    assert "漏水泡了" not in cousin.everything
    await cousin.taps("不合适")  # a cousin of one of them
    cousin.hears("为什么，谁也不问")
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "1 号", "请人坐中间")
    assert "孙法官" not in lin.last.text
    await lin.taps("请第 1 位")
    await judge.taps("我来，也说是法官")
    for one in (mei, wang):
        one.hears("赵法官愿意坐在中间", "没有亲友、工作、金钱往来", "自己的身份", "不替哪边说话")
        await one.taps("没有，我认可")
    await reads(judge)
    judge.hears("漏水泡了我家天花板")
    await judge.taps("返回", "口头谈成", "一个月后")
    judge.hears("两家能好好说话了")
    await town.later(hours=24 * 31)
    for one in (mei, wang):
        one.hears("做得怎样")
        await one.taps("都做到了")
    assert (await the_one(town)).outcome == State.AGREED_ORAL


async def test_the_story_in_english(town: Town) -> None:
    grace = await town.member("Grace", "en")
    ann = await town.newcomer("Ann", "en", area="b1")
    await ann.says("my neighbour upstairs makes noise every night and we quarrel, I need a mediator")
    await ann.taps("Try talking it over")
    ann.hears("you can stop at any time without a reason", "costs nothing")
    await ann.taps("Go on", *["No"] * 7, "Noise")
    ann.hears("Sounds sometimes keep me from resting")
    await ann.taps("Use this", "Bring it like that", "Agree")
    ann.hears("Neighbour conversation", "No. 1")
    grace.hears("Ann would like to talk something over")
    await grace.taps("Open", "Write the slip")
    code = grace.everything.split("m-")[1][:8]
    tom = town.stranger("Tom", "en")
    await tom.starts(f"m-{code}")
    tom.hears("This is no penalty", "I keep nothing")
    await tom.taps("Listen first", "Agree")
    await tom.says("Tom")
    tom.hears("Sounds sometimes keep me from resting")
    await tom.taps("No, I'll talk", "Go on", "Agree")
    tom.hears("Both are willing")
    judge = await mediator(town, "Judge Zhao")
    async with town.store.transaction() as session:
        people.update(session, one_of(session, judge), language="en")
    await grace.starts()
    await grace.taps("Talk it over", "To be arranged", "No. 1", "Ask a mediator", "Ask no. 1")
    judge.hears("between Ann and Tom")
    await judge.taps("No tie, I'll do it")
    for one in (ann, tom):
        one.hears("Judge Zhao is willing to sit in the middle")
        await one.taps("No, I accept")
    await judge.taps("Open")
    await judge.taps("Not agreed", "Note it so")
    for one in (ann, tom):
        one.hears("There was no agreement", "12348", "go to court")


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_where_somebody_was_hurt_nobody_is_contacted(town: Town, at: int) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    heard = len(lin.phone.heard)
    await mei.says(QUARREL)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * at)
    await mei.says("有")
    mei.hears("不会联系对方", "110", "12338", "由您定")
    assert len(lin.phone.heard) == heard
    assert await count(town, Mediation) == await count(town, Case) == 0
    await mei.starts()
    assert "接着写" not in [b.text for row in mei.last.buttons for b in row]  # nothing of it is left in hand


@pytest.mark.parametrize(
    ("at", "words"), [(3, "法院、仲裁或者公安正在办"), (4, "12348"), (5, "监护人"), (6, "协商会")]
)
async def test_what_goes_another_way(town: Town, at: int, words: str) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await mei.says(QUARREL)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * at)
    await mei.says("有")
    mei.hears(words)
    assert await count(town, Mediation) == 0
    if at == 6:
        await mei.taps("想开协商会")
        lin.hears("李阿姨找工作人员", "我想开个楼里的协商会")
        mei.hears("会来找您商量")
        assert QUARREL not in lin.everything
        await lin.taps("回话")
        await lin.says("周三来坐坐？")
        mei.has_heard("周三来坐坐？")


async def test_she_who_was_invited_declines_and_is_forgotten(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    code = await the_slip(town, lin)
    everybody = await count(town, Person)
    wang = town.stranger("王叔")
    await wang.starts(f"m-{code}")
    wang.hears("不是处分", "我什么也不存")
    await wang.taps("不参加")
    wang.hears("没有您了")
    mei.hears("对方没有来", "12348")
    assert await count(town, Person) == everybody
    one = await the_one(town)
    assert (one.state, one.b_id) == (State.DECLINED, None)
    await wang.starts(f"m-{code}")
    wang.hears("用过了")


async def test_who_listened_and_declines_is_erased_altogether(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    wang = town.stranger("王叔")
    await wang.says(f"m-{await the_slip(town, lin)}")
    await wang.taps("先听听", "同意")
    await wang.says("王叔")
    wang.hears("想和您商量", "14 天")
    assert QUARREL not in wang.everything
    assert "李阿姨" not in wang.everything
    await wang.taps("不参加")
    wang.hears("登记也都删掉")
    async with town.store.transaction() as session:
        assert people.find(session, wang.phone.user.id) is None
    assert (await the_one(town)).b_id is None


async def test_the_code_is_for_another_than_who_asked(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    code = await the_slip(town, lin)
    await mei.starts(f"m-{code}")
    mei.hears("用过了，或者放得太久")
    wang, eve = town.stranger("王叔"), await town.newcomer("伊芙")
    await joins(wang, code)
    await eve.starts(f"m-{code}")
    eve.hears("用过了")


STAGES = ["applied", "inviting", "consented", "proposed", "accepted", "agreed_oral"]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("side", ["a", "b"])
async def test_either_stops_with_one_tap_at_every_stage(town: Town, stage: str, side: str) -> None:
    if side == "b" and stage == "applied":
        return
    lin = await town.member("林站长")
    mei, wang = await town.newcomer("李阿姨", area="b1"), town.stranger("王叔")
    await applies(mei)
    chen = await mediator(town, "老陈")
    if stage != "applied":
        code = await the_slip(town, lin)
        if stage == "inviting":
            await wang.starts(f"m-{code}")
            await wang.taps("先听听", "同意")
            await wang.says("王叔")
        else:
            await joins(wang, code)
    if stage in STAGES[3:]:
        await chosen(lin)
        await chen.taps("没有往来，我来")
    if stage in STAGES[4:]:
        await mei.taps("没有，我认可")
        await wang.taps("没有，我认可")
    if stage == "agreed_oral":
        await chen.taps("打开", "口头谈成", "两周后")
    assert (await the_one(town)).state == stage
    who, other = (mei, wang) if side == "a" else (wang, mei)
    one = await the_one(town)
    await who.forges(f"v1:mediate.withdraw:{one.id}:0")
    one = await the_one(town)
    declined = stage == "inviting" and side == "b"
    assert one.state == (State.DECLINED if declined else State.WITHDRAWN)
    who.has_heard("12348" if not declined else "登记也都删掉")
    if stage not in ("applied", "inviting"):
        other.hears("这次先停了", "12348")
    async with town.store.transaction() as session:
        for person in filter(None, (one.a_id, one.b_id)):
            assert not consent.is_live(
                session, person_id=person, purpose="mediation", scope=one.id, at=town.clock.now()
            )


async def test_one_objection_is_enough_and_nobody_hears_whose(either_town: Town) -> None:
    town = either_town
    mei, wang, lin, chen = await accepted(town)
    await mediator(town, "老吴")
    await reads(chen)
    chen.hears(QUARREL)
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "换一位调解人")
    for one in (mei, wang):
        one.hears("要换一位", "谁提的、为什么，不说")
    chen.hears("另请一位了，谢谢您")
    for action in ("see", "read", "step_out"):
        await chen.forges(f"v1:mediator.{action}:{(await the_one(town)).id}:0")
        chen.hears("不是给您的")
    await chosen(lin)
    assert "老陈" not in lin.last.text
    assert (await the_one(town)).state == State.PROPOSED


async def test_who_helped_lives_near_or_had_a_hand_in_it_is_not_asked(town: Town) -> None:
    mei, wang, lin = await both(town)
    await mediator(town, "同楼", area="b1")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, lin).id, Role.MEDIATOR)
        staff.grant(session, one_of(session, wang).id, Role.MEDIATOR)
    close = await mediator(town, "表姐")
    async with town.store.transaction() as session:
        pairs.part(session, one_of(session, mei).id, one_of(session, close).id, Why.TIE)
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "1 号", "请人坐中间")
    lin.hears("没有合适的人", "街道")
    await lin.taps("返回", "转到线下谈")
    for one in (mei, wang):
        one.hears("往后在线下谈")


async def test_somebody_is_afraid_it_stops_and_staff_hear_no_word(town: Town) -> None:
    mei, wang, lin, chen = await accepted(town)
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "我害怕，先停")
    wang.hears("110", "12338", "不知道是谁提的", "来问您平不平安")
    mei.hears("这次先停了")
    lin.hears("王叔找工作人员", "避开旁人")
    assert "李阿姨" not in lin.last.text
    await lin.taps("回话")
    await lin.says("我在楼下，方便说话吗？")
    wang.has_heard("方便说话吗")
    assert "害怕" not in mei.last.text
    assert QUARREL not in lin.everything
    assert (await the_one(town)).state == State.STOPPED
    await reads(chen)
    assert QUARREL not in chen.last.text


async def test_who_is_afraid_waits_for_staff_where_nobody_is_there(town: Town) -> None:
    """And is not told that somebody comes who knows nothing of her."""
    _, wang, lin, _ = await accepted(town)
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "我害怕，先停")
    wang.hears("现在没有工作人员在", "110", town.service.house.local.phone)
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, lin).id, Role.MODERATOR)
    await lin.forges("v1:review.queue:-:0")
    lin.hears("留言")


async def test_where_the_other_side_is_of_the_staff_nobody_reads_who_is_afraid(town: Town) -> None:
    mei, wang, lin, _ = await accepted(town)
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, mei).id, Role.MODERATOR)
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "我害怕，先停")
    wang.hears("您是谁，工作人员不知道", "110")
    lin.hears("1 号停了", "看不到")
    mei.hears("这次先停了")
    assert "害怕" not in mei.everything.replace("让您害怕", "")
    async with town.store.transaction() as session:
        assert messages.waiting(session) == []


async def test_the_mediator_raises_a_flag(town: Town) -> None:
    mei, wang, lin, chen = await accepted(town)
    await chen.taps("打开", "有人会受伤害")
    chen.hears("110", "来问您该去看谁")
    lin.hears("老陈找工作人员", "怕有人会受伤害")
    for one in (mei, wang):
        one.hears("这次先停了")


async def test_what_has_ended_shows_its_mediator_no_covered_words(town: Town) -> None:
    mei, _, _, chen = await accepted(town)
    await mei.starts()
    await mei.taps("坐下来谈", "1 号", "不谈了")
    await opens(chen)
    chen.hears("已经结束了")
    assert cases.HIDDEN not in chen.last.text
    assert "看写过的" not in chen.last.labels


async def asks_for_a_time(chen: Neighbour, *words: str) -> None:
    await opens(chen)
    await chen.taps("约一起谈")
    await chen.says(*words)


async def test_a_time_that_may_be_two_is_asked_back(town: Town) -> None:
    mei, _, _, chen = await accepted(town)
    await asks_for_a_time(chen, "周六10点")
    chen.hears("是哪一个？", "10:00", "22:00", "这是夜里")
    assert "约您谈" not in mei.everything
    await chen.taps("第 1 个")
    chen.hears("问了", "10:00")
    mei.hears("约您谈", "10:00")


async def test_a_time_at_night_or_too_late_is_asked_back(town: Town) -> None:
    mei, _, _, chen = await accepted(town)
    await asks_for_a_time(chen, "周六凌晨三点")
    chen.hears("是这个时间吗？", "03:00", "这是夜里")
    await chen.says("2027年6月1日上午十点")
    chen.hears("太晚了", "前要谈完")
    assert "约您谈" not in mei.everything
    await chen.says("周六上午十点")
    mei.hears("约您谈", "10:00")


async def test_what_the_house_has_worded_each_reads_in_her_language(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b1")
    await applies(mei)
    bob = town.stranger("Bob", "en")
    await bob.starts(f"m-{await the_slip(town, lin)}")
    await bob.taps("Listen first", "Agree")
    await bob.says("Bob")
    topic = LOCAL.mediation.topic((await the_one(town)).topic)
    bob.hears(topic.wording["en"])
    assert topic.wording["zh"] not in bob.everything


async def test_more_time_only_if_both_wish(town: Town) -> None:
    mei, wang, _, _ = await accepted(town)
    before = (await the_one(town)).limit_at
    await town.later(hours=24 * 23 + 1)
    for one in (mei, wang):
        one.hears("就到时间了")
    await mei.taps("多给些时间")
    mei.hears("对方也点，才延")
    wang.hears("对方想多给些时间")
    assert (await the_one(town)).limit_at == before
    await wang.taps("多给些时间")
    for one in (mei, wang):
        one.hears("延到")
    after = (await the_one(town)).limit_at
    assert before is not None
    assert after is not None
    assert (after - before).days == 30


async def test_the_time_is_over_and_other_ways_are_told(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    await town.later(hours=24 * 23 + 1)
    await town.later(hours=24 * 7)
    for one in (mei, wang, chen):
        one.hears("时间到了", "12348")
    assert (await the_one(town)).outcome == State.LAPSED


async def test_only_her_own_press_shows_it_to_the_other_side(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    await wang.starts()
    await wang.taps("坐下来谈", "1 号", "写给调解人")
    await wang.says("我上夜班，十二点才到家")
    chen.hears("有新写的")
    assert "夜班" not in mei.everything
    share = wang.button("给对方也看")
    await mei.forges(share)
    assert "夜班" not in mei.everything
    await wang.taps("给对方也看")
    mei.hears("我上夜班")
    await wang.taps("回这件事", "带人陪或翻译")
    await wang.says("我女儿来翻译")
    mei.hears("我女儿来翻译", "同意才带")
    await wang.forges(mei.button("同意带来"))
    await mei.taps("同意带来")
    wang.hears("两边都同意了")
    await reads(chen)
    chen.hears("我女儿来翻译", "同意了", "我上夜班")


async def test_who_leaves_ends_it_and_takes_her_words_along(town: Town) -> None:
    mei, wang, _, chen = await accepted(town)
    await erases_all(mei)
    wang.hears("这次先停了", "12348")
    await reads(chen)
    assert QUARREL not in chen.last.text
    one = await the_one(town)
    assert (one.state, one.a_id, one.wording) == (State.WITHDRAWN, None, None)


async def test_with_a_committee_both_ask_and_both_are_reminded(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(town.service.house.local.mediation.__dict__, "committee", True)
    mei, wang, _, chen = await accepted(town)
    await chen.taps("打开", "书面谈成", "一个月后")
    for one in (mei, wang):
        one.hears("30 天内", "法院不确认")
    await mei.taps("要司法确认")
    await town.later(hours=24 * 15)
    assert "一起去法院申请" not in mei.everything
    await wang.taps("要司法确认")
    await town.later(hours=24 * 9)
    for one in (mei, wang):
        one.hears("一起去法院申请", "12 月 23 日")


async def test_nobody_is_spoken_to_of_it_at_night(town: Town) -> None:
    mei, *_ = await accepted(town)
    async with town.store.transaction() as session:
        one = session.exec(select(Mediation)).one()
        mediations.look_again(session, one, town.clock.now() + timedelta(hours=14), "warn")  # 23:00
    await town.later(hours=15)
    assert "就到时间了" not in mei.everything
    await town.later(hours=8)
    mei.hears("就到时间了")


async def test_who_is_afraid_while_she_listens_stops_it_and_is_asked_no_more(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    wang = town.stranger("王叔")
    await wang.starts(f"m-{await the_slip(town, lin)}")
    await wang.taps("先听听", "同意")
    await wang.says("王叔")
    await wang.taps("有，先停")
    wang.has_heard("不知道是谁提的", "110", "登记也都删掉")
    lin.hears("1 号停了", "避开旁人")
    mei.hears("这次先停了")
    one = await the_one(town)
    assert (one.state, one.b_id) == (State.STOPPED, None)


async def test_wrong_taps_change_nothing(town: Town) -> None:
    mei, wang, lin = await both(town)
    chen, eve = await mediator(town, "老陈"), await town.newcomer("伊芙")
    one = await the_one(town)
    for action in ("see", "read", "say", "withdraw", "afraid", "longer", "court", "accept=x", "went=kept"):
        for somebody in (eve, lin, chen):
            await somebody.forges(f"v1:mediate.{action}:{one.id}:0")
            somebody.hears("不是给您的")
    for action in (
        "see",
        "declare=none",
        "flag",
        "meet=both",
        "write",
        "paper",
        "outcome=partly",
        "step_out",
    ):
        for somebody in (eve, lin, mei, wang, chen):
            await somebody.forges(f"v1:mediator.{action}:{one.id}:0")
            somebody.hears("不是给您的")
    for action in ("desk", "slip", "dismiss=not", "halt", "choose", "ask=x"):
        for somebody in (eve, mei, chen):
            await somebody.forges(f"v1:mediator.{action}:{one.id}:0")
            somebody.hears("不是给您的")
        await lin.forges(f"v1:mediator.{action}:{'x' * 16}:0")
        lin.hears("不是给您的")
    async with town.store.transaction() as session:
        mei_id = one_of(session, mei).id
    await lin.forges(f"v1:mediator.ask={mei_id}:{one.id}:0")
    assert "旧的" in lin.toast
    assert (await the_one(town)).version == one.version


async def test_staff_who_are_a_side_step_aside(town: Town) -> None:
    lin = await town.member("林站长")
    await applies(lin)
    one = await the_one(town)
    await lin.forges(f"v1:mediator.slip:{one.id}:0")
    lin.hears("和您自己有关")
    assert (await the_one(town)).state == State.APPLIED


async def test_a_promise_to_call_is_kept_or_said_to_be_late(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    await town.later(hours=10)
    mei.hears("还在安排")
    lin.hears("1 号在等您安排")


async def test_who_has_no_telegram_is_served_in_person(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨")
    await applies(mei)
    await the_slip(town, lin)
    name, page = paper_of(town, lin)
    assert name == "slip.html"
    text = page.decode()
    for words in (LOCAL.phone, "没有手机也一样", "a mobile phone is not needed", "14 天", "<svg"):
        assert words in text
    for words in ("李阿姨", "声音", "椅子"):
        assert words not in text
    await lin.taps("返回", "转到线下谈")
    mei.hears("往后在线下谈")
    assert cases.HIDDEN not in mei.everything


async def test_words_and_wording_are_hers_to_change(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.says(QUARREL)
    await mei.taps("试试坐下来谈", "接着看", *["没有"] * 7, "停车")
    mei.hears("停车的地方有点挤")
    await mei.says("晚上请轻一点，有事打 13812345678")
    mei.hears("晚上请轻一点，有事打 ▇▇▇")
    await mei.taps("返回", "停车")
    mei.hears("停车的地方有点挤")
    await mei.says("长" * 201)
    mei.hears("太长了")


@pytest.mark.parametrize(
    "end", [end for end, onward in MOVES.items() if not onward and end != State.FOLLOWED]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_end_without_an_agreement_tells_which_ways_there_still_are(end: State, language: str) -> None:
    said = TEXTS.render("mediate.ended", language=language, one=SimpleNamespace(number=1, state=end.value))
    assert ("12348" in said.html) is (end is not State.OFFLINE)  # in person it goes on


async def with_a_committee(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> tuple[Neighbour, Neighbour, Neighbour]:
    monkeypatch.setitem(town.service.house.local.mediation.__dict__, "committee", True)
    mei, wang, _, chen = await accepted(town)
    await chen.taps("打开", "书面谈成", "两周后")
    return mei, wang, chen


async def test_who_is_asked_how_it_went_before_is_reminded_of_the_court_all_the_same(
    either_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, wang, _ = await with_a_committee(either_town, monkeypatch)
    for one in (mei, wang):
        await one.taps("要司法确认")
    await either_town.later(hours=24 * 14 + 1)
    for one in (mei, wang):
        one.hears("做得怎样")
        await one.taps("都做到了")
    assert (await the_one(either_town)).state == State.AGREED_WRITTEN  # it is not over before the reminder
    await either_town.later(hours=24 * 9)
    for one in (mei, wang):
        one.hears("一起去法院申请", "12 月 23 日")
    assert (await the_one(either_town)).state == State.FOLLOWED


async def test_who_asks_late_is_reminded_at_once_and_after_thirty_days_no_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, wang, _ = await with_a_committee(town, monkeypatch)
    await mei.taps("要司法确认")
    await town.later(hours=24 * 25)
    court = f"v1:mediate.court:{(await the_one(town)).id}:0"
    await wang.forges(court)
    await town.later(minutes=1)
    for one in (mei, wang):
        one.hears("一起去法院申请")
    await town.later(hours=24 * 5)
    await wang.forges(court)
    assert "旧的" in wang.toast


async def test_she_who_asked_leaves_and_who_was_listening_is_forgotten(either_town: Town) -> None:
    mei, wang, _ = await listening(either_town)
    await erases_all(mei)
    wang.hears("登记也都删掉")
    async with either_town.store.transaction() as session:
        assert people.find(session, wang.phone.user.id) is None
    one = await the_one(either_town)
    assert (one.state, one.b_id) == (State.WITHDRAWN, None)


async def test_a_neighbour_who_was_listening_stays_one(town: Town) -> None:
    lin = await town.member("林站长")
    mei, wang = await town.newcomer("李阿姨"), await town.newcomer("王叔")
    await applies(mei)
    await town.later(hours=24 * 16)
    await wang.starts(f"m-{await the_slip(town, lin)}")
    await wang.taps("先听听")
    await erases_all(mei)
    wang.hears("不参加")
    async with town.store.transaction() as session:
        assert people.find(session, wang.phone.user.id) is not None


async def test_two_who_quarrel_twice_stay_apart_while_one_of_it_is_there(either_town: Town) -> None:
    town = either_town
    mei, wang, lin, chen = await accepted(town)
    await chen.taps("打开", "没有谈成", "就这样记")
    await town.later(hours=24 * 20)
    await applies(mei, "楼上又漏水，邻里吵架想调解", "漏水")
    await lin.starts()
    await lin.taps("坐下来谈", "等安排的", "2 号", "写纸条")
    await joins(wang, lin.everything.split("m-")[-1][:8], known=True)
    await town.later(hours=24 * 11)  # the first is forgotten
    async with town.store.transaction() as session:
        first, second = session.exec(select(Mediation).order_by(Mediation.number)).all()
        assert (first.a_id, second.state) == (None, State.CONSENTED)
        assert pairs.apart_from(session, one_of(session, mei).id) == {one_of(session, wang).id}
    for _ in range(3):  # the second lapses and is forgotten too
        await town.later(hours=24 * 31)
    async with town.store.transaction() as session:
        assert pairs.apart_from(session, one_of(session, mei).id) == set()


@pytest.mark.parametrize("how", ["leaves", "step_out"])
async def test_the_mediator_goes_while_the_notice_has_changed_and_another_is_looked_for(
    town: Town, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    mei, wang, lin, chen = await accepted(town)
    means_something_else(monkeypatch, "mediation")
    if how == "leaves":
        await erases_all(chen)
    else:
        await chen.forges(f"v1:mediator.step_out:{(await the_one(town)).id}:0")
    for one in (mei, wang):
        one.hears("要换一位")
    lin.hears("等您安排")
    one = await the_one(town)
    assert (one.state, one.mediator_id) == (State.PROPOSED, None)
    await mediator(town, "老吴")
    await chosen(lin)
    lin.hears("现在还不是")  # before both have read it anew nothing goes on
    await mei.taps("看现在怎样")
    mei.hears("告知的文字改过了")
    await mei.taps("看新的告知", "接着看", "同意")
    mei.hears("等对方")
    await wang.taps("看新的告知", "接着看", "同意")
    for one in (mei, wang):
        one.hears("接着走")
    await chosen(lin)
    assert (await the_one(town)).mediator_id is not None


async def test_a_new_slip_ends_the_yes_of_who_came_with_the_last(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She has agreed to a notice written more clearly than the one the other side read, so there are not two yeses yet."""
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b1")
    await applies(mei)
    monkeypatch.setitem(purposes(), "mediation", replace(purposes()["mediation"], notice=2))
    wang = town.stranger("王叔")
    await joins(wang, await the_slip(town, lin))
    one = await the_one(town)
    assert (one.state, one.b_id is not None) == (State.INVITING, True)
    wangs = one.b_id
    await lin.forges(f"v1:mediator.slip:{one.id}:0")
    wang.hears("登记也都删掉")
    async with town.store.transaction() as session:
        stands = consent.standing(
            session, person_id=wangs or "", purpose="mediation", scope=one.id, at=town.clock.now()
        )
    assert stands is consent.Status.EXPIRED


async def test_what_is_under_way_comes_first_and_nothing_is_out_of_reach(town: Town) -> None:
    mei = await town.newcomer("Mei", "en", area="b1")
    async with town.store.transaction() as session:
        person = one_of(session, mei)
        for n in range(9):
            one = mediations.apply(
                session,
                person_id=person.id,
                language="en",
                topic="noise",
                wording="calm",
                promised_at=town.clock.now() + timedelta(hours=9),
            )
            if n:
                mediations.withdraw(session, one, person.id)
    await mei.starts()
    await mei.taps("Talk it over")
    assert [label for label in mei.last.labels if label.startswith("No.")] == ["No. 1"]
    await mei.taps("What is over")
    assert [label for label in mei.last.labels if label.startswith("No.")] == [
        f"No. {n}" for n in range(9, 3, -1)
    ]
    await mei.taps("Earlier ones")
    assert [label for label in mei.last.labels if label.startswith("No.")] == ["No. 3", "No. 2"]
    await mei.taps("No. 2")
    mei.hears("It is over")
    await mei.forges("v1:mediate.over=99:-:0")
    mei.hears("What is over")
    await mei.taps("Under way", "No. 1")
    mei.hears("No. 1")


async def test_a_lawyer_says_so_and_wins_no_clients(town: Town) -> None:
    mei, wang, lin = await both(town)
    zheng = await town.newcomer("郑律师", area="b3")
    await in_pool(town, zheng, "med_neighbour")
    await town.knows(zheng, "lawyer", "known")
    await holds(town, zheng, await an_open_post(town, "P-MED", credentials="lawyer,mediator"))
    await chosen(lin)
    zheng.hears("不做哪边的律师，不揽案子")
    await zheng.taps("我来，也说是律师")
    for one in (mei, wang):
        one.hears("郑律师愿意坐在中间", "也说了自己的身份", "也不揽收费的案子")


@pytest.mark.parametrize(("topic", "days"), [("工作和工钱", 15), ("停车", 30)])
async def test_how_long_it_may_take_depends_on_what_it_is_about(town: Town, topic: str, days: int) -> None:
    lin = await town.member("林站长")
    mei, wang = await town.newcomer("李阿姨"), town.stranger("王叔")
    await applies(mei, topic=topic)
    await joins(wang, await the_slip(town, lin))
    assert (await the_one(town)).limit_at == town.clock.now() + timedelta(days=days)
