"""The five ledgers as everybody reads them: text, picture, page, table; and what nobody could be found for becomes a post."""

from __future__ import annotations

import csv
import io
import struct
import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.community import events, ledgers, people
from bot.community import staff as roles
from bot.community.cases import Case
from bot.community.events import Event, Kind
from bot.community.ledgers import Period
from bot.community.staff import Role
from bot.data import Local
from bot.handlers.ledgers.picture import draw
from tests.community import test_ledgers as by_hand
from tests.flows.test_claim import approved
from tests.town import Neighbour, Town

LOCAL = Local.load()
NO_GOAL = "一个率说的是这个月，不是目标。"


async def october(town: Town, times: int = 20) -> Neighbour:
    """The month reckoned by hand, so many times over; somebody of staff reads."""
    await by_hand.settle(town, times)
    async with town.store.transaction() as session:
        while ledgers.catch_up(session, LOCAL):
            pass
    return await staff(town)


async def staff(town: Town) -> Neighbour:
    lin = await town.member("林站长")
    await lin.starts()
    return lin


def file_of(neighbour: Neighbour, name: str) -> bytes:
    """What came last under this name."""
    files = neighbour.town.world.files.values()
    return next(one.data for one in reversed(list(files)) if one.name.startswith(name))


async def test_staff_read_the_last_month_and_the_rates(either_town: Town) -> None:
    lin = await october(either_town)
    await lin.taps("五本账")
    lin.hears("整个社区 · 2026 年 10 月", NO_GOAL, "没告诉我们的，数不到", "采 40·0·40·0·0")
    await lin.taps("看比率")
    lin.hears("说办好了：45% (100/220)", "没有回复 40 件，不算满意", NO_GOAL)


async def test_any_neighbour_may_read_it_and_sees_the_same(town: Town) -> None:
    lin = await october(town)
    mei = await town.newcomer("李阿姨")
    await mei.says("/help")
    await mei.taps("大家的事办得怎样")
    mei.hears("采 40·0·40·0·0")
    assert "缺什么帮手" not in mei.last.labels
    await lin.taps("五本账")
    assert lin.last.text == mei.last.text


async def test_small_counts_are_no_numbers_at_all(town: Town) -> None:
    lin = await october(town, times=1)
    await lin.taps("五本账")
    lin.hears("采 –·0·–·0·0", "–：少于 5")
    await lin.taps("看比率")
    lin.hears("说办好了：(–/", "没有回复 – 件")


async def test_another_time_another_area(town: Town) -> None:
    lin = await october(town)
    await lin.taps("五本账", "换片区", "5–8 栋")
    lin.hears("5–8 栋 · 2026 年 10 月")
    await lin.taps("换一段时间", "2026 年第 4 季度")
    lin.hears("5–8 栋 · 2026 年第 4 季度", "只算已经过完的月份")
    await lin.taps("换一段时间", "2026 年 9 月")
    lin.hears("采 0·0·0·0·0")


async def test_a_picture_whose_caption_has_the_numbers(town: Town) -> None:
    lin = await october(town)
    await lin.taps("五本账", "画成图")
    lin.hears("实心按时", "1 采 40·0·40·0·0", NO_GOAL)
    drawn = file_of(lin, "picture")
    assert size(drawn) == (720, 400)


async def test_a_page_to_print_and_a_table(town: Town) -> None:
    lin = await october(town)
    await lin.taps("五本账", "打印")
    page = file_of(lin, "ledgers-2026-10.html").decode()
    for words in (
        "五本账",
        "整个社区",
        NO_GOAL,
        "size: A4",
        "data:image/png;base64,",
        "没有一个数说的是哪一个人",
        "45% (100/220)",
    ):
        assert words in page
    assert "http" not in page
    await lin.taps("表格文件")
    rows = list(csv.reader(io.StringIO(file_of(lin, "ledgers-2026-10.csv").decode("utf-8-sig"))))
    assert rows[0] == [NO_GOAL]
    found = {(row[2], row[3]): row[4:] for row in rows[3:]}
    assert found["all", "collect_due"][0] == "40"
    assert found["all", "rate_solved"] == ["100", "220", "40"]
    assert {area for area, _ in found} == {"all", "b1", "b2", "b3"}


@pytest.mark.parametrize("choice", ["2026-13.", "x", "2026-10.b9", "2026-10.b1.b2", "99999"])
async def test_a_forged_period_or_place_shows_nothing(town: Town, choice: str) -> None:
    mei = await town.newcomer("李阿姨")
    await mei.forges(f"v1:ledgers.show={choice}:-:0")
    assert "旧的" in mei.toast
    assert "应办" not in mei.everything


async def test_only_staff_see_what_is_missing_and_begin_a_post(town: Town) -> None:
    mei = await town.newcomer("李阿姨")
    for action in ("ledgers.missing", "ledgers.suggest=repair"):
        await mei.forges(f"v1:{action}:-:0")
        mei.hears("不是给您的")


def size(png: bytes) -> tuple[int, int]:
    """As any reader of PNG sees it: the mark, the checksums, as many dots as are promised."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, found = 8, b"", (0, 0)
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        name, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        if name == b"IHDR":
            found = struct.unpack(">II", body[:8])
        data += body if name == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(data)) == found[1] * (found[0] + 1)
    return found


async def test_a_picture_of_nothing_can_be_drawn(town: Town) -> None:
    async with town.store.transaction() as session:
        report = ledgers.report(session, LOCAL, Period.of("2026-11"))
    assert size(draw(report)) == (720, 400)
    many, none = dict.fromkeys(report.numbers, 3_500_000), dict.fromkeys(report.numbers, None)
    assert (
        size(draw(replace(report, numbers=many))) == size(draw(replace(report, numbers=none))) == (720, 400)
    )


# --- through the bot itself


async def test_a_need_as_the_bot_takes_it_along_stands_in_the_ledgers(either_town: Town) -> None:
    """Asked, let out, claimed, done, verified: every line is there, and what each was."""
    town = either_town
    chen = await town.volunteer("小陈")
    mei, _ = await approved(town)
    await chen.taps("我来", "确认接单")
    await chen.taps("办好了")
    await mei.taps("办好了")
    async with town.store.transaction() as session:
        ledgers.catch_up(session, LOCAL)
        counted = {one for one, number in by_hand.summed(session, "2026-%").items() if number == 1}
    assert counted == {
        "accept_in_time",
        "dispatch_in_time",
        "handle_in_time",
        "oversee_in_time",
        "received",
        "handled_kept",
        "by_matched",
        "end_satisfied",
    }


async def test_who_found_it_on_the_board_has_claimed_it(town: Town) -> None:
    await approved(town)
    chen = await town.volunteer("小陈")
    await chen.starts()
    await chen.taps("看看谁要帮忙", "看 YS-0001", "我来", "确认接单")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        assert events.code_of(session, case.id, Kind.ENGAGED) == "claimed"


# --- looked at by another hand


async def supervisor(town: Town, name: str = "督导") -> Neighbour:
    boss = await town.newcomer(name)
    async with town.store.transaction() as session:
        person = people.find(session, boss.phone.user.id)
        assert person is not None
        roles.grant(session, person.id, Role.SUPERVISOR)
    await boss.starts()
    return boss


async def test_what_nobody_answered_is_looked_at_by_another_hand(either_town: Town) -> None:
    town = either_town
    chen = await town.volunteer("小陈")
    _, lin = await approved(town)
    await chen.taps("我来", "确认接单")
    await chen.taps("办好了")
    for _ in range(8):
        await town.later(hours=24)
    boss = await supervisor(town)
    await boss.taps("五本账", "看办结的")
    boss.hears("YS-0001", "收到", "只有经过，没有内容")
    assert "灯坏了" not in boss.everything
    seen = boss.button("看过 YS-0001")
    await lin.forges(seen)
    lin.hears("不是给您的")
    await boss.taps("看过 YS-0001")
    boss.hears("办结的都有人看过了")
    await boss.forges(seen)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        kinds = [line.kind for line in events.of_case(session, case.id)]
        ledgers.catch_up(session, LOCAL)
        assert by_hand.summed(session, "2026-%")["oversee_in_time"] == 1
    assert kinds.count(Kind.REVIEWED) == 1


async def test_nobody_looks_at_what_she_handled_herself(town: Town) -> None:
    await approved(town)
    boss = await supervisor(town)
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        person = people.find(session, boss.phone.user.id)
        assert person is not None
        case.state, case.handled_at, case.ended_at = "closed", town.clock.now(), town.clock.now()
        events.note(session, case.id, Kind.HANDLED, actor=person.id, code="self")
        session.add(case)
        case_id = case.id
    await boss.taps("五本账", "看办结的")
    boss.hears("都有人看过了")
    await boss.forges(f"v1:ledgers.seen:{case_id}:1")
    async with town.store.transaction() as session:
        assert not events.happened(session, case_id, Kind.REVIEWED)


# --- what nobody could be found for


async def nobody(town: Town, many: int, days_ago: int = 80, kind: str = "repair") -> None:
    """So many needs in 5–8, of September where nothing else is said, that ended with it."""
    async with town.store.transaction() as session:
        person = people.register(session, telegram_id=2, language="zh")
        at = town.clock.now() - timedelta(days=days_ago)
        for number in range(900, 900 + many):
            case = Case(
                number=number, person_id=person.id, state="closed", skill=kind, area="b2", received_at=at
            )
            case.promised_at = case.ended_at = at
            session.add(case)
            session.flush()
            session.add(Event(at=at, case_id=case.id, kind="closed", code="explained"))


async def test_five_that_nobody_could_do_are_told_once_and_become_a_post(either_town: Town) -> None:
    town = either_town
    await nobody(town, 5)
    lin = await staff(town)
    await lin.taps("五本账", "缺什么帮手")
    lin.hears("2026 年第 3 季度", "5–8 栋｜5 件", "要不要开个岗位")
    label = next(one for one in lin.last.labels if one.startswith("开岗位"))
    await lin.taps(label)
    lin.hears("有了草稿", "在哪里、几点")
    await lin.taps("接着写")
    lin.hears("修小东西")


async def test_four_are_too_few_to_tell(town: Town) -> None:
    await nobody(town, 4)
    lin = await staff(town)
    await lin.taps("五本账", "缺什么帮手")
    lin.hears("没有哪一类")


async def test_staff_hear_of_a_quarter_by_themselves_and_once(town: Town) -> None:
    lin = await staff(town)  # of the quarter before there was nothing to tell
    await nobody(town, 6, days_ago=20)
    await town.later(hours=24 * 39)
    assert "没有人能接手" not in lin.everything  # New Year's Day, and not over everywhere
    await town.later(hours=24)
    lin.hears("2026 年第 4 季度，这些没有人能接手", "5–8 栋｜6 件")
    await town.later(hours=24)
    assert lin.everything.count("没有人能接手") == 1


async def test_in_english(town: Town) -> None:
    await by_hand.settle(town, 20)
    lin = await town.member("Lin", "en")
    await lin.starts()
    await lin.taps("The five ledgers")
    lin.hears("Everywhere · 10/2026", "A rate describes the month, it is not a goal", "Told 40·0·40·0·0")
    await lin.taps("Rates")
    lin.hears("Said to be solved: 45% (100/220)", "No answer: 40; that is not counted as satisfied")
    await lin.taps("As a picture")
    lin.hears("Solid: in time", "5 Checked")
