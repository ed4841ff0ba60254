"""The pane says what is true at every moment of a case, and of the case asked about."""

from __future__ import annotations

from typing import Any

from bot.sandbox import insight
from tests.town import Neighbour, Town

NEED = {"kind", "area", "when", "story"}


async def _sees(town: Town, *people: Neighbour, number: int = 0) -> dict[str, Any]:
    numbers = [one.phone.user.id for one in people]
    async with town.store.transaction() as session:
        read = insight.read(session, town.service.house, "zh", numbers)
    case: dict[str, Any] = read["cases"][number]
    return {**case, "sees": {role: set(fields) for role, fields in case["sees"].items()}, **{"whole": read}}


async def _asks(fang: Neighbour) -> None:
    await fang.says("厨房的灯坏了，我电话 13800000000")
    await fang.taps("留给接单人", "对", "都行", "5–8")
    await fang.sends("photo")
    await fang.taps("下一步")
    await fang.says("6 栋 302")
    await fang.taps("发出求助")


async def test_each_role_at_each_moment(sqlite_url: str) -> None:
    town = Town(sqlite_url)
    fang, lin = await town.newcomer("阿芳"), await town.member("林站长")
    chen, zhao = await town.volunteer("小陈"), await town.volunteer("小赵")
    everybody = (fang, lin, chen, zhao)
    await _asks(fang)

    case = await _sees(town, *everybody)
    assert case["state"] == "received"
    assert case["of"] == fang.phone.user.id
    assert case["asked"] == []
    assert case["values"]["phone"] == "13800000000"
    assert case["sees"]["resident"] == {*NEED, "name", "files", "door", "phone"}
    assert case["sees"]["staff"] == {*NEED, "name", "files"}
    assert case["sees"]["asked"] == case["sees"]["helper"] == set()
    assert case["sees"]["thief"] == NEED - {"story"}

    await lin.taps("放行")
    await town.settle()  # the sweep that asks around
    case = await _sees(town, *everybody)
    assert case["sees"]["staff"] == {"files"}
    assert case["sees"]["asked"] == NEED
    assert set(case["asked"]) == {chen.phone.user.id, zhao.phone.user.id}

    await chen.taps("我来")
    case = await _sees(town, *everybody)
    assert case["sees"]["helper"] == set()
    assert case["sees"]["asked"] == NEED

    await chen.taps("确认接单")
    case = await _sees(town, *everybody)
    assert case["sees"]["helper"] == {*NEED, "name", "door", "phone", "helper", "words"}
    assert case["sees"]["resident"] >= {"helper", "words"}
    assert case["sees"]["asked"] == set()
    assert case["sees"]["thief"] == {*NEED - {"story"}, "words"}

    await chen.taps("办好了")
    case = await _sees(town, *everybody)
    assert not case["sees"]["helper"] & {"door", "phone"}

    await fang.taps("办好了")
    case = await _sees(town, *everybody)
    assert case["state"] == "closed"
    assert case["sees"]["helper"] == case["sees"]["asked"] == set()
    town.close()


async def test_at_night_nobody_is_asked_and_it_says_so(sqlite_url: str) -> None:
    town = Town(sqlite_url)
    fang, lin = await town.newcomer("阿芳"), await town.member("林站长")
    await town.volunteer("小陈")
    await town.later(hours=13)
    await _asks(fang)
    await lin.taps("放行")
    case = await _sees(town, fang)
    assert case["state"] == "night"
    assert case["whole"]["night"] == "08:00"
    assert case["sees"]["asked"] == set()
    await town.later(hours=11)
    case = await _sees(town, fang)
    assert case["state"] == "open"
    assert case["whole"]["night"] is None
    town.close()


async def test_who_has_said_a_name_is_known(sqlite_url: str) -> None:
    town = Town(sqlite_url)
    mei, kai, liu = await town.newcomer("小梅"), town.stranger("小凯"), town.stranger("刘姐")
    await kai.starts()
    await kai.taps("请人帮忙", "同意")
    await _asks(mei)
    case = await _sees(town, mei, kai, liu)
    assert case["whole"]["known"] == [mei.phone.user.id]
    town.close()


async def test_what_had_a_yes_of_its_own_is_seen_by_fewer(sqlite_url: str) -> None:
    town = Town(sqlite_url)
    fang, lin, chen = await town.newcomer("阿芳"), await town.member("林站长"), await town.volunteer("小陈")
    await fang.starts()
    await fang.taps("请人帮忙", "修小东西", "都行", "5–8")
    await fang.says("灯坏了", "我在住院")
    await fang.taps("下一步", "同意记下", "不写门牌", "不要", "发出求助")
    case = await _sees(town, fang, lin, chen)
    assert case["values"]["sensitive"] == "我在住院"
    assert {role for role, fields in case["sees"].items() if "sensitive" in fields} == {"resident", "staff"}
    await lin.taps("放行")
    await town.settle()
    case = await _sees(town, fang, lin, chen)
    assert "sensitive" not in case["sees"]["asked"]
    await chen.taps("我来", "确认接单")
    case = await _sees(town, fang, lin, chen)
    assert "sensitive" in case["sees"]["helper"]

    zhao = await town.newcomer("小赵")
    await zhao.starts()
    await zhao.taps("请人帮忙", "修小东西", "都行", "5–8")
    await zhao.says("孩子放学没人接")
    await zhao.taps("下一步", "我是监护人，同意", "不写门牌", "不要", "发出求助")
    case = await _sees(town, zhao, lin, chen)
    assert {role for role, fields in case["sees"].items() if "minor" in fields} == {"resident"}
    town.close()
