"""talk: a person can always be reached, and what was written is never lost."""

from bot.community import messages
from bot.flow import Action, Flow, Question, Sweep, anybody, in_talk
from bot.handlers.talk import conversation as say

ANY = frozenset({"text", "voice", "photo"})

FLOW = Flow(
    "talk",
    commands={"staff": say.command},
    actions=(
        Action("talk.begin", anybody, say.begin),
        Action("talk.look", say.on_duty, say.look),
        Action("talk.reply", say.on_duty, say.reply),
        Action("talk.sign", in_talk, say.sign),
        Action("talk.seen", say.on_duty, say.seen),
        Action("talk.told", say.on_duty, say.told),
        Action("talk.her", say.on_duty, say.her),
        Action("talk.phone", say.on_duty, say.phone),
    ),
    questions={
        "talk.words": Question(say.ask_words, say.hear_words, ANY),
        "talk.answer": Question(say.ask_answer, say.hear_answer),
    },
    sweeps=(Sweep(messages.due, say.look_after),),
)
