"""A kind "no": what the bot says when something cannot be done, and why.

Raise one anywhere. The transaction rolls back, the text named by `text` is said in a transaction of its own, and the
conversation stays on the same step. Everything else that is raised is a bug.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Something to be told kindly. A subclass's docstring is its meaning, its `text` the message."""

    text: ClassVar[str]
    replaces: ClassVar[bool] = False  # the tapped card gives way to the sentence, for it can do nothing more

    def __init__(self, **values: Any) -> None:
        super().__init__(type(self).__name__)
        self.values = values


class NotYours(Refusal):
    """The tap came from somebody this card was not made for, or who no longer holds the role."""

    text = "home.not_yours"
    replaces = True


class OldButton(Refusal):
    """The card has changed since the button was drawn; the present state is shown instead."""

    text = "home.old_button"


class NotRegistered(Refusal):
    """Nothing is kept about this person yet, so there is nothing to act on."""

    text = "start.first"


class AlreadyTaken(Refusal):
    """Another neighbour was a moment quicker."""

    text = "claim.taken"
    replaces = True


class NoLongerOpen(Refusal):
    """The matter was withdrawn, closed or settled in the meantime."""

    text = "claim.gone"
    replaces = True
