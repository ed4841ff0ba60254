"""What is written when a send has ended, or is found not to be needed."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlmodel import Session

from bot.runtime import calls
from bot.runtime.answers import Outcome
from bot.runtime.seals import Seals
from bot.runtime.sending import Claimed
from bot.runtime.tables import message_map, outbox
from privacy.prepared import Prepared
from privacy.retention import rule
from privacy.vault import KeyGone, SealBroken

WAITS = rule("waiting").seconds  # so long words wait for a chat that refuses us
FADED = "faded"  # what stands as the error of a row that has lost its words
TERMINAL = frozenset({"sent", "cancelled", "expired", "dead"})
_OPEN = outbox.c.state.in_([sa.literal_column("'pending'"), sa.literal_column("'sending'")])
_BLOCKED = outbox.c.state == sa.literal_column("'blocked'")
_SENT = Prepared(
    outbox.update()
    .where(outbox.c.id == sa.bindparam("row"))
    .values(state="sent", payload=None, settled_at=sa.bindparam("now"), error=sa.bindparam("what"))
)
_REAL = Prepared(message_map.insert())
_MESSAGE = Prepared(
    sa.select(message_map.c.message_id).where(message_map.c.provisional == sa.bindparam("provisional"))
)


def count_terminal(finished: list[tuple[Claimed, Outcome]]) -> int:
    return sum(outcome.state in TERMINAL for _, outcome in finished)


def sent(session: Session, ended: list[tuple[Claimed, Outcome]], now: float) -> None:
    """The rows that were sent: they keep no words, and their messages can be found by their provisional ids."""
    connection = session.connection()
    rows = [{"row": claimed.id, "now": now, "what": outcome.error} for claimed, outcome in ended]
    messages = [
        {
            "provisional": claimed.id,
            "chat": claimed.chat,
            "message_id": outcome.message_id,
            "sent_at": now,
        }
        for claimed, outcome in ended
        if outcome.message_id is not None and claimed.gives_message
    ]
    if rows:
        connection.execute(_SENT, rows)
    if messages:
        connection.execute(_REAL, messages)


def unsent(session: Session, claimed: Claimed, outcome: Outcome, now: float) -> None:
    """The row as it stands after a send that was refused or went without an answer."""
    connection = session.connection()
    values: dict[str, Any] = {"state": outcome.state, "error": outcome.error}
    if outcome.state == "pending":
        values |= {"due_at": now + outcome.wait, "set_at": now}
        if outcome.ambiguous:
            values["ambiguous"] = True
    else:
        values["settled_at"] = now
        if outcome.state != "dead":
            values["payload"] = None
    connection.execute(outbox.update().where(outbox.c.id == claimed.id).values(**values))


def close(connection: Connection, row_id: int, state: str, error: str, now: float) -> None:
    """It will not be sent. What is dead keeps its words, for `replay`."""
    values: dict[str, Any] = {"state": state, "error": error, "settled_at": now}
    if state != "dead":
        values["payload"] = None
    connection.execute(outbox.update().where(outbox.c.id == row_id).values(**values))


def hold(session: Session, claimed: Claimed, now: float) -> None:
    """The chat refuses us: what is worth waiting waits until it comes back, the rest is dropped."""
    connection = session.connection()
    there = sa.and_(outbox.c.chat == claimed.chat, outbox.c.priority != 0)
    if claimed.kind == "keep":
        # its payload is still in hand, for a row that was refused was not sent
        connection.execute(
            outbox.update()
            .where(outbox.c.id == claimed.id)
            .values(state="blocked", settled_at=None, payload=claimed.payload)
        )
    connection.execute(outbox.update().where(_OPEN, there, outbox.c.kind == "keep").values(state="blocked"))
    connection.execute(
        outbox.update()
        .where(_OPEN, there)
        .values(state="cancelled", error="unreachable", settled_at=now, payload=None)
    )


def wake(session: Session, chat: int, now: float) -> int:
    """The chat came back. Returns how many messages go out now, as for the first time: others went before them."""
    woken = session.connection().execute(
        outbox.update()
        .where(_BLOCKED, outbox.c.chat == chat)
        .values(state="pending", tries=0, due_at=now, set_at=now)
    )
    return int(woken.rowcount)


def silence(session: Session, chat: int, now: float) -> None:
    """No message that still waits for this chat is sent; what changes or deletes an earlier one goes on."""
    session.connection().execute(
        outbox.update()
        .where(
            outbox.c.state.in_(["pending", "blocked"]),
            outbox.c.chat == chat,
            outbox.c.method.startswith("send"),
        )
        .values(state="cancelled", error="quiet", payload=None, settled_at=now)
    )


def fade(session: Session, seals: Seals, instead: str, now: float) -> None:
    """What has waited too long for a chat loses its words. A new message is dropped; what was to change an earlier one still
    waits and will say `instead` (HTML), so that a door vanishes from a chat however late its owner comes back.
    """
    connection = session.connection()
    late = sa.select(outbox.c.id, outbox.c.method, outbox.c.payload).where(
        _BLOCKED, outbox.c.created_at <= now - WAITS, sa.func.coalesce(outbox.c.error, "") != FADED
    )
    for found in connection.execute(late).all():
        if not found.method.startswith(("edit", "delete")):
            close(connection, found.id, "cancelled", "unreachable", now)
            continue
        try:
            call = seals.open(outbox.name, str(found.id), found.payload)
        except (SealBroken, KeyGone):
            close(connection, found.id, "cancelled", "unreachable", now)
            continue
        _wordless(call["parameters"], instead)
        payload = seals.close(outbox.name, str(found.id), call)
        connection.execute(
            outbox.update().where(outbox.c.id == found.id).values(error=FADED, payload=payload)
        )


def _wordless(parameters: dict[str, str], instead: str) -> None:
    for name in ("text", "caption"):
        if name in parameters:
            parameters[name] = instead
    for name in ("entities", "caption_entities", "reply_markup", "link_preview_options"):
        parameters.pop(name, None)


def move(session: Session, seals: Seals, old: int, new: int) -> None:
    """A group became a supergroup: what waits for it goes to its new id; what cannot be opened is laid aside in its turn."""
    connection = session.connection()
    waiting = sa.select(outbox.c.id, outbox.c.payload).where(
        sa.or_(_OPEN, _BLOCKED), outbox.c.chat == seals.chat(old), outbox.c.payload.is_not(None)
    )
    for found in connection.execute(waiting).all():
        try:
            call = seals.open(outbox.name, str(found.id), found.payload)
        except (SealBroken, KeyGone):
            continue
        call["chat"] = new
        call["parameters"]["chat_id"] = str(new)
        connection.execute(
            outbox.update()
            .where(outbox.c.id == found.id)
            .values(chat=seals.chat(new), payload=seals.close(outbox.name, str(found.id), call))
        )


def neighbours(connection: Connection, row: Row[Any]) -> frozenset[int] | None:
    """Ids of what else of ours came into a chat since a row was first claimed; None when not all of them are known."""
    others = (outbox.c.chat == row.chat, outbox.c.id != row.id, outbox.c.method.in_(calls.NOT_REPEATABLE))
    urgent = sa.and_(_OPEN, outbox.c.priority == 0)  # it may go out at any moment
    unclear = sa.and_(outbox.c.ambiguous, outbox.c.floor >= row.floor)  # it may lie above the floor too
    if connection.scalar(sa.select(sa.exists().where(*others, sa.or_(urgent, unclear)))):
        return None
    above = (message_map.c.chat == row.chat, message_map.c.message_id > row.floor)
    return frozenset(connection.scalars(sa.select(message_map.c.message_id).where(*above)))


def real_ids(connection: Connection, parameters: dict[str, str]) -> bool:
    """Put real message ids for provisional ones. False when the message meant was never sent."""
    if int(parameters.get("message_id", 0)) < 0:
        real = _real(connection, int(parameters["message_id"]))
        if real is None:
            return False
        parameters["message_id"] = str(real)
    if "reply_parameters" in parameters:
        reply = json.loads(parameters["reply_parameters"])
        if reply.get("message_id", 0) < 0:
            reply["message_id"] = _real(connection, reply["message_id"])
            if reply["message_id"] is None:
                del parameters["reply_parameters"]
            else:
                parameters["reply_parameters"] = json.dumps(reply)
    return True


def _real(connection: Connection, provisional: int) -> int | None:
    real: int | None = connection.scalar(_MESSAGE, {"provisional": -provisional})
    return real
