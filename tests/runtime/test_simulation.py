"""Two hundred seeded stories add up; and when a bug is put in, some story finds it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram.error import TelegramError, TimedOut

from bench._simulation import tell
from bot.runtime import answers, sender, sending, worker
from bot.runtime.answers import Outcome
from bot.runtime.persistence import TalkPersistence
from bot.runtime.poller import Poller
from bot.runtime.seals import Seals
from bot.runtime.sender import Sender
from bot.runtime.sending import Sending
from bot.runtime.tables import outbox
from bot.runtime.worker import Worker
from tests import databases

CHUNK = 10
SEEDS = range(0, 200, CHUNK)
ENOUGH = 25  # stories in which a seeded bug must show


def story(template: Path, folder: Path, seed: int) -> list[str]:
    return asyncio.run(tell(databases.sqlite_copy(template, folder), seed))


@pytest.mark.parametrize("first", SEEDS)
def test_stories_add_up(sqlite_template: Path, tmp_path: Path, first: int) -> None:
    for seed in range(first, first + CHUNK):
        found = story(sqlite_template, tmp_path, seed)
        assert found == [], f"seed {seed}"


# Bugs, each as small as such bugs are.


def confirm_before_commit(patch: pytest.MonkeyPatch) -> None:
    keep = Poller._keep

    async def early(self: Poller, updates: list[Any]) -> int:
        self._confirm(updates)
        await self.confirm()
        return await keep(self, updates)

    patch.setattr(Poller, "_keep", early)


def take_every_update_for_a_new_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Seals, "digest", lambda self, text: secrets.randbits(60))


def finish_in_another_transaction(patch: pytest.MonkeyPatch) -> None:
    finish, handle = Worker._finish, Worker._handle

    async def late(self: Worker, row: Any) -> bool:
        done = await handle(self, row)
        if done:
            async with self._store.transaction():
                self._store.current().connection().execute(
                    sa.text("UPDATE inbox SET state = 'done' WHERE id = :id AND state = 'new'"),
                    {"id": row.id},
                )
        return done

    def only_the_dead(self: Worker, row: Any, **values: Any) -> None:
        if values:
            finish(self, row, **values)

    patch.setattr(Worker, "_finish", only_the_dead)
    patch.setattr(Worker, "_handle", late)


def give_up_at_the_first_error(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(worker, "TRIES", 1)


def forget_where_the_talk_stands(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(TalkPersistence, "drain", TalkPersistence.forget)


def repeat_without_a_mark(patch: pytest.MonkeyPatch) -> None:
    async def nothing(self: Sending, claimed: Any, parameters: Any) -> None:
        return

    patch.setattr(Sending, "_mark", nothing)


def leave_what_was_under_way(patch: pytest.MonkeyPatch) -> None:
    async def start(self: Sender) -> None:
        return

    patch.setattr(Sender, "start", start)


def trust_what_was_under_way(patch: pytest.MonkeyPatch) -> None:
    begin = Sender.start

    async def start(self: Sender) -> None:
        await begin(self)
        async with self._store.transaction() as session:
            session.connection().execute(outbox.update().values(ambiguous=False))

    patch.setattr(Sender, "start", start)


def take_silence_for_success(patch: pytest.MonkeyPatch) -> None:
    refused = answers.refused

    def hopeful(error: TelegramError, tries: int) -> Outcome:
        return Outcome("sent") if isinstance(error, TimedOut) else refused(error, tries)

    patch.setattr(sending.answers, "refused", hopeful)


def send_the_newest_first(patch: pytest.MonkeyPatch) -> None:
    waiting = sa.and_(outbox.c.state == "pending", outbox.c.due_at <= sa.bindparam("now"))
    newest = sa.select(outbox).where(waiting).order_by(outbox.c.id.desc()).limit(sa.bindparam("most"))
    patch.setattr(sender, "_HEADS", newest)


def drop_what_the_server_failed(patch: pytest.MonkeyPatch) -> None:
    refused = answers.refused

    def hopeless(error: TelegramError, tries: int) -> Outcome:
        outcome = refused(error, tries)
        return Outcome("dead") if outcome.state == "pending" and tries > 1 else outcome

    patch.setattr(sending.answers, "refused", hopeless)


def say_nothing_of_what_was_laid_aside(patch: pytest.MonkeyPatch) -> None:
    lay_aside = Worker._lay_aside

    async def silently(self: Worker, row: Any, update: Any, values: Any) -> None:
        await lay_aside(self, row, None, values)

    patch.setattr(Worker, "_lay_aside", silently)


def say_what_was_withdrawn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sender, "_allowed", lambda self, session, guard: True)


def forget_where_messages_are(patch: pytest.MonkeyPatch) -> None:
    def never_sent(connection: Any, parameters: dict[str, str]) -> bool:
        return "message_id" not in parameters

    patch.setattr(sender.settle, "real_ids", never_sent)


def die_of_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sender, "is_trouble", lambda error: False)


BUGS = [
    confirm_before_commit,
    take_every_update_for_a_new_one,
    finish_in_another_transaction,
    give_up_at_the_first_error,
    forget_where_the_talk_stands,
    repeat_without_a_mark,
    leave_what_was_under_way,
    trust_what_was_under_way,
    take_silence_for_success,
    send_the_newest_first,
    drop_what_the_server_failed,
    say_nothing_of_what_was_laid_aside,
    say_what_was_withdrawn,
    forget_where_messages_are,
    die_of_a_full_disk,
]


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_found(
    bug: Callable[[pytest.MonkeyPatch], None],
    sqlite_template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bug(monkeypatch)
    assert any(story(sqlite_template, tmp_path, seed) for seed in range(ENOUGH)), bug.__name__
