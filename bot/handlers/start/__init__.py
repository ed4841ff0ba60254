"""start: the first words, the notice, consent, a name."""

from bot.flow import Action, Flow, Question, anybody, in_talk
from bot.handlers.start import conversation as say

FLOW = Flow(
    "start",
    commands={"start": say.start},
    links={"staff": say.staff_link},
    actions=(
        Action("start.again", anybody, say.again),
        Action("start.language", anybody, say.other_language),
        Action("start.simple", anybody, say.simple),
        Action("start.full", in_talk, say.full),
        Action("start.agree", in_talk, say.agree),
        Action("start.not_now", in_talk, say.not_now),
        Action("start.use_name", in_talk, say.use_name),
    ),
    questions={
        "start.notice": Question(say.ask_notice, say.hear_notice),
        "start.name": Question(say.ask_name, say.hear_name),
    },
)
