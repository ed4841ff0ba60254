"""invite: staff hand a neighbour a slip of paper, good for one."""

from bot.community import slips
from bot.flow import Action, Flow, Sweep
from bot.handlers.invite import conversation as say

FLOW = Flow(
    "invite",
    actions=(
        Action("invite.begin", say.on_duty, say.begin),
        Action("invite.write", say.on_duty, say.write),
    ),
    sweeps=(Sweep(slips.outlived, say.void),),
)
