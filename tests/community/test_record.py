"""A record that is read the short way is the one SQLAlchemy would give."""

from contextlib import suppress

from sqlalchemy import bindparam, event, inspect, update
from sqlmodel import select

from bot.community import people, record
from bot.community.asking import AskingSum
from bot.community.people import Person
from privacy.prepared import Prepared
from tests.town import Town

ALL = Prepared(select(Person))
WHERE = Prepared(select(Person).where(Person.language == bindparam("language")))


async def test_one_record_is_one_object(either_town: Town) -> None:
    async with either_town.store.transaction() as session:
        made = people.register(session, telegram_id=5, language="zh")
        assert record.get(session, Person, made.id) is made
        assert record.records(session, Person, ALL) == [made]
        assert session.get(Person, made.id) is made


async def test_it_is_as_sqlalchemy_reads_it(either_town: Town) -> None:
    async with either_town.store.transaction() as session:
        person_id = people.register(session, telegram_id=5, language="zh").id
    async with either_town.store.transaction() as session:
        read = record.get(session, Person, person_id)
        assert read is not None
        values = read.model_dump()
        assert inspect(read).persistent
        assert not session.dirty
        assert session.get(Person, person_id) is read
    async with either_town.store.transaction() as session:
        theirs = session.get(Person, person_id)
        assert theirs is not None
        assert theirs.model_dump() == values


async def test_what_is_changed_on_it_is_written(either_town: Town) -> None:
    async with either_town.store.transaction() as session:
        person_id = people.register(session, telegram_id=5, language="zh").id
    async with either_town.store.transaction() as session:
        read = record.first(session, Person, WHERE, language="zh")
        assert read is not None
        read.language = "en"
        # asked again, what was changed counts
        assert record.first(session, Person, WHERE, language="en") is read
        del read  # nobody else holds it: it is written all the same
    async with either_town.store.transaction() as session:
        assert people.get(session, person_id).language == "en"


async def test_what_is_in_hand_is_not_asked_for_again(either_town: Town) -> None:
    sum_ = ("2026-11", "shopping", 0, "any")
    async with either_town.store.transaction() as session:
        month, category, ring, part = sum_
        session.add(AskingSum(month=month, category=category, ring=ring, part=part))
        found = record.get(session, AskingSum, *sum_)
        assert found is not None
        found.asked = 1
        asked: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda *call: asked.append(call[2]))
        assert record.get(session, AskingSum, *sum_) is found
        assert asked == []


async def test_nobody_is_there(either_town: Town) -> None:
    async with either_town.store.transaction() as session:
        assert record.get(session, Person, "nobody") is None
        assert record.first(session, Person, WHERE, language="zh") is None


async def test_what_a_savepoint_takes_back_is_taken_back(either_town: Town) -> None:
    renamed = Prepared(update(record.table_of(Person)).values(language=bindparam("new")))
    async with either_town.store.transaction() as session:
        person_id = people.register(session, telegram_id=5, language="zh").id
        with suppress(RuntimeError), session.begin_nested():
            record.rows(session, renamed, new="en")
            raise RuntimeError
    async with either_town.store.transaction() as session:
        assert people.get(session, person_id).language == "zh"
