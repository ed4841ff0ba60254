"""duty: what waits is told in the morning, and what is not finished is handed over when the office closes."""

from bot.community import office, queue
from bot.flow import Action, Flow, Sweep
from bot.handlers.duty import conversation as say

FLOW = Flow(
    "duty",
    actions=(
        Action("duty.over", say.on_duty, say.over),
        Action("duty.hand_to", say.on_duty, say.hand_to),
        Action("duty.to_all", say.on_duty, say.to_all),
        Action("duty.accept", say.offered, say.accept),
        Action("duty.decline", say.offered, say.decline),
    ),
    links={"q": say.link},
    sweeps=(Sweep(office.due, say.hour), Sweep(queue.unposted, say.post)),
)
