"""From a word to its answer, and nothing of it twice."""

from __future__ import annotations

from bot.runtime.tables import inbox, outbox
from tests.runtime.house import House


async def test_a_word_is_answered_and_its_traces_keep_no_words(house: House) -> None:
    house.telegram.writes(5, "hello")
    await house.settle()
    assert house.telegram.texts(5) == ["1 hello"]
    assert [(row.state, row.payload) for row in await house.rows(inbox)] == [("done", None)]
    assert [(row.state, row.payload) for row in await house.rows(outbox)] == [("sent", None)]


async def test_what_a_person_said_before_is_remembered_by_the_next_process(house: House) -> None:
    house.telegram.writes(5, "one")
    await house.settle()
    house.again()
    house.telegram.writes(5, "two")
    await house.settle()
    assert house.telegram.texts(5) == ["1 one", "2 two"]
