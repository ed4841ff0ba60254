"""A kind "no": what the bot says when something cannot be done, and why.

Raise one anywhere. The transaction rolls back, the text named by `text` is said in a transaction of its own, and the
conversation stays on the same step. Everything else that is raised is a bug.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal


class Refusal(Exception):
    """Something to be told kindly. A subclass's docstring is its meaning, its `text` the message."""

    text: ClassVar[str]
    # Where a tap's refusal is read: in a new message, in place of the tapped card that can do nothing more, or in an alert
    # over a card that stays as it is.
    where: ClassVar[Literal["message", "card", "alert"]] = "message"

    def __init__(self, **values: Any) -> None:
        super().__init__(type(self).__name__)
        self.values = values


class NotYours(Refusal):
    """The tap came from somebody this card was not made for, or who no longer holds the role."""

    text = "home.not_yours"
    where = "card"


class StepAside(Refusal):
    """A member of staff is one of the two sides of this case, so another must look (回避)."""

    text = "review.step_aside"


class ColleagueDecides(Refusal):
    """She has asked a colleague to decide this, so she does not."""

    text = "decide.colleague"
    where = "alert"


class Restricted(Refusal):
    """For a while she may not do this; she was told why, till when, and how to have it looked at again."""

    text = "restrict.not_now"


class RolesApart(Refusal):
    """Whoever supervises never handles a case, so nobody holds both roles (R1)."""

    text = "roles.apart"


class NotHerself(Refusal):
    """A role is given by another person, whatever the code says."""

    text = "roles.not_herself"


class LastOne(Refusal):
    """Nobody would be left to name anybody: a successor comes first."""

    text = "roles.last"
    where = "alert"


class SameHand(Refusal):
    """She had a hand in it, so it is another's to look at (R1)."""

    text = "roles.same_hand"
    where = "alert"


class OldButton(Refusal):
    """The card has changed since the button was drawn; the present state is shown instead."""

    text = "home.old_button"


class NotRegistered(Refusal):
    """Nothing is kept about this person yet, so there is nothing to act on."""

    text = "start.first"


class NotSpokenTo(Refusal):
    """She has left, or is quiet: no message of ours goes to her any more."""

    text = "talk.quiet"
    where = "alert"


class NoLongerHere(Refusal):
    """Whoever wrote it has had it erased, or it was kept long enough."""

    text = "talk.gone"
    where = "card"


class NotForHer(Refusal):
    """Staff stand in for a neighbour at this moment, and this is not done in somebody else's name."""

    text = "desk.not_for_her"
    where = "alert"


class AskFirst(Refusal):
    """Somebody asks for another, who has not said yes herself yet."""

    text = "talk.ask_first"
    where = "alert"


class AlreadyTaken(Refusal):
    """Another neighbour was a moment quicker."""

    text = "claim.taken"
    where = "card"


class NoLongerOpen(Refusal):
    """The matter was withdrawn, closed or settled in the meantime."""

    text = "claim.gone"
    where = "card"


class LeftPool(Refusal):
    """She has left the talent pool, and what she had been asked before is asked of her no more."""

    text = "claim.left"
    where = "card"


class TimeOver(Refusal):
    """The time she wished for has passed; she is asked for another, and whoever was asked may be asked again."""

    text = "claim.time_over"
    where = "card"


class Unseen(Refusal):
    """What staff must have seen for this kind of help is not seen, or not valid any more."""

    text = "claim.unseen"
    where = "card"


class ArrangedOtherwise(Refusal):
    """The two are not brought together; neither hears why."""

    text = "claim.otherwise"
    where = "card"


class HandsFull(Refusal):
    """She has as many needs in hand as she takes at once, by her own word."""

    text = "claim.full"
    where = "alert"


class HeldByAnother(Refusal):
    """Another neighbour is making up her mind; the card stays, for it may come free again."""

    text = "claim.held"
    where = "alert"


class NotInsured(Refusal):
    """What could hurt somebody is not added to an open post before it is insured (R6)."""

    text = "post.insure_first"
    where = "alert"


class PlacesTaken(Refusal):
    """All places of this shift are taken: others were a moment quicker."""

    text = "post.taken"
    where = "card"


class PostGone(Refusal):
    """The post rests, has ended, or this shift of it is over."""

    text = "post.gone"
    where = "card"


class CalledOff(Refusal):
    """This shift does not take place."""

    text = "post.called_off"
    where = "card"
