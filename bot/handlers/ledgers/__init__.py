"""ledgers: how the five duties went in a month, a quarter or a year: as text, as a picture, to print, as a table."""

from bot.community import ledgers
from bot.flow import Action, Flow, Sweep, anybody
from bot.handlers.ledgers import conversation as say

FLOW = Flow(
    "ledgers",
    actions=(
        Action("ledgers.show", anybody, say.show),
        Action("ledgers.rates", anybody, say.rates),
        Action("ledgers.periods", anybody, say.periods),
        Action("ledgers.places", anybody, say.places),
        Action("ledgers.picture", anybody, say.picture),
        Action("ledgers.page", anybody, say.page),
        Action("ledgers.table", anybody, say.table),
        Action("ledgers.unseen", say.above, say.unseen),
        Action("ledgers.seen", say.of_hers, say.seen),
        Action("ledgers.missing", say.on_duty, say.missing),
        Action("ledgers.suggest", say.on_duty, say.suggest),
    ),
    sweeps=(Sweep(ledgers.due, say.add_up), Sweep(ledgers.quarter_due, say.tell_missing)),
)
