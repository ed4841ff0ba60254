"""sample: a supervisor looks at how a few needs went that ended well, drawn by lot and never by person (R18)."""

from bot.flow import Action, Flow
from bot.handlers.sample import conversation as say

FLOW = Flow(
    "sample",
    actions=(
        Action("sample.list", say.above, say.list_),
        Action("sample.look", say.drawn, say.look),
        Action("sample.judge", say.drawn, say.judge),
    ),
)
