"""book: a time at a post, where one comes with something of one's own; changed and cancelled by a tap."""

from bot.community import appointments
from bot.flow import Action, Flow, Sweep, registered
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
    ),
    sweeps=(
        Sweep(appointments.due, say.remind),
        Sweep(appointments.lost, say.lost),
        Sweep(appointments.past, say.past),
    ),
)
