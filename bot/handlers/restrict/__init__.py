"""restrict: what somebody may not do for a while: why, till when, a second person's yes where it is long; one list."""

from bot.community import restrictions
from bot.flow import Action, Flow, Question, Sweep, in_talk, registered
from bot.handlers.restrict import conversation as say

FLOW = Flow(
    "restrict",
    actions=(
        Action("restrict.begin", say.of_somebody, say.begin),
        Action("restrict.choose", in_talk, say.choose),
        Action("restrict.send", in_talk, say.send),
        Action("restrict.list", say.on_duty, say.list_),
        Action("restrict.one", say.may_end, say.one),
        Action("restrict.end", say.may_end, say.end),
        Action("restrict.look", say.may_second, say.look),
        Action("restrict.agree", say.may_second, say.agree),
        Action("restrict.refuse", say.may_second, say.refuse),
        Action("restrict.mine", registered, say.mine),
    ),
    questions={
        "restrict.what": Question(say.ask_what, say.hear),
        "restrict.rule": Question(say.ask_rule, say.hear),
        "restrict.length": Question(say.ask_length, say.hear),
        "restrict.check": Question(say.ask_check, say.hear),
    },
    sweeps=(Sweep(restrictions.over, say.let_go),),
)
