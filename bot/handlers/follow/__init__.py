"""follow: a resident sees where her case stands, answers, changes the time, withdraws."""

from functools import partial

from bot.community import cases
from bot.flow import Action, Flow, Question, Sweep, in_talk, registered
from bot.handlers.follow import conversation as say

FLOW = Flow(
    "follow",
    actions=(
        Action("follow.list", registered, say.list_),
        Action("follow.card", say.own, say.card),
        Action("follow.withdraw", say.own_live, say.withdraw),
        Action("follow.withdraw_yes", say.own_now, say.withdraw_yes),
        Action("follow.answer", say.own_asked_back, say.answer),
        Action("follow.change", say.own_asked_back, say.change),
        Action("follow.answer_send", in_talk, say.answer_send),
        Action("follow.care", in_talk, say.care_for),
        Action("follow.rewrite", in_talk, say.rewrite),
        Action("follow.new_time", say.own_looking, say.new_time),
        Action("follow.time", in_talk, say.time),
        Action("follow.which_time", in_talk, say.which_time),
    ),
    questions={
        "follow.answer": Question(say.ask_answer, say.hear_answer),
        "follow.answer_check": Question(say.ask_answer_check, say.hear_answer_check),
        "follow.care": Question(say.ask_care, say.hear_care, once=True),
        "follow.rewrite": Question(say.ask_rewrite, say.hear_rewrite),
        "follow.new_time": Question(say.ask_new_time, say.hear_time),
        "follow.which_time": Question(say.ask_which_time, say.hear_which),
    },
    sweeps=(
        Sweep(partial(cases.due, what="review"), say.keep_promise),
        Sweep(partial(cases.due, what="answer"), say.remind),
    ),
    shows=say.shows,
)
