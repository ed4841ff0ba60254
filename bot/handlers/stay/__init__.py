"""stay: who has not been here for very long is asked once whether she stays, and silence ends it."""

from bot.community import staying
from bot.flow import Action, Flow, Sweep, registered
from bot.handlers.stay import conversation as say

FLOW = Flow(
    "stay",
    actions=(Action("stay.yes", registered, say.yes),),
    sweeps=(Sweep(staying.to_ask, say.ask), Sweep(staying.unanswered, say.let_go)),
)
