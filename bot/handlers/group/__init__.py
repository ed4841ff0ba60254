"""group: a steward connects the staff's own group, which hears numbers and sorts."""

from bot.flow import Action, Flow
from bot.handlers.group import conversation as say

FLOW = Flow(
    "group",
    actions=(
        Action("group.card", say.who_keeps, say.card),
        Action("group.link", say.who_keeps, say.link),
        Action("group.topics", say.who_keeps, say.topics),
        Action("group.topic", say.who_keeps, say.topic),
        Action("group.end", say.who_keeps, say.end),
    ),
)
