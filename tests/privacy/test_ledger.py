"""Every line is bound to the one before; what was posted of them holds, and nothing can be changed unseen."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from bot.store.database import connect
from privacy import chain, check, consent, ledger
from privacy.ledger import ConsentEvent, LedgerNote
from privacy.purposes import purposes

MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LINE = {
    "notice_version": 1,
    "person_id": "p1",
    "purpose": "pool",
    "scope": "",
    "status": "given",
    "by": "self",
    "by_id": "",
    "language": "zh",
    "way": "telegram",
    "at": "2026-03-02T12:00:00.000000Z",
    "until": None,
}
# RFC 6962 trees over these leaves, as Certificate Transparency's reference implementation tests them.
LEAVES = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = connect(database_url)
    with Session(engine) as session:
        yield session
        session.rollback()
    engine.dispose()


def say(session: Session, given: bool = True, who: str = "p1", at: datetime = MONDAY) -> int:
    return consent.record(session, person_id=who, purpose="pool", given=given, at=at, language="zh")


def exported(session: Session) -> list[str]:
    return [line.rstrip("\n") for line in ledger.export(session)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_root_is_that_of_certificate_transparency(size: int) -> None:
    assert chain.root(LEAVES[:size]) == ROOTS[size - 1]


def test_the_root_of_nothing() -> None:
    assert chain.root([]) == hashlib.sha256(b"").hexdigest()


def test_a_hash_can_be_worked_out_by_hand() -> None:
    """Frozen: should this ever fail, the ledgers that are out there no longer check."""
    line = {**LINE, "id": 7}
    words = [
        "jinlin-ledger-1",
        chain.START,
        "7",
        "1",
        "p1",
        "pool",
        "",
        "given",
        "self",
        "",
        "zh",
        "telegram",
    ]
    words += ["2026-03-02T12:00:00.000000Z", ""]
    by_hand = b"".join(bytes((0, 0, 0, len(word))) + word.encode() for word in words)
    assert chain.digest(line, chain.START) == hashlib.sha256(by_hand).hexdigest()
    assert (
        chain.digest(line, chain.START) == "2a3186e90bd2aefdb64c98eff6f9bf432a8c3f253a041084d041858ec15b5675"
    )


@given(
    st.lists(st.text(max_size=3), min_size=10, max_size=10),
    st.lists(st.text(max_size=3), min_size=10, max_size=10),
)
def test_two_different_lines_never_have_one_hash(one: list[str], other: list[str]) -> None:
    numbers = {"id": 1, "notice_version": 1}
    first, second = (
        chain.digest({**numbers, **dict(zip(chain.TEXTS, words, strict=True))}, chain.START)
        for words in (one, other)
    )
    assert (first == second) is (one == other)


def test_each_line_follows_the_one_before(session: Session) -> None:
    assert [say(session), say(session, False), say(session, who="p2")] == [1, 2, 3]
    lines = [json.loads(line) for line in exported(session)]
    assert [line["prev"] for line in lines] == [chain.START, lines[0]["hash"], lines[1]["hash"]]
    assert check.wrong(exported(session), []) == []


def test_what_is_exported_is_ids_and_codes(session: Session) -> None:
    say(session, at=MONDAY.astimezone(timezone(timedelta(hours=8))))
    (line,) = (json.loads(line) for line in exported(session))
    line.pop("hash")
    assert line == {**LINE, "notice_version": purposes()["pool"].notice, "id": 1, "prev": chain.START}


def test_the_first_word_of_a_new_day_keeps_a_note_of_the_day_before(session: Session) -> None:
    say(session)
    say(session, False)
    assert ledger.notes(session) == []
    say(session, at=MONDAY + 3 * DAY)
    say(session, False, at=MONDAY + 3 * DAY)
    (note,) = ledger.notes(session)
    hashes = [json.loads(line)["hash"] for line in exported(session)]
    assert note.posted() == f"jinlin-ledger 2026-03-02 lines=2 root={chain.root(hashes[:2])}"
    assert len(note.posted()) < 120
    assert check.wrong(exported(session), check.read(note.posted())) == []


def test_a_note_is_there_on_demand_and_only_once(session: Session) -> None:
    assert (
        ledger.note(session, at=MONDAY).posted().startswith("jinlin-ledger 2026-03-02 lines=0 root=e3b0c442")
    )
    say(session)
    wanted = ledger.note(session, at=MONDAY)
    assert ledger.note(session, at=MONDAY).posted() == wanted.posted()
    say(session, at=MONDAY + DAY)
    assert [(note.day, note.lines) for note in ledger.notes(session)] == [
        ("2026-03-02", 0),
        ("2026-03-02", 1),
    ]


def test_a_day_ends_at_midnight_utc_and_a_clock_gone_back_ends_none(session: Session) -> None:
    late = datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)
    say(session, at=late)
    say(session, False, at=late - DAY)
    assert ledger.notes(session) == []
    say(session, at=late + timedelta(seconds=1))
    assert [(note.day, note.lines) for note in ledger.notes(session)] == [("2026-03-01", 2)]


def test_what_is_rolled_back_leaves_no_gap(session: Session) -> None:
    say(session)
    session.commit()
    say(session, False)
    session.rollback()
    assert say(session, False) == 2
    assert check.wrong(exported(session), []) == []


@pytest.mark.parametrize("record", [ConsentEvent, LedgerNote])
def test_neither_lines_nor_notes_are_changed_or_deleted(session: Session, record: type) -> None:
    say(session)
    ledger.note(session, at=MONDAY)
    session.commit()
    for change in ("status" if record is ConsentEvent else "root", None):
        line = session.exec(sa.select(record)).scalars().one()
        if change:
            setattr(line, change, "x")
        else:
            session.delete(line)
        with pytest.raises(TypeError, match="never changed"):
            session.flush()
        session.rollback()


def test_a_line_is_not_replaced_and_none_follows_the_same_one_twice(session: Session) -> None:
    say(session)
    say(session, False)
    session.commit()
    first = session.connection().execute(sa.select(ledger.LINES)).mappings().first()
    forged = {**first, "status": "refused"}
    insert = sa.insert(ledger.LINES)
    if session.connection().dialect.name == "sqlite":
        insert = insert.prefix_with("OR REPLACE")
    for attempt in (forged, {**forged, "id": 9}):
        with pytest.raises(sa.exc.DBAPIError, match=r"append-only|duplicate key"):
            session.connection().execute(insert, attempt)
        session.rollback()
    assert [json.loads(line)["status"] for line in exported(session)] == ["given", "withdrawn"]
