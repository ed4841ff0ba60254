"""credential: a volunteer says what she can prove, staff look at it with their own eyes, and it ends by itself."""

from bot.community import credentials
from bot.flow import Action, Flow, Question, Sweep
from bot.handlers.credential import conversation as say

FLOW = Flow(
    "credential",
    actions=(
        Action("credential.mine", say.member, say.mine),
        Action("credential.list", say.in_own_talk, say.list_),
        Action("credential.one", say.member, say.one),
        Action("credential.declare", say.in_own_talk, say.declare),
        Action("credential.take_back", say.in_own_talk, say.take_back),
        Action("credential.again", say.hers, say.again),
        Action("credential.of", say.staff_of_person, say.of),
        Action("credential.pick", say.staff_of_person, say.pick),
        Action("credential.shown", say.staff_of_person, say.shown),
        Action("credential.waiting", say.on_duty, say.waiting),
        Action("credential.look", say.staff_of, say.look),
        Action("credential.seen", say.staff_of, say.seen),
        Action("credential.until", say.staff_of, say.until),
        Action("credential.not_yet", say.staff_of, say.not_yet),
        Action("credential.mistaken", say.staff_of, say.mistaken),
    ),
    questions={
        "credential.mine": Question(say.ask_mine, say.hear_page, say.ANYTHING),
        "credential.list": Question(say.ask_list, say.hear_page, say.ANYTHING),
        "credential.one": Question(say.ask_one, say.hear_page, say.ANYTHING),
        "credential.date": Question(say.ask_date, say.hear_date),
    },
    sweeps=(Sweep(credentials.due, say.due),),
)
