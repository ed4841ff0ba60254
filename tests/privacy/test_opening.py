"""Words open for exactly those who may, leave one line each, and not at all where the line cannot be written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, create_engine, select

from privacy import access_log, consent
from privacy.access_log import Access
from privacy.keyring import Keyring
from privacy.keystore import MemoryKeystore
from privacy.ledger import ConsentEvent, LedgerNote
from privacy.opening import SERVICE, Closed, Gate, Reason, Words
from privacy.policy import Cell, matrix
from privacy.sealed import Place
from privacy.vault import Vault

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COLUMNS = {
    "name": ("person", "name"),
    "address": ("person", "telegram_id"),
    "story": ("case", "story"),
    "contact": ("case", "door"),
    "files": ("case", "files"),
    "sensitive": ("case", "sensitive"),
    "minor": ("case", "minor"),
    "complaint": ("complaint", "words"),
    "proposal": ("post", "words"),
    "message": ("message", "words"),
    "telephone": ("person", "phone"),
    "report": ("report", "words"),
    "report_child": ("report", "child"),
    "visitor": ("appointment", "name"),
    "reach": ("appointment", "reach"),
    "note": ("staff_note", "words"),
    "aside": ("staff_note", "aside"),
    "wording": ("mediation", "wording"),
    "settled": ("mediation", "agreement"),
    "statement": ("statement", "private"),
    "shared": ("statement", "shared"),
}
# Who sees what (domain §4.4), by hand: part → (purpose, people a day, {kind: the consent it needs}).
# The summary is for everybody on a case; name, phone and door for the engaged, for staff on need, and for the steward's rights
# requests; S2 for the engaged and for staff; a helper's name for who asked and for staff. Thanks carry a name (§4.6).
# A complaint is for its writer and the staff who answer her, a proposed post for the staff who decide.
# Who comes to a post without a telephone has no account: her name is there on her spoken word, until the time she chose.
# What somebody writes to staff is for the staff who answer; a report for who guards it, of a child only two together.
# What staff noted of her is hers to have; what speaks of others too is for the staff on that case alone.
# What a side of a mediation says is hers and the mediator's; what she shows, the other side's too; staff see two names (R33).
# A name is recognised, like an address, when somebody is looked for.
TABLE: dict[str, tuple[str, int | None, dict[str, str | None]]] = {
    "owner": ("own", None, dict.fromkeys(kind for kind in COLUMNS if kind != "aside")),
    "asked": ("ask", 30, {"story": "account"}),
    "helper": (
        "help",
        30,
        {"name": "account", "story": "account", "contact": "reveal", "sensitive": "sensitive"},
    ),
    "helped": ("finish", 30, {"name": "account", "story": "account"}),
    "thanked": ("thank", 30, {"name": "account"}),
    "asker": ("meet", 30, {"name": "account"}),
    "moderator": (
        "moderate",
        200,
        {
            "name": "account",
            "story": "account",
            "contact": "account",
            "files": "account",
            "sensitive": "sensitive",
            "minor": "guardian",
            "note": "account",
            "aside": "account",
        },
    ),
    "desk": (
        "answer",
        200,
        {
            "name": "account",
            "telephone": "account",
            "complaint": "account",
            "proposal": "account",
            "message": None,
            "visitor": None,
            "reach": None,
        },
    ),
    "colleague": ("roles", 30, {"name": "account"}),
    "post": ("receive", 30, {"name": "account", "visitor": None}),
    "guard": ("protect", 30, {"report": None, "report_child": None}),
    "convener": ("convene", 30, {"name": "account"}),
    "invited": ("invite", 30, {"wording": "mediation"}),
    "party": (
        "settle",
        30,
        {"name": "account", "wording": "mediation", "shared": "mediation", "settled": None},
    ),
    "candidate": ("declare", 30, {"name": "account"}),
    "mediator": (
        "mediate",
        30,
        {"name": "account", "wording": "mediation", "statement": "mediation", "shared": "mediation"},
    ),
    "steward": ("rights", 20, {"telephone": None, "name": None, "story": None, "contact": None}),
    "postman": ("deliver", None, {"address": None}),
    "doorkeeper": ("recognise", None, {"address": None, "name": None}),
}
SECOND = {("moderator", "minor"), ("guard", "report_child")}
SCOPED = {"reveal", "sensitive", "guardian", "mediation"}
NOBODYS = {"owner", "postman", "doorkeeper"}  # nobody stands so by the neighbourhood's word
CONSENTS = ("account", "reveal", "sensitive", "guardian", "mediation")
PURPOSES = sorted({purpose for purpose, _, _ in TABLE.values()})
_numbers = itertools.count()


def cells(table: dict[str, tuple[str, int | None, dict[str, str | None]]]) -> set[Cell]:
    return {
        Cell(part, kind, purpose, a_day, needs, (part, kind) in SECOND)
        for part, (purpose, a_day, kinds) in table.items()
        for kind, needs in kinds.items()
    }


def test_the_matrix_is_the_table_of_the_domain() -> None:
    assert set(matrix()) == cells(TABLE)


@dataclass
class Stands:
    """A neighbourhood that says what it is told to say."""

    found: frozenset[str] = frozenset()
    second: bool = False

    def parts(self, session: Session, *, reader: str, case: str | None, owner: str) -> frozenset[str]:
        return self.found

    def vouched(self, session: Session, *, reader: str, case: str) -> bool:
        return self.second


class House:
    """A database, a vault, and what else an opening needs."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://")
        for table in (ConsentEvent, LedgerNote, Access):
            table.__table__.create(self.engine)  # type: ignore[attr-defined]
        with self.engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE outbox (id TEXT)"))
            connection.execute(
                sa.text(
                    "CREATE TRIGGER broken BEFORE INSERT ON access WHEN NEW.reader_id LIKE 'broken%' "
                    "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
                )
            )
        self.vault = Vault(Keyring.ephemeral(b"town"), MemoryKeystore(), database="town-1")
        self.stands = Stands()
        self.now = NOW
        self.gate = Gate(self.vault, self.stands, lambda: self.now)

    def words(
        self,
        kind: str,
        *,
        owner: str = "mei",
        case: str | None = "c1",
        until: datetime | None = None,
        text: str = "secret",
    ) -> Words:
        table, column = COLUMNS[kind]
        place = Place(table, column, case or owner)
        subject = case or owner
        sealed = self.vault.seal(text, subject=subject, data_class="any", place=place)
        return Words(sealed, subject, "any", place, owner, case, until)

    def agree(self, session: Session, owner: str, *codes: str, case: str = "c1") -> None:
        for code in codes:
            scope = case if code in SCOPED else ""
            consent.record(session, person_id=owner, purpose=code, scope=scope, given=True, at=NOW - DAY)

    def log(self) -> list[Access]:
        with Session(self.engine) as session:
            return list(session.exec(select(Access)))


@pytest.fixture(scope="module")
def shared() -> Iterator[House]:
    house = House()
    yield house
    house.engine.dispose()


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.engine.dispose()


@dataclass(frozen=True)
class Said:
    """A consent given or refused, perhaps for a time only."""

    code: str
    given: bool
    here: bool  # for the case in question, where it is given case by case
    ends: timedelta | None


@dataclass(frozen=True)
class Try:
    """One attempt to open something."""

    kind: str
    who: str
    purpose: str | None
    parts: frozenset[str]
    second: bool
    about: str
    bound: bool
    said: tuple[Said, ...]
    kept: timedelta | None
    before: dict[str, int]  # by part: so many short of a full day
    known: bool
    lately: bool


_SAID = st.builds(
    Said,
    code=st.sampled_from(CONSENTS),
    given=st.sampled_from((True, True, True, False)),
    here=st.sampled_from((True, True, True, False)),
    ends=st.sampled_from((None, None, HOUR, 3 * DAY)),
)
_TRY = st.builds(
    Try,
    kind=st.sampled_from(sorted(COLUMNS)),
    who=st.sampled_from(("other", "other", "other", "other", "owner", SERVICE, "nobody")),
    purpose=st.sampled_from((None, None, *PURPOSES)),
    parts=st.frozensets(st.sampled_from(sorted(TABLE)), max_size=4),
    second=st.booleans(),
    about=st.sampled_from(("case", "case", "case", "another", "none")),
    bound=st.booleans(),
    said=st.lists(_SAID, max_size=8).map(tuple),
    kept=st.sampled_from((None, HOUR, timedelta(seconds=1), timedelta(), -HOUR)),
    before=st.dictionaries(st.sampled_from(sorted(TABLE)), st.sampled_from((0, 0, 1)), max_size=3),
    known=st.booleans(),
    lately=st.booleans(),
)


def expected(one: Try) -> set[str]:
    """The parts by which it opens, as the table has it."""
    if one.who == "owner":
        stands: set[str] = {"owner"}
    elif one.who == SERVICE:
        stands = {"postman", "doorkeeper"}
    else:
        stands = set(one.parts) - NOBODYS
        if one.who == "nobody" or (one.bound and one.about != "case"):
            stands = set()
    live: dict[tuple[str, bool], bool] = {}
    for said in one.said:
        live[said.code, said.here or said.code not in SCOPED] = said.given and said.ends != HOUR
    opens = set()
    for part in stands:
        purpose, a_day, kinds = TABLE[part]
        if one.kind not in kinds or one.purpose not in (None, purpose):
            continue
        needs = kinds[one.kind]
        agreed = needs is None or live.get((needs, True), False)
        if needs in SCOPED and one.about != "case":
            agreed = needs is not None and one.about == "another" and live.get((needs, False), False)
        second = (part, one.kind) not in SECOND or (one.second and one.about != "none")
        kept = one.kept is None or one.kept > timedelta()
        full = a_day is not None and one.lately and one.before.get(part) == 0 and not one.known
        if agreed and second and kept and not full:
            opens.add(part)
    return opens


def attempt(house: House, one: Try, *, broken: bool) -> tuple[bool, list[Access], int, bool]:
    """Whether it opened, the lines it left, the messages that went out, and whether it was committed."""
    number = next(_numbers)
    owner, case, another = f"mei{number}", f"c{number}", f"d{number}"
    other = f"broken{number}" if broken else f"zhao{number}"
    reader = {"other": other, "owner": owner, "nobody": ""}.get(one.who, one.who)
    about = {"case": case, "another": another, "none": None}[one.about]
    house.stands.found, house.stands.second = one.parts, one.second
    kept = None if one.kept is None else NOW + one.kept
    words = house.words(one.kind, owner=owner, case=case if one.bound else None, until=kept)
    with Session(house.engine) as session:
        _before(session, one, owner, case, another)
        _read_already(session, one, owner, reader)
        session.commit()
    opened = committed = False
    with Session(house.engine) as session:
        try:
            for _ in range(2):  # the same opening twice in a transaction is one line
                plain = house.gate.open(session, words, reader=reader, purpose=one.purpose, case=about)
                assert plain == "secret"
            session.connection().execute(sa.text("INSERT INTO outbox VALUES (:id)"), {"id": owner})
            opened = True
            session.commit()
            committed = True
        except (Closed, sa.exc.DBAPIError):
            session.rollback()
    with Session(house.engine) as session:
        lines = [line for line in access_log.of(session, owner) if line.at == NOW]
        out = session.execute(
            sa.text("SELECT count(*) FROM outbox WHERE id = :id"), {"id": owner}
        ).scalar_one()
    return opened, lines, out, committed


def _before(session: Session, one: Try, owner: str, case: str, another: str) -> None:
    for said in one.said:
        scope = (case if said.here else another) if said.code in SCOPED else ""
        ends = NOW - DAY + said.ends if said.given and said.ends is not None else None
        consent.record(
            session,
            person_id=owner,
            purpose=said.code,
            scope=scope,
            given=said.given,
            at=NOW - DAY,
            until=ends,
        )


def _read_already(session: Session, one: Try, owner: str, reader: str) -> None:
    """What the reader has read in the last day, or a moment before it."""
    at = NOW - DAY + timedelta(seconds=0 if one.lately else -1)
    for part, short in one.before.items():
        limit = TABLE[part][1]
        if limit is None:
            continue
        owners = [f"neighbour{n}" for n in range(limit - short)]
        if one.known:
            owners[-1] = owner
        access_log.write(session, [_line(at, who, reader, part) for who in owners])


def _line(at: datetime, owner: str, reader: str, part: str) -> dict[str, object]:
    return {
        "at": at,
        "owner_id": owner,
        "reader_id": "zhao" if reader.startswith("broken") else reader,
        "part": part,
        "purpose": TABLE[part][0],
        "kind": "story",
        "case_id": "",
    }


@settings(max_examples=600, deadline=None)
@given(one=_TRY)
def test_exactly_the_allowed_cells_open_with_one_line_each(shared: House, one: Try) -> None:
    may = expected(one)
    opened, lines, out, committed = attempt(shared, one, broken=False)
    assert opened is committed is bool(may)
    assert out == bool(may)
    read = may - NOBODYS
    assert len(lines) == bool(read)
    for line in lines:
        assert line.part in read
        assert (line.purpose, line.kind) == (TABLE[line.part][0], one.kind)
        assert (line.case_id == "") is (one.about == "none")


@settings(max_examples=200, deadline=None)
@given(one=_TRY.map(lambda one: replace(one, who="other", before={})))
def test_nothing_goes_out_when_the_line_cannot_be_written(shared: House, one: Try) -> None:
    opened, lines, out, committed = attempt(shared, one, broken=True)
    assert opened is bool(expected(one))
    assert (lines, out, committed) == ([], 0, False)


@pytest.mark.parametrize("cell", sorted(cells(TABLE), key=lambda cell: (cell.part, cell.kind)))
def test_every_cell_opens_when_everything_is_as_it_should_be(house: House, cell: Cell) -> None:
    """Otherwise a gate that never opens would pass for a careful one."""
    reader = {"owner": "mei", "postman": SERVICE, "doorkeeper": SERVICE}.get(cell.part, "zhao")
    house.stands.found, house.stands.second = frozenset({cell.part}), True
    words = house.words(cell.kind, until=NOW + HOUR)
    with Session(house.engine) as session:
        house.agree(session, "mei", *([cell.consent] if cell.consent else []))
        opened = house.gate.open(session, words, reader=reader, purpose=cell.purpose, case="c1")
        assert opened == "secret"
        session.commit()
    assert [(line.reader_id, line.part, line.kind) for line in house.log()] == (
        [("zhao", cell.part, cell.kind)] if cell.logged else []
    )


def refused(house: House, words: Words, **how: object) -> Reason:
    with Session(house.engine) as session, pytest.raises(Closed) as closed:
        house.gate.open(session, words, **{"reader": "zhao", "case": "c1", **how})  # type: ignore[arg-type]
    assert "secret" not in repr(closed.value)
    return closed.value.reason


def test_a_refusal_says_why_and_no_word(house: House) -> None:
    assert refused(house, house.words("name"), purpose="advertise") is Reason.CELL
    assert refused(house, house.words("name")) is Reason.CASE
    house.stands.found = frozenset({"moderator"})
    assert refused(house, house.words("address")) is Reason.CELL
    assert refused(house, house.words("story")) is Reason.CONSENT
    assert refused(house, house.words("story"), case="c2") is Reason.CASE
    with Session(house.engine) as session:
        house.agree(session, "mei", "account", "guardian")
        access_log.write(session, [_line(NOW - HOUR, f"n{n}", "zhao", "moderator") for n in range(200)])
        session.commit()
    assert refused(house, house.words("minor")) is Reason.SECOND
    assert refused(house, house.words("story", until=NOW)) is Reason.KEPT
    assert refused(house, house.words("story")) is Reason.BUDGET
    house.vault.forget("c1")
    with Session(house.engine) as session:
        session.execute(sa.delete(Access))
        session.commit()
    gone = house.words("story")
    house.vault.forget("c1")
    assert refused(house, gone) is Reason.GONE
    assert house.log() == []


def test_unopened_words_show_nothing(house: House) -> None:
    words = house.words("story")
    shown = f"{words} {words!r} {words!s} {[words]}"
    assert shown == "Words(…) Words(…) Words(…) [Words(…)]"


def test_where_there_is_nothing_there_is_nothing_to_refuse_or_note(house: House) -> None:
    with Session(house.engine) as session:
        words = replace(house.words("story"), sealed=None)
        assert house.gate.open(session, words, reader="zhao", case="c1") is None
        session.commit()
    assert house.log() == []


def test_a_column_nobody_declared_does_not_open(house: House) -> None:
    words = replace(house.words("story"), place=Place("case", "diary", "c1"))
    with Session(house.engine) as session, pytest.raises(KeyError):
        house.gate.open(session, words, reader="mei")


def test_asking_whether_leaves_no_line(house: House) -> None:
    house.stands.found = frozenset({"moderator"})
    with Session(house.engine) as session:
        house.agree(session, "mei", "account")
        assert (
            house.gate.allows(session, house.words("story"), reader="zhao", case="c1").purpose == "moderate"
        )
        session.commit()
    assert house.log() == []


def test_a_consent_taken_back_closes_at_once_in_the_same_transaction(house: House) -> None:
    house.stands.found = frozenset({"helper"})
    words = house.words("contact")
    with Session(house.engine) as session:
        house.agree(session, "mei", "reveal")
        assert house.gate.open(session, words, reader="zhao", case="c1") == "secret"
        consent.withdraw(session, person_id="mei", purpose="reveal", scope="c1", at=NOW)
        with pytest.raises(Closed):
            house.gate.open(session, words, reader="zhao", case="c1")


def test_the_budget_counts_what_the_transaction_itself_has_opened(house: House) -> None:
    house.stands.found = frozenset({"steward"})
    with Session(house.engine) as session:
        for number in range(20):
            words = house.words("name", owner=f"n{number}", case=None)
            assert house.gate.open(session, words, reader="zhao") == "secret"
        with pytest.raises(Closed, match="budget"):
            house.gate.open(session, house.words("name", owner="n20", case=None), reader="zhao")
        again = house.words("story", owner="n19", case=None)
        assert house.gate.open(session, again, reader="zhao") == "secret"
        session.commit()
    assert len(house.log()) == 21


def test_lines_of_a_transaction_that_came_to_nothing_are_not_written_by_the_next(house: House) -> None:
    house.stands.found = frozenset({"steward"})
    with Session(house.engine) as session:
        house.gate.open(session, house.words("name"), reader="zhao", case="c1")
        session.rollback()
        session.connection()
        session.commit()
    assert house.log() == []


def test_what_one_message_shows_was_opened_at_one_moment(house: House) -> None:
    house.stands.found = frozenset({"steward"})
    with Session(house.engine) as session:
        for kind in ("name", "story"):
            house.gate.open(session, house.words(kind), reader="zhao", case="c1")
            house.now += timedelta(microseconds=7)
        session.commit()
    assert [line.at for line in house.log()] == [NOW, NOW]


def test_a_savepoint_taken_back_takes_no_line_with_it(house: House) -> None:
    house.stands.found = frozenset({"steward"})
    with Session(house.engine) as session:
        session.connection().exec_driver_sql("BEGIN")
        outer = session.begin_nested()
        with session.begin_nested():
            house.gate.open(session, house.words("name"), reader="zhao", case="c1")
        outer.rollback()
        session.commit()
    assert len(house.log()) == 1


def test_one_question_for_the_budget_and_one_for_a_consent_in_a_transaction(house: House) -> None:
    house.stands.found = frozenset({"moderator"})
    asked: list[str] = []
    with Session(house.engine) as session:
        house.agree(session, "mei", "account")
        session.commit()
        sa.event.listen(house.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
        for kind in ("name", "story", "files", "contact"):
            house.gate.open(session, house.words(kind), reader="zhao", case="c1")
        session.commit()
    assert [statement.split()[0] for statement in asked] == ["SELECT", "SELECT", "INSERT"]
