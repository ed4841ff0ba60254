"""What the person who runs this may set, read once from the environment and checked with a sentence that says how to mend it."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from privacy.sources import LEAST

LEFT_OVER = "STAFF_CHAT, STAFF_TOPICS: not read any more; a steward connects the staff's group in her own chat (/roles)"


class SettingsWrong(Exception):
    """A setting cannot be used; the message names it and says how to mend it."""


class Settings(BaseSettings):
    """All of it. Defaults fit a small server and the sandbox."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    telegram_bot_token: str | None = Field(default=None, repr=False)
    telegram_api_url: str = "https://api.telegram.org"
    database_url: str = "sqlite:///var/jinlin.db"
    keyring_file: Path = Path("var/keys.json")
    erasures_file: Path = Path("var/erased")
    keyring_passphrase: str | None = Field(default=None, repr=False)
    community_folder: Path | None = None
    sandbox_port: int = Field(default=8765, ge=1, le=65535)
    notice_chat: str = ""
    staff_chat: str = ""
    staff_topics: str = ""
    edit_probe: bool = False
    send_limits: bool = True
    log_level: str = "INFO"

    @field_validator("telegram_bot_token")
    @classmethod
    def _token(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"\d{1,20}:[\w-]{3,64}", value):
            raise ValueError("copy the whole token from @BotFather, like 123456:ABC-def")
        return value or None

    @field_validator("keyring_passphrase")
    @classmethod
    def _passphrase(cls, value: str | None) -> str | None:
        if value and len(value) < LEAST:
            raise ValueError(f"choose one of {LEAST} characters or more; four random words are good")
        return value or None

    @property
    def left_over(self) -> str:
        """What is set and does nothing any more, in a sentence that says how it is done now; empty where nothing is."""
        return LEFT_OVER if self.staff_chat or self.staff_topics else ""

    @field_validator("notice_chat")
    @classmethod
    def _notice_chat(cls, value: str) -> str:
        if value and not re.fullmatch(r"-\d{1,20}|@[A-Za-z]\w{3,31}", value, re.ASCII):
            raise ValueError(
                "give the id of a channel or group, like -1001234567890, or its @name; or leave it out"
            )
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not re.match(r"https?://[^/]+", value):
            raise ValueError("give an address that begins with https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value.startswith("postgresql://"):
            value = value.replace("postgresql://", "postgresql+psycopg://", 1)
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("give sqlite:///path/to/file.db or postgresql://user:password@host/name")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()


def read() -> Settings:
    """Raises SettingsWrong. Values are never shown: one of them is a secret."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"{str(fault['loc'][0]).upper()}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors()
        ]
        raise SettingsWrong("\n".join(lines)) from None
