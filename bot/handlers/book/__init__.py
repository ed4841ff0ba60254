"""book: a time at a post, where one comes with something of one's own; changed and cancelled by a tap."""

from bot.community import appointments
from bot.flow import Action, Flow, Question, Sweep, registered
from bot.handlers.book import conversation as say

FLOW = Flow(
    "book",
    actions=(
        Action("book.posts", registered, say.list_),
        Action("book.shifts", say.can_come, say.shifts_of),
        Action("book.slots", say.can_come_then, say.slots_of),
        Action("book.take", say.can_come_then, say.take),
        Action("book.mine", say.hers, say.mine),
        Action("book.cancel", say.hers, say.cancel),
        Action("book.visitors", say.holds_shift, say.visitors),
        Action("book.for_other", say.staff_then, say.for_other),
        Action("book.slot", say.staff_in_talk, say.slot),
        Action("book.skip", say.staff_in_talk, say.skip),
        Action("book.way", say.staff_in_talk, say.way),
        Action("book.of_shift", say.staff_of_shift, say.of_shift),
        Action("book.cancel_for", say.staff_of, say.cancel_for),
    ),
    questions={
        "book.slot": Question(say.ask_slot, say.hear_page),
        "book.name": Question(say.ask_name, say.hear_name),
        "book.reach": Question(say.ask_reach, say.hear_reach),
        "book.way": Question(say.ask_way, say.hear_page),
    },
    sweeps=(
        Sweep(appointments.due, say.remind),
        Sweep(appointments.lost, say.lost),
        Sweep(appointments.past, say.past),
    ),
)
