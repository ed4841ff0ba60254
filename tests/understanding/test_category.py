"""The kind of help in somebody's own words."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.data import Local
from bot.understanding import category

with (Path(__file__).parent / "data" / "requests.toml").open("rb") as file:
    REQUESTS = tomllib.load(file)["request"]


def test_most_are_guessed_right_and_hardly_any_wrong() -> None:
    """A wrong guess costs a tap and trust, a missing one only a tap."""
    guessed = [(row["kind"], category.guess(row["text"]), row["text"]) for row in REQUESTS]
    wanted = [row for row in guessed if row[0]]
    right = [row for row in wanted if row[1] is not None and row[1].kind == row[0]]
    wrong = [row for row in guessed if row[1] is not None and row[1].kind != row[0]]
    assert len(right) / len(wanted) >= 0.9, [row for row in wanted if row not in right]
    assert len(wrong) / len(guessed) <= 0.05, wrong


def test_what_is_guessed_can_be_tapped_too() -> None:
    codes = {kind.code for kind in Local.load().front}
    guesses = {guess.kind for row in REQUESTS if (guess := category.guess(row["text"])) is not None}
    assert guesses == codes - {"other"}


def test_a_sure_guess_stands_alone() -> None:
    assert category.guess("灯坏了 我够不着") == category.Guess("repair", True)
    assert category.guess("你好") is None


@given(st.text(max_size=300))
def test_anything_may_be_typed(text: str) -> None:
    guess = category.guess(text)
    assert guess is None or guess.kind != "other"
