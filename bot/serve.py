"""Running on Telegram, and what the person who runs it asks of it."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import shutil
import signal
import sqlite3
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy import select as sa_select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select
from telegram.error import InvalidToken, TelegramError
from telegram.request import BaseRequest

from bot.app import Jinlin, compose, open_store
from bot.backup import BackupRefused, back_up
from bot.backup import restore as put_back
from bot.clock import Clock, SystemClock
from bot.community import copying, ledgers, staff
from bot.community.people import NOBODY, Person
from bot.community.staff import Role
from bot.data import Local, WrongData
from bot.handlers.ledgers import service as tables
from bot.runtime.identity import identity
from bot.runtime.runtime import Runtime, RuntimeSettings
from bot.runtime.transport import AiohttpRequest
from bot.runtime.wire import Wire
from bot.settings import Settings, SettingsWrong
from bot.store.database import NoKeystore, connect, connect_keys, is_current, keys_path
from bot.store.leader import LeadershipLost
from bot.store.store import Store
from privacy import archive, rotation, sources
from privacy import ledger as consents
from privacy.erasures import BACKUPS_LIVE, Journal, JournalError
from privacy.keyring import Keyring, KeyringError
from privacy.keystore import KEYS
from privacy.vault import SealBroken, Vault

NO_SUCH_BOT = "TELEGRAM_BOT_TOKEN: Telegram does not know this token; copy the whole of it from @BotFather"
CLOCK_OFF = 30.0  # seconds
HOLIDAYS_LEFT = timedelta(weeks=8)  # known for less than that: time to look them up
DISK_LOW = 200 * 2**20  # bytes

_log = logging.getLogger(__name__)


@asynccontextmanager
async def opened(
    settings: Settings, token: str, clock: Clock, transport: BaseRequest, *, make: bool = True
) -> AsyncIterator[tuple[Store, Jinlin, Runtime]]:
    """Everything built as the settings say, and closed again; with `make` False nothing is made that is not there.

    Raises SettingsWrong, and KeyringError when keys and database do not fit.
    """
    store, vault = _store(settings, clock, make=make)
    try:
        with _database_told():
            async with store.transaction():
                vault.check()
        how = RuntimeSettings(
            token, settings.telegram_api_url, probe=settings.edit_probe, limits=settings.send_limits
        )
        try:
            service, runtime = compose(
                store,
                clock,
                transport,
                how,
                community=settings.community_folder,
                notice_chat=settings.notice_chat,
            )
        except WrongData as error:
            raise SettingsWrong(f"COMMUNITY_FOLDER: {error}") from None
        yield store, service, runtime
    finally:
        store.close()


def _store(settings: Settings, clock: Clock, *, make: bool) -> tuple[Store, Vault]:
    keyring = _keyring(settings, make=make)
    with _database_told():
        if not make:
            _expect(settings.database_url)
        journal = Journal(settings.erasures_file)
        return open_store(settings.database_url, keyring, clock, journal=journal)


def _keyring(settings: Settings, *, make: bool) -> Keyring:
    try:
        source = sources.source(settings.keyring_file, settings.keyring_passphrase)
        return (Keyring.load_or_create if make else Keyring.load)(source)
    except (KeyringError, OSError) as error:
        raise SettingsWrong(f"KEYRING_FILE: {error}") from None


def _expect(url: str) -> None:
    if not is_current(url):
        raise SettingsWrong(
            "DATABASE_URL: nothing was set up there by this version; mend the address, or start once"
        )


@contextmanager
def _database_told() -> Iterator[None]:
    """What goes wrong with the database, said in a sentence."""
    try:
        yield
    except JournalError as error:
        raise SettingsWrong(f"ERASURES_FILE: {error}") from None
    except NoKeystore:
        raise SettingsWrong(
            "DATABASE_URL: the keystore that belongs to it is not there; put it back (run_bot.py restore, with the keys of "
            "your last backup): without it nothing sealed can be opened"
        ) from None
    except SealBroken:
        raise SettingsWrong(
            "DATABASE_URL: database, keystore and key file do not belong together; restore those of the same day"
        ) from None
    except CommandError:
        raise SettingsWrong(
            "DATABASE_URL: a newer version set this database up; run that one, or restore an older copy"
        ) from None
    except (DBAPIError, OSError) as error:  # whose words name what is in the address
        raise SettingsWrong(
            f"DATABASE_URL: it cannot be opened ({type(error).__name__}); look whether the address, its rights and "
            "the server behind it are well"
        ) from None


async def run(settings: Settings) -> None:
    """Until a signal: serve. Raises SettingsWrong without a token."""
    if settings.left_over:
        _log.warning(settings.left_over)
    while True:
        try:
            async with opened(settings, _token(settings), SystemClock(), AiohttpRequest()) as (
                _,
                service,
                runtime,
            ):
                await lead(service, runtime)
            return
        except LeadershipLost:
            _log.warning(
                "the database session was lost; another process may lead by now, so all is built anew"
            )


async def lead(service: Jinlin, runtime: Runtime) -> None:
    """Introduce ourselves and work until Ctrl+C or a supervisor's TERM; the update in hand is finished first.

    Raises SettingsWrong when Telegram does not know the token.
    """
    loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, runtime.stop)
    introducing = asyncio.create_task(_introduce(service))
    try:
        await runtime.run()
    except InvalidToken:
        raise SettingsWrong(NO_SUCH_BOT) from None
    finally:
        introducing.cancel()
        for number in signals:
            loop.remove_signal_handler(number)


async def _introduce(service: Jinlin) -> None:
    await service.runtime.started.wait()
    try:
        await service.runtime.until_heard(service.introduce)
    except TelegramError as error:
        _log.warning("commands and descriptions were not set (%s)", type(error).__name__)


async def invite(settings: Settings, role: str = Role.STEWARD, community: str = "") -> str:
    """A one-time link for a member of staff in this role, good for a week; as steward she names the others.

    Raises SettingsWrong, ValueError for no role.
    """
    transport = AiohttpRequest()
    async with opened(settings, _token(settings), SystemClock(), transport) as (store, service, runtime):
        if community and service.house.local.community(community) is None:
            raise SettingsWrong(f"community.toml: there is no community {community}; write its code")
        await transport.initialize()
        try:
            name = (await runtime.wire.call("getMe"))["username"]
        except InvalidToken:
            raise SettingsWrong(NO_SUCH_BOT) from None
        except TelegramError as error:
            raise SettingsWrong(f"TELEGRAM_API_URL: it cannot be reached ({error}); try again") from None
        finally:
            await transport.shutdown()
        async with store.transaction() as session:
            code = staff.invite(session, Role(role), community=community)
    return f"https://t.me/{name}?start=staff-{code}"


async def replay(settings: Settings, letter: str) -> None:
    """Put a dead letter back. Raises SettingsWrong when there is none of that name."""
    clock, transport = SystemClock(), AiohttpRequest()
    async with opened(settings, _token(settings), clock, transport, make=False) as (_, _, runtime):
        try:
            await runtime.replay(letter)
        except LookupError as error:
            raise SettingsWrong(str(error)) from None


def keys(settings: Settings, *, rotate: bool) -> list[str]:
    """What the root keys wrap, after a new one took over if asked. The bot may run. Raises SettingsWrong or KeyringError."""
    keyring = _keyring(settings, make=False)
    with _database_told():
        _expect(settings.database_url)
        store = connect_keys(settings.database_url)
        try:
            lines = _rotated(keyring, settings.database_url, store) if rotate else []
            with store.begin() as connection:
                epochs = rotation.epochs(keyring, connection)
        finally:
            store.dispose()
    for kid, current, known, rows in epochs:
        what = "current" if current else "old, still needed" if rows else "old, needed by nothing"
        lines.append(f"epoch {kid}: wraps {rows} data keys ({what if known else 'NOT in the key file'})")
    if any(not epoch.known for epoch in epochs):
        lines.append("A root key is missing: restore the key file from your backup.")
    elif len(epochs) > 1:
        lines.append("A rotation was not finished: run_bot.py keys rotate goes on where it stopped.")
    return lines


def _rotated(keyring: Keyring, url: str, store: Engine) -> list[str]:
    engine = connect(url, guest=True)
    try:
        done = rotation.rotate(keyring, identity(engine), store.begin)
    except OperationalError as error:
        raise SettingsWrong(
            f"DATABASE_URL: it could not be written just now ({type(error).__name__}); nothing is lost, look at the "
            "disk and run keys rotate again: it goes on where it stopped"
        ) from None
    finally:
        engine.dispose()
    return [
        f"A new epoch was begun: {done.current}." if done.begun else "The rotation begun before is finished.",
        f"{done.rows} data keys were wrapped anew; old epochs dropped: {', '.join(sorted(done.dropped)) or 'none'}.",
        "Make a backup now (run_bot.py backup): what was backed up before opens with the old key file alone.",
        "Copy the key file to its safe place, and destroy the old copy once you need no older backup.",
    ]


def backup(settings: Settings, folder: Path) -> list[str]:
    """Write data and keystore into two sealed files; the bot may run. Raises SettingsWrong or BackupRefused."""
    keyring = _keyring(settings, make=False)
    if settings.keyring_file.resolve().is_relative_to(folder.resolve()):
        raise BackupRefused("the key file lies in this folder; a backup beside its key protects nothing")
    with _database_told():
        _expect(settings.database_url)
        journal = Journal(settings.erasures_file)
        try:
            made = back_up(settings.database_url, keyring, journal, folder, SystemClock().now().date())
        except OSError as error:
            raise BackupRefused(f"{folder}: it cannot be written ({type(error).__name__})") from None
    return [
        *(f"written: {path}" for path in made.files),
        f"files older than {BACKUPS_LIVE.days} days deleted: {made.deleted}",
        "Keep the two apart from each other and from the key file, and no copy of them for longer.",
    ]


async def restore(settings: Settings, files: list[Path], *, replace: bool) -> list[str]:
    """Put a backup back; the bot must not run. Raises SettingsWrong, BackupRefused or KeyringError."""
    keyring = _keyring(settings, make=False)
    for path in files:
        if not path.is_file():
            raise BackupRefused(f"{path}: there is no such file")
    with _database_told():
        journal = Journal(settings.erasures_file)
        gone = await put_back(settings.database_url, keyring, journal, files, SystemClock(), replace=replace)
    return [
        "Restored and tried: the keys fit, and the database is up to date.",
        f"Erased since then, and erased again: the words of {gone} people or cases.",
        "Accounts bound anew since then are at the old telephones again: bind them anew at the desk before all else.",
    ]


def ledger(settings: Settings, path: Path) -> str:
    """Write the ledger of consents into a new file, for privacy.check; returns the note to post. The bot may run.

    Raises SettingsWrong.
    """
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise SettingsWrong(f"{path}: name a file that can be made anew ({type(error).__name__})") from None
    with file, _database_told():
        _expect(settings.database_url)
        engine = connect(settings.database_url, guest=True)
        try:
            with Session(engine) as session:
                note = consents.note(session, at=SystemClock().now()).posted()
                file.writelines(consents.export(session))
                session.commit()
        finally:
            engine.dispose()
    return note


async def report(settings: Settings, path: Path, code: str = "") -> str:
    """Write the five ledgers of a month, a quarter or a year (the last month) into a new file; the bot may run.

    Raises SettingsWrong.
    """
    clock = SystemClock()
    async with opened(settings, "1:none", clock, AiohttpRequest(), make=False) as (store, service, _):
        local, texts = service.house.local, service.house.texts
        try:
            period = ledgers.Period.of(code) if code else ledgers.last_month(local, clock.now())
        except ValueError:
            raise SettingsWrong(f"{code}: write a period as 2026-10, 2026-Q4 or 2026") from None
        left = 1
        while left:
            async with store.transaction() as session:
                left = ledgers.catch_up(session, local)
        async with store.transaction() as session:
            made = tables.table(session, local, texts, period)
    try:
        with path.open("xb") as file:
            file.write(made)
    except OSError as error:
        raise SettingsWrong(f"{path}: name a file that can be made anew ({type(error).__name__})") from None
    return f"{period.code} is in {path}: a rate describes the month, it is not a goal."


def open_copy(path: Path, passphrase: str) -> str:
    """Unlock a neighbour's own copy into a folder beside it, which nobody else can read; returns where the page lies.

    Raises SettingsWrong.
    """
    folder = path.with_name(f"{path.name}-opened")
    try:
        packed = archive.unlock(path.read_bytes(), copying.as_shown(passphrase))
        folder.mkdir(mode=0o700)
        with zipfile.ZipFile(io.BytesIO(packed)) as files:
            for name in (copying.PAGE, copying.MACHINE):
                (folder / name).write_bytes(files.read(name))
    except archive.ArchiveBroken:
        raise SettingsWrong(
            f"{path.name}: the passphrase is another one (digits and dashes, as shown), or the file is not whole"
        ) from None
    except OSError as error:
        raise SettingsWrong(
            f"{path.name}: the file must be there and {folder.name} must not ({type(error).__name__})"
        ) from None
    return f"Open {folder / copying.PAGE} in a browser. Delete the folder when you have read it."


async def doctor(settings: Settings, clock: Clock | None = None) -> tuple[list[str], bool]:
    """One line for each thing that must be well, and whether all are. Makes and changes nothing."""
    clock = clock or SystemClock()
    lines: list[str] = []
    bad = 0

    def check(well: bool, what: str) -> None:
        nonlocal bad
        bad += not well
        lines.append(f"{'ok  ' if well else 'BAD '} {what}")

    token = settings.telegram_bot_token
    check(token is not None, "token" if token else "token: set TELEGRAM_BOT_TOKEN (from @BotFather)")
    transport = AiohttpRequest()
    if token is not None:
        for finding in await _telegram(settings, token, clock, transport):
            check(*finding)
    try:
        async with opened(settings, token or "1:none", clock, transport, make=False) as (
            store,
            service,
            runtime,
        ):
            lines.append(_holidays(service.house.local, clock))
            check(True, f"database {store.engine.dialect.name} {_version(store)}, keys fit it")
            keyless = await _keyless(store)
            check(
                not keyless,
                f"people whose keys are missing: {keyless}; restore a keystore as new as the data",
            )
            health = await runtime.health()
            check(health.backlog < 100, f"backlog: {health.backlog} updates, oldest {_age(health.oldest)}")
            check(health.waiting < 500, f"to send: {health.waiting}, oldest {_age(health.oldest_waiting)}")
            check(health.unreachable == 0, f"chats that refuse us: {health.unreachable}")
            check(health.alerts == 0, f"messages that went out plainly: {health.alerts} (of the last days)")
            failures = await runtime.failures()
            check(not failures, f"timed work that fails: {len(failures)}")
            lines += [f"       {one.sweep} {one.item}: {one.error}, {one.tries} times" for one in failures]
            letters = await runtime.dead_letters()
            check(not letters, f"dead letters: {len(letters)}")
            lines += [f"       {letter.name}: {letter.error} (replay {letter.name})" for letter in letters]
    except (SettingsWrong, KeyringError) as error:
        check(False, str(error))
        return lines, False
    folder = _folder(settings)
    free = shutil.disk_usage(folder).free
    check(free > DISK_LOW, f"disk: {free // 2**20} MB free in {folder}")
    if (keystore := keys_path(settings.database_url)) is not None:
        mode = keystore.stat().st_mode & 0o777
        check(mode == 0o600, f"keystore {keystore}: mode {mode:o}; only its owner may read it (chmod 600)")
    mode = settings.keyring_file.stat().st_mode & 0o777
    private = mode in (0o600, 0o400, 0o440)  # the last two as systemd lends it
    check(private, f"key file {settings.keyring_file}: mode {mode:o}; keep a copy of it elsewhere")
    return lines, not bad


async def _telegram(
    settings: Settings, token: str, clock: Clock, transport: AiohttpRequest
) -> list[tuple[bool, str]]:
    """Whether Telegram answers, and whether its clock says what ours does."""
    await transport.initialize()
    try:
        me = await Wire(transport, api_url=settings.telegram_api_url, token=token).call("getMe")
    except TelegramError as error:
        return [(False, f"Telegram: {error}")]
    finally:
        await transport.shutdown()
    found = [(True, f"Telegram answers as @{me['username']}")]
    if transport.date is not None:
        off = (clock.now() - parsedate_to_datetime(transport.date)).total_seconds()
        found.append(
            (abs(off) < CLOCK_OFF, f"clock: {off:+.0f} s beside Telegram's; let the system set it (NTP)")
        )
    return found


def _holidays(local: Local, clock: Clock) -> str:
    """What is known of holidays: due times count working time, and a day nobody entered is a working day."""
    known, today = local.calendar.known_until, clock.now().astimezone(local.tz).date()
    if known is None:
        return "note holidays: none are entered in calendar.toml; until somebody does, they count as working days"
    if known - today < HOLIDAYS_LEFT:
        return f"note holidays: known until {known}; look up the next ones and enter them in calendar.toml"
    return f"ok   holidays: known until {known}"


async def _keyless(store: Store) -> int:
    """How many people of the data have no key in the keystore, as when an older one was put beside it."""
    async with store.transaction() as session:
        everybody = set(session.exec(select(Person.id).where(Person.telegram_index != NOBODY)))
        with store.keys.connect() as connection:
            there = set(connection.execute(sa_select(KEYS.c.subject)).scalars())
    return len(everybody - there)


def _version(store: Store) -> str:
    if store.engine.dialect.name == "sqlite":
        return sqlite3.sqlite_version
    with store.engine.connect() as connection:
        return ".".join(str(part) for part in connection.dialect.server_version_info or ())


def _folder(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    return (
        Path(url.database).parent if url.get_backend_name() == "sqlite" and url.database else Path(os.curdir)
    )


def _age(seconds: float | None) -> str:
    return "none" if seconds is None else f"{seconds:.0f} s"


def _token(settings: Settings) -> str:
    if settings.telegram_bot_token is None:
        raise SettingsWrong("TELEGRAM_BOT_TOKEN: copy the token of your bot from @BotFather")
    return settings.telegram_bot_token
