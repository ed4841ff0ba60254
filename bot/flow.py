"""How a flow introduces itself: its commands, its taps, its questions, its timed work.

A tap carries `v1:<action>[=<choice>]:<about>:<version>` (64 bytes at most, trusted for nothing). An action names who may do it;
one without a rule does not import. A question can always be asked again, so nothing a person does by mistake loses her place.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlmodel import Session

from bot.errors import NotRegistered, OldButton

if TYPE_CHECKING:
    from bot.community.cases import Case
    from bot.context import Context
    from bot.voice import Voice

# What a callback may return besides the name of the question to ask next:
DONE = "done"  # the talk is finished: what lay under it is taken up again
BACK = "back"  # the question before this one
AGAIN = "again"  # the same question once more
HOME = "home"  # the menu; the talk in hand stays where it is


class Tap(NamedTuple):
    """A tap as it came, taken apart. Nothing in it is believed."""

    action: str
    choice: str | None
    about: str
    version: int


class Heard(NamedTuple):
    """What a person sent, whatever it was. `kind` is text, voice, photo, contact, location, sticker or other."""

    kind: str
    text: str = ""
    file_id: str | None = None
    phone: str | None = None
    own_contact: bool = False


class Anew(NamedTuple):
    """She has another chat now: these cases (ids) are shown there as they stand, then whatever else is open, then home."""

    cases: list[str]


# The question to ask next, one of the four words above, words to be heard as the answer to the question in hand, or None:
# everything is said and stays as it stands; or a tap, to be done as if she had tapped it; or what is to be shown in a new chat.
Step = str | Heard | Tap | Anew | None
Ask = Callable[["Context"], Awaitable[None]]
Hear = Callable[["Context", Heard], Awaitable[Step]]
Do = Callable[["Context", Tap], Awaitable[Step]]
Command = Callable[["Context", str], Awaitable[Step]]
Rule = Callable[["Context", Tap], bool]
Show = Callable[["Context", "Case"], Awaitable[bool]]
Resume = Callable[["Context"], Awaitable[None]]


def pack(action: str, choice: str | None, about: str, version: int) -> str:
    """Callback data. Raises ValueError over 64 bytes (Bot API: InlineKeyboardButton.callback_data)."""
    data = f"v1:{action}{'=' + choice if choice is not None else ''}:{about}:{version}"
    if len(data.encode()) > 64:
        raise ValueError(f"callback data of {action} is over 64 bytes")
    return data


def unpack(data: str) -> Tap | None:
    """What a tap says, or None for anything we never wrote."""
    parts = data.split(":")
    if len(parts) != 4 or parts[0] != "v1" or not parts[3].isdecimal() or len(parts[3]) > 9:
        return None
    action, _, choice = parts[1].partition("=")
    return Tap(action, choice or None, parts[2], int(parts[3]))


@dataclass(frozen=True)
class Action:
    """Something a person can tap: what it is called, who may do it, what it does."""

    name: str
    may: Rule
    do: Do


@dataclass(frozen=True)
class Question:
    """One thing asked at a time: how it is asked (again), what an answer means, which kinds of answer it takes.

    `once`: it has its moment and is gone, so the way back passes over it.
    """

    ask: Ask
    hear: Hear
    takes: frozenset[str] = frozenset({"text"})
    once: bool = False


@dataclass(frozen=True)
class Sweep:
    """Timed work: `due` names what is due now, `one` does it for one of them in a transaction of its own.

    `one` looks whether it is still due: much may have happened since it was named. `posts`: it has something to do only where
    there is a chat to post in (NOTICE_CHAT).
    """

    due: Callable[[Session], list[str]]
    one: Callable[[Voice, str], Awaitable[None]]
    posts: bool = False


@dataclass(frozen=True)
class Flow:
    """One verb of the bot.

    `listens` hears words (typed, corrected, or under a photo) before any question does, and returns True when they are dealt
    with. `shows` draws a case as it stands now for the person of the context, and returns False when that is not this flow's
    to show. `resumes` says in her new chat what else of this flow is open with her.
    """

    name: str
    commands: Mapping[str, Command] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    questions: Mapping[str, Question] = field(default_factory=dict)
    sweeps: tuple[Sweep, ...] = ()
    links: Mapping[str, Command] = field(default_factory=dict)
    listens: Callable[[Context, Heard], Awaitable[bool]] | None = None
    shows: Show | None = None
    resumes: Resume | None = None


def anybody(context: Context, tap: Tap) -> bool:
    """A tap that touches nothing but the person's own talk with the bot."""
    return True


def registered(context: Context, tap: Tap) -> bool:
    """Anybody who has agreed to be known here."""
    if context.person is None:
        raise NotRegistered
    return True


def on_screen(context: Context, tap: Tap) -> bool:
    """The tap was shown with the question on screen, not with an earlier one."""
    talk = context.talk
    if talk is None or (tap.about, tap.version) != (talk["id"], talk["turn"]):
        raise OldButton
    return True


def in_talk(context: Context, tap: Tap) -> bool:
    """It answers that question too: what another flow asks has drafts of its own."""
    if context.talk is None or tap.action.partition(".")[0] != context.talk["flow"]:
        raise OldButton
    return on_screen(context, tap)


def in_open_talk(context: Context, tap: Tap) -> bool:
    """The tap belongs to an answer that was left open for more."""
    if not context.open or context.talk is None or tap.about != context.talk["id"]:
        raise OldButton
    return True


def actions_of(flows: Iterable[Flow]) -> dict[str, Action]:
    """Every action by its name. Raises ValueError when two claim one name."""
    actions: dict[str, Action] = {}
    for action in (action for flow in flows for action in flow.actions):
        if action.name in actions:
            raise ValueError(f"two actions are called {action.name}")
        actions[action.name] = action
    return actions
