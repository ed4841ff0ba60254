"""days: a steward enters the community's own holidays and special opening days; due times count them."""

from bot.flow import Action, Flow, Question, in_talk
from bot.handlers.days import conversation as say

FLOW = Flow(
    "days",
    actions=(
        Action("days.list", say.who_keeps, say.list_),
        Action("days.enter", say.who_keeps, say.enter),
        Action("days.keep", in_talk, say.keep),
        Action("days.remove", say.who_keeps, say.remove),
    ),
    questions={
        "days.which": Question(say.ask_which, say.hear_which),
        "days.check": Question(say.ask_check, say.hear_check),
    },
)
