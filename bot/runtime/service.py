"""What the runtime needs to know of the service it runs, and nothing more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlmodel import Session
from telegram import Bot, Update
from telegram.ext import Application, BasePersistence
from telegram.request import BaseRequest

from bot.errors import Refusal

AnyApplication = Application[Any, Any, Any, Any, Any, Any]
Guard = Callable[[Session, str], bool]


@dataclass(frozen=True)
class Sweep:
    """Timed work. `due` names what is due now; `one` does what is due of one, in a transaction of its own.

    `one` looks whether it is still due: much may have happened since it was named.
    """

    name: str
    due: Callable[[Session], Sequence[str]]
    one: Callable[[Bot, str], Awaitable[None]]


class Service(Protocol):
    """Everything here but `build`, `repeated` and `faded` acts inside the open transaction.

    `build` makes the Application with `request` as its request and as its get_updates_request and with
    `persistence`, without updater and job queue; again whenever the memory of one cannot be trusted.
    `refused` says the kind sentence of a refusal; `failed` tells a person, once, that her message could not
    be handled. `guards` answer whether a message may still be said. `sweeps` do what is due.
    `unreachable` hears that a chat refuses us, `migrated` that a group has another id now. `repeated` marks
    a message that may have arrived already: HTML in, HTML out, with a reference to tell it by. `faded` (HTML) stands where
    words were that waited too long for somebody unreachable.
    """

    @property
    def guards(self) -> Mapping[str, Guard]: ...

    @property
    def sweeps(self) -> Sequence[Sweep]: ...

    def build(self, request: BaseRequest, persistence: BasePersistence[Any, Any, Any]) -> AnyApplication: ...

    async def refused(self, application: AnyApplication, update: Update, refusal: Refusal) -> None: ...

    async def failed(self, application: AnyApplication, update: Update) -> None: ...

    def unreachable(self, session: Session, chat_id: int) -> None: ...

    def migrated(self, session: Session, old: int, new: int) -> None: ...

    def repeated(self, html: str, reference: str) -> str: ...

    def faded(self) -> str: ...
