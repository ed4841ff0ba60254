"""ledger: a line of it is posted each day for everybody to keep, and what its lines said is forgotten after three years."""

from bot.community import board, reading
from bot.flow import Flow, Sweep
from bot.handlers.ledger import conversation as say

FLOW = Flow(
    "ledger",
    sweeps=(
        Sweep(board.to_post, say.post_note, posts=True),
        Sweep(reading.agreed_and_over, say.forget_lines),
    ),
)
