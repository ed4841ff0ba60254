"""urgent: danger in the words. Numbers at once, a person told, volunteers never asked (R22)."""

from bot.flow import Action, Flow, anybody
from bot.handlers.urgent import conversation as say

FLOW = Flow(
    "urgent",
    actions=(
        Action("urgent.called", anybody, say.called),
        Action("urgent.not_urgent", anybody, say.not_urgent),
    ),
    listens=say.listens,
)
