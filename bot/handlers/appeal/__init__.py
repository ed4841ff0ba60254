"""appeal: "look again": somebody else of the staff decides anew, by a day that is told."""

from bot.community import appeals
from bot.flow import Action, Flow, Question, Sweep, in_talk
from bot.handlers.appeal import conversation as say

FLOW = Flow(
    "appeal",
    actions=(
        Action("appeal.begin", say.own_decided, say.begin),
        Action("appeal.held", say.own_restriction, say.held),
        Action("appeal.second", say.staff_of_decided, say.second),
        Action("appeal.open", say.may_decide, say.open_),
        Action("appeal.look", say.may_decide, say.look_at),
        Action("appeal.uphold", say.may_decide, say.uphold),
        Action("appeal.overturn", say.may_decide, say.overturn),
        Action("appeal.send", in_talk, say.send),
    ),
    questions={"appeal.words": Question(say.ask_words, say.hear_words)},
    sweeps=(Sweep(appeals.due, say.look),),
)
