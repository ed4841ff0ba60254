"""register: a neighbour joins the talent pool, rests, or leaves it."""

from bot.flow import Action, Flow, Question, anybody, in_talk
from bot.handlers.register import conversation as say

FLOW = Flow(
    "register",
    actions=(
        Action("register.begin", anybody, say.begin),
        Action("register.agree", in_talk, say.agree),
        Action("register.kind", in_talk, say.kind),
        Action("register.enough", in_talk, say.enough),
        Action("register.area", in_talk, say.area),
        Action("register.often", in_talk, say.often),
        Action("register.change", say.member, say.change),
        Action("register.pause", say.member, say.pause),
        Action("register.wake", say.member, say.wake),
        Action("register.leave", say.member, say.leave),
        Action("register.leave_yes", say.member, say.leave_yes),
    ),
    questions={
        "register.notice": Question(say.ask_notice, say.hear_notice),
        "register.kinds": Question(say.ask_kinds, say.hear_kinds),
        "register.area": Question(say.ask_area, say.hear_area),
        "register.often": Question(say.ask_often, say.hear_often),
    },
)
