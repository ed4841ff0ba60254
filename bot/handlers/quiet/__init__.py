"""quiet: somebody has died; one tap of staff, and nothing is said to her any more."""

from bot.community import quiet
from bot.flow import Action, Flow, Sweep
from bot.handlers.quiet import conversation as say

FLOW = Flow(
    "quiet",
    actions=(
        Action("quiet.begin", say.staff_of, say.begin),
        Action("quiet.card", say.staff_of_quiet, say.card),
        Action("quiet.undo", say.staff_of_quiet, say.undo),
        Action("quiet.relatives", say.staff_of_quiet, say.relatives),
    ),
    sweeps=(Sweep(quiet.outlived, say.let_go),),
)
