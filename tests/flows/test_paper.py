"""A day worked from paper: the duty sheet, the slip of one request, the notice for the wall; what was done is entered later."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.community import events
from bot.community.events import Kind
from tests.browser import chromium
from tests.flows.test_asking import limits
from tests.flows.test_claim import approved, ask
from tests.flows.test_close import engaged
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import only_case, paper_of
from tests.flows.test_offline import sent_for_her, stands_in
from tests.flows.test_poster import printed
from tests.flows.test_report import on_duty, told
from tests.town import Neighbour, Town


async def slip_of(town: Town, lin: Neighbour, number: str = "YS-0001") -> str:
    await lin.starts()
    await lin.forges("v1:paper.list:-:0")
    await lin.taps("一件事的单子")
    await lin.says(number)
    called, data = paper_of(town, lin)
    assert called == "slip-0001.html"
    return data.decode()


async def test_the_duty_sheet_has_numbers_and_times_and_room_to_write(town: Town) -> None:
    lin = await town.member("林站长")
    await ask(town)
    called, page = await printed(town, lin, "今天的值班单")
    assert called == "duty-2026-11-23.html"
    for words in ("YS-0001", "新求助", "换灯泡灯管", "5–8 栋", "今天 18:00 前回", "办了什么", "念过告知"):
        assert words in page
    for private in ("李阿姨", "灯坏了", "6栋302"):
        assert private not in page
    assert page.count('class="new"') == 6


async def test_whom_to_ring_stands_on_it_and_of_a_report_nothing(town: Town) -> None:
    lin, wang = await on_duty(town, "林站长"), await town.member("王姐")
    chen = await town.volunteer("小陈")
    await sent_for_her(town, wang)
    await wang.taps("放行")
    await town.later(minutes=1)
    await chen.taps("我来", "确认接单")
    await told(await town.newcomer("李阿姨"))
    _, page = await printed(town, lin, "今天的值班单")
    assert "要转告的话" in page
    assert "李奶奶" in page
    assert "0592-555 0142" in page
    for secret in ("举报", "打孩子", "H-0001", "6栋302"):
        assert secret not in page


async def test_the_slip_has_the_code_word_and_the_door_only_with_her_yes(either_town: Town) -> None:
    town = either_town
    mei, chen, lin = await engaged(town)
    said = chen.last.text.split("您说「")[1].split("」")[0]
    page = await slip_of(town, lin)
    for words in (
        "YS-0001",
        "李阿姨",
        "灯坏了",
        "6栋302",
        f"您说「{said}」",
        f"来的人先说「{said}」",
        "不收钱",
    ):
        assert words in page
    await at_desk(lin, "李阿姨", "写了字条")
    await lin.taps("收回同意", "收回 YS-0001 门牌", "本人要收回")
    page = await slip_of(town, lin)
    assert "6栋302" not in page
    case = await only_case(town)
    async with town.store.transaction() as session:
        noted = [line.code for line in events.of_case(session, case.id) if line.kind == Kind.PRINTED]
    assert noted == ["slip", "slip"]
    assert mei.everything.count("单子") == 0


async def test_either_half_of_a_slip_is_in_the_language_of_who_reads_it(town: Town) -> None:
    """Whoever prints it: Grace's bot speaks English, Tom goes, and Li who asked reads Chinese."""
    tom = await town.volunteer("Tom", kind="Small repairs", language="en")
    await limits(town, tom, languages="english,mandarin")
    await approved(town)
    await tom.taps("I'll do it", "Confirm")
    said = re.findall("“([^”]*)”", tom.last.text.split("At the door you say")[1])[0]
    page = await slip_of(town, await town.member("林站长"))
    goes, asks = page.split("<section")[1:]
    assert "不收钱" not in goes
    for words in ('lang="en"', "Take no money", said):
        assert words in goes
    for words in ('lang="zh"', f"来的人先说「{said}」"):
        assert words in asks


async def test_the_slip_of_who_has_ended_and_of_no_number(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await ask(town)
    await mei.says("/start")
    await mei.taps("我的求助", "YS-0001", "撤回", "撤回")
    page = await slip_of(town, lin)
    assert "6栋302" not in page
    await lin.starts()
    await lin.forges("v1:paper.list:-:0")
    await lin.taps("一件事的单子")
    await lin.says("YS-0009")
    lin.hears("没有这个编号")


async def test_staff_print_no_slip_of_their_own(town: Town) -> None:
    lin = await town.member("林站长")
    await lin.says("灯坏了 我够不着")
    await lin.taps("对", "明天", "5–8 栋", "下一步")
    await lin.says("6栋302")
    await lin.taps("不要", "发出求助")
    await lin.starts()
    await lin.forges("v1:paper.list:-:0")
    await lin.taps("一件事的单子")
    await lin.says("1")
    lin.hears("别的同事来看")


async def test_the_notice_is_in_both_languages(town: Town) -> None:
    lin = await town.member("林站长")
    called, page = await printed(town, lin, "告示")
    assert called == "notice.html"
    for words in (
        "云杉社区工作站",
        "Spruce community office",
        "0592-555 0100",
        "<b>120</b> 急救",
        "ambulance",
        "no smartphone",
        "<svg",
    ):
        assert words in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|@import|url\(""", page)


async def test_what_was_done_on_paper_is_entered_with_its_time(town: Town) -> None:
    _, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await town.later(hours=24)
    await at_desk(lin, "1", "写了字条")
    await stands_in(lin, "昨天 15:00")
    await lin.taps("看求助、回话", "YS-0001", "办好了")
    case = await only_case(town)
    async with town.store.transaction() as session:
        [line] = [line for line in events.of_case(session, case.id) if line.kind == Kind.VERIFIED]
    assert (line.channel, line.was_at) == ("paper", datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    assert line.at == town.clock.now()


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    await ask(town)
    _, page = await printed(town, lin, "Duty sheet of today")
    for words in ("YS-0001", "What was done", ">Time<", "Blocks 5–8"):
        assert words in page


@pytest.mark.parametrize("action", ["day", "notice", "which", "slip"])
async def test_only_staff_print(town: Town, action: str) -> None:
    await ask(town)
    case = await only_case(town)
    eve = await town.newcomer("路人")
    await eve.forges(f"v1:paper.{action}:{case.id}:0")
    eve.hears("这个按钮不是给您的")
    assert town.world.files == {}


@pytest.mark.browser
async def test_each_is_one_sheet(town: Town, tmp_path: Path) -> None:
    _, _, lin = await engaged(town)
    pages = {"slip": await slip_of(town, lin)}
    for name, label in (("day", "今天的值班单"), ("notice", "告示")):
        await lin.starts()
        _, pages[name] = await printed(town, lin, label)
    async with chromium() as browser:
        for name, page in pages.items():
            file = tmp_path / f"{name}.html"
            file.write_text(page)
            sheet = await browser.new_page()
            await sheet.goto(file.as_uri())
            pdf = await sheet.pdf(prefer_css_page_size=True)
            assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, name
