"""assign: staff think of somebody they know; she is asked like everybody, told who thought of her, and may say no (R4)."""

from bot.flow import Action, Flow, Question
from bot.handlers.assign import conversation as say

FLOW = Flow(
    "assign",
    actions=(
        Action("assign.begin", say.may_ask, say.begin),
        Action("assign.one", say.may_choose, say.one),
    ),
    questions={
        "assign.who": Question(say.ask_who, say.hear_who),
        "assign.which": Question(say.ask_which, say.hear_who),
    },
)
