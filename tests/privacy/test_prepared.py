"""A prepared statement answers, refuses and raises as SQLAlchemy's own does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ResourceClosedError, StatementError
from sqlmodel import Session

from bot.store.database import connect
from privacy.ledger import Instant
from privacy.prepared import MOST, Prepared
from privacy.sealed import Sealed, SealedBytes

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLE = sa.Table(
    "thing",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), unique=True),
    sa.Column("at", Instant),
    sa.Column("words", SealedBytes),
    sa.Column("good", sa.Boolean),
    sa.Column("kind", sa.String(8), default="plain"),
)
ADD = TABLE.insert().values(kind=sa.bindparam("kind"))
ALL = sa.select(TABLE).order_by(TABLE.c.id)
OF = sa.select(TABLE.c.name, TABLE.c.at).where(TABLE.c.id == sa.bindparam("row"))
AMONG = (
    sa.select(TABLE.c.name)
    .where(TABLE.c.name.in_(sa.bindparam("names", expanding=True)), TABLE.c.kind.in_(["a", "b"]))
    .order_by(TABLE.c.name)
)
GOOD = TABLE.update().where(TABLE.c.id == sa.bindparam("row")).values(good=True)
THINGS = [
    {"name": "one", "at": NOON, "words": Sealed(b"\x01sealed"), "good": True, "kind": "a"},
    {"name": "two", "at": NOON.astimezone(timezone(timedelta(hours=8))), "words": None, "good": False, "kind": "b"},
    {"name": "three", "at": None, "words": None, "good": None, "kind": "c"},
]  # fmt: skip


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = connect(database_url)
    with Session(engine) as session:
        TABLE.create(session.connection())
        for thing in THINGS:
            session.connection().execute(Prepared(ADD), thing)
        yield session
        session.rollback()
    engine.dispose()


def test_what_was_written_is_read_as_sqlalchemy_reads_it(session: Session) -> None:
    connection = session.connection()
    read = connection.execute(Prepared(ALL)).all()
    assert [row._asdict() for row in read] == [row._asdict() for row in connection.execute(ALL)]
    assert [row.name for row in read] == ["one", "two", "three"]
    assert read[0].at == read[1].at == NOON
    assert (read[0].words, read[0].good, read[1].good, read[2].good) == (Sealed(b"\x01sealed"), True, False, None)  # fmt: skip


def test_it_has_the_ways_of_a_result(session: Session) -> None:
    connection, of = session.connection(), Prepared(OF)
    first = connection.execute(of, {"row": 1})
    assert first.one().name == "one"
    assert connection.scalar(of, {"row": 2}) == "two"
    assert connection.execute(of, {"row": 9}).first() is None
    assert list(connection.execute(Prepared(ALL)).scalars()) == [1, 2, 3]


def test_a_list_may_be_of_any_length(session: Session) -> None:
    connection, among = session.connection(), Prepared(AMONG)
    for names, found in ((["two", "one"], ["one", "two"]), ([], []), (["three"], []), (["one"], ["one"])):
        assert list(connection.execute(among, {"names": names}).scalars()) == found
    for length in range(2 * MOST):  # more lengths than are kept
        names = ["one", *map(str, range(length))]
        assert list(connection.execute(among, {"names": names}).scalars()) == ["one"]
    assert len(among._written) <= MOST


def test_a_change_tells_how_many_rows_it_changed(session: Session) -> None:
    connection, good = session.connection(), Prepared(GOOD)
    assert connection.execute(good, {"row": 2}).rowcount == 1
    assert connection.execute(good, {"row": 9}).rowcount == 0
    connection.execute(good, [{"row": 1}, {"row": 2}, {"row": 3}])
    assert connection.scalar(sa.select(sa.func.count()).where(TABLE.c.good)) == 3


def test_a_default_and_a_row_given_back_are_still_sqlalchemys(session: Session) -> None:
    connection = session.connection()
    connection.execute(Prepared(TABLE.insert()), {"name": "four"})
    assert connection.scalar(sa.select(TABLE.c.kind).where(TABLE.c.name == "four")) == "plain"
    many = [{"name": "five", "kind": "a"}, {"name": "six", "kind": "a"}]
    assert len(connection.execute(Prepared(ADD.returning(TABLE.c.id)), many).all()) == 2


def test_what_goes_wrong_is_told_without_the_values(session: Session) -> None:
    connection = session.connection()
    with pytest.raises(IntegrityError) as twice, session.begin_nested():
        session.connection().execute(Prepared(ADD), {"name": "one", "kind": "secret"})
    assert "secret" not in str(twice.value)
    assert connection.scalar(Prepared(OF), {"row": 1}) == "one"  # the transaction goes on
    with pytest.raises(StatementError):
        connection.execute(Prepared(ADD), {"name": "plain", "words": b"not sealed", "kind": "a"})
    with pytest.raises(StatementError):
        connection.execute(Prepared(OF))


def test_a_change_has_no_rows_to_give(session: Session) -> None:
    changed = session.connection().execute(Prepared(GOOD), {"row": 1})
    with pytest.raises((ResourceClosedError, AttributeError)):
        changed.all()


def test_who_listens_hears_it(session: Session) -> None:
    heard: list[str] = []
    connection = session.connection()
    assert connection.scalar(prepared := Prepared(OF), {"row": 1}) == "one"
    sa.event.listen(connection, "before_cursor_execute", lambda *call: heard.append(call[2]))
    assert connection.scalar(prepared, {"row": 1}) == "one"
    assert len(heard) == 1


def test_outside_of_a_transaction_it_begins_one(database_url: str) -> None:
    engine = connect(database_url)
    with engine.connect() as connection:
        assert connection.scalar(Prepared(sa.select(sa.literal(1)))) == 1
        assert connection.in_transaction()
        connection.rollback()
    engine.dispose()
