"""What staff print: a poster with a code, and a roster with the names of those who said yes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.flows.standing import an_open_post, holds, in_pool
from tests.flows.test_desk import at_desk
from tests.flows.test_my_data import paper_of
from tests.town import Neighbour, Town

LONGEST = {
    "name": {"zh": "很长" * 12, "en": "A post with a long name "},
    "note": {"zh": "长长的说明" * 12, "en": "what a long note " * 3},
    "place": {"zh": "很长的地点" * 12, "en": "such a long place " * 3},
}


async def printed(town: Town, boss: Neighbour, *labels: str) -> tuple[str, str]:
    """The file that comes of it: its name and its page."""
    await boss.forges("v1:paper.list:-:0")
    await boss.taps(*labels)
    called, data = paper_of(town, boss)
    return called, data.decode()


async def two_at_the_phones(town: Town) -> tuple[Neighbour, Neighbour]:
    lin, chen = await town.newcomer("Lin"), await town.newcomer("Chen")
    post = await an_open_post(town, "P-PHONE")
    for one in (lin, chen):
        await in_pool(town, one, "dig_phone")
        await holds(town, one, post)
    return lin, chen


async def test_a_poster_says_what_when_and_where_in_both_languages(town: Town) -> None:
    boss = await town.member("Wang")
    await an_open_post(town, "P-LAW")
    called, page = await printed(town, boss, "海报：法律援助岗")
    assert re.fullmatch(r"poster-\d{4}\.html", called)
    for words in ("法律援助岗", "Legal-aid desk", "每周三 14:00–17:00", "window 2", "0592-555 0100", "<svg"):
        assert words in page
    (payload,) = re.findall(r"\?start=(p-\d{4})", page)
    assert len(payload) <= 12
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|@import|url\(""", page)


async def test_the_code_leads_to_the_post(town: Town) -> None:
    boss = await town.member("Wang")
    await an_open_post(town, "P-LAW")
    _, page = await printed(town, boss, "海报：法律援助岗")
    (payload,) = re.findall(r"\?start=(p-\d{4})", page)
    mei = await town.newcomer("Mei")
    await mei.starts(payload)
    mei.hears("法律援助岗")


async def test_names_are_on_the_roster_only_with_a_yes(town: Town) -> None:
    boss = await town.member("Wang")
    lin, chen = await two_at_the_phones(town)
    await lin.forges("v1:paper.name:-:0")
    lin.hears("来办事的人都看得到", "现在没有印您的称呼")
    await lin.taps("印上我的称呼")
    called, page = await printed(town, boss, "本周值班表")
    assert called == "roster-2026-11-23.html"
    assert "Lin、一位志愿者" in page or "一位志愿者、Lin" in page
    assert "Chen" not in page
    assert "还缺 2 人" in page
    await lin.forges("v1:paper.name_no:-:0")
    boss.has_heard("墙上那张请换成新的")
    _, page = await printed(town, boss, "本周值班表")
    assert "Lin" not in page
    assert chen.everything.count("值班表") == 0


async def test_the_roster_in_english_of_four_weeks(town: Town) -> None:
    boss = await town.member("Wang", "en")
    await two_at_the_phones(town)
    _, page = await printed(town, boss, "Roster of four weeks")
    assert page.count("Phone class") == 4
    assert "a volunteer, a volunteer" in page


async def test_a_yes_to_the_roster_is_taken_back_among_the_others(town: Town) -> None:
    await town.member("Wang")
    lin, _ = await two_at_the_phones(town)
    await lin.forges("v1:paper.name_yes:-:0")
    await lin.starts()
    await lin.taps("我的资料", "收回同意")
    lin.hears("称呼印在值班表上")
    await lin.taps("别印称呼", "收回")
    lin.hears("以后印的值班表上没有您的称呼")


async def test_it_is_taken_back_by_telephone_too(town: Town) -> None:
    boss = await town.member("Wang")
    lin, _ = await two_at_the_phones(town)
    await lin.forges("v1:paper.name_yes:-:0")
    await at_desk(boss, "Lin", "电话说的")
    await boss.taps("收回同意", "别印称呼")
    boss.hears("下一张值班表上只写「一位志愿者」")
    await boss.taps("本人要收回")
    lin.hears("按您电话里说的", "以后印的值班表上没有您的称呼")


@pytest.mark.parametrize("action", ["list", "poster", "roster=week"])
async def test_only_staff_print(town: Town, action: str) -> None:
    mei = await town.newcomer("Mei")
    post = await an_open_post(town, "P-LAW")
    await mei.forges(f"v1:paper.{action}:{post}:0")
    mei.hears("这个按钮不是给您的")


@pytest.mark.browser
async def test_a_poster_is_one_sheet_however_long_its_words(town: Town, tmp_path: Path) -> None:
    boss = await town.member("Wang")
    await an_open_post(town, "P-LAW", **LONGEST)
    _, page = await printed(town, boss, "海报：")
    file = tmp_path / "poster.html"
    file.write_text(page)
    async with chromium() as browser:
        sheet = await browser.new_page()
        asked: list[str] = []
        sheet.on("request", lambda request: asked.append(request.url))
        await sheet.goto(file.as_uri())
        pdf = await sheet.pdf(prefer_css_page_size=True)
    assert asked == [file.as_uri()]
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
