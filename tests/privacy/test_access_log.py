"""The log of who opened what: only added to, read by whom it is about, gone after three years and no sooner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from bot.store.database import connect
from privacy import access_log
from privacy.access_log import KEPT, Access
from privacy.ledger import Instant

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def line(at: datetime, owner: str = "mei", reader: str = "zhao", case: str = "c1") -> dict[str, Any]:
    return {
        "at": at,
        "owner_id": owner,
        "reader_id": reader,
        "part": "moderator",
        "purpose": "moderate",
        "kind": "story",
        "case_id": case,
    }


@pytest.fixture
def session(database_url: str):  # type: ignore[no-untyped-def]
    engine = connect(database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_she_reads_who_opened_her_words_the_newest_first(session: Session) -> None:
    access_log.write(
        session, [line(START), line(START + timedelta(hours=1), case=""), line(START, owner="wu")]
    )
    found = access_log.of(session, "mei")
    assert [(one.at, one.reader_id, one.case_id) for one in found] == [
        (START + timedelta(hours=1), "zhao", ""),
        (START, "zhao", "c1"),
    ]
    assert (found[1].part, found[1].purpose, found[1].kind) == ("moderator", "moderate", "story")


def test_whose_words_somebody_opened_since_then(session: Session) -> None:
    lines = [line(START, owner=owner) for owner in ("mei", "mei", "wu")]
    access_log.write(
        session, [*lines, line(START - timedelta(seconds=1), owner="li"), line(START, "an", "lin")]
    )
    assert access_log.seen_by(session, "zhao", since=START) == {
        ("moderator", "mei"),
        ("moderator", "wu"),
    }


def test_lines_go_after_three_years_and_not_before(session: Session) -> None:
    access_log.write(session, [line(START), line(START + timedelta(days=1)), line(START + KEPT)])
    assert not access_log.has_outlived(session, START + KEPT - timedelta(seconds=1))
    access_log.let_go(session, START + KEPT - timedelta(seconds=1))
    assert len(access_log.of(session, "mei")) == 3
    assert access_log.has_outlived(session, START + KEPT)
    access_log.let_go(session, START + KEPT)
    assert [one.at for one in access_log.of(session, "mei")] == [START + KEPT, START + timedelta(days=1)]


def test_a_clock_that_has_jumped_ahead_takes_nothing_away(session: Session) -> None:
    access_log.write(session, [line(START), line(START + timedelta(days=1))])
    assert not access_log.has_outlived(session, START + 10 * KEPT)
    access_log.let_go(session, START + 10 * KEPT)
    assert len(access_log.of(session, "mei")) == 2


def test_the_database_itself_keeps_a_line_for_three_years(session: Session) -> None:
    access_log.write(session, [line(START), line(START + KEPT - timedelta(seconds=1))])
    oldest = sa.delete(Access).where(sa.column("at") == sa.bindparam("at", START, type_=Instant))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        session.connection().execute(oldest)


@pytest.mark.parametrize("how", ["update", "delete"])
def test_a_line_is_never_changed_through_its_object(session: Session, how: str) -> None:
    access_log.write(session, [line(START)])
    (one,) = access_log.of(session, "mei")
    if how == "delete":
        session.delete(one)
    else:
        one.reader_id = "nobody"
        session.add(one)
    with pytest.raises(TypeError, match="never changed"):
        session.flush()


def test_a_line_is_not_replaced(session: Session) -> None:
    access_log.write(session, [line(START)])
    (one,) = access_log.of(session, "mei")
    verb = "INSERT OR REPLACE" if session.connection().dialect.name == "sqlite" else "INSERT"
    columns = "(id, at, owner_id, reader_id, part, purpose, kind, case_id)"
    values = f"({one.id}, CURRENT_TIMESTAMP, 'wu', 'zhao', 'moderator', 'moderate', 'story', '')"
    with pytest.raises(sa.exc.DBAPIError):
        session.connection().execute(sa.text(f"{verb} INTO access {columns} VALUES {values}"))
