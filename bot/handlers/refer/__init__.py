"""refer: whose it is instead, how to reach them, and the day we ask whether they have answered."""

from functools import partial

from bot.community import cases
from bot.flow import Action, Flow, Question, Sweep, in_talk
from bot.handlers.refer import conversation as say

FLOW = Flow(
    "refer",
    actions=(
        Action("refer.begin", say.may_refer, say.begin),
        Action("refer.to", say.may_refer, say.to),
        Action("refer.send", in_talk, say.send),
        Action("refer.solved", say.own_referred, say.solved),
        Action("refer.wait", say.own_referred, say.wait),
        Action("refer.nobody", say.own_referred, say.nobody),
    ),
    questions={"refer.check": Question(say.ask_check, say.hear_check)},
    sweeps=(Sweep(partial(cases.due, what="body"), say.ask),),
)
