"""What has to be seen: she says so, staff look at it, it ends by itself; nobody checks her own, and no copy is kept."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from bot.community import credentials, events
from bot.community.credentials import Credential, Standing
from bot.community.events import Kind
from bot.data import Local
from bot.handlers.credential.service import years_from
from bot.store.models import metadata
from tests.flows.test_claim import approved
from tests.flows.test_close import engaged
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import copied, one_of, opened
from tests.town import Neighbour, Town

LOCAL = Local.load()


async def held(town: Town, who: Neighbour, kind: str) -> Credential | None:
    async with town.store.transaction() as session:
        found = credentials.of_kind(session, one_of(session, who).id, kind)
        if found is not None:
            session.expunge(found)
        return found


async def counts(town: Town, who: Neighbour, kind: str) -> bool:
    async with town.store.transaction() as session:
        return kind in credentials.live(session, LOCAL, one_of(session, who).id)


async def acts_on(town: Town, who: Neighbour) -> list[str | None]:
    async with town.store.transaction() as session:
        lines = events.of_case(session, one_of(session, who).id)
        return [line.code for line in lines if line.kind == Kind.CREDENTIAL]


async def newly(town: Town, name: str = "小陈", language: str = "zh") -> tuple[Neighbour, Neighbour]:
    """A volunteer nobody has met, and staff who hear of her."""
    lin = await town.member("林站长" if language == "zh" else "Grace", language)
    kind = "修" if language == "zh" else "repairs"
    return await town.volunteer(name, kind, language, knows=()), lin


async def declared(town: Town, kind: str = "律师证") -> tuple[Neighbour, Neighbour]:
    chen, lin = await newly(town)
    await lin.taps("见过面了")
    await chen.says("/start")
    await chen.taps("我想帮忙", "见面和看证", "我还有别的", kind, "我有，请看一眼")
    return chen, lin


async def until(town: Town, last: str = "2027 年 1 月 10 日") -> tuple[Neighbour, Neighbour]:
    """A lawyer's certificate that ends."""
    chen, lin = await declared(town)
    await lin.taps("看过了", "写日期")
    await lin.says(last)
    return chen, lin


# Meeting


async def test_whoever_joins_is_introduced_and_heard_of_once_met(either_town: Town) -> None:
    town = either_town
    chen, lin = await newly(town)
    chen.hears("先跟工作人员见个面")
    await chen.taps("要看什么")
    chen.hears("见过面：等工作人员看", "换灯泡灯管等 3 样：见过面", "插座线路检查：电工证")
    lin.hears("小陈 · 见过面", "加入了人才库，还没跟工作人员见过面", "当面看，不拍照，不留复印件")
    assert not await counts(town, chen, "known")
    await lin.taps("见过面了")
    lin.hears("看过了，一直有效")
    chen.hears("工作人员看过了：见过面")
    assert await counts(town, chen, "known")
    seen = await held(town, chen, "known")
    async with town.store.transaction() as session:
        assert seen is not None
        assert (seen.checked_by, seen.checked_at) == (one_of(session, lin).id, town.clock.now())
    assert await acts_on(town, chen) == ["seen:known"]
    await chen.taps("见面和看证")
    chen.hears("见过面：看过", "安装扶手防滑条：受过培训")
    assert "换灯泡" not in chen.last.text


async def test_the_same_in_english(town: Town) -> None:
    ann, grace = await newly(town, "Ann", "en")
    ann.hears("staff meet you or see a paper first")
    grace.hears("Ann · Met by staff", "has not met staff yet", "no photo, no copy")
    await grace.taps("Not yet")
    grace.hears("Ann is told to bring it")
    ann.hears("Staff have not seen “Met by staff”")
    await grace.taps("We have met")
    grace.hears("Seen, with no end")
    ann.hears("Staff have seen it: Met by staff")
    await ann.taps("Seen by staff", "I have something else", "Lawyer")
    ann.hears("practising certificate", "no photo, no copy")
    await ann.taps("I have it, have a look")
    ann.hears("Staff still have to see it", "within 90 days")
    await ann.sends("photo")
    ann.hears("I took nothing and kept nothing")
    await grace.taps("Seen")
    grace.hears("Ann, Lawyer: until which day")
    await grace.taps("Write a date")
    await grace.says("whenever")
    grace.hears("could not tell which day")
    await grace.says("30 June 2027")
    grace.hears("it holds until Wed 30 Jun 2027")
    ann.hears("It holds until Wed 30 Jun 2027; I tell you")
    await grace.taps("Noted by mistake")
    ann.hears("back to not seen")


async def test_who_is_known_already_is_not_introduced_again(town: Town) -> None:
    lin = await town.member("林站长")
    await town.volunteer("小陈")
    assert "小陈" not in lin.everything


async def test_staff_who_join_are_met_by_another(town: Town) -> None:
    lin, zhou = await town.member("林站长"), await town.member("周工")
    await lin.starts()
    await lin.taps("我想帮忙", "同意", "修小东西", "就这些", "先不说", "都行", "就这些", "3 次")
    assert "加入了人才库" not in lin.everything
    zhou.hears("林站长 · 见过面")
    await lin.forges(zhou.button("见过面了"))
    assert not await counts(town, lin, "known")
    lin.hears("和您自己有关")
    await zhou.taps("见过面了")
    assert await counts(town, lin, "known")


# Saying so


async def test_one_tap_declares_and_staff_hear_what_to_look_at(town: Town) -> None:
    chen, lin = await declared(town)
    chen.hears("律师证", "等工作人员看", "90 天没看就删掉")
    lin.hears("小陈 · 律师证", "律师执业证", "说有，等您看")
    declare = f"v1:credential.declare:{chen.button('返回').split(':', 2)[2]}"
    await chen.forges(declare)
    assert lin.everything.count("小陈 · 律师证") == 1
    assert not await counts(town, chen, "lawyer")
    await chen.taps("收回")
    chen.hears("见过面：看过")
    assert await held(town, chen, "lawyer") is None
    await lin.taps("看过了")
    assert "旧的" in lin.toast


@pytest.mark.parametrize("what", ["photo", "document", "voice", "sticker"])
async def test_a_picture_is_refused_and_not_kept(town: Town, what: str) -> None:
    chen, _ = await declared(town)
    await chen.sends(what)
    chen.hears("证件不用发来，我没有收，也没有存")
    await chen.taps("要看什么")
    await chen.sends(what)
    chen.hears("证件不用发来")
    await chen.says("/start")
    assert "没写完" not in chen.last.text


async def test_words_on_the_page_are_about_something_else(town: Town) -> None:
    chen, _ = await declared(town)
    await chen.says("我家的灯坏了，够不着")
    chen.hears("听起来是")


async def test_a_page_is_nothing_unfinished(town: Town) -> None:
    chen, _ = await declared(town)
    await chen.says("/cancel")
    chen.hears("没有写到一半")
    await chen.says("/start")
    assert "没写完" not in chen.last.text


@pytest.mark.parametrize(
    ("taps", "last"),
    [(["一年"], date(2027, 11, 23)), (["两年"], date(2028, 11, 23)), (["没有期限"], None)],
)
async def test_until_when_it_holds(town: Town, taps: list[str], last: date | None) -> None:
    chen, lin = await declared(town)
    await lin.taps("看过了")
    lin.hears("小陈的律师证，有效到哪天")
    assert not await counts(town, chen, "lawyer")
    await lin.taps(*taps)
    lin.hears("看过了，有效到 2027 年 11 月 23 日" if last == date(2027, 11, 23) else "看过了")
    chen.hears("工作人员看过了：律师证")
    found = await held(town, chen, "lawyer")
    assert found is not None
    assert found.expires_on == last


async def test_the_day_is_written(town: Town) -> None:
    chen, lin = await declared(town)
    await lin.taps("看过了", "写日期")
    for words in ("看情况", "2020 年 1 月 1 日", "今天", "下个周末", "2027 年 2 月 30 日"):
        await lin.says(words)
        lin.hears("没看懂是哪天")
    await lin.says("2027-06-30")
    lin.hears("有效到 2027 年 6 月 30 日")
    chen.hears("有效到 2027 年 6 月 30 日", "快到了我告诉您")


def test_a_year_from_a_day_that_comes_every_fourth() -> None:
    assert years_from(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert years_from(date(2027, 2, 28), 1) == date(2028, 2, 28)


async def test_not_yet_leaves_it_open(town: Town) -> None:
    chen, lin = await declared(town)
    await lin.taps("还没有")
    lin.hears("告诉小陈带来看一眼")
    chen.hears("您说的「律师证」，工作人员还没看到")
    await lin.taps("看过了", "没有期限")
    assert await counts(town, chen, "lawyer")


async def test_another_of_the_staff_is_a_moment_later(town: Town) -> None:
    chen, lin = await newly(town)
    wu = await town.member("小吴")
    await chen.says("/start")
    await chen.taps("我想帮忙", "见面和看证", "我还有别的", "护士证", "我有，请看一眼")
    not_yet = wu.button("还没有")
    await lin.taps("看过了", "一年")
    await wu.forges(not_yet)
    wu.hears("看过了，有效到")
    assert await counts(town, chen, "nurse")


# At the desk


async def test_staff_look_at_somebody_who_comes(town: Town) -> None:
    chen, lin = await newly(town)
    await at_desk(lin, "小陈")
    await lin.taps("见面和看证")
    lin.hears("小陈", "见过面：等您看", "看了哪样")
    await lin.taps("受过培训", "看过了", "没有期限")
    chen.hears("受过培训")
    assert await counts(town, chen, "trained")
    await at_desk(lin, "小陈")
    lin.hears("看过：受过培训")


async def test_who_is_in_no_pool_has_nothing_to_be_seen(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    lin = await town.member("林站长")
    await at_desk(lin, "李阿姨")
    assert "见面和看证" not in lin.last.labels
    async with town.store.transaction() as session:
        person_id = one_of(session, mei).id
    await lin.forges(f"v1:credential.of:{person_id}:0")
    lin.hears("没有加入人才库")
    await lin.forges(f"v1:credential.pick=known:{person_id}:0")
    assert "旧的" in lin.toast
    assert await held(town, mei, "known") is None


async def test_noted_by_mistake_closes_what_needs_it(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    await at_desk(lin, "小陈")
    await lin.taps("见面和看证", "见过面", "记错了")
    lin.hears("还没跟工作人员见过面")
    chen.has_heard("改回没看过", "已交回")
    assert "6栋302" not in chen.everything
    mei.hears("小陈来不了了，正在找下一位")
    assert await acts_on(town, chen) == ["not:known"]
    await lin.taps("见过面了", "记错了")
    assert await acts_on(town, chen) == ["not:known", "seen:known", "not:known"]


async def test_what_needs_something_else_stays(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    await at_desk(lin, "小陈")
    await lin.taps("见面和看证", "受过培训", "记错了")
    assert "来不了了" not in mei.everything
    assert "6栋302" in chen.everything


async def test_what_she_takes_back_closes_it_too(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    await chen.says("/start")
    await chen.taps("我想帮忙", "见面和看证", "见过面", "收回")
    mei.hears("正在找下一位")


async def test_what_is_only_held_is_free_again(town: Town) -> None:
    chen = await town.volunteer("小陈")
    _, lin = await approved(town)
    await chen.taps("我来")
    await at_desk(lin, "小陈")
    await lin.taps("见面和看证", "见过面", "记错了")
    async with town.store.transaction() as session:
        claim = metadata.tables["claim"]
        assert session.execute(sa.select(claim.c.state)).scalars().all() == ["released"]


# It ends


async def test_she_is_reminded_twice_and_by_day(either_town: Town) -> None:
    town = either_town
    chen, _ = await until(town)
    await town.later(hours=24 * 18 - 2)  # 07:00 on 11 December, thirty days before
    assert "到期" not in chen.everything
    await town.later(hours=1)
    chen.hears("您的律师证 2027 年 1 月 10 日（周日）到期", "有新的")
    await town.later(hours=24 * 22)
    assert chen.everything.count("到期。") == 1
    await town.later(hours=24)
    assert chen.everything.count("到期。") == 2
    await town.later(hours=24 * 7)
    assert await counts(town, chen, "lawyer")
    assert chen.everything.count("到期。") == 2


async def test_a_new_one_in_time_goes_on(town: Town) -> None:
    chen, lin = await until(town)
    await town.later(hours=24 * 20)
    await chen.taps("有新的，请看")
    chen.hears("告诉工作人员了", "律师证")
    lin.hears("小陈 · 律师证", "有效到 2027 年 1 月 10 日")
    assert await counts(town, chen, "lawyer")
    await lin.taps("看了新的", "一年")
    await town.later(hours=24 * 60)
    assert "到期了" not in chen.everything
    assert await counts(town, chen, "lawyer")


async def test_on_the_day_after_its_last_it_counts_no_more(either_town: Town) -> None:
    town = either_town
    chen, lin = await until(town)
    await town.later(hours=24 * 48 + 14)  # 23:00 on its last day
    assert await counts(town, chen, "lawyer")
    await town.later(hours=2)
    assert not await counts(town, chen, "lawyer")
    assert "律师证到期了" not in chen.everything  # it is night
    await town.later(hours=7)
    chen.has_heard("律师证到期了", "没有也没关系")
    lin.hears("小陈 · 律师证", "到期了")
    async with town.store.transaction() as session:
        assert [one.kind for one in credentials.expired(session)] == ["lawyer"]
    await town.later(hours=24 * 30 - 1)
    found = await held(town, chen, "lawyer")
    assert found is not None
    assert found.state == Standing.EXPIRED
    await town.later(hours=2)
    assert await held(town, chen, "lawyer") is None
    assert chen.everything.count("这条先删了") == 0


async def test_after_its_end_it_is_seen_anew(town: Town) -> None:
    chen, lin = await until(town)
    await town.later(hours=24 * 50)
    await chen.taps("见面和看证", "律师证")
    chen.hears("到期了，要它的事先不问您")
    await chen.taps("有新的，请看")
    chen.hears("等工作人员看")
    await lin.taps("看过了", "没有期限")
    assert await counts(town, chen, "lawyer")


async def test_the_end_hands_back_what_she_has_in_hand(town: Town) -> None:
    mei, chen, lin = await engaged(town)
    async with town.store.transaction() as session:
        known = credentials.of_kind(session, one_of(session, chen).id, "known")
        assert known is not None
        tomorrow = date(2026, 11, 24)
        credentials.check(session, LOCAL, known, by=one_of(session, lin).id, expires_on=tomorrow)
    await town.later(hours=22)
    assert "6栋302" in chen.everything
    await town.later(hours=26)
    assert "6栋302" not in chen.everything
    chen.has_heard("已交回")
    mei.has_heard("小陈来不了了，正在找下一位")


async def test_what_nobody_looked_at_is_forgotten_after_ninety_days(town: Town) -> None:
    chen, _ = await declared(town)
    await town.later(hours=24 * 90 - 1)
    assert await held(town, chen, "lawyer") is not None
    await town.later(hours=2)
    assert await held(town, chen, "lawyer") is None
    chen.hears("您说过有「律师证」", "这条先删了")


# What is hers


async def test_leaving_the_pool_forgets_it_all(town: Town) -> None:
    chen, lin = await declared(town)
    await chen.taps("返回", "返回", "看我填的", "退出", "退出")
    assert (await held(town, chen, "known"), await held(town, chen, "lawyer")) == (None, None)
    await lin.taps("看过了")
    assert "旧的" in lin.toast


async def test_she_sees_it_and_takes_it_with_her(town: Town) -> None:
    chen, _ = await until(town)
    await chen.says("/mydata")
    chen.hears("工作人员看过：见过面、律师证")
    _, locked, key = await copied(town, chen)
    page, machine = opened(locked, key)
    assert "律师证，工作人员看过" in page
    [known, lawyer] = machine["pool"]["credentials"]
    assert (known["kind"], known["state"], known["expires_on"]) == ("known", "checked", None)
    assert (lawyer["kind"], lawyer["expires_on"]) == ("lawyer", "2027-01-10")
    assert machine["pool"]["languages"] == ["mandarin"]
    assert len(machine["pool"]["hours"]) == 21
    assert machine["pool"]["hours"][0] == "Monday morning"


async def test_erasing_takes_it_too(town: Town) -> None:
    chen, _ = await declared(town)
    await chen.says("/mydata")
    await chen.taps("删除", "全部删除")
    async with town.store.transaction() as session:
        assert session.execute(sa.select(metadata.tables["credential"])).all() == []


# Wrong taps


async def test_nobody_else_checks_or_changes_it(town: Town) -> None:
    chen, lin = await declared(town)
    eve = await town.volunteer("伊芙")
    card = lin.button("看过了")
    credential_id = card.split(":")[2]
    for action in ("seen", "until=1", "until=never", "not_yet", "mistaken", "again"):
        await eve.forges(f"v1:credential.{action}:{credential_id}:0")
        assert "不是给您的" in eve.last.text
    async with town.store.transaction() as session:
        person_id = one_of(session, chen).id
    for action in ("of", "pick=lawyer"):
        await eve.forges(f"v1:credential.{action}:{person_id}:0")
        assert "不是给您的" in eve.last.text
    await chen.forges(card)  # her own
    found = await held(town, chen, "lawyer")
    assert found is not None
    assert found.state == Standing.DECLARED
    await lin.forges(f"v1:credential.until=9:{credential_id}:0")
    await lin.forges(f"v1:credential.pick=nope:{person_id}:0")
    assert "差错" not in lin.everything
    assert not await counts(town, chen, "lawyer")


async def test_a_role_that_ended_writes_no_date(town: Town) -> None:
    from bot.community import staff

    chen, lin = await declared(town)
    await lin.taps("看过了", "写日期")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, lin).id)
    town.clock.advance(1)
    await lin.says("2027-06-30")
    lin.hears("您刚写的没有发出去")
    assert not await counts(town, chen, "lawyer")


async def test_a_date_for_what_was_taken_back(town: Town) -> None:
    chen, lin = await declared(town)
    await lin.taps("看过了", "写日期")
    await chen.taps("收回")
    await lin.says("2027-06-30")
    lin.hears("您刚写的没有发出去")
    assert await held(town, chen, "lawyer") is None


# What is looked at, and what waits to be


async def test_a_look_of_staff_says_nothing_in_her_name(town: Town) -> None:
    chen, lin = await newly(town)
    await at_desk(lin, "小陈")
    await lin.taps("见面和看证", "律师证")
    lin.hears("本人没有说过有这样")
    assert await held(town, chen, "lawyer") is None
    await lin.taps("看过了", "先不记")
    assert await held(town, chen, "lawyer") is None
    await at_desk(lin, "小陈")
    await lin.taps("见面和看证", "律师证", "看过了", "写日期")
    await lin.says("2027 年 6 月 30 日")
    lin.hears("有效到 2027 年 6 月 30 日")
    assert await counts(town, chen, "lawyer")


async def test_nobody_notes_what_only_staff_have_seen(town: Town) -> None:
    chen, lin = await newly(town)
    bo = await town.newcomer("小博")
    async with town.store.transaction() as session:
        hers, lins = one_of(session, chen).id, one_of(session, lin).id
    await bo.forges(f"v1:credential.shown=lawyer.never:{hers}:0")
    await chen.forges(f"v1:credential.shown=lawyer.never:{hers}:0")
    await lin.forges(f"v1:credential.shown=lawyer.never:{lins}:0")
    for choice in ("nothing.never", "lawyer.soon", "lawyer.9"):
        await lin.forges(f"v1:credential.shown={choice}:{hers}:0")
    assert await held(town, chen, "lawyer") is None
    assert await held(town, lin, "lawyer") is None


async def test_a_declaration_from_another_talk_is_no_declaration(town: Town) -> None:
    chen, _ = await newly(town)
    await chen.says("我家的灯坏了，够不着")
    turn = chen.button("对").split(":", 2)[2]
    for action in ("list", "declare", "take_back"):
        await chen.forges(f"v1:credential.{action}:{turn}")
        assert "旧的" in chen.toast
    await chen.taps("对")
    assert await held(town, chen, "lawyer") is None


async def test_one_list_of_all_that_is_to_be_seen(either_town: Town) -> None:
    town = either_town
    chen, lin = await newly(town)
    await town.later(hours=1)
    await chen.says("/start")
    await chen.taps("我想帮忙", "见面和看证", "我还有别的", "律师证", "我有，请看一眼")
    await town.later(hours=1)
    await town.volunteer("小赵", knows=())
    await lin.starts()
    await lin.taps("待办", "等着看的证件")
    lin.hears("先说的在前：\n· 小陈：见过面\n· 小陈：律师证\n· 小赵：见过面")
    await lin.taps("第 2 件", "看过了", "没有期限")
    await lin.starts()
    await lin.taps("待办", "等着看的证件")
    assert "律师证" not in lin.last.text
    await chen.forges("v1:credential.waiting:-:0")
    assert "等着看的" not in chen.everything


async def test_the_list_in_english_and_none_of_her_own(town: Town) -> None:
    grace = await town.member("Grace", "en")
    await town.volunteer("Ann", "repairs", "en", knows=())
    await grace.starts()
    await grace.taps("I can help", "Agree", "Small repairs", "That's all", "Rather not say", "Any time")
    await grace.forges("v1:credential.waiting:-:0")
    grace.hears("To be seen, the longest waiting first:\n· Ann: Met by staff")
    assert "Grace:" not in grace.last.text
    await grace.taps("No. 1", "We have met")
    await grace.forges("v1:credential.waiting:-:0")
    grace.hears("All is seen")


async def test_that_there_is_a_new_one_is_news_to_staff_and_waits_for_them(town: Town) -> None:
    chen, lin = await until(town)
    await town.later(hours=24 * 20)
    await chen.taps("有新的，请看")
    lin.hears("有新的了，等您看", "有效到 2027 年 1 月 10 日")
    await lin.forges("v1:credential.waiting:-:0")
    lin.hears("小陈：律师证（有新的）")
    await lin.taps("第 1 件", "看了新的", "一年")
    assert "有新的" not in lin.last.text
    await lin.forges("v1:credential.waiting:-:0")
    lin.hears("都看过了")


async def test_a_new_one_nobody_has_looked_at_outlives_the_end_of_the_old(town: Town) -> None:
    chen, lin = await until(town)
    await town.later(hours=24 * 20)
    await chen.taps("有新的，请看")
    await town.later(hours=24 * 30)
    assert not await counts(town, chen, "lawyer")
    await lin.forges("v1:credential.waiting:-:0")
    lin.hears("小陈：律师证")


async def test_whom_nobody_has_met_in_ninety_days_is_not_told_that_she_said_so(town: Town) -> None:
    chen, _ = await newly(town)
    await town.later(hours=24 * 90 + 1)
    chen.hears("一直没有跟工作人员见上面")
    assert "您说过有" not in chen.everything
