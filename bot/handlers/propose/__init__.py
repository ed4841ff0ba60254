"""propose: once a week the few who could are asked to take the shifts that are still empty; what stays empty becomes a need."""

from bot.community import proposals
from bot.flow import Action, Flow, Sweep
from bot.handlers.propose import conversation as say

FLOW = Flow(
    "propose",
    actions=(
        Action("propose.yes", say.was_asked, say.yes),
        Action("propose.no", say.was_asked, say.no),
        Action("propose.look", say.on_duty_for_gap, say.look),
        Action("propose.ask_all", say.on_duty_for_gap, say.ask_all),
        Action("propose.not_all", say.on_duty_for_gap, say.not_all),
    ),
    sweeps=(
        Sweep(proposals.due, say.week),
        Sweep(proposals.to_open, say.ask_by_itself),
        Sweep(proposals.to_settle, say.settle),
        Sweep(proposals.outlived, say.over),
    ),
)
