"""decide: staff do not let a need out as it stands: why, in which words, and what comes next."""

from bot.flow import Action, Flow, Question, in_talk
from bot.handlers.decide import conversation as say

FLOW = Flow(
    "decide",
    actions=(
        Action("decide.more", say.on_duty, say.more),
        Action("decide.reasons", say.undecided, say.reasons),
        Action("decide.group", say.undecided, say.group),
        Action("decide.reason", say.undecided, say.reason),
        Action("decide.send", in_talk, say.send),
        Action("decide.second", say.undecided, say.second),
        Action("decide.hide", say.looking, say.hide),
        Action("decide.hide_for", say.looking, say.hide_for),
    ),
    questions={"decide.check": Question(say.ask_check, say.hear_check)},
)
