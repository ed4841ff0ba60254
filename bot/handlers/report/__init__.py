"""report: violence, or harm to a child, told to the few who look after it, and hidden from every other eye."""

from bot.community import reports
from bot.flow import Action, Flow, Question, Sweep, anybody, in_talk
from bot.handlers.report import conversation as say

FLOW = Flow(
    "report",
    commands={"report": say.command},
    actions=(
        Action("report.begin", anybody, say.begin),
        Action("report.who", in_talk, say.who),
        Action("report.anew", in_talk, say.anew),
        Action("report.of_staff", in_talk, say.of_staff),
        Action("report.send", in_talk, say.send),
        Action("report.hide", anybody, say.hide),
        Action("report.look", say.guards, say.look),
        Action("report.ask_second", say.guards, say.ask_second),
        Action("report.second", say.may_second, say.second),
        Action("report.did", say.guards, say.did),
        Action("report.when", in_talk, say.when),
        Action("report.call", say.guards, say.call),
        Action("report.reasons", say.guards, say.reasons),
        Action("report.close", say.guards, say.close),
    ),
    questions={
        "report.who": Question(say.ask_who, say.hear_who),
        "report.words": Question(say.ask_words, say.hear_words),
        "report.check": Question(say.ask_check, say.hear_words),
        "report.when": Question(say.ask_when, say.hear_when),
    },
    sweeps=(Sweep(reports.due, say.look_after),),
)
