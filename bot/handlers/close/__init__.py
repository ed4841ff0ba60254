"""close: both sides say how it went; door and phone go back; silence is never counted as satisfied; in the end the words go."""

from functools import partial

from bot.community import cases, reading, trail
from bot.flow import Action, Flow, Question, Sweep
from bot.handlers.close import conversation as say

FLOW = Flow(
    "close",
    actions=(
        Action("close.done", say.engaged, say.done),
        Action("close.undone", say.waiting, say.undone),
        Action("close.happy", say.asker, say.happy),
        Action("close.not_yet", say.asker_of_handled, say.not_yet),
        Action("close.worry", say.asker_ever, say.worry),
        Action("close.worry_plain", say.worrying, say.worry_plain),
        Action("close.thanks", say.asker_of_closed, say.thanks),
    ),
    questions={"close.worry": Question(say.ask_worry, say.hear_worry)},
    sweeps=(
        Sweep(partial(cases.due, what="verify"), say.remind),
        Sweep(partial(cases.due, what="helper"), say.ask_helper),
        Sweep(cases.outlived, say.let_words_go),
        Sweep(trail.outlived, say.let_trail_go),
        Sweep(reading.outlived, say.let_lines_go),
    ),
)
