"""register: a neighbour joins the talent pool, says when and how often, rests, or leaves it."""

from bot.flow import Action, Flow, Question, anybody, in_talk
from bot.handlers.register import conversation as say

FLOW = Flow(
    "register",
    links={"i": say.slip},
    listens=say.hears_a_code,
    actions=(
        Action("register.begin", anybody, say.begin),
        Action("register.agree", in_talk, say.agree),
        Action("register.all", in_talk, say.all_),
        Action("register.open", in_talk, say.open_),
        Action("register.kind", in_talk, say.kind),
        Action("register.enough", in_talk, say.enough),
        Action("register.area", in_talk, say.area),
        Action("register.hours", in_talk, say.hours),
        Action("register.part", in_talk, say.part),
        Action("register.hours_done", in_talk, say.hours_done),
        Action("register.language", in_talk, say.language),
        Action("register.languages_done", in_talk, say.languages_done),
        Action("register.often", in_talk, say.often),
        Action("register.change", say.member, say.change),
        Action("register.anew", say.member, say.anew),
        Action("register.one", say.member, say.one),
        Action("register.set", say.member, say.set_),
        Action("register.wake", say.member, say.wake),
        Action("register.leave", say.member, say.leave),
        Action("register.leave_yes", say.member, say.leave_yes),
    ),
    questions={
        "register.notice": Question(say.ask_notice, say.hear_notice),
        "register.kinds": Question(say.ask_kinds, say.hear_kinds),
        "register.categories": Question(say.ask_categories, say.hear_kinds),
        "register.skills": Question(say.ask_skills, say.hear_kinds),
        "register.area": Question(say.ask_area, say.hear_area),
        "register.hours": Question(say.ask_hours, say.hear_button),
        "register.week": Question(say.ask_week, say.hear_button),
        "register.languages": Question(say.ask_languages, say.hear_button),
        "register.often": Question(say.ask_often, say.hear_often),
    },
)
