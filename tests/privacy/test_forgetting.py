"""Three years after it has ended, nothing is left of a line but its seal; not a day sooner, and nothing that lives."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from bot.store.database import connect
from privacy import chain, check, consent, forgetting, ledger
from privacy.chain import FORGOTTEN, KEPT
from privacy.consent import By, Status
from privacy.receipt import Controller, receipt

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
EMPTIED = {**FORGOTTEN, "at": None}


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    engine = connect(database_url)
    with Session(engine) as session:
        yield session
        session.rollback()
    engine.dispose()


def say(session: Session, given: bool, day: float = 0, who: str = "mei", **more: object) -> int:
    at = START + day * DAY
    return consent.record(session, person_id=who, purpose="pool", given=given, at=at, language="zh", **more)  # type: ignore[arg-type]


def exported(session: Session) -> list[str]:
    return [line.rstrip("\n") for line in ledger.export(session)]


def left(session: Session) -> list[int]:
    """The numbers of the lines that still say something."""
    lines = [json.loads(line) for line in exported(session)]
    return [line["id"] for line in lines if not chain.is_forgotten(line)]


def forget(session: Session, day: float, *, short: timedelta = timedelta()) -> list[int]:
    """What is left when so many days have gone by, and somebody else has just said something."""
    say(session, True, day - short / DAY, "wu")
    forgetting.forget(session, START + day * DAY - short)
    return left(session)


def words(session: Session, number: int) -> dict[str, object]:
    row = session.connection().execute(sa.select(ledger.LINES).where(ledger.LINES.c.id == number)).one()
    return dict(row._mapping)


def test_of_a_line_past_its_time_its_seal_is_left(session: Session) -> None:
    consent.record(
        session,
        person_id="mei",
        purpose="reveal",
        scope="c1",
        given=False,
        at=START,
        language="zh",
        way="counter",
        by=By.PROXY,
        by_id="zhao",
    )
    before = words(session, 1)
    assert forget(session, KEPT.days, short=SECOND) == [1, 2]
    assert words(session, 1) == before
    forgetting.forget(session, START + 2 * KEPT)  # by the clock alone, nothing
    assert words(session, 1) == before
    say(session, False, KEPT.days)
    forgetting.forget(session, START + KEPT - SECOND)
    assert words(session, 1) == before
    forgetting.forget(session, START + KEPT)
    kept = {name: before[name] for name in ("id", "prev", "hash")}
    assert words(session, 1) == {**kept, **EMPTIED}
    assert left(session) == [2, 3]


def test_a_yes_that_lives_stays_however_old(session: Session) -> None:
    say(session, True)
    assert forget(session, 10 * KEPT.days) == [1, 2]
    assert consent.is_live(session, person_id="mei", purpose="pool", at=START + 10 * KEPT)
    assert consent.live_among(session, purpose="pool", at=START + 10 * KEPT) == {"mei", "wu"}


def test_a_yes_is_kept_three_years_from_the_word_that_ended_it(session: Session) -> None:
    say(session, True)
    say(session, False, 400)
    assert forget(session, 400 + KEPT.days, short=SECOND) == [1, 2, 3]
    say(session, False, 400 + KEPT.days, "li")
    forgetting.forget(session, START + 400 * DAY + KEPT)
    assert left(session) == [3, 4]
    assert consent.standing(session, person_id="mei", purpose="pool", at=START + 5 * KEPT) is None
    assert consent.may_ask(session, person_id="mei", purpose="pool", at=START + 5 * KEPT)
    assert consent.history(session, person_id="mei") == []
    assert not consent.withdraw(session, person_id="mei", purpose="pool", at=START + 5 * KEPT)


def test_an_earlier_story_goes_and_the_yes_after_it_stays(session: Session) -> None:
    """The receipt of the yes tells of it alone."""
    say(session, True)
    say(session, False, 1)
    say(session, False, 2)
    say(session, True, 3)
    assert forget(session, 3 + KEPT.days) == [4, 5]
    (line,) = consent.history(session, person_id="mei")
    made = receipt(session, line, controller=Controller("n", "c", "s", "w"))
    assert [event["event_state"] for event in made["events"]] == ["given"]
    assert made["ledger"] == json.loads(exported(session)[3])
    assert consent.withdraw(session, person_id="mei", purpose="pool", at=START + 2 * KEPT)


def test_a_yes_is_ended_by_a_word_on_the_same_use_only(session: Session) -> None:
    uses = [("pool", "", True), ("telegram", "", False), ("reveal", "c1", True), ("reveal", "c2", False)]
    for purpose, scope, agreed in uses:
        consent.record(
            session, person_id="mei", purpose=purpose, scope=scope, given=agreed, at=START, language="zh"
        )
    assert forget(session, 2 * KEPT.days) == [1, 3, 5]


def test_what_was_forgotten_is_left_alone_the_next_time(session: Session) -> None:
    say(session, False)
    say(session, False, 10, "li")
    assert forget(session, KEPT.days) == [2, 3]
    say(session, True, 10 + KEPT.days, "an")
    assert forgetting.outlived(session, START + 10 * DAY + KEPT) == [2]
    assert forget(session, 10 + KEPT.days) == [3, 4, 5, 6]


def test_a_clock_that_is_behind_takes_nothing_before_its_time(session: Session) -> None:
    say(session, False)
    say(session, False, 10, "li")
    say(session, False, 10 + KEPT.days, "wu")
    forgetting.forget(session, START + 5 * DAY + KEPT)
    assert left(session) == [2, 3]


def test_a_yes_with_an_end_is_over_then(session: Session) -> None:
    say(session, True, until=START + 10 * DAY)
    assert forget(session, 10 + KEPT.days, short=SECOND) == [1, 2]
    say(session, False, 10 + KEPT.days, "li")
    forgetting.forget(session, START + 10 * DAY + KEPT)
    assert left(session) == [2, 3]


def test_a_yes_without_an_end_of_its_own_is_not_over_with_its_notice(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it lapsed nobody has written down; the next word on it ends it."""
    say(session, True)
    monkeypatch.setattr(consent._Word, "now", lambda *_: Status.SUPERSEDED)
    assert forget(session, 2 * KEPT.days) == [1, 2]


def test_behind_a_younger_line_nothing_is_forgotten(session: Session) -> None:
    """A clock was ahead and was put right: whoever checks could not see how old the next line is."""
    say(session, True)
    say(session, False, 100)
    say(session, False, 50)
    assert forget(session, 100 + KEPT.days, short=SECOND) == [1, 2, 3, 4]
    assert consent.standing(session, person_id="mei", purpose="pool", at=START + KEPT) is Status.REFUSED
    say(session, False, 101 + KEPT.days, "li")
    forgetting.forget(session, START + 101 * DAY + KEPT)
    assert left(session) == [4, 5]


def test_the_next_line_follows_and_every_note_holds(session: Session) -> None:
    for day in range(4):
        say(session, day % 2 == 0, day)
    ledger.note(session, at=START + 4 * DAY)
    notes = check.read("\n".join(note.posted() for note in ledger.notes(session)))
    assert forget(session, 1 + KEPT.days) == [3, 4, 5]
    say(session, False, 2 + KEPT.days, "li")
    assert len(notes) == 4
    assert check.wrong(exported(session), notes) == []
    assert ledger.note(session, at=START + 3 * KEPT).lines == 6


def test_nothing_is_looked_for_where_nothing_was_said(session: Session) -> None:
    assert forgetting.outlived(session, START) == []
    say(session, True)
    assert forgetting.outlived(session, START + 2 * KEPT) == []


def _emptied(session: Session, number: int, **more: object) -> None:
    """As somebody would who writes the database by hand."""
    change = sa.update(ledger.LINES).where(ledger.LINES.c.id == number).values({**EMPTIED, **more})
    session.connection().execute(change)


@pytest.fixture
def story(session: Session) -> Session:
    """Lines 1 to 3 are past their time, as 4 is, but it is a yes that lives; 5 and 6 are young."""
    say(session, True)
    say(session, False, 1)
    say(session, False, 2, "li")
    say(session, True, 3)
    say(session, True, 3, "an")
    say(session, False, 4 + KEPT.days, "an")
    say(session, False, 4 + KEPT.days, "wu")
    session.commit()
    return session


@pytest.mark.parametrize("number", [2, 4, 5, 6, 7])
def test_the_database_lets_no_other_line_be_emptied(story: Session, number: int) -> None:
    """2: the yes before it would live again. 4: it lives. 5: it ended only now. 6, 7: young."""
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        _emptied(story, number)


def test_the_database_lets_the_lines_be_emptied_in_their_order(story: Session) -> None:
    for number in (3, 1, 2):
        _emptied(story, number)
    assert left(story) == [4, 5, 6, 7]
    assert check.wrong(exported(story), []) == []


@pytest.mark.parametrize(
    "change",
    [{name: "x" * 8} for name in (*chain.TEXTS, "prev", "hash") if name not in ("at", "until")]
    + [{"at": START}, {"until": START}, {"id": 9}, {"notice_version": 1}],
    ids=lambda change: next(iter(change)),
)
def test_the_database_lets_nothing_but_the_whole_line_be_emptied(
    story: Session, change: dict[str, object]
) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        _emptied(story, 3, **change)


def test_the_database_measures_to_the_moment(session: Session) -> None:
    say(session, False)
    say(session, False, KEPT.days - 1 / 86400, "wu")
    session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        _emptied(session, 1)
    session.rollback()
    say(session, False, KEPT.days, "wu")
    _emptied(session, 1)
    assert left(session) == [2, 3]


SAYS = ("notice_version", "person_id", "purpose", "status", "by", "language", "way", "at")


@pytest.mark.parametrize("name", SAYS)
def test_the_database_lets_no_part_of_a_line_be_emptied(story: Session, name: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        _emptied(story, 3, **{name: words(story, 3)[name]})


def test_what_is_empty_is_not_filled_again(story: Session) -> None:
    before = words(story, 3)
    _emptied(story, 3)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        story.connection().execute(sa.update(ledger.LINES).where(ledger.LINES.c.id == 3).values(**before))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["mei", "wu"]),
        st.booleans(),
        st.sampled_from([1, 300, 600, 1095]),
        st.sampled_from([None, None, 1, 400]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_was_said_and_forgotten_the_last_words_stand_and_the_ledger_checks(
    sqlite_session: Session, steps: list[tuple[str, bool, int, int | None]]
) -> None:
    """Side by side with a ledger that forgets nothing: a no may turn into silence, and nothing else changes."""
    session, day, said = sqlite_session, 0, []
    for who, given_now, pause, lasts in steps:
        day += pause
        at = START + day * DAY
        until = at + lasts * DAY if given_now and lasts is not None else None
        say(session, given_now, day, who, until=until)
        live = {who: consent.is_live(session, person_id=who, purpose="pool", at=at) for who in ("mei", "wu")}
        forgetting.forget(session, at)
        said.append(at)
        for one, was in live.items():
            assert consent.is_live(session, person_id=one, purpose="pool", at=at) is was
        assert check.wrong(exported(session), []) == []
    for line in map(json.loads, exported(session)):
        if line["at"] and line["status"] != "given":
            assert line["at"] > ledger.moment(said[-1] - KEPT)
    session.rollback()


@pytest.fixture
def sqlite_session(sqlite_url: str) -> Iterator[Session]:
    engine = connect(sqlite_url)
    with Session(engine) as session:
        yield session
        session.rollback()
    engine.dispose()


def test_many_lines_are_forgotten_at_once(session: Session) -> None:
    dice = random.Random(1)
    for number in range(300):
        say(session, dice.random() < 0.6, number / 10, f"p{dice.randrange(20)}")
    forget(session, 31 + KEPT.days)
    everybody = {f"p{number}" for number in range(20)}
    stories = {who: [line.status for line in consent.history(session, person_id=who)] for who in everybody}
    assert all(story in ([], ["given"]) for story in stories.values())
    assert {who for who in everybody if stories[who]} | {"wu"} == consent.live_among(
        session, purpose="pool", at=START + 2 * KEPT
    )
    assert check.wrong(exported(session), []) == []
