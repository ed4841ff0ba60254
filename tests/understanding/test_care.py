"""What needs its own consent is seen; what every neighbour sees on the stairs is not asked about."""

from __future__ import annotations

import pytest

from bot.understanding.care import kinds, need, needing, private, settle


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("health", "我有糖尿病，要打胰岛素"),
        ("health", "陪我去复查"),
        ("health", "刚做完手术，下不了床"),
        ("health", "我病了三天"),
        ("health", "老伴有老毛病，走不远，有心脏病"),
        ("health", "I use a wheelchair"),
        ("health", "My wife has dementia"),
        ("money", "交不起房租了"),
        ("money", "吃低保，钱不够"),
        ("money", "I can't afford the rent"),
        ("family", "我跟儿媳妇吵架了，正在离婚"),
        ("family", "my husband and I keep fighting"),
        ("child", "接孩子放学"),
        ("child", "老大 8 岁了"),
        ("child", "十二岁的女儿"),
        ("child", "３岁，要买奶粉"),
        ("child", "pick up my kids from school"),
        ("child", "homework for a 9-year-old"),
    ],
)
def test_it_is_seen(kind: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        "灯坏了 我够不着",
        "腿脚不方便，两袋米提不上楼",
        "80岁了提不动，十八岁的小伙子也行",
        "孩子在外地，儿子不在家",
        "买感冒药和菜",
        "电梯有毛病，手机有病毒",
        "没钱包了，找不到",
        "the blinds fell down, my son is abroad",
        "child lock on the washing machine",
        "two bags of rice for the third floor",
        "",
    ],
)
def test_what_anybody_sees_is_left_alone(text: str) -> None:
    assert kinds(text) == frozenset()


def test_each_purpose_is_asked_about_for_its_own_lines() -> None:
    lines = ["灯坏了", "接孩子放学", "我在住院"]
    assert needing(lines, {}) == {"guardian": ["接孩子放学"], "sensitive": ["我在住院"]}
    assert private(lines, {}) == ["接孩子放学", "我在住院"]
    assert need(lines, {"agreed": ["guardian"]}) == "sensitive"
    assert need(lines, {"agreed": ["guardian", "sensitive"]}) is None
    assert needing(lines, {"grown": True}) == {"sensitive": ["我在住院"]}


def test_a_word_is_for_one_purpose() -> None:
    lines = ["灯坏了", "接孩子放学", "我在住院"]
    assert settle(lines, {}, "keep") == (lines, {"agreed": ["guardian"]})
    assert settle(lines, {"agreed": ["guardian"]}, "drop") == (
        ["灯坏了", "接孩子放学"],
        {"agreed": ["guardian"]},
    )
    assert settle(lines, {}, "drop") == (["灯坏了", "我在住院"], {})
    assert settle(lines, {}, "grown") == (lines, {"grown": True})
    assert settle(lines, {}, "else") is None
    assert settle(["灯坏了"], {}, "keep") is None
