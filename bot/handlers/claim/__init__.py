"""claim: a few neighbours are asked; the first tap holds, the second confirms; the asker says yes where it matters; others stand
by; anybody may hand it back; and as long as nobody has it, more and more people hear so.
"""

from bot.community import asking, cases, claims
from bot.flow import Action, Flow, Question, Sweep, in_talk
from bot.handlers.claim import conversation as say

FLOW = Flow(
    "claim",
    actions=(
        Action("claim.see", say.was_asked, say.see),
        Action("claim.take", say.was_asked, say.take),
        Action("claim.confirm", say.holds_as_shown, say.confirm),
        Action("claim.stand_by", say.was_asked, say.stand_by),
        Action("claim.stand_down", say.stands_by, say.stand_down),
        Action("claim.retract", say.offers, say.retract),
        Action("claim.yes", say.asker_of_offer, say.yes),
        Action("claim.no", say.asker_of_offer, say.no),
        Action("claim.staff_yes", say.staff_of_offer, say.staff_yes),
        Action("claim.staff_no", say.staff_of_offer, say.staff_no),
        Action("claim.apart", say.once_together, say.apart),
        Action("claim.apart_not", say.once_together, say.apart_not),
        Action("claim.tie", say.once_together, say.tie),
        Action("claim.tie_not", say.once_together, say.tie_not),
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
        Sweep(claims.waiting, say.go_on),
        Sweep(asking.due, say.ask_around),
        Sweep(cases.marked, say.climb),
    ),
    shows=say.shows,
)
