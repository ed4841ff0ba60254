"""What is set wrongly is said in a sentence that says how to mend it, never in a traceback, and never with a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import settings
from tests.service.conftest import Door

TOKEN = "1:abc-secret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BOT_TOKEN", "secret"),
        ("TELEGRAM_API_URL", "telegram.org"),
        ("DATABASE_URL", "mysql://me:secret@here/town"),
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/town"),
        ("DATABASE_URL", "sqlite:///{file}/jinlin.db"),
        ("DATABASE_URL", "sqlite:///{file}"),
        ("KEYRING_FILE", "{file}/keys.json"),
        ("KEYRING_FILE", "{folder}"),
        ("COMMUNITY_FOLDER", "{folder}/nowhere"),
        ("COMMUNITY_FOLDER", "{folder}"),
        ("SANDBOX_PORT", "0"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_wrong_setting_is_named(door: Door, tmp_path: Path, name: str, value: str) -> None:
    file = tmp_path / "file"
    file.write_text("not a database, though it is long enough to be looked at")
    code, said = door(
        "start", **{"TELEGRAM_BOT_TOKEN": TOKEN, name: value.format(file=file, folder=tmp_path)}
    )
    assert code == 1
    assert said.startswith("Cannot start.\n")
    assert f"\n{name}: " in said
    assert "secret" not in said
    assert len(said.splitlines()) == 2


def test_a_database_of_a_newer_version_is_named(door: Door, tmp_path: Path) -> None:
    code, said = door("invite", TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL="http://127.0.0.1:1")
    assert (code, "\nTELEGRAM_API_URL: " in said) == (1, True)
    engine = sa.create_engine(f"sqlite:///{tmp_path}/var/jinlin.db")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    code, said = door("start")
    assert (code, said.splitlines()[0]) == (1, "Cannot start.")
    assert "\nDATABASE_URL: " in said


@pytest.mark.parametrize("chat", ["", "-1001234567890", "-7", "@our_news"])
def test_a_chat_to_post_in_is_an_id_or_a_name(chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTICE_CHAT", chat)
    assert settings.read().notice_chat == chat


@pytest.mark.parametrize("chat", ["1001234567890", "news", "@a-b", "@", "-", "https://t.me/news"])
def test_another_chat_is_told_how_to_mend(chat: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of the settings alone, for a service that took it would start."""
    monkeypatch.setenv("NOTICE_CHAT", chat)
    with pytest.raises(settings.SettingsWrong, match=r"^NOTICE_CHAT: give the id of a channel or group"):
        settings.read()


@pytest.mark.parametrize("name", ["STAFF_CHAT", "STAFF_TOPICS"])
def test_a_group_that_was_set_is_told_how_it_is_connected_now(
    door: Door, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert settings.read().left_over == ""
    monkeypatch.setenv(name, "-1001234567890")
    assert "a steward connects" in settings.read().left_over
    door("start", TELEGRAM_BOT_TOKEN=TOKEN, COMMUNITY_FOLDER="nowhere", **{name: "-1001234567890"})
    assert "STAFF_CHAT, STAFF_TOPICS: not read any more" in caplog.text


def test_without_a_token_nobody_is_invited(door: Door) -> None:
    code, said = door("invite")
    assert code == 1
    assert "TELEGRAM_BOT_TOKEN: " in said


def test_nobody_is_invited_to_what_there_is_not(door: Door) -> None:
    code, said = door("invite", "moderator", "east", TELEGRAM_BOT_TOKEN=TOKEN)
    assert (code, "there is no community east" in said) == (1, True)
    assert door("invite", "king", TELEGRAM_BOT_TOKEN=TOKEN)[0] == 2
