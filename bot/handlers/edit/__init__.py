"""edit: what volunteers read is put better, by the writer or with her yes; before that nothing changes."""

from bot.flow import Action, Flow, Question, in_talk
from bot.handlers.edit import conversation as say

FLOW = Flow(
    "edit",
    actions=(
        Action("edit.begin", say.may_propose, say.begin),
        Action("edit.send", in_talk, say.send),
        Action("edit.yes", say.own_proposed, say.yes),
        Action("edit.no", say.own_proposed, say.no),
        Action("edit.own", say.own_proposed, say.own),
        Action("edit.take", in_talk, say.take),
    ),
    questions={
        "edit.words": Question(say.ask_words, say.hear_words),
        "edit.check": Question(say.ask_check, say.hear_words),
        "edit.mine": Question(say.ask_mine, say.hear_mine),
        "edit.mine_check": Question(say.ask_mine_check, say.hear_mine),
    },
)
