"""Every verb of the bot, in the order a newcomer meets them."""

from bot.flow import Flow
from bot.handlers import (
    ask,
    claim,
    close,
    complain,
    desk,
    follow,
    home,
    ledger,
    meet,
    my_data,
    quiet,
    register,
    renew,
    review,
    start,
    stay,
    talk,
    urgent,
)

FLOWS: tuple[Flow, ...] = (
    urgent.FLOW,
    start.FLOW,
    home.FLOW,
    ask.FLOW,
    follow.FLOW,
    register.FLOW,
    renew.FLOW,
    review.FLOW,
    claim.FLOW,
    meet.FLOW,
    close.FLOW,
    talk.FLOW,
    my_data.FLOW,
    complain.FLOW,
    quiet.FLOW,
    stay.FLOW,
    desk.FLOW,
    ledger.FLOW,
)
