"""move: at the desk, somebody's account is bound to her new telephone; two of the staff, and she herself with the new account."""

from bot.community import moving
from bot.flow import Action, Flow, Question, Sweep, in_talk
from bot.handlers.move import conversation as say

FLOW = Flow(
    "move",
    links={"move": say.link},
    listens=say.listens,
    actions=(
        Action("move.begin", say.before_them, say.begin),
        Action("move.ask", in_talk, say.ask),
        Action("move.look", say.of_staff, say.look),
        Action("move.agree", say.second_hand, say.agree),
        Action("move.refuse", say.second_hand, say.refuse),
        Action("move.write", say.who_asked, say.write),
        Action("move.recall", say.of_staff, say.recall),
        Action("move.not_me", say.herself, say.not_me),
        Action("move.take", in_talk, say.take),
    ),
    questions={
        "move.check": Question(say.ask_check, say.hear_check, once=True),
        "move.confirm": Question(say.ask_confirm, say.hear_confirm),
    },
    sweeps=(Sweep(moving.outlived, say.lapse),),
)
