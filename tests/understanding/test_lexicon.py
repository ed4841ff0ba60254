"""The kind of help in somebody's own words, asked for and offered."""

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.data import Local
from bot.understanding.lexicon import Guess, Lexicon

DATA = Path(__file__).parent / "data"
with (DATA / "requests.toml").open("rb") as file:
    REQUESTS = tomllib.load(file)["request"]
with (DATA / "needs.toml").open("rb") as file:
    NEEDS = tomllib.load(file)
with (DATA / "unseen.toml").open("rb") as file:
    UNSEEN = tomllib.load(file)
LOCAL = Local.load()
LEXICON = LOCAL.lexicon


def _guesses(rows: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    """What was meant, what was guessed ("" for nothing), and the words."""
    guessed = [(row, LEXICON.guess(row["text"])) for row in rows]
    return [(row["kind"], found.kind if found else "", row["text"]) for row, found in guessed]


@pytest.mark.parametrize(
    ("rows", "least", "most"),
    [
        (REQUESTS, 0.9, 0.05),
        (NEEDS["need"], 0.9, 0.05),
        (NEEDS["fresh"], 0.9, 0.05),
        (NEEDS["unseen"], 0.6, 0.2),
        (UNSEEN["first"], 0.9, 0.05),
        (UNSEEN["second"], 0.8, 0.15),
        (UNSEEN["fresh"], 0.45, 0.35),
    ],
    ids=["requests", "need", "fresh", "unseen", "said_1", "said_2", "said_and_used_for_nothing"],
)
def test_most_are_guessed_right_and_hardly_any_wrong(
    rows: list[dict[str, str]], least: float, most: float
) -> None:
    """A wrong guess costs a tap and trust, a missing one only a tap. What no list was improved on has bounds of its own."""
    guessed = _guesses(rows)
    wanted = [row for row in guessed if row[0]]
    right = [row for row in wanted if row[1] == row[0]]
    wrong = [
        row for row in guessed if row[1] and row[1] not in (row[0], row[0] and LOCAL.kind(row[0]).category)
    ]
    assert len(right) / len(wanted) >= least, [row for row in wanted if row not in right]
    assert len(wrong) / len(guessed) <= most, wrong


def test_every_kind_has_words_and_is_found_by_its_name() -> None:
    for kind in LOCAL.kinds:
        if kind.code != "other":
            assert LEXICON.guess(kind.name["zh"]) is not None, kind.code
    skills = [kind for kind in LOCAL.kinds if kind.category]
    named = [
        kind.code for kind in skills if (found := LEXICON.guess(kind.name["zh"])) and found.kind == kind.code
    ]
    assert len(named) / len(skills) >= 0.9, {kind.code for kind in skills} - set(named)


def test_a_skill_the_lists_do_not_know_is_found_by_its_names() -> None:
    haircut = dataclasses.replace(
        LOCAL.kind("elder_call"), code="elder_hair", name={"zh": "上门理发", "en": "haircuts at home"}
    )
    lexicon = Lexicon([*LOCAL.kinds, haircut])
    for text in ("想请人上门理发", "上门理髪", "who does haircuts at home?"):
        assert lexicon.guess(text) is not None, text
        assert lexicon.guess(text) == Guess("elder_hair", True), text


def test_slips_of_the_finger_are_understood() -> None:
    assert [row for row in _guesses(NEEDS["slip"]) if row[0] != row[1]] == []


@pytest.mark.parametrize(
    "text",
    [
        "你好",
        "在吗",
        "谢谢您",
        "今天天气真好",
        "hello there",
        "thank you very much",
        "what is this",
        "吃饭了吗",
        "ok",
        "早上好呀",
    ],
)
def test_what_names_no_need_is_not_guessed_at(text: str) -> None:
    assert LEXICON.guess(text) is None


def test_two_kinds_alike_are_left_to_her() -> None:
    assert LEXICON.guess("蓝屏、坐月子") is None
    assert LEXICON.guess("pension or puncture") is None
    found = LEXICON.guess("马桶堵了，灯泡也坏了")
    assert found is not None
    assert found.kind in ("repair", "fix_bulb")


def test_what_somebody_offers_is_heard_one_by_one() -> None:
    missed = {row["text"]: LEXICON.offers(row["text"]) for row in NEEDS["offer"]}
    wrong = [row for row in NEEDS["offer"] if missed[row["text"]] != row["kinds"]]
    assert len(wrong) <= 1, [(row, missed[row["text"]]) for row in wrong]
    assert LEXICON.offers("买菜、取快递都行") == ["errand_shop", "errand_parcel"]


@given(st.text(max_size=300))
def test_anything_may_be_typed(text: str) -> None:
    found = LEXICON.guess(text)
    assert found is None or LOCAL.kind(found.kind).code != "other"
    assert "other" not in LEXICON.offers(text)


@pytest.mark.parametrize(
    "text",
    [
        "猫丢了",
        "我家的狗走丢了",
        "my cat is missing",
        "上门给我妈打针",
        "帮我妈打胰岛素",
        "an injection at home for my mother",
    ],
)
def test_what_is_nobodys_task_here_is_not_guessed(text: str) -> None:
    assert LEXICON.guess(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("帮忙照看猫", "life_pet"),
        ("陪我妈去打针", "errand_clinic"),
        ("楼上漏水", "fix_tap"),
        ("water leak from upstairs", "fix_tap"),
        ("the flat above leaks", "fix_tap"),
        ("the flat above leaks and they refuse to pay", "med_neighbour"),
    ],
)
def test_what_is_much_like_it_still_is(text: str, kind: str) -> None:
    found = LEXICON.guess(text)
    assert found is not None
    assert found.kind == kind
