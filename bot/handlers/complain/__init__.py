"""complain: something went wrong, and somebody who had no hand in it looks at it and answers."""

from bot.community import complaints
from bot.flow import Action, Flow, Question, Sweep, in_talk, registered
from bot.handlers.complain import conversation as say

FLOW = Flow(
    "complain",
    commands={"complain": say.command},
    actions=(
        Action("complain.begin", registered, say.begin),
        Action("complain.write", registered, say.write),
        Action("complain.about", in_talk, say.about),
        Action("complain.send", in_talk, say.send),
        Action("complain.anew", in_talk, say.anew),
        Action("complain.look", say.may_answer, say.show),
        Action("complain.reply", say.may_answer, say.reply),
    ),
    questions={
        "complain.about": Question(say.ask_about, say.hear_about),
        "complain.words": Question(say.ask_words, say.hear_words),
        "complain.check": Question(say.ask_check, say.hear_check),
        "complain.answer": Question(say.ask_answer, say.hear_answer),
    },
    sweeps=(Sweep(complaints.due, say.look),),
)
