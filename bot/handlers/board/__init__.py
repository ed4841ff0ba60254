"""board: who is in the talent pool looks for herself what is open, the longest waiting first (PIPL 24)."""

from bot.flow import Action, Flow
from bot.handlers.board import conversation as say

FLOW = Flow(
    "board",
    actions=(
        Action("board.list", say.in_pool, say.list_),
        Action("board.open", say.open_to_her, say.open_),
        Action("board.duty", say.in_pool, say.duty),
    ),
)
