"""The composition root: everything is wired here, in one readable list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlmodel import Session
from telegram import Bot, Update
from telegram.ext import Application, BasePersistence, ContextTypes
from telegram.request import BaseRequest

from bot import flow as flow_
from bot.clock import Clock
from bot.community import cases, days, groups, mediation_times, people, record
from bot.community.cases import State
from bot.community.claims import Claim, ClaimState
from bot.community.record import now_of
from bot.community.standing import Neighbourhood
from bot.context import Context
from bot.data import Local
from bot.dispatch import Dispatch
from bot.errors import Refusal
from bot.flow import Flow
from bot.handlers import FLOWS
from bot.handlers.ask.conversation import typed
from bot.handlers.group.conversation import begun, put_out
from bot.handlers.home.conversation import all_said, menu
from bot.handlers.quiet.conversation import writes
from bot.runtime.identity import identity
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.runtime.service import AnyApplication, Sweep
from bot.store.database import NoKeystore, has_keys, upgrade
from bot.store.store import Store
from bot.texts import LANGUAGES, Texts
from bot.voice import House, Voice
from privacy.erasures import Journal
from privacy.keyring import Keyring
from privacy.keystore import make_good
from privacy.opening import Gate
from privacy.vault import Vault

TEMPLATES = Path(__file__).parent.parent / "templates"
COMMANDS = ("start", "help", "cancel", "settings", "privacy", "mydata", "language", "staff", "report")


class Jinlin:
    """The service of one neighbourhood, as the runtime knows it (bot.runtime.service.Service)."""

    def __init__(self, house: House, token: str) -> None:
        self.house = house
        self.runtime: Runtime
        self._token = token
        self.dispatch = Dispatch(
            FLOWS,
            home=menu,
            unasked=typed,
            all_said=all_said,
            wake=self._wake,
            quiet=writes,
            begun_in=begun,
            put_out=put_out,
        )
        self.guards: Mapping[str, Callable[[Session, str], bool]] = {
            "open": _still_open,
            "claim": _still_claimed,
            "time": _still_to_come,
        }
        self.sweeps: Sequence[Sweep] = [
            self._swept(flow, sweep)
            for flow in FLOWS
            for sweep in flow.sweeps
            if house.notice_chat or not sweep.posts
        ]

    def build(
        self, request: BaseRequest, persistence: BasePersistence[object, object, object]
    ) -> AnyApplication:
        builder = Application.builder().token(self._token).request(request).get_updates_request(request)
        builder = builder.context_types(ContextTypes(context=Context))
        application = builder.persistence(persistence).updater(None).job_queue(None).build()
        application.bot_data["house"] = self.house
        self.dispatch.install(application)
        return application

    async def refused(self, application: AnyApplication, update: Update, refusal: Refusal) -> None:
        context = await self._context(application, update)
        await self.dispatch.refused(context, refusal)

    async def failed(self, application: AnyApplication, update: Update) -> None:
        context = await self._context(application, update)
        context.shown = True
        await context.say("home.trouble")

    def unreachable(self, session: Session, chat_id: int) -> None:
        person = people.find(session, chat_id)
        if person is not None:
            people.update(session, person, reachable=False)

    def migrated(self, session: Session, old: int, new: int) -> None:
        groups.moved(session, old, new)

    def repeated(self, html: str, reference: str) -> str:
        marks = [
            self.house.texts.render("home.repeated", language=language, reference=reference).html
            for language in LANGUAGES  # whose message it was is not known any more
        ]
        return "\n".join([html, *marks])

    def faded(self) -> str:
        render = self.house.texts.render
        return "\n".join(render("home.faded", language=language).html for language in LANGUAGES)

    async def introduce(self) -> None:
        """Commands and descriptions in both languages, as Telegram shows them before the first word."""
        async with self.house.store.transaction() as session:
            self.house.local.calendar.keep(days.every(session))  # another process may have led until now
        call, line = self.runtime.wire.call, self.house.texts.line
        for language in LANGUAGES:
            code = {"language_code": "" if language == "zh" else language}
            commands = [
                {"command": name, "description": line(f"about.{name}", language)} for name in COMMANDS
            ]
            scope = {"type": "all_private_chats"}
            await call("setMyCommands", {"commands": commands, "scope": scope, **code})
            await call("setMyDescription", {"description": line("about.description", language), **code})
            await call("setMyShortDescription", {"short_description": line("about.short", language), **code})

    async def _context(self, application: AnyApplication, update: Update) -> Context:
        context = Context.from_update(update, application)
        await context.refresh_data()
        return context

    def _wake(self, session: Session, chat_id: int) -> None:
        self.runtime.wake(session, chat_id)

    def _swept(self, flow: Flow, sweep: flow_.Sweep) -> Sweep:
        async def one(bot: Bot, item: str) -> None:
            await sweep.one(Voice(self.house, bot), item)

        return Sweep(f"{flow.name}.{sweep.one.__name__}", sweep.due, one)


def _still_open(session: Session, case_id: str) -> bool:
    case = cases.get(session, case_id)
    return case is not None and case.state in (State.OPEN, State.NOBODY)


def _still_claimed(session: Session, claim_id: str) -> bool:
    claim = record.get(session, Claim, claim_id)
    if claim is None or claim.state != ClaimState.CONFIRMED:
        return False
    case = cases.get(session, claim.case_id)
    return case is not None and case.state == State.ENGAGED


def _still_to_come(session: Session, time_id: str) -> bool:
    time = mediation_times.get(session, time_id)
    return time is not None and time.at > now_of(session)


__all__ = ["Jinlin", "compose", "open_store"]


def open_store(
    url: str, keyring: Keyring, clock: Clock, *, journal: Journal | None = None
) -> tuple[Store, Vault]:
    """The databases, brought up to date, with the vault over both; what was erased is made sure of first.

    Raises NoKeystore and JournalError.
    """
    upgrade(url)
    store = Store(url, clock, journal=journal)
    try:
        if not has_keys(store.keys):
            raise NoKeystore
        make_good(store.engine, store.keys, journal, store.today())
        store.vault = Vault(keyring, store.keystore, database=identity(store.engine))
        store.gate = Gate(store.vault, Neighbourhood(), clock.now)
    except BaseException:
        store.close()
        raise
    return store, store.vault


def compose(
    store: Store,
    clock: Clock,
    transport: BaseRequest,
    settings: RuntimeSettings,
    *,
    community: Path | None = None,
    notice_chat: str = "",
) -> tuple[Jinlin, Runtime]:
    """Everything together, ready to run."""
    local = Local.load(community)
    store.communities = local.community_by_area
    with Session(store.engine) as session:
        local.calendar.keep(days.every(session))
    house = House(store, clock, Texts.load(TEMPLATES, local, clock), local, notice_chat)
    service = Jinlin(house, settings.token)
    service.runtime = Runtime(store, store.vault, clock, transport, service, settings)
    return service, service.runtime
