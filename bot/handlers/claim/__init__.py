"""claim: a few neighbours are asked; the first tap holds, the second confirms; anybody may hand it back."""

from bot.community import asking, claims
from bot.flow import Action, Flow, Question, Sweep, in_talk
from bot.handlers.claim import conversation as say

FLOW = Flow(
    "claim",
    actions=(
        Action("claim.take", say.was_asked, say.take),
        Action("claim.confirm", say.holds_as_shown, say.confirm),
        Action("claim.let_go", say.holds, say.let_go),
        Action("claim.not_this", say.was_asked, say.not_this),
        Action("claim.not_today", say.was_asked, say.not_today),
        Action("claim.cannot", say.engaged, say.cannot),
        Action("claim.release", say.engaged, say.release),
        Action("claim.other", say.asker, say.other),
        Action("claim.other_yes", say.asker, say.other_yes),
        Action("claim.by_staff", say.asker_alone, say.by_staff),
        Action("claim.give_door", say.asker, say.give_door),
        Action("claim.door_yes", in_talk, say.door_yes),
        Action("claim.door_again", in_talk, say.door_again),
    ),
    questions={
        "claim.door": Question(say.ask_door, say.hear_door),
        "claim.door_right": Question(say.ask_door_right, say.hear_door_right),
    },
    sweeps=(
        Sweep(claims.expired, say.end_hold),
        Sweep(asking.due, say.ask_around),
    ),
    shows=say.shows,
)
