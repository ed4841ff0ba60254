"""merge: the same was told twice; one of the two goes on, and both askers hear how it ends."""

from bot.community import cases
from bot.flow import Action, Flow, Sweep
from bot.handlers.merge import conversation as say

FLOW = Flow(
    "merge",
    actions=(
        Action("merge.begin", say.may_merge, say.begin),
        Action("merge.look", say.may_merge, say.look),
        Action("merge.into", say.may_merge, say.into),
    ),
    sweeps=(Sweep(cases.followers, say.tell_how),),
)
