"""paper: the poster of a post and the roster for the wall, to be printed; a name is on paper only with its owner's yes."""

from bot.flow import Action, Flow, registered
from bot.handlers.paper import conversation as say

FLOW = Flow(
    "paper",
    actions=(
        Action("paper.list", say.on_duty, say.list_),
        Action("paper.poster", say.on_duty, say.poster),
        Action("paper.roster", say.on_duty, say.roster),
        Action("paper.name", say.on_roster, say.name),
        Action("paper.name_yes", say.on_roster, say.name_yes),
        Action("paper.name_no", registered, say.name_no),
    ),
)
