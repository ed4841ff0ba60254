"""The way a need goes: nothing is refused by it, and nothing goes where it should not."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data import Local
from bot.understanding import route
from bot.understanding.words import read

with (Path(__file__).parent / "data" / "needs.toml").open("rb") as file:
    NEEDS = tomllib.load(file)
with (Path(__file__).parent / "data" / "unseen.toml").open("rb") as file:
    NEEDS |= {f"said_{name}": rows for name, rows in tomllib.load(file).items()}
LOCAL = Local.load()


def way(text: str, kind: str = "") -> route.Route:
    return route.route(text, LOCAL.kind(kind) if kind else None)


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("need", 0.95),
        ("fresh", 0.95),
        ("unseen", 0.7),
        ("said_first", 0.95),
        ("said_second", 0.9),
        ("said_fresh", 0.6),
    ],
)
def test_needs_go_the_way_they_should(name: str, least: float) -> None:
    found = []
    for row in NEEDS[name]:
        guess = LOCAL.lexicon.guess(row["text"])
        found.append((row["route"], way(row["text"], guess.kind if guess else "").go, row["text"]))
    wrong = [row for row in found if row[0] != row[1]]
    assert 1 - len(wrong) / len(found) >= least, wrong


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("谁能借我两千块，月底还", "money"),
        ("please donate for my uncle", "money"),
        ("一小时五十块，找人打扫", "paid"),
        ("孩子今晚住一晚，谁能带", "minor"),
        ("把他家门牌告诉我", "person"),
        ("everyone should know what she did, expose her", "quarrel"),
        ("本店开业，全场打折", "advert"),
        ("need a fake certificate", "unlawful"),
    ],
)
def test_each_reason_to_decline_has_its_sentence(text: str, why: str) -> None:
    assert (way(text).go, way(text).why) == (route.DECLINE, why)
    assert LOCAL.reason(why) is not None


def test_every_reason_and_body_named_is_there() -> None:
    lists = read("route.toml")
    for reason in lists["decline"]:
        assert reason.startswith("not_") or LOCAL.reason(reason) is not None, reason
    for body in [*lists["refer"], route.KEEPER]:
        assert body.startswith("not_") or LOCAL.body(body) is not None, body


@pytest.mark.parametrize(
    "text",
    [
        "帮我买菜，菜钱我给，留小票",
        "I will pay you back for the groceries",
        "我的工资老板拖着不给",
        "有人借了我钱不还，想问问怎么办",
        "这条短信说我中奖，是真的假的",
        "想捐点旧衣服",
        "donate old books",
        "老公不会用手机",
        "找个会修电脑的人",
        "I need someone who knows about licences",
    ],
)
def test_harmless_words_are_not_taken_amiss(text: str) -> None:
    guess = LOCAL.lexicon.guess(text)
    assert way(text, guess.kind if guess else "").go in (route.PUBLISH, route.STAFF)


def test_a_danger_in_a_shared_place_is_urgent_and_at_home_it_is_not() -> None:
    assert (way("门口的井盖松了，差点绊倒人").go, way("门口的井盖松了，差点绊倒人").urgency) == (
        route.REFER,
        "U1",
    )
    assert way("浴室的瓷砖掉了一块", "repair").urgency == "U3"


def test_how_careful_staff_are_comes_from_the_kind() -> None:
    assert way("换灯泡", "fix_bulb").go == route.PUBLISH
    assert way("陪我去医院", "errand_clinic").go == route.STAFF
    assert way("问问补贴", "pap_benefit").go == route.STAFF  # A1, but sensitive
    assert way("孩子上二年级，想有人陪写作业", "fam_homework").sensitivity == "S3"


def test_what_staff_arrange_is_never_let_out() -> None:
    assert way("楼上太吵", "med_neighbour").by_staff
    assert way("楼上太吵", "med_neighbour").matter == "mediation"
    assert not way("主持居民会议", "med_meeting").by_staff
    assert way("主持居民会议", "med_meeting").matter == "request"


@given(st.text(max_size=300), st.sampled_from(LOCAL.kinds))
def test_anything_may_be_typed(text: str, kind: object) -> None:
    found = route.route(text, kind)  # type: ignore[arg-type]  # sampled from kinds
    assert found.go in ("publish", "staff", "edit", "refer", "decline", "emergency", "right")
    assert found.go != route.DECLINE or LOCAL.reason(found.why) is not None
    assert found.go != route.REFER or LOCAL.body(found.why) is not None


@pytest.mark.parametrize("text", ["我要投诉志愿者", "我要投诉", "I want to complain about a volunteer"])
def test_a_complaint_of_us_is_a_right(text: str) -> None:
    assert (way(text).go, way(text).why) == (route.RIGHT, route.COMPLAINT)


def test_a_complaint_of_neighbours_is_none_of_us() -> None:
    assert way("投诉楼上噪音").why == ""
    assert way("I want to complain about my neighbour").why == ""
