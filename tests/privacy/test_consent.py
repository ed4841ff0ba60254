"""A yes counts until a no, for one purpose, one case, one notice; and nothing said is ever rewritten."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, create_engine

from privacy import consent, purposes
from privacy.consent import ConsentEvent, ConsentMissing
from tests.privacy.conftest import Town

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def say(
    session: Session, given: bool, purpose: str = "pool", scope: str = "", who: str = "p1"
) -> ConsentEvent:
    consent.record(session, person_id=who, purpose=purpose, scope=scope, given=given, at=NOON, language="zh")
    return consent.history(session, person_id=who)[-1]


def test_nothing_said_is_no(town: Town) -> None:
    with town.transaction() as session:
        assert not consent.is_live(session, person_id="p1", purpose="pool")
        with pytest.raises(ConsentMissing, match=r"^pool$"):
            consent.require(session, person_id="p1", purpose="pool")


def test_the_last_word_counts(town: Town) -> None:
    with town.transaction() as session:
        say(session, True)
        consent.require(session, person_id="p1", purpose="pool")
        say(session, False)
        assert not consent.is_live(session, person_id="p1", purpose="pool")
        say(session, True)
        assert consent.is_live(session, person_id="p1", purpose="pool")


def test_a_yes_is_for_one_person_one_purpose_and_one_case(town: Town) -> None:
    with town.transaction() as session:
        say(session, True, "reveal", "c1")
        assert consent.is_live(session, person_id="p1", purpose="reveal", scope="c1")
        assert not consent.is_live(session, person_id="p1", purpose="reveal", scope="c2")
        assert not consent.is_live(session, person_id="p2", purpose="reveal", scope="c1")
        assert not consent.is_live(session, person_id="p1", purpose="pool")


def test_showing_a_door_is_never_agreed_to_once_for_all(town: Town) -> None:
    with town.transaction() as session:
        with pytest.raises(ValueError, match="given case by case"):
            say(session, True, "reveal")
        with pytest.raises(ValueError, match="not given case by case"):
            say(session, True, "pool", "c1")
        with pytest.raises(KeyError):
            say(session, True, "advertising")
        assert consent.history(session, person_id="p1") == []


def test_a_new_notice_asks_everybody_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with town.transaction() as session:
        say(session, True)
        pool = replace(purposes.purposes()["pool"], notice=2)
        monkeypatch.setattr(consent, "purposes", lambda: {"pool": pool})
        assert not consent.is_live(session, person_id="p1", purpose="pool")
        assert say(session, True).notice_version == 2
        assert consent.is_live(session, person_id="p1", purpose="pool")


def test_a_yes_to_an_old_notice_can_still_be_taken_back(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    with town.transaction() as session:
        say(session, True)
        pool = replace(purposes.purposes()["pool"], notice=2)
        monkeypatch.setattr(consent, "purposes", lambda: {"pool": pool})
        assert consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        assert [line.given for line in consent.history(session, person_id="p1")] == [True, False]


def test_taking_back_twice_is_one_line(town: Town) -> None:
    with town.transaction() as session:
        assert not consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        say(session, True)
        assert consent.withdraw(session, person_id="p1", purpose="pool", at=NOON, way="counter")
        assert not consent.withdraw(session, person_id="p1", purpose="pool", at=NOON)
        lines = consent.history(session, person_id="p1")
        assert [(line.given, line.way) for line in lines] == [(True, "telegram"), (False, "counter")]


def test_lines_are_never_changed_or_deleted(town: Town) -> None:
    with town.transaction() as session:
        line = say(session, False)
        line.given = True
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
    ConsentEvent.__table__.create(engine)
    last: dict[tuple[str, str], bool] = {}
    with Session(engine) as session:
        for who, scope, given_now in story:
            say(session, given_now, "reveal", scope, who)
            last[who, scope] = given_now
        for (who, scope), agreed in last.items():
            assert consent.is_live(session, person_id=who, purpose="reveal", scope=scope) is agreed
        lines = sum(len(consent.history(session, person_id=who)) for who in ("p1", "p2"))
        assert lines == len(story)
    engine.dispose()


def test_every_purpose_is_well_described() -> None:
    known = purposes.purposes()
    assert {"account", "telegram", "reveal", "pool"} <= set(known)
    assert {code for code, purpose in known.items() if purpose.needed} == {"account", "telegram"}
    assert {code for code, purpose in known.items() if purpose.scoped} == {"reveal"}
    assert known["telegram"].kind == known["reveal"].kind == "separate"
    assert all(len(code) <= 16 and purpose.law.startswith("PIPL") for code, purpose in known.items())


def test_a_purpose_badly_described_is_refused() -> None:
    line = {"kind": "consent", "needed": False, "classes": ["account"], "law": "PIPL 14", "notice": 1}
    for wrong in ({"kind": "assumed"}, {"classes": []}, {"notice": 0}):
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
            if consent.is_live(session, person_id=who, purpose="pool")
        }
        assert consent.live_among(session, purpose="pool") == alone == {"p1", "p3"}
