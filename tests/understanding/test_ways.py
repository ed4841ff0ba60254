"""Ways out that are said in words."""

from __future__ import annotations

import pytest

from bot.understanding.ways import label, way


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("返回", "back"),
        ("返回。", "back"),
        ("Back", "back"),
        ("人工", "staff"),
        ("转人工！", "staff"),
        ("Talk to staff", "staff"),
        ("取消", "cancel"),
        ("帮助", "help"),
        ("返回的时候带瓶水", None),
        ("找工作人员修灯", None),
        ("", None),
    ],
)
def test_only_when_it_is_all_she_says(text: str, meant: str | None) -> None:
    assert way(text) == meant


@pytest.mark.parametrize(
    ("typed", "button"),
    [
        ("下一步。", "下一步"),
        ("三次", "3 次"),
        ("3次", "3 次"),
        ("5-8栋", "5–8 栋"),
        ("修小东西", "✓ 修小东西"),
        ("thats all", "That's all"),
        ("don’t send", "Don't send"),
    ],
)
def test_a_button_said_in_words(typed: str, button: str) -> None:
    assert label(typed) == label(button)


@pytest.mark.parametrize(
    ("typed", "button"), [("58栋", "5–8 栋"), ("下一步怎么走", "下一步"), ("", "下一步")]
)
def test_other_words_are_no_button(typed: str, button: str) -> None:
    assert label(typed) != label(button)
