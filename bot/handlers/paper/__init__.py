"""paper: what is printed: for the wall, for a day that is worked from paper, for who goes without a telephone."""

from bot.flow import Action, Flow, Question, registered
from bot.handlers.paper import conversation as say

FLOW = Flow(
    "paper",
    actions=(
        Action("paper.list", say.on_duty, say.list_),
        Action("paper.poster", say.on_duty, say.poster),
        Action("paper.roster", say.on_duty, say.roster),
        Action("paper.day", say.on_duty, say.day),
        Action("paper.notice", say.on_duty, say.notice),
        Action("paper.which", say.on_duty, say.which),
        Action("paper.slip", say.of_case, say.slip),
        Action("paper.name", say.on_roster, say.name),
        Action("paper.name_yes", say.on_roster, say.name_yes),
        Action("paper.name_no", registered, say.name_no),
    ),
    questions={"paper.which": Question(say.ask_which, say.hear_which)},
)
