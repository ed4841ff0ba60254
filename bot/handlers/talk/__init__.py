"""talk: a person can always be reached."""

from bot.flow import Action, Flow, Question, anybody
from bot.handlers.talk import conversation as say

FLOW = Flow(
    "talk",
    commands={"staff": say.command},
    actions=(
        Action("talk.begin", anybody, say.begin),
        Action("talk.reply", say.on_duty, say.reply),
    ),
    questions={
        "talk.words": Question(say.ask_words, say.hear_words),
        "talk.answer": Question(say.ask_answer, say.hear_answer),
    },
)
