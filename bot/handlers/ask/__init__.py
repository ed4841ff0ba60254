"""ask: a resident says what she needs."""

from bot.flow import Action, Flow, Question, anybody, in_talk
from bot.handlers.ask import conversation as say

ANY = frozenset({"text", "voice", "photo"})

FLOW = Flow(
    "ask",
    actions=(
        Action("ask.begin", anybody, say.begin),
        Action("ask.afresh", anybody, say.afresh),
        Action("ask.resend", say.own_declined, say.resend),
        Action("ask.kind", in_talk, say.kind),
        Action("ask.all", in_talk, say.all_kinds),
        Action("ask.category", in_talk, say.category),
        Action("ask.guess", in_talk, say.guess),
        Action("ask.way", in_talk, say.way),
        Action("ask.when", in_talk, say.when),
        Action("ask.when_right", in_talk, say.when_right),
        Action("ask.when_which", in_talk, say.when_which),
        Action("ask.area", in_talk, say.area),
        Action("ask.wish", in_talk, say.wish),
        Action("ask.enough", in_talk, say.enough),
        Action("ask.anew", in_talk, say.anew),
        Action("ask.keep", in_talk, say.keep),
        Action("ask.found", in_talk, say.found),
        Action("ask.care", in_talk, say.care_for),
        Action("ask.door", in_talk, say.no_door),
        Action("ask.phone", in_talk, say.phone),
        Action("ask.change", in_talk, say.change),
        Action("ask.change_one", in_talk, say.change_one),
        Action("ask.drop", in_talk, say.drop),
        Action("ask.send", in_talk, say.send),
    ),
    questions={
        "ask.what": Question(say.ask_what, say.hear_what, ANY),
        "ask.kinds": Question(say.ask_kinds, say.hear_what, ANY, once=True),
        "ask.skills": Question(say.ask_skills, say.hear_what, ANY, once=True),
        "ask.guess": Question(say.ask_guess, say.hear_guess, once=True),
        "ask.way": Question(say.ask_way, say.hear_way, ANY, once=True),
        "ask.when": Question(say.ask_when, say.hear_when),
        "ask.when_right": Question(say.ask_when_right, say.hear_when_right),
        "ask.when_which": Question(say.ask_when_which, say.hear_when),
        "ask.area": Question(say.ask_area, say.hear_area),
        "ask.wish": Question(say.ask_wish, say.hear_wish),
        "ask.details": Question(say.ask_details, say.hear_details, ANY),
        "ask.anew": Question(say.ask_anew, say.hear_anew, ANY, once=True),
        "ask.found": Question(say.ask_found, say.hear_found, ANY, once=True),
        "ask.care": Question(say.ask_care, say.hear_care, ANY, once=True),
        "ask.door": Question(say.ask_door, say.hear_door),
        "ask.phone": Question(say.ask_phone, say.hear_phone, frozenset({"text", "contact"})),
        "ask.number": Question(say.ask_number, say.hear_number, frozenset({"text", "contact"})),
        "ask.check": Question(say.ask_check, say.hear_check),
        "ask.change": Question(say.ask_change, say.hear_change, once=True),
    },
)
