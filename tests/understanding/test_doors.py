"""A door told in several lines."""

from __future__ import annotations

import pytest

from bot.understanding.doors import is_piece, is_question


@pytest.mark.parametrize(
    "text",
    [
        "6栋",
        "3单元",
        "三单元",
        "302",
        "302室",
        "东户",
        "B座",
        "5楼左手门",
        "room 302",
        "3rd floor",
        "second floor",
        "on the third floor",
        "apartment 5",
        "door 302",
    ],
)
def test_a_piece_of_a_door(text: str) -> None:
    assert is_piece(text)


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "0592-5550134",
        "不要",
        "可以",
        "有2个人",
        "2 apples",
        "",
        "好的",
        "right",
        "the floor is wet",
        "a second door",
    ],
)
def test_no_piece_of_a_door(text: str) -> None:
    assert not is_piece(text)


def test_a_question_is_no_door() -> None:
    assert is_question("什么叫门牌？")
    assert is_question("why? ")
    assert not is_question("6栋302")
