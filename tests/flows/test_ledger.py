"""The line of a day is posted once, where everybody can keep it; and after three years nobody is in the ledger any more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bot.community import people
from bot.community.reading import agreed_and_over
from bot.sandbox.model import Chat
from privacy import check, consent, ledger
from privacy.chain import KEPT
from tests.town import Neighbour, Town

NAME = "@our_news"


@pytest.fixture
def posting(database_url: str) -> Iterator[Town]:
    """A neighbourhood with a channel of its own, on SQLite and on PostgreSQL."""
    town = Town(database_url, notice_chat=NAME)
    town.world.channel("News", username=NAME[1:])
    yield town
    town.close()


def channel(town: Town) -> Chat:
    return next(chat for chat in town.world.chats.values() if chat.type == "channel")


def posts(town: Town) -> list[str]:
    return [message.text for message in channel(town).present()]


async def lines(town: Town) -> list[str]:
    async with town.store.transaction() as session:
        return [line.rstrip("\n") for line in ledger.export(session)]


async def test_the_line_of_a_day_is_posted_when_it_has_ended_and_holds(posting: Town) -> None:
    await posting.newcomer("王阿姨")
    said = len(await lines(posting))
    assert said > 0
    await posting.later(hours=22)  # 23:00 UTC
    assert posts(posting) == []
    await posting.later(hours=2)
    [post] = posts(posting)
    assert all(word in post for word in ("封印", "its seal", "python -m privacy.check"))
    [note] = check.read(post)
    assert (note.day, note.lines) == ("2026-11-23", said)
    await posting.newcomer("陈叔")
    assert check.wrong(await lines(posting), [note]) == []


async def test_it_is_posted_once_and_not_where_nothing_was_said(posting: Town) -> None:
    await posting.newcomer("王阿姨")
    for _ in range(3):
        await posting.later(hours=24)
        posting.restart()
        await posting.settle()
    assert len(posts(posting)) == 1
    assert (await posting.runtime.health()).failing == 0
    await posting.newcomer("陈叔")
    await posting.later(hours=24)
    assert [check.read(post)[0].day for post in posts(posting)] == ["2026-11-23", "2026-11-26"]
    assert check.wrong(await lines(posting), check.read("\n".join(posts(posting)))) == []


async def test_what_was_said_today_is_not_in_the_line_of_yesterday(posting: Town) -> None:
    """The service stood still over midnight, and somebody spoke before the post was due."""
    await posting.newcomer("王阿姨")
    said = len(await lines(posting))
    posting.clock.advance(24 * 3600)
    async with posting.store.transaction() as session:
        consent.record(session, person_id="x", purpose="pool", given=False, at=posting.clock.now())
    await posting.settle()
    [note] = check.read(posts(posting)[0])
    assert (note.day, note.lines) == ("2026-11-23", said)
    assert check.wrong(await lines(posting), [note]) == []


@pytest.mark.parametrize("status", ["left", "member"])
async def test_a_channel_that_refuses_is_told_by_the_doctor_and_can_be_mended(
    posting: Town, status: str
) -> None:
    channel(posting).bot_status = status
    await posting.newcomer("王阿姨")
    await posting.later(hours=24)
    [letter] = await posting.runtime.dead_letters()
    assert (await posting.runtime.health()).dead == 1
    channel(posting).bot_status = "administrator"
    await posting.runtime.replay(letter.name)
    await posting.settle()
    assert [check.read(post)[0].day for post in posts(posting)] == ["2026-11-23"]


async def test_an_id_will_do(sqlite_url: str) -> None:
    town = Town(sqlite_url, notice_chat="-1000000000000")
    assert town.world.channel("News").id == -1000000000000
    await town.newcomer("王阿姨")
    await town.later(hours=24)
    assert len(posts(town)) == 1
    town.close()


async def test_with_no_chat_set_nothing_is_posted(town: Town) -> None:
    town.world.channel("News", username=NAME[1:])
    await town.newcomer("王阿姨")
    await town.later(hours=24)
    assert posts(town) == []
    assert await town.runtime.dead_letters() == []
    assert not any(sweep.name == "ledger.post_note" for sweep in town.service.sweeps)


async def id_of(town: Town, who: Neighbour) -> str:
    async with town.store.transaction() as session:
        person = people.find(session, who.phone.user.id)
        assert person is not None
        return person.id


async def test_after_three_years_nothing_leads_to_who_has_left(either_town: Town) -> None:
    town = either_town
    gone, stays = await town.newcomer("王阿姨"), await town.newcomer("陈叔")
    hers, his = await id_of(town, gone), await id_of(town, stays)
    await gone.says("/mydata")
    await gone.taps("删除", "全部删除")
    gone.hears("到 2029 年 11 月 22 日")
    before = await lines(town)
    town.clock.advance(KEPT.total_seconds() + 3600)
    await town.settle()
    assert await lines(town) == before  # by the ledger's own age it is of today
    await town.newcomer("李阿姨")
    await town.settle()
    after = await lines(town)
    assert not any(hers in line for line in after)
    assert [line for line in after if his in line] == [line for line in before if his in line]
    assert len(after) > len(before) == sum(hers in line or his in line for line in before)
    assert check.wrong(after, []) == []
    async with town.store.transaction() as session:
        assert agreed_and_over(session) == []
        count = sa.select(sa.func.count()).where(ledger.LINES.c.person_id == "", ledger.LINES.c.at.is_(None))
        assert session.connection().scalar(count) == sum(hers in line for line in before)
