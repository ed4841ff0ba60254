"""The door. With no token: the sandbox in the browser. With TELEGRAM_BOT_TOKEN: Telegram.

python run_bot.py            start
python run_bot.py doctor     is everything well?
python run_bot.py invite     a one-time link for the first of the staff, who names the others; invite ROLE [COMMUNITY]:
                             moderator, duty, supervisor, steward, mediator; the code of a community where there are several
python run_bot.py texts      the catalogs, and the preview of every message
python run_bot.py replay ID  try again what was laid aside (doctor names it)
python run_bot.py keys       the root keys, and how many data keys each wraps
python run_bot.py keys rotate    a new root key, while the bot runs if you like
python run_bot.py backup FOLDER  data and keystore, each sealed; what is older than 35 days there is deleted
python run_bot.py restore FILE…  put them back; --replace when something is there
python run_bot.py ledger FILE    the ledger of consents for privacy.check, and the line to post
python run_bot.py report FILE [2026-10]  the five ledgers of a month, a quarter (2026-Q4) or a year as a table
python run_bot.py open FILE      a neighbour's own copy, with the passphrase she was shown; needs no settings
"""

from __future__ import annotations

import asyncio
import getpass
import logging
import sys
from pathlib import Path

from bot import settings as settings_
from bot.settings import Settings, SettingsWrong
from privacy.keyring import KeyringError

ROOT = Path(__file__).parent
ROLES = ("moderator", "duty", "supervisor", "steward", "mediator")


def main() -> int:
    command, *rest = sys.argv[1:] or ["start"]
    commands = {
        "start",
        "doctor",
        "invite",
        "texts",
        "replay",
        "keys",
        "backup",
        "restore",
        "ledger",
        "report",
        "open",
    }
    files = [name for name in rest if name != "--replace"]
    wrong = {
        "invite": len(rest) > 2 or rest[:1] not in ([], *([role] for role in ROLES)),
        "keys": rest not in ([], ["rotate"]),
        "ledger": len(rest) != 1,
        "report": not 1 <= len(rest) <= 2,
        "open": len(rest) != 1,
        "backup": len(rest) != 1,
        "restore": not 1 <= len(files) <= 2 or len(rest) - len(files) > 1,
    }
    if command not in commands or wrong.get(command):
        print(__doc__)
        return 2
    try:
        if command == "open":
            from bot import serve

            print(serve.open_copy(Path(rest[0]), getpass.getpass("Passphrase: ")))
            return 0
        settings = settings_.read()
        log(settings.log_level)
        if command == "texts":
            from bot import preview

            print(preview.run(ROOT))
            return 0
        return asyncio.run(_run(command, settings, rest))
    except (SettingsWrong, KeyringError) as error:
        print(f"{'Cannot start.' if command == 'start' else 'Not done.'}\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def log(level: str) -> None:
    """Only our own loggers are talkative: others write down whole messages, which hold what people said."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger().setLevel(logging.WARNING)
    for ours in ("bot", "privacy"):
        logging.getLogger(ours).setLevel(level)


async def _run(command: str, settings: Settings, rest: list[str]) -> int:
    from bot import serve

    if command == "doctor":
        lines, well = await serve.doctor(settings)
        print("\n".join(lines))
        return 0 if well else 1
    if command == "invite":
        print(await serve.invite(settings, *rest))
        return 0
    if command == "keys":
        print("\n".join(serve.keys(settings, rotate=rest == ["rotate"])))
        return 0
    if command == "backup":
        print("\n".join(serve.backup(settings, Path(rest[0]))))
        return 0
    if command == "restore":
        files = [Path(name) for name in rest if name != "--replace"]
        print("\n".join(await serve.restore(settings, files, replace="--replace" in rest)))
        return 0
    if command == "ledger":
        print(serve.ledger(settings, Path(rest[0])))
        return 0
    if command == "report":
        print(await serve.report(settings, Path(rest[0]), *rest[1:]))
        return 0
    if command == "replay":
        await serve.replay(settings, rest[0] if rest else "")
        return 0
    if settings.telegram_bot_token is None:
        from bot.sandbox import play

        await play.run(settings, ROOT)
        return 0
    await serve.run(settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
