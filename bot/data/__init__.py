"""What a community may change without code, read once from the TOML files here and checked."""

from bot.data.local import (
    Area,
    CodeWord,
    Hotline,
    Identifier,
    Kind,
    Level,
    Local,
    Named,
    Reason,
    WrongData,
)

__all__ = [
    "Area",
    "CodeWord",
    "Hotline",
    "Identifier",
    "Kind",
    "Level",
    "Local",
    "Named",
    "Reason",
    "WrongData",
]
