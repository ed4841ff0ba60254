"""Ways out that are said in words."""

from __future__ import annotations

import pytest

from bot.understanding.ways import way


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
