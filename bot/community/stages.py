"""Where a mediation stands, and who may move it where: the table that bot.community.mediations keeps to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a mediation stands. An end is also how it came out."""

    APPLIED = "applied"
    INVITING = "inviting"
    CONSENTED = "consented"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    AGREED_ORAL = "agreed_oral"
    AGREED_WRITTEN = "agreed_written"
    PARTLY = "partly"
    FOLLOWED = "followed"
    NOT_SUITABLE = "not_suitable"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"
    NOT_AGREED = "not_agreed"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    LAPSED = "lapsed"
    OFFLINE = "offline"


class Who(StrEnum):
    """Who moves it."""

    A = "a"
    B = "b"
    MEDIATOR = "mediator"
    STAFF = "staff"
    CLOCK = "clock"


A, B, MEDIATOR, STAFF, CLOCK = Who.A, Who.B, Who.MEDIATOR, Who.STAFF, Who.CLOCK
EITHER = frozenset({A, B})
Onward = Mapping[State, frozenset[Who]]
# Either side ends it with one tap wherever there are two sides, and so does a word that somebody is afraid.
_LEAVE: Onward = {State.WITHDRAWN: EITHER, State.STOPPED: EITHER | {MEDIATOR, STAFF}}
_MIDDLE: Onward = {**_LEAVE, State.LAPSED: frozenset({CLOCK}), State.OFFLINE: frozenset({STAFF})}
_AGREED: Onward = {State.FOLLOWED: frozenset({A, B, CLOCK}), **_LEAVE}
MOVES: Mapping[State, Onward] = {
    State.APPLIED: {
        State.INVITING: frozenset({STAFF}),
        State.NOT_SUITABLE: frozenset({STAFF}),
        State.OFFLINE: frozenset({STAFF}),
        State.WITHDRAWN: frozenset({A}),
        State.STOPPED: frozenset({A, STAFF}),
    },
    State.INVITING: {
        State.INVITING: frozenset({STAFF, B}),  # another slip; the bearer of one
        State.CONSENTED: EITHER,
        State.DECLINED: frozenset({B}),
        State.NO_ANSWER: frozenset({CLOCK}),
        State.OFFLINE: frozenset({STAFF}),
        State.WITHDRAWN: frozenset({A}),
        State.STOPPED: EITHER | {STAFF},
    },
    State.CONSENTED: {
        State.CONSENTED: frozenset({STAFF, MEDIATOR}),  # somebody is asked; she would rather not
        State.PROPOSED: frozenset({MEDIATOR}),
        **_MIDDLE,
    },
    State.PROPOSED: {
        State.PROPOSED: frozenset({STAFF, MEDIATOR, A, B}),  # a yes, an objection, another one
        State.ACCEPTED: EITHER,
        **_MIDDLE,
    },
    State.ACCEPTED: {
        State.PROPOSED: EITHER | {MEDIATOR},  # one objection is enough
        State.AGREED_ORAL: frozenset({MEDIATOR}),
        State.AGREED_WRITTEN: frozenset({MEDIATOR}),
        State.PARTLY: frozenset({MEDIATOR}),
        State.NOT_AGREED: frozenset({MEDIATOR}),
        **_MIDDLE,
    },
    State.AGREED_ORAL: _AGREED,
    State.AGREED_WRITTEN: _AGREED,
    State.PARTLY: _AGREED,
    **{
        end: {}
        for end in (
            State.FOLLOWED,
            State.NOT_SUITABLE,
            State.DECLINED,
            State.NO_ANSWER,
            State.NOT_AGREED,
            State.WITHDRAWN,
            State.STOPPED,
            State.LAPSED,
            State.OFFLINE,
        )
    },
}
LIVE = tuple(state for state, onward in MOVES.items() if onward)
ENDED = tuple(state for state, onward in MOVES.items() if not onward)
AGREED = (State.AGREED_ORAL, State.AGREED_WRITTEN, State.PARTLY)
SEEKING = (State.CONSENTED, State.PROPOSED)
TOGETHER = (*SEEKING, State.ACCEPTED, *AGREED)  # there are two sides, who both said yes
WITH_MEDIATOR = (State.ACCEPTED, *AGREED)


def drawn() -> str:
    """The table of moves as a Mermaid chart; docs/mediation.md holds it."""
    lines = ["stateDiagram-v2", f"  [*] --> {State.APPLIED.value}"]
    for state, onward in MOVES.items():
        for to, who in onward.items():
            movers = ", ".join(sorted(one.value for one in who))
            lines.append(f"  {state.value} --> {to.value}: {movers}")
    return "\n".join([*lines, *(f"  {end.value} --> [*]" for end in ENDED)])
