"""flag: something written here breaks a rule; staff look, and both sides hear."""

from bot.community import flags
from bot.flow import Action, Flow, Sweep
from bot.handlers.flag import conversation as say

FLOW = Flow(
    "flag",
    actions=(
        Action("flag.begin", say.shown, say.begin),
        Action("flag.rule", say.shown, say.rule),
        Action("flag.which", say.own, say.which),
        Action("flag.name", say.own, say.name),
        Action("flag.look", say.may_settle, say.look),
        Action("flag.agree", say.may_settle, say.agree),
        Action("flag.dismiss", say.may_settle, say.dismiss),
    ),
    sweeps=(Sweep(flags.due, say.let_go),),
)
