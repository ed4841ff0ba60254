"""A notice means something else: everybody who agreed to the old one is told once and asked again; until then nothing is used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from privacy.ledger import ConsentEvent
from privacy.purposes import purposes
from tests.town import Neighbour, Town


def means_something_else(monkeypatch: pytest.MonkeyPatch, *codes: str) -> None:
    for code in codes:
        known = purposes()[code]
        monkeypatch.setitem(
            purposes(), code, replace(known, notice=known.notice + 1, meaning=known.notice + 1)
        )


async def agreed_to(town: Town, purpose: str) -> list[tuple[str, int]]:
    async with town.store.transaction() as session:
        lines = session.exec(select(ConsentEvent).where(ConsentEvent.purpose == purpose)).all()
        return [(line.status, line.notice_version) for line in lines]


async def needs(mei: Neighbour) -> None:
    await mei.starts()
    await mei.taps("请人帮忙", "修小东西", "都行", "没有了", "不写门牌", "不要", "发出求助")
    mei.hears("收到了")


async def test_a_volunteer_is_told_once_and_not_asked_about_needs_before_she_agrees(
    either_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = either_town
    lin, chen = await town.member("林站长"), await town.volunteer("小陈")
    mei = await town.newcomer("李阿姨", area="b2")
    means_something_else(monkeypatch, "pool")
    await town.later(minutes=1)
    chen.hears("人才库", "规则改了")
    assert chen.everything.count("规则改了") == 1
    await town.later(hours=30)
    assert chen.everything.count("规则改了") == 1
    assert "规则改了" not in mei.everything + lin.everything
    await needs(mei)
    await lin.taps("放行")
    await town.settle()
    assert "我来" not in chen.last.labels
    await chen.taps("看一看")
    chen.hears("谢谢您愿意帮邻居")
    await chen.taps("同意，继续")
    chen.hears("修小东西")  # her card: what she offers is as it was
    assert await agreed_to(town, "pool") == [("given", 2), ("superseded", 2), ("given", 3)]
    await town.later(hours=17)  # the next morning
    assert "我来" in chen.last.labels


async def test_before_anything_new_is_noted_she_reads_what_changed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    means_something_else(monkeypatch, "account", "telegram")
    await mei.starts()
    await mei.taps("请人帮忙")
    mei.hears("先说好您的资料怎么用")
    await mei.taps("同意，继续")
    mei.hears("您要帮什么")  # known by name already, and what she began with goes on
    for purpose in ("account", "telegram"):
        assert (await agreed_to(town, purpose))[-1] == ("given", 2)
    await mei.taps("修小东西", "都行", "没有了", "不写门牌", "不要", "发出求助")
    mei.hears("收到了")


async def test_until_she_agrees_nobody_reads_her_name(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await needs(mei)
    lin.hears("李阿姨")
    look = lin.button("放行").replace("review.approve", "review.look")
    means_something_else(monkeypatch, "account")
    await lin.forges(look)
    assert "李阿姨" not in lin.last.text
    await town.later(minutes=1)
    mei.hears("规则改了")
    await mei.taps("看一看", "同意，继续")
    await lin.forges(look)
    lin.hears("李阿姨")


async def test_better_words_alone_ask_nobody_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    chen = await town.volunteer("小陈")
    known = purposes()["pool"]
    monkeypatch.setitem(purposes(), "pool", replace(known, notice=known.notice + 1))
    await town.later(hours=30)
    assert "规则改了" not in chen.everything


async def test_a_no_leaves_it_closed_and_she_is_not_told_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen = await town.volunteer("小陈")
    means_something_else(monkeypatch, "pool")
    await town.later(minutes=1)
    read = chen.button("看一看")
    await chen.taps("看一看", "先不用")
    await town.later(hours=24 * 40)
    assert "规则改了" not in chen.everything  # that message became the notice, and no other came
    assert await agreed_to(town, "pool") == [("given", 2)]
    await chen.forges(read.replace("=pool", "=reveal"))
    await chen.forges(read)
    chen.hears("谢谢您愿意帮邻居")
