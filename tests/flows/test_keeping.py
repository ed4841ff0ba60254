"""What is kept, and for how long."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import select

from bot.community import cases, people
from privacy.keystore import KEYS
from tests.flows.test_claim import ask
from tests.flows.test_close import engaged
from tests.town import Neighbour, Town

SEALED = ("story", "phone", "door", "files")


async def kept(town: Town) -> tuple[str, int]:
    """The words of the one case, and how many keys there are to open any."""
    async with town.store.transaction() as session:
        [case] = session.exec(select(cases.Case)).all()
        of_case = sa.select(sa.func.count()).select_from(KEYS).where(KEYS.c.subject == case.id)
        if case.story is None:
            assert [getattr(case, column) for column in SEALED] == [None] * len(SEALED)
        story = cases.told_by(session, case, people.get(session, case.person_id))
        with town.store.keys.connect() as connection:
            return story, connection.execute(of_case).scalar_one()


async def finished(town: Town) -> tuple[Neighbour, Neighbour, Neighbour]:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("办好了")
    mei.hears("30 天后内容全删")
    return mei, chen, lin


async def test_thirty_days_after_the_end_the_words_are_gone(either_town: Town) -> None:
    town = either_town
    mei, _, lin = await finished(town)
    await town.later(hours=24 * 29)
    assert await kept(town) == ("灯坏了 我够不着", 2)
    await town.later(hours=48)
    assert await kept(town) == ("", 0)
    old = mei.button("说谢谢")
    await mei.forges(old.replace("close.thanks", "follow.card"))
    mei.hears("结束了", "已按约定删去")
    await lin.forges(old.replace("close.thanks", "review.look"))
    lin.hears("已经结束了", "已按约定删去")


async def test_what_was_withdrawn_or_declined_goes_too(town: Town) -> None:
    lin = await town.member("林站长")
    mei, wang = await ask(town), await ask(town, "王伯")
    async with town.store.transaction() as session:
        for case in session.exec(select(cases.Case)):
            case.gender = "f"
    await mei.taps("撤回", "撤回")
    await lin.taps("不发", "不能办", "要付钱的活", "告诉邻居")
    wang.hears("没有发出去")
    await town.later(hours=24 * 31)
    async with town.store.transaction() as session:
        assert [(case.story, case.gender) for case in session.exec(select(cases.Case))] == [(None, None)] * 2


async def test_what_has_not_ended_is_kept(town: Town) -> None:
    await engaged(town)
    await town.later(hours=24 * 60)
    assert await kept(town) == ("灯坏了 我够不着", 2)
