"""meet: short words between the two of one case, on the way and at the door. Nothing of it is kept."""

from bot.flow import Action, Flow, Question, registered
from bot.handlers.meet import conversation as say

FLOW = Flow(
    "meet",
    actions=(
        Action("meet.list", registered, say.list_),
        Action("meet.card", say.engaged, say.card),
        Action("meet.way", say.engaged, say.way),
        Action("meet.write", say.one_of_two, say.write),
        Action("meet.report", say.ever_one_of_two, say.report),
        Action("meet.back", say.one_of_two, say.back),
    ),
    questions={"meet.words": Question(say.ask_words, say.hear_words)},
    shows=say.shows,
)
