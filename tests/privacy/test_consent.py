"""A yes counts until a no, for one purpose, one case, one notice; and nothing said is ever rewritten."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, create_engine

from privacy import consent, purposes
from privacy.consent import By, ConsentMissing, Status
from privacy.ledger import ConsentEvent, LedgerNote
from tests.privacy.conftest import Town

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def say(
    session: Session,
    given: bool,
    purpose: str = "pool",
    scope: str = "",
    who: str = "p1",
    at: datetime = NOON,
    until: datetime | None = None,
) -> ConsentEvent:
    number = consent.record(
        session,
        person_id=who,
        purpose=purpose,
        scope=scope,
        given=given,
        at=at,
        language="zh",
        until=until,
    )
    return session.get_one(ConsentEvent, number)


def stands(session: Session, at: datetime = NOON) -> Status | None:
    return consent.standing(session, person_id="p1", purpose="pool", at=at)


def may_ask(session: Session, at: datetime) -> bool:
    return consent.may_ask(session, person_id="p1", purpose="pool", at=at)


def story(session: Session) -> list[str]:
    return [line.status for line in consent.history(session, person_id="p1")]


@pytest.fixture
def notice(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives the pool another notice."""

    def new(notice: int, meaning: int) -> None:
        pool = replace(purposes.purposes()["pool"], notice=notice, meaning=meaning)
        monkeypatch.setattr(consent, "purposes", lambda: {"pool": pool})

    return new


def test_nothing_said_is_no(town: Town) -> None:
    with town.transaction() as session:
        assert not consent.is_live(session, person_id="p1", purpose="pool", at=NOON)
        with pytest.raises(ConsentMissing, match=r"^pool$"):
            consent.require(session, person_id="p1", purpose="pool", at=NOON)


def test_the_last_word_counts(town: Town) -> None:
    with town.transaction() as session:
        say(session, True)
        consent.require(session, person_id="p1", purpose="pool", at=NOON)
        say(session, False)
        assert not consent.is_live(session, person_id="p1", purpose="pool", at=NOON)
        say(session, True)
        assert consent.is_live(session, person_id="p1", purpose="pool", at=NOON)


def test_a_yes_is_for_one_person_one_purpose_and_one_case(town: Town) -> None:
    with town.transaction() as session:
        say(session, True, "reveal", "c1")
        assert consent.is_live(session, person_id="p1", purpose="reveal", scope="c1", at=NOON)
        assert not consent.is_live(session, person_id="p1", purpose="reveal", scope="c2", at=NOON)
        assert not consent.is_live(session, person_id="p2", purpose="reveal", scope="c1", at=NOON)
        assert not consent.is_live(session, person_id="p1", purpose="pool", at=NOON)


def test_showing_a_door_is_never_agreed_to_once_for_all(town: Town) -> None:
    with town.transaction() as session:
        with pytest.raises(ValueError, match="given case by case"):
            say(session, True, "reveal")
        with pytest.raises(ValueError, match="not given case by case"):
            say(session, True, "pool", "c1")
        with pytest.raises(KeyError):
            say(session, True, "advertising")
        assert consent.history(session, person_id="p1") == []


def test_a_notice_that_means_something_else_asks_everybody_again(
    town: Town, notice: Callable[..., None]
) -> None:
    with town.transaction() as session:
        say(session, True)
        notice(9, meaning=9)
        assert stands(session) is Status.SUPERSEDED
        assert may_ask(session, NOON)
        assert consent.live_among(session, purpose="pool", at=NOON) == set()
        assert say(session, True).notice_version == 9
        assert stands(session) is Status.GIVEN
        assert story(session) == ["given", "superseded", "given"]


def test_a_notice_in_other_words_leaves_everybody_in_peace(town: Town, notice: Callable[..., None]) -> None:
    with town.transaction() as session:
        say(session, True)
        notice(9, meaning=1)
        assert stands(session) is Status.GIVEN
        assert consent.live_among(session, purpose="pool", at=NOON) == {"p1"}
        say(session, False, who="p2")
        assert not may_ask(session, NOON)
        assert not consent.may_ask(session, person_id="p2", purpose="pool", at=NOON)


def test_a_yes_to_an_old_notice_can_still_be_taken_back(town: Town, notice: Callable[..., None]) -> None:
    with town.transaction() as session:
        say(session, True)
        notice(9, meaning=9)
        assert consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        assert story(session) == ["given", "withdrawn"]


def test_after_a_no_nobody_is_asked_for_half_a_year(town: Town, notice: Callable[..., None]) -> None:
    with town.transaction() as session:
        assert may_ask(session, NOON)
        say(session, False)
        assert story(session) == ["refused"]
        days = timedelta(days=180)
        assert not may_ask(session, NOON + days - timedelta(seconds=1))
        assert may_ask(session, NOON + days)
        say(session, True, at=NOON + days)
        assert not may_ask(session, NOON + days)
        consent.withdraw(session, person_id="p1", purpose="pool", at=NOON + days)
        assert not may_ask(session, NOON + 2 * days - timedelta(seconds=1))
        notice(9, meaning=9)
        assert may_ask(session, NOON + days)


def test_a_yes_may_have_an_end(town: Town) -> None:
    with town.transaction() as session:
        week = NOON + timedelta(days=7)
        say(session, True, until=week)
        before = week - timedelta(microseconds=1)
        assert (stands(session, before), stands(session, week)) == (Status.GIVEN, Status.EXPIRED)
        assert consent.live_among(session, purpose="pool", at=before) == {"p1"}
        assert consent.live_among(session, purpose="pool", at=week) == set()
        with pytest.raises(ConsentMissing):
            consent.require(session, person_id="p1", purpose="pool", at=week)
        assert (may_ask(session, before), may_ask(session, week)) == (False, True)
        say(session, True, at=week)
        assert story(session) == ["given", "expired", "given"]
        for given, until in ((True, NOON), (False, week)):
            with pytest.raises(ValueError, match="only a yes has an end"):
                say(session, given, until=until)


def test_with_its_purpose_a_yes_is_over_and_nobody_took_it_back(town: Town) -> None:
    with town.transaction() as session:
        assert not consent.end(session, person_id="p1", purpose="pool", at=NOON)
        say(session, True)
        assert consent.end(session, person_id="p1", purpose="pool", at=NOON)
        assert not consent.end(session, person_id="p1", purpose="pool", at=NOON)
        lines = consent.history(session, person_id="p1")
        assert [(line.status, line.by, line.way) for line in lines] == [
            ("given", "self", "telegram"),
            ("expired", "service", "service"),
        ]
        assert may_ask(session, NOON)


@pytest.mark.parametrize("by", [By.GUARDIAN, By.PROXY, By.PAPER])
def test_somebody_may_speak_for_her_and_her_own_later_word_counts(town: Town, by: By) -> None:
    with town.transaction() as session:
        consent.record(
            session, person_id="p1", purpose="pool", given=True, at=NOON, by=by, by_id="p2", way="counter"
        )
        assert stands(session) is Status.GIVEN
        consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        assert stands(session) is Status.WITHDRAWN
        lines = consent.history(session, person_id="p1")
        assert [(line.by, line.by_id) for line in lines] == [(by, "p2"), ("self", "")]


@pytest.mark.parametrize(("by", "by_id"), [(By.SELF, "p2"), (By.SERVICE, "")])
def test_nobody_speaks_for_her_unnamed(town: Town, by: By, by_id: str) -> None:
    with town.transaction() as session, pytest.raises(ValueError, match="speaks for nobody"):
        consent.record(session, person_id="p1", purpose="pool", given=True, at=NOON, by=by, by_id=by_id)


def test_taking_back_twice_is_one_line(town: Town) -> None:
    with town.transaction() as session:
        assert not consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        say(session, True)
        assert consent.withdraw(session, person_id="p1", purpose="pool", at=NOON, way="counter")
        assert not consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        lines = consent.history(session, person_id="p1")
        assert [(line.status, line.way) for line in lines] == [
            ("given", "telegram"),
            ("withdrawn", "counter"),
        ]


def test_lines_are_never_changed_or_deleted(town: Town) -> None:
    with town.transaction() as session:
        line = say(session, False)
        line.status = "given"
        with pytest.raises(TypeError, match="never changed"):
            session.flush()
        session.rollback()
    with town.transaction() as session:
        session.delete(say(session, False))
        with pytest.raises(TypeError, match="never changed"):
            session.flush()
        session.rollback()


def test_times_are_aware_and_in_utc_after_a_restart(town: Town) -> None:
    xiamen = timezone(timedelta(hours=8))
    with town.transaction() as session:
        consent.record(session, person_id="p1", purpose="pool", given=True, at=NOON.astimezone(xiamen))
    with town.transaction() as session:
        (line,) = consent.history(session, person_id="p1")
        assert (line.at, line.at.tzinfo) == (NOON, UTC)
        with pytest.raises(Exception, match="without a zone"):
            consent.record(session, person_id="p1", purpose="pool", given=True, at=datetime(2026, 3, 2))  # noqa: DTZ001
        session.rollback()


@given(st.lists(st.tuples(st.sampled_from(["p1", "p2"]), st.sampled_from(["c1", "c2"]), st.booleans())))
def test_any_story_comes_to_its_last_word(story: list[tuple[str, str, bool]]) -> None:
    engine = create_engine("sqlite://")
    for table in (ConsentEvent, LedgerNote):
        table.__table__.create(engine)
    last: dict[tuple[str, str], bool] = {}
    closed = 0
    with Session(engine) as session:
        for who, scope, given_now in story:
            say(session, given_now, "reveal", scope, who)
            closed += given_now and last.get((who, scope), False)
            last[who, scope] = given_now
        for (who, scope), agreed in last.items():
            assert consent.is_live(session, person_id=who, purpose="reveal", scope=scope, at=NOON) is agreed
        lines = sum(len(consent.history(session, person_id=who)) for who in ("p1", "p2"))
        assert lines == len(story) + closed
    engine.dispose()


def test_every_purpose_is_well_described() -> None:
    known = purposes.purposes()
    assert {"account", "telegram", "reveal", "pool"} <= set(known)
    assert {code for code, purpose in known.items() if purpose.needed} == {"account", "telegram", "guardian"}
    assert {code for code, purpose in known.items() if purpose.scoped} == {
        "reveal",
        "sensitive",
        "guardian",
        "mediation",
        "follow_up",
    }
    assert known["telegram"].kind == known["reveal"].kind == "separate"
    assert all(len(code) <= 16 and purpose.law.startswith("PIPL") for code, purpose in known.items())


def test_a_purpose_badly_described_is_refused() -> None:
    line = {
        "kind": "consent",
        "needed": False,
        "classes": ["account"],
        "law": "PIPL 14",
        "notice": 1,
        "meaning": 1,
        "ask_again_days": 180,
        "keep": "until she leaves",
        "seen_by": ["staff"],
    }
    for wrong in (
        {"kind": "assumed"},
        {"classes": []},
        {"notice": 0},
        {"meaning": 0},
        {"meaning": 2},
        {"ask_again_days": -1},
        {"keep": ""},
    ):
        with pytest.raises(ValueError, match="not well described"):
            purposes._purpose("x", **(line | wrong))
    with pytest.raises(TypeError):
        purposes._purpose("x", **line, text="words live in templates")


def test_privacy_knows_nobody() -> None:
    for path in Path(consent.__file__).parent.glob("*.py"):
        source = path.read_text()
        assert "import bot" not in source
        assert "from bot" not in source
        assert "telegram." not in source


def test_a_pool_is_asked_for_in_one_question_as_one_by_one(town: Town) -> None:
    with town.transaction() as session:
        for who, words in {"p1": (True,), "p2": (True, False), "p3": (False, True), "p4": (False,)}.items():
            for given in words:
                say(session, given, who=who)
        say(session, True, "account", who="p5")
        alone = {
            who
            for who in ("p1", "p2", "p3", "p4", "p5")
            if consent.is_live(session, person_id=who, purpose="pool", at=NOON)
        }
        assert consent.live_among(session, purpose="pool", at=NOON) == alone == {"p1", "p3"}
