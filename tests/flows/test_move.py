"""A lost account is bound anew at the desk: two of the staff, she herself with the new one, and the old one hears of it."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from bot.community import erasing, messages, moving, pairs, parting, people, restrictions, staff
from bot.community.moving import Moving
from bot.community.pairs import Why
from bot.community.staff import Role
from bot.errors import OldButton, SameHand
from tests.flows.mediating import QUARREL, accepted, both, chosen, opens, reads, the_one
from tests.flows.test_canaries import found
from tests.flows.test_close import engaged
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import cards_of, one_of, only_case, paper_of
from tests.flows.test_offline import entered
from tests.town import Neighbour, Town

CODE = re.compile(r"move-([a-z0-9]{12})")


async def asks(lin: Neighbour, who: str, why: str = "本人，手机没了") -> None:
    """She stands at the desk with her new phone."""
    await at_desk(lin, who)
    await lin.taps("有手机了" if "刚有" in why else "换了手机")
    lin.hears("站在面前的本人", "不拍照，不复印")
    await lin.taps(why)


def code_of(lin: Neighbour) -> str:
    return CODE.findall(lin.everything)[-1]


async def slip(lin: Neighbour, ning: Neighbour, who: str, why: str = "本人，手机没了") -> str:
    """Asked, agreed, written. Returns the code."""
    await asks(lin, who, why)
    lin.hears("已请同事看")
    before = CODE.findall(lin.everything)
    await ning.taps("同意")
    assert not CODE.search(ning.everything)  # who agrees never sees it
    lin.hears("同意了")
    assert CODE.findall(lin.everything) == before
    await lin.taps("写纸条")
    return code_of(lin)


async def two(town: Town) -> tuple[Neighbour, Neighbour]:
    return await town.member("林站长"), await town.member("宁老师")


async def takes(town: Town, code: str, name: str = "新手机", language: str = "zh") -> Neighbour:
    new = town.stranger(name, language)
    await new.starts(f"move-{code}")
    await new.taps("是我，换过来" if language == "zh" else "That is me, move it")
    return new


async def steps(town: Town, person_id: str) -> list[tuple[str | None, str | None, str]]:
    async with town.store.transaction() as session:
        return [(one.code, one.actor_id, one.channel) for one in moving.steps_of(session, person_id)]


async def id_of(town: Town, somebody: Neighbour) -> str:
    async with town.store.transaction() as session:
        return one_of(session, somebody).id


async def left(town: Town) -> list[Moving]:
    async with town.store.transaction() as session:
        found = list(session.exec(select(Moving)).all())
        for one in found:
            session.expunge(one)
        return found


async def is_known(town: Town, somebody: Neighbour) -> bool:
    async with town.store.transaction() as session:
        return people.find(session, somebody.phone.user.id) is not None


async def test_a_neighbour_whose_phone_is_lost_goes_on_with_the_new_one(either_town: Town) -> None:
    """She has asked for help, somebody is coming, and nothing of it is lost; the old phone says nothing of hers."""
    town = either_town
    mei, chen, lin = await engaged(town)
    ning = await town.member("宁老师")
    her = await id_of(town, mei)
    code = await slip(lin, ning, "李阿姨")
    mei.hears("带着新手机当面来过", "不是我")
    new = await takes(town, code)
    mei.hears("换到了新的账号", "不再是", "能换回去")
    assert "YS-0001" not in mei.everything
    said = [seen.text for seen in new.phone.heard]
    assert "换好了，李阿姨" in said[0]
    assert any("YS-0001" in text for text in said[1:])  # her need, as it stands
    assert "今天要做什么" in said[-1]
    for member in (lin, ning):
        member.hears("李阿姨用新账号打开了纸条")
        assert "群里" not in member.last.text
    old = mei.everything
    await chen.taps("出发了")
    new.hears("出发")
    await chen.taps("办好了")
    await new.taps("办好了")
    assert mei.everything == old
    assert "出发" not in old
    async with town.store.transaction() as session:
        person = one_of(session, new)
        lins, nings = one_of(session, lin).id, one_of(session, ning).id
        assert (person.id, person.language, person.reachable) == (her, "zh", True)
    assert await steps(town, her) == [
        ("asked:lost", lins, "counter"),
        ("agreed", nings, "telegram"),
        ("written", lins, "telegram"),
        ("bound:lost", her, "telegram"),
    ]
    assert await left(town) == []
    assert not await is_known(town, mei)


async def test_the_old_account_is_a_stranger_now(town: Town) -> None:
    mei, _, lin = await engaged(town)
    ning = await town.member("宁老师")
    await mei.says("门铃坏了")  # an unfinished talk
    code = await slip(lin, ning, "李阿姨")
    not_me, [case] = mei.button("不是我"), [await only_case(town)]
    new = await takes(town, code)
    for old in (not_me, f"v1:follow.card:{case.id}:{case.version}", "v1:my_data.see:-:0"):
        await mei.forges(old)
        mei.hears("还没有登记过")
    await mei.taps("找工作人员")  # who would object can
    await mei.says("我没有换过")
    lin.has_heard("我没有换过")
    await mei.says("/mydata")
    mei.hears("还没有登记过")
    await mei.starts()
    assert "李阿姨" not in mei.last.text
    assert "接着写" not in mei.last.text
    await new.says("/mydata")
    new.hears("李阿姨")


async def test_the_same_in_english(town: Town) -> None:
    lin, ning = await two(town)
    ada = await town.newcomer("Ada", "en")
    code = await slip(lin, ning, "Ada", "本人，换了号")
    ada.hears("came in person with a new phone", "That was not me")
    new = town.stranger("Ada's phone", "en")
    await new.says(f"MOVE- {code.upper()}")  # typed from paper
    new.hears("for a neighbour they met in person")
    assert "Ada" not in new.last.text
    await new.taps("That is me, move it")
    new.has_heard("Done, Ada.")
    ada.hears("has moved to a new account")
    await new.says("/mydata")
    await new.taps("Change it")
    new.hears("moved to on", "two of the staff")


async def test_somebody_without_telegram_gets_it(either_town: Town) -> None:
    """What staff were to tell her she reads now, and her telephone number goes."""
    town = either_town
    lin = await town.member("林站长")
    her = await entered(town, lin)
    ning = await town.member("宁老师")
    async with town.store.transaction() as session:
        person, local = people.get(session, her), town.service.house.local
        messages.take(session, local, messages.Sort.ERRAND, person, "小赵明天来修灯")
    code = await slip(lin, ning, "李奶奶", "本人，刚有账号")
    new = await takes(town, code, "李奶奶的手机")
    new.has_heard("换好了，李奶奶", "本来要转告您", "小赵明天来修灯")
    await lin.starts()
    await lin.taps("待办")
    assert "要转告" not in lin.last.text
    async with town.store.transaction() as session:
        person = one_of(session, new)
        assert (person.id, person.phone, people.has_chat(person)) == (her, None, True)
    await at_desk(lin, "李奶奶")
    assert "没有 Telegram" not in lin.last.text


async def test_the_mediators_phone_is_lost_amid_a_mediation(either_town: Town) -> None:
    """Both sides notice nothing; what they wrote to her, the times and the agreement go on in her new chat."""
    town = either_town
    mei, wang, lin, chen = await accepted(town)
    ning = await town.member("宁老师")
    await opens(chen)
    await chen.taps("约一起谈")
    await chen.says("周六上午十点")
    await mei.taps("没有，我来")
    heard = {one: one.everything for one in (mei, wang)}
    code = await slip(lin, ning, "老陈")
    new = await takes(town, code)
    assert {one: one.everything for one in (mei, wang)} == heard
    assert any("一边：李阿姨；另一边：王叔" in seen.text and "10:00" in seen.text for seen in new.phone.heard)
    old = chen.everything
    await wang.taps("没有，我来")
    for one in (mei, wang, new):
        one.hears("说定了", "10:00")
    await opens(new)
    await new.taps("看写过的")
    new.hears(QUARREL, "只给您")
    await mei.starts()
    await mei.taps("坐下来谈", "1 号", "写给调解人")
    await mei.says("金丝雀：夜里他家还搬东西")
    await opens(new)
    await new.taps("看写过的")
    new.hears("金丝雀：夜里他家还搬东西")
    await opens(new)
    await new.taps("写要签的话")
    await new.says("十点后不拖椅子，椅脚贴垫。")
    for one in (mei, wang):
        one.hears("椅脚贴垫")
    await opens(new)
    await new.taps("书面谈成", "两周后")
    for one in (mei, wang):
        one.hears("书面谈成了")
    assert chen.everything == old
    assert "金丝雀" not in chen.everything
    one = await the_one(town)
    assert one.mediator_id == await id_of(town, new)
    async with town.store.transaction() as session:
        assert staff.holds(session, one.mediator_id or "", Role.MEDIATOR)


async def test_her_old_account_stops_who_poses_as_her(either_town: Town) -> None:
    town = either_town
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    her = await id_of(town, mei)
    code = await slip(lin, ning, "李阿姨")
    await mei.taps("不是我")
    mei.hears("拦下了")
    for member in (lin, ning):
        member.hears("点了「不是我」", "冒名")
    thief = town.stranger("小偷")
    await thief.starts(f"move-{code}")
    thief.hears("用过了、作废了")
    assert (await steps(town, her))[-1] == ("not_her", her, "telegram")
    assert await is_known(town, mei)
    assert await left(town) == []


async def test_nobody_agrees_to_what_she_asked_for_herself(town: Town) -> None:
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    await asks(lin, "李阿姨")
    [one] = await left(town)
    await lin.forges(f"v1:move.agree:{one.id}:0")
    lin.hears("不是给您的")
    await lin.forges(f"v1:move.write:{one.id}:0")
    assert not CODE.search(lin.everything)
    async with town.store.transaction() as session:  # the noun refuses too
        again = moving.get(session, one.id)
        assert again is not None
        with pytest.raises(SameHand):
            moving.agree(session, again, by=one.asked_by)
    await lin.starts()
    await lin.taps("待办")
    assert "换账号" not in lin.last.text
    await ning.starts()
    await ning.taps("待办")
    ning.hears("换账号等同意")
    assert "带着新手机" not in mei.everything


async def test_a_single_member_of_staff_cannot(town: Town) -> None:
    lin = await town.member("林站长")
    await town.newcomer("李阿姨")
    await asks(lin, "李阿姨")
    assert "一个人办不了" in lin.toast
    assert await left(town) == []


async def test_not_for_herself_nor_for_her_own_family(town: Town) -> None:
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    async with town.store.transaction() as session:
        pairs.part(session, one_of(session, ning).id, one_of(session, mei).id, Why.TIE)
    await asks(lin, "李阿姨")
    assert "一个人办不了" in lin.toast
    await at_desk(ning, "李阿姨")
    await ning.taps("换了手机")
    assert "站在面前的本人" not in ning.last.text
    lins = await id_of(town, lin)
    await ning.forges(f"v1:move.begin:{lins}:0")
    await lin.forges(f"v1:move.begin:{lins}:0")
    assert await left(town) == []


async def test_only_with_her_before_them(town: Town) -> None:
    lin, _ning = await two(town)
    mei = await town.newcomer("李阿姨")
    await at_desk(lin, "李阿姨", "电话说的")
    assert "换了手机" not in str(lin.last.labels)
    await lin.forges(f"v1:move.begin:{await id_of(town, mei)}:0")
    assert "站在面前的本人" not in lin.last.text


async def test_staff_of_elsewhere_and_former_staff(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    code = await slip(lin, ning, "李阿姨")
    async with town.store.transaction() as session:
        staff.end(session, one_of(session, ning).id)
    eve = await town.newcomer("伊芙")
    [one] = await left(town)
    for who in (eve, ning):
        for action in ("look", "agree", "refuse", "write", "recall", "not_me"):
            await who.forges(f"v1:move.{action}:{one.id}:0")
            who.hears("不是给您的")
    new = town.stranger("新手机")
    await new.starts(f"move-{code}")  # whoever agreed is of the staff no more
    new.hears("作废了")


@pytest.mark.parametrize("code", ["", "x", "aaaaaaaaaaaa", "' or 1=1"])
async def test_a_code_nobody_wrote(town: Town, code: str) -> None:
    new = town.stranger("伊芙")
    await new.starts(f"move-{code}")
    new.hears("作废了，或者放得太久", "没有变")


async def test_it_is_used_once_and_only_the_last_one_is_good(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    first = await slip(lin, ning, "李阿姨")
    await lin.taps("再写一张")
    second = code_of(lin)
    assert first != second
    eve = town.stranger("伊芙")
    await eve.starts(f"move-{first}")
    eve.hears("作废了")
    await eve.starts(f"move-{second}")
    eve.hears("一位当面见过的邻居")  # two have it in hand
    new = await takes(town, second)
    new.has_heard("换好了，李阿姨")
    await eve.taps("是我，换过来")
    eve.hears("用过了")
    assert not await is_known(town, eve)


async def test_a_day_later_it_is_void_and_gone(either_town: Town) -> None:
    town = either_town
    lin, ning = await two(town)
    mei, wang = await town.newcomer("李阿姨"), await town.newcomer("王叔")
    await asks(lin, "王叔")
    town.clock.advance(3600)
    code = await slip(lin, ning, "李阿姨")
    town.clock.advance(24 * 3600)
    new = town.stranger("新手机")
    await new.starts(f"move-{code}")
    new.hears("放得太久")
    await town.later(minutes=1)
    assert await left(town) == []
    lin.hears("过了时间")
    mei.hears("没有换，一切照旧")
    assert "没有换" not in wang.everything  # who had not been told that it would be
    assert [(await steps(town, await id_of(town, one)))[-1][0] for one in (mei, wang)] == ["lapsed"] * 2


async def test_one_too_old_is_good_for_nothing_before_it_is_swept_away(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    code = await slip(lin, ning, "李阿姨")
    [one] = await left(town)
    town.clock.advance(24 * 3600 - 1)
    async with town.store.transaction() as session:
        assert moving.by_code(session, code) is not None
    town.clock.advance(1)
    async with town.store.transaction() as session:
        assert moving.by_code(session, code) is None
        assert moving.get(session, one.id) is None
        with pytest.raises(OldButton):
            moving.write(session, one, by=one.asked_by)


async def test_refused_and_recalled(town: Town) -> None:
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    await asks(lin, "李阿姨")
    await ning.taps("先不同意")
    lin.hears("先不同意给李阿姨换账号")
    assert await left(town) == []
    assert "账号" not in mei.everything
    code = await slip(lin, ning, "李阿姨", "本人，换了号")
    await ning.taps("收回，不办了")
    mei.hears("没有换，一切照旧")
    new = town.stranger("新手机")
    await new.starts(f"move-{code}")
    new.hears("作废了")
    got = [step for step, _, _ in await steps(town, await id_of(town, mei))]
    assert got == ["asked:lost", "refused", "asked:number", "agreed", "written", "recalled"]


async def test_only_one_at_a_time(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    await asks(lin, "李阿姨")
    await asks(ning, "李阿姨")
    assert "已经在办" in ning.toast
    assert len(await left(town)) == 1


async def test_two_agree_at_once(town: Town) -> None:
    lin, ning = await two(town)
    zhou = await town.member("周老师")
    mei = await town.newcomer("李阿姨")
    await asks(lin, "李阿姨")
    await ning.taps("同意")
    await zhou.taps("同意")
    assert "旧的" in zhou.toast
    assert [step for step, _, _ in await steps(town, await id_of(town, mei))] == ["asked:lost", "agreed"]
    [one] = await left(town)
    async with town.store.transaction() as session:  # the database decides, whatever the card said
        with pytest.raises(OldButton):
            moving.agree(session, one, by=one_of(session, zhou).id)


async def test_an_account_with_something_of_its_own_is_kept(town: Town) -> None:
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    code = await slip(lin, ning, "李阿姨")
    chen = await town.volunteer("小陈")
    await chen.starts(f"move-{code}")
    chen.hears("已经有自己的资料", "纸条还能用")
    for member in (lin, ning):  # they have roles
        await member.starts(f"move-{code}")
        member.hears("已经有自己的资料")
    await mei.starts(f"move-{code}")
    mei.hears("现在这个账号就是您的")
    assert len(await left(town)) == 1


async def test_one_tie_is_something_of_its_own(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    new, other = await town.newcomer("小孙"), await town.newcomer("王叔")
    async with town.store.transaction() as session:
        pairs.part(session, one_of(session, other).id, one_of(session, new).id, Why.TIE)
    await new.starts(f"move-{await slip(lin, ning, '李阿姨')}")
    new.hears("已经有自己的资料")


async def test_a_name_and_nothing_else_makes_room(either_town: Town) -> None:
    town = either_town
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    her = await id_of(town, mei)
    new = await town.newcomer("李阿姨新")
    second = await id_of(town, new)
    code = await slip(lin, ning, "李阿姨")
    await new.starts(f"move-{code}")
    new.hears("留过的称呼会删掉")
    await new.taps("是我，换过来")
    new.has_heard("换好了，李阿姨。")
    assert await id_of(town, new) == her
    async with town.store.transaction() as session:
        assert people.is_gone(people.get(session, second))
        assert not people.is_gone(people.get(session, her))


async def test_she_says_no_and_nothing_happens(town: Town) -> None:
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    code = await slip(lin, ning, "李阿姨")
    new = town.stranger("新手机")
    await new.starts(f"move-{code}")
    await new.says("是")  # who she is hangs on no such word
    new.hears("一位当面见过的邻居")
    await new.taps("不是，返回")
    assert await is_known(town, mei)
    assert len(await left(town)) == 1


async def test_roles_end_where_who_agrees_cannot_give_them(either_town: Town) -> None:
    town = either_town
    lin, ning = await two(town)
    zhou = await town.member("周老师")
    gu = await town.newcomer("顾主任")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, gu).id, Role.STEWARD)
    await asks(lin, "周老师")
    ning.hears("「看求助」会停", "您不能请人")
    await ning.taps("同意")
    await lin.taps("写纸条")
    new = await takes(town, code_of(lin))
    new.has_heard("「看求助」先停了")
    gu.hears("「看求助」先停了", "请一位来做")
    assert "待办" not in str(new.last.labels)
    async with town.store.transaction() as session:
        assert not staff.holds(session, one_of(session, new).id, Role.MODERATOR)
    assert not await is_known(town, zhou)


async def test_roles_stay_where_who_agrees_may_give_them(town: Town) -> None:
    lin, ning = await two(town)
    zhou = await town.member("周老师")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, ning).id, Role.STEWARD)
    new = await takes(town, await slip(lin, ning, "周老师"))
    assert "先停了" not in new.everything
    lin.hears("还在工作人员的群里")  # which no bot can put right
    await new.taps("待办")
    async with town.store.transaction() as session:
        assert staff.holds(session, one_of(session, new).id, Role.MODERATOR)
    assert zhou.phone.user.id != new.phone.user.id


async def test_what_the_old_chat_of_staff_showed_is_not_looked_for_in_the_new(town: Town) -> None:
    lin, ning = await two(town)
    await town.member("周老师")
    mei = await town.newcomer("李阿姨")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, ning).id, Role.STEWARD)
    await mei.says("/staff")
    await mei.says("金丝雀：门禁坏了")
    new = await takes(town, await slip(lin, ning, "周老师"))
    async with town.store.transaction() as session:
        zhou, lins = one_of(session, new).id, one_of(session, lin).id
        [head] = session.exec(select(messages.Message)).all()
        assert (zhou in head.shown, lins in head.shown) == (False, True)
    await mei.starts()
    await mei.taps("找工作人员")
    await mei.says("金丝雀：还没修")
    new.hears("门禁坏了", "还没修")
    assert await town.runtime.dead_letters() == []


async def test_of_a_helper_the_doors_vanish_from_the_old_phone(either_town: Town) -> None:
    town = either_town
    _mei, chen, lin = await engaged(town)
    ning = await town.member("宁老师")
    shown = [seen.text for seen in chen.phone.heard if "6栋302" in seen.text]
    assert shown
    new = await takes(town, await slip(lin, ning, "小陈"))
    assert "6栋302" not in chen.everything
    assert any("6栋302" in seen.text for seen in new.phone.heard)
    assert await cards_of(town, new) == 1


async def test_what_waited_for_the_old_chat_never_reaches_it(either_town: Town) -> None:
    """She had blocked the bot, and words of hers waited; nor does she who took the old number read any of it."""
    town = either_town
    mei, chen, lin = await engaged(town)
    ning = await town.member("宁老师")
    mei.phone.block()
    await town.settle()
    await chen.taps("说句话")
    await chen.says("金丝雀在门口等您")
    new = await takes(town, await slip(lin, ning, "李阿姨"))
    mei.phone.unblock()
    await mei.starts()
    assert "金丝雀" not in mei.everything
    mei.has_heard("换到了新的账号")
    await chen.taps("回到这件事", "出发了")
    new.hears("出发")
    async with town.store.transaction() as session:
        assert one_of(session, new).reachable


async def test_who_is_erased_or_has_died_meanwhile_is_nobodys_account(town: Town) -> None:
    lin, ning = await two(town)
    mei, wang = await town.newcomer("李阿姨"), await town.newcomer("王叔")
    code, other = await slip(lin, ning, "李阿姨"), await slip(lin, ning, "王叔")
    async with town.store.transaction() as session:
        person = one_of(session, mei)
        parting.take_all_back(session, person)
        erasing.erase_person(session, person.id)
        people.update(session, one_of(session, wang), quiet_since=town.clock.now())
    for each in (code, other):
        new = town.stranger("新手机")
        await new.starts(f"move-{each}")
        new.hears("作废了")
    wangs = await id_of(town, wang)
    assert [one.person_id for one in await left(town)] == [wangs]


async def test_the_code_lies_nowhere(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("金丝雀甲")
    code = await slip(lin, ning, "金丝雀甲")
    name, page = paper_of(town, lin)
    text = page.decode()
    assert name == "account.html"
    assert "金丝雀甲" not in text
    assert text.count(f"move-{code}") == 2
    assert "<svg" in text
    assert len(f"move-{code}") <= 64
    town.close()
    assert found(town, [code, "金丝雀甲"]) == []


async def test_a_restriction_goes_with_her(town: Town) -> None:
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨", area="b2")
    async with town.store.transaction() as session:
        whom, by = one_of(session, mei).id, one_of(session, lin).id
        terms = {"what": restrictions.May.ASK, "rule": town.service.house.local.rules[0].code}
        restrictions.restrict(session, person_id=whom, length="week", staff_id=by, **terms)
    new = await takes(town, await slip(lin, ning, "李阿姨"))
    await new.says("灯坏了")
    await new.taps("对", "明天", "下一步", "不写门牌", "不要", "发出求助")
    new.hears("先不能发求助")


async def test_one_account_is_not_bound_to_two(town: Town) -> None:
    """Whose account was bound here makes room for nobody, though there is nothing else of hers."""
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    await town.newcomer("王叔")
    codes = [await slip(lin, ning, who) for who in ("李阿姨", "王叔")]
    new = await takes(town, codes[0])
    new.has_heard("换好了，李阿姨")
    await new.starts(f"move-{codes[1]}")
    new.hears("已经有自己的资料")
    await new.says("/mydata")
    new.hears("李阿姨")


async def test_nor_to_one_that_is_itself_to_be_bound_anew(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    wang = await town.newcomer("王叔")
    await asks(lin, "王叔")
    await wang.starts(f"move-{await slip(lin, ning, '李阿姨')}")
    wang.hears("已经有自己的资料")


async def test_it_is_bound_back_as_it_was_bound(town: Town) -> None:
    """A mistake is undone the same way; the wrong account is out."""
    lin, ning = await two(town)
    mei = await town.newcomer("李阿姨")
    her = await id_of(town, mei)
    wrong = await takes(town, await slip(lin, ning, "李阿姨"))
    code = await slip(lin, ning, "李阿姨")
    wrong.hears("不是我")
    await mei.starts(f"move-{code}")
    await mei.taps("是我，换过来")
    mei.has_heard("换好了，李阿姨")
    wrong.hears("不再是")
    assert await id_of(town, mei) == her
    assert not await is_known(town, wrong)


async def test_what_she_had_begun_to_write_with_the_new_phone_is_still_there(town: Town) -> None:
    lin, ning = await two(town)
    await town.newcomer("李阿姨")
    code = await slip(lin, ning, "李阿姨")
    new = town.stranger("新手机")
    await new.says("灯坏了")
    await new.starts(f"move-{code}")
    await new.taps("是我，换过来", "接着写")
    new.hears("灯")


async def test_what_the_lost_phone_showed_of_a_quarrel_vanishes(town: Town) -> None:
    """What both sides wrote to the mediator, as far as Telegram deletes."""
    mei, _wang, lin, chen = await accepted(town)
    ning = await town.member("宁老师")
    await reads(chen)
    chen.has_heard(QUARREL)
    await takes(town, await slip(lin, ning, "老陈"))
    assert QUARREL not in chen.everything
    assert "换到了新的账号" in chen.everything
    assert QUARREL not in mei.last.text


async def test_a_mediator_in_english(town: Town) -> None:
    mei, wang, lin = await both(town)
    ning = await town.member("宁老师")
    tom = await town.newcomer("Tom", "en", area="b3")
    async with town.store.transaction() as session:
        staff.grant(session, one_of(session, tom).id, Role.MEDIATOR)
    await chosen(lin)
    await tom.taps("No tie, I'll do it")
    for one in (mei, wang):
        await one.taps("没有，我认可")
    heard = [mei.everything, wang.everything]
    new = await takes(town, await slip(lin, ning, "Tom"), "Tom's phone", "en")
    assert [mei.everything, wang.everything] == heard
    new.has_heard("Done, Tom.", "李阿姨", "王叔")
    tom.hears("has moved to a new account")
    assert "李阿姨" not in tom.everything
    await mei.starts()
    await mei.taps("坐下来谈", "1 号", "写给调解人")
    await mei.says("夜里还搬东西")
    await new.starts()
    await new.taps("Talk it over", "No. 1", "See what was written")
    new.hears("夜里还搬东西")
    assert "夜里还搬东西" not in tom.everything
