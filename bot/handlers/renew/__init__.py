"""renew: a notice means something else by now; whoever agreed to the old one is told once, and asked again."""

from bot.flow import Action, Flow, Sweep, registered
from bot.handlers.renew import conversation as say
from bot.handlers.renew import service

FLOW = Flow(
    "renew",
    actions=(Action("renew.read", registered, say.read),),
    sweeps=(Sweep(service.due, say.ask),),
)
