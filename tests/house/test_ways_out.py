"""From every question there is a way back and a way to a person, on the screen itself; and both can be said."""

from __future__ import annotations

import inspect
import re

import pytest

from bot.flow import Question
from bot.handlers import FLOWS
from bot.understanding.ways import way
from tests.house.test_texts import MESSAGES

SAID = re.compile(r'say\(\s*"([a-z_.]+)"')
QUESTIONS = {name: question for flow in FLOWS for name, question in flow.questions.items()}
# She is talking to a person already, or is one.
WITH_A_PERSON = {
    "talk.words",
    "talk.answer",
    "review.note",
    "review.note_of",
    "review.question",
    "complain.answer",
    "report.when",
    "decide.check",
    "refer.check",
    "appeal.words",
    "edit.words",
    "edit.check",
    "move.check",
} | {name for name in QUESTIONS if name.startswith(("desk.", "restrict."))}
WAYS_BACK = {"home.back", "start.not_now", "ask.drop"}
SPOKEN = {"back": "home.back", "staff": "talk.begin"}


def screens(question: Question) -> set[str]:
    """The messages a question is asked with."""
    return set(SAID.findall(inspect.getsource(question.ask)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_back_and_a_person(name: str) -> None:
    asked = screens(QUESTIONS[name])
    assert asked
    shown = [message for said, _, message in MESSAGES if said in asked]
    assert shown
    for message in shown:
        actions = {button.action for row in message.buttons for button in row}
        keys = [way(key.text) for row in message.keys or [] for key in row]
        actions |= {SPOKEN[said] for said in keys if said is not None}
        assert actions & WAYS_BACK, message
        assert name in WITH_A_PERSON or "talk.begin" in actions, message
