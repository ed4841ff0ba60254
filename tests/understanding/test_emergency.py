"""Danger in the words: rather one alarm too many, yet not for a manner of speaking."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data import Local
from bot.understanding import emergency

DATA = Path(__file__).parent / "data"
with (DATA / "danger.toml").open("rb") as file:
    SAID = tomllib.load(file)
with (DATA / "requests.toml").open("rb") as file:
    REQUESTS = tomllib.load(file)["request"]


def test_danger_is_seen() -> None:
    missed = [text for text in SAID["danger"] if not emergency.signs(text)]
    assert len(missed) / len(SAID["danger"]) <= 0.02, missed


def test_a_manner_of_speaking_is_none() -> None:
    alarms = [(text, sorted(emergency.signs(text))) for text in SAID["harmless"] if emergency.signs(text)]
    assert len(alarms) / len(SAID["harmless"]) <= 0.05, alarms


def test_requests_of_every_day_raise_no_alarm() -> None:
    wrong = [row["text"] for row in REQUESTS if bool(emergency.signs(row["text"])) != row["danger"]]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("厨房着火了", "fire"),
        ("my father is unconscious", "medical"),
        ("我不想活了", "self_harm"),
        ("老公又打我", "violence"),
        ("I smell gas", "gas"),
        ("孩子不见了", "missing"),
        ("I'm stuck in the lift", "trapped"),
        ("骗子让我妈转账", "fraud"),
    ],
)
def test_each_sign_has_its_numbers(text: str, sign: str) -> None:
    assert sign in emergency.signs(text)
    lines = Local.load().hotlines_for({sign})
    assert any(line.number in ("110", "119", "120") for line in lines)


def test_past_and_present() -> None:
    assert emergency.signs("去年摔倒过，现在又摔倒了起不来") == {"medical"}
    assert emergency.signs("上个月摔倒骨折了，想请人买菜") == frozenset()
    assert emergency.signs("上个月摔倒骨折了。现在我喘不上气") == {"medical"}


@pytest.mark.parametrize(
    "text",
    [
        "狗不咬人",
        "我家狗咬坏了沙发",
        "锅烧焦了要换",
        "帮我买止血贴",
        "我妈昨天摔了，今天想请人陪去复查",
        "前天摔伤了，今天要换药",
        "my mum fell yesterday, I want somebody to go to the check-up with her",
        "孩子发烧了，想买退烧药",
        "家里有老鼠，帮忙打死",
        "花盆从窗台掉下来了",
        "小区有人打架子鼓",
        "my lamp is broken in the kitchen too",
        "the tap is broken in my flat",
        "my glasses broke in two",
        "the plate has broken into pieces",
        "my mother is dying her hair",
    ],
)
def test_what_rang_for_nothing_is_quiet(text: str) -> None:
    assert emergency.signs(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("狗咬破了我的手", "medical"),
        ("止血带在哪，他一直流血", "medical"),
        ("锅烧焦了，厨房冒烟", "fire"),
        ("锅里一股焦味", "fire"),
        ("我妈昨天摔了，起不来，要去医院复查", "medical"),
        ("我妈昨天摔了，今天复查时又晕倒了", "medical"),
        ("my mum fell yesterday and can't get up, she needs a check-up", "medical"),
        ("家里有老鼠，他把孩子打死了", "violence"),
        ("花盆从窗台掉下来砸到头", "medical"),
        ("the front door is broken in", "violence"),
        ("they broke in two hours ago", "violence"),
        ("my mother is dying her hair is all wet", "medical"),
    ],
)
def test_danger_beside_it_still_rings(text: str, sign: str) -> None:
    assert sign in emergency.signs(text)


@given(st.text(max_size=500))
def test_anything_may_be_typed(text: str) -> None:
    assert isinstance(emergency.signs(text), frozenset)


def test_a_long_text_is_read_quickly() -> None:
    assert emergency.signs("我妈" * 2500) == frozenset()
    assert emergency.signs("help with my mum and dad " * 200) == frozenset()


def test_who_would_harm_only_oneself_gets_no_numbers_against_violence() -> None:
    for words in ("I want to kill myself", "he wants to kill himself", "she will stab herself"):
        assert emergency.signs(words) == {"self_harm"}
    assert "violence" in emergency.signs("he wants to kill me")
