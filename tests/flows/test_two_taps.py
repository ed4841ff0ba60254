"""Whatever waits can be settled in two taps: from the message that told of it, and from the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bot.community import queue
from bot.community.cases import Case
from bot.community.items import Sort
from bot.runtime.seals import Seals
from bot.runtime.tables import message_map, outbox
from tests.flows.standing import WEDNESDAYS, an_open_post
from tests.flows.test_approval import offered, until
from tests.flows.test_claim import ask
from tests.flows.test_close import engaged, silent
from tests.flows.test_complain import complained
from tests.flows.test_credential import declared
from tests.flows.test_flag import flagged
from tests.flows.test_ladder import waiting
from tests.flows.test_nobody import nobody
from tests.flows.test_offline import sent_for_her
from tests.flows.test_proposal import a_pupil_of, until_thursday
from tests.town import Neighbour, Town

MOST = 2
Scene = Callable[[Town], Awaitable[Neighbour]]


async def need(town: Town) -> Neighbour:
    lin = await town.member("林站长")
    await ask(town)
    return lin


async def emergency(town: Town) -> Neighbour:
    lin = await town.member("林站长")
    wu = await town.newcomer("老吴")
    await wu.says("我妈摔倒了起不来，头上流血")
    return lin


async def dry(town: Town) -> Neighbour:
    _, lin = await waiting(town)
    return lin


async def overdue(town: Town) -> Neighbour:
    _, lin = await waiting(town, "U4")
    async with town.store.transaction() as session:
        case = session.exec(select(Case)).one()
        case.mark_at, case.let_out_at = town.clock.now(), town.clock.now() - timedelta(hours=121)
        session.add(case)
    await town.settle()
    return lin


async def found_nobody(town: Town) -> Neighbour:
    _, lin = await nobody(town)
    return lin


async def claim(town: Town) -> Neighbour:
    _, _, lin = await offered(town)
    await until(town, 11)
    return lin


async def no_word(town: Town) -> Neighbour:
    _, _, lin = await silent(town)
    return lin


async def worry(town: Town) -> Neighbour:
    mei, chen, lin = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("有点不放心")
    await mei.says("他翻我抽屉")
    return lin


async def complaint(town: Town) -> Neighbour:
    _, _, wu = await complained(town)
    return wu


async def credential(town: Town) -> Neighbour:
    _, lin = await declared(town)
    return lin


async def post(town: Town) -> Neighbour:
    lin, mei = await town.member("林站长"), await town.newcomer("小梅")
    await mei.starts()
    await mei.taps("岗位", "提一个岗位")
    await mei.says("周五下棋")
    await mei.taps("交上去")
    return lin


async def gap(town: Town) -> Neighbour:
    boss = await town.member("Wang")
    await a_pupil_of(town, "Bo", asks=0)
    await an_open_post(town, "P-PHONE", days=WEDNESDAYS, slots=1)
    await until_thursday(town)
    return boss


async def message(town: Town) -> Neighbour:
    lin, mei = await town.member("林站长"), await town.newcomer("小梅")
    await mei.says("/staff", "门禁坏了")
    return lin


async def errand(town: Town) -> Neighbour:
    """Mrs Li has no Telegram: what she should hear, staff tell her."""
    lin, wang = await town.member("林站长"), await town.member("王姐")
    chen = await town.volunteer("小陈")
    await sent_for_her(town, lin)
    await wang.taps("放行")
    await town.later(minutes=1)
    await chen.taps("我来", "确认接单")
    return lin


async def flag(town: Town) -> Neighbour:
    _, _, lin = await flagged(town)
    return lin


async def dead_letter(town: Town) -> Neighbour:
    """What was meant for Mei could not be sent."""
    lin, mei = await town.member("林站长"), await town.newcomer("小梅")
    await mei.says("/help")
    async with town.store.transaction() as session:
        connection = session.connection()
        row = connection.scalar(sa.select(sa.func.max(outbox.c.id)))
        call = {"chat": mei.phone.user.id, "parameters": {"chat_id": str(mei.phone.user.id), "text": "您好"}}
        payload = Seals(town.vault).close(outbox.name, str(row), call)
        connection.execute(message_map.delete().where(message_map.c.provisional == row))
        connection.execute(outbox.update().where(outbox.c.id == row).values(state="dead", payload=payload))
    await town.settle()
    return lin


# What waits, and the taps that settle it, the first of them on its card.
SCENES: dict[Sort, tuple[Scene, tuple[str, ...]]] = {
    Sort.NEED: (need, ("放行",)),
    Sort.EMERGENCY: (emergency, ("处理好了",)),
    Sort.DRY: (dry, ("知道了",)),
    Sort.OVERDUE: (overdue, ("由我们办",)),
    Sort.NOBODY: (found_nobody, ("由我们办",)),
    Sort.CLAIM: (claim, ("同意，请去",)),
    Sort.SILENT: (no_word, ("处理好了",)),
    Sort.WORRY: (worry, ("处理好了",)),
    Sort.COMPLAINT: (complaint, ("回复",)),
    Sort.CREDENTIAL: (credential, ("看过了", "一年")),
    Sort.POST: (post, ("看一看", "不开")),
    Sort.GAP: (gap, ("不用问大家",)),
    Sort.MESSAGE: (message, ("不用回",)),
    Sort.ERRAND: (errand, ("电话说了",)),
    Sort.FLAG: (flag, ("不算",)),
    Sort.DEAD_LETTER: (dead_letter, ("再试一次",)),
}
IN_THE_LIST = {Sort.POST: ("不开",)}  # the list opens the card itself
DATED = {Sort.CREDENTIAL}  # until when it holds stands on the paper, and is a tap of its own
TYPED = {Sort.COMPLAINT: "是我们没有安排好，明天再去"}


async def of_sort(town: Town, sort: Sort) -> list[queue.Item]:
    async with town.store.transaction() as session:
        return [item for item in queue.waiting(session) if item.sort is sort]


@pytest.mark.parametrize("way", ["alert", "list"])
@pytest.mark.parametrize("sort", SCENES)
async def test_two_taps_settle_it(town: Town, sort: Sort, way: str) -> None:
    scene, taps = SCENES[sort]
    lin = await scene(town)
    [item] = await of_sort(town, sort)
    if way == "list":
        await lin.starts()
        await lin.taps("待办")
        opens = next(b.data for row in lin.last.buttons for b in row if b.data and item.about in b.data)
        taps = IN_THE_LIST.get(sort, taps)
        assert 1 + len(taps) <= MOST + (sort in DATED)
        await lin.taps(next(b.text for row in lin.last.buttons for b in row if b.data == opens))
    assert len(taps) <= MOST
    await lin.taps(*taps)
    if sort in TYPED:
        await lin.says(TYPED[sort])
    assert await of_sort(town, sort) == []


SECOND_LOOK = {
    Sort.APPEAL,
    Sort.MOVING,
    Sort.RESTRICTION,
    Sort.REPORT,
}  # another person, whom no tap replaces
BY_TWO = {
    Sort.MEDIATION
}  # two people's own yes, at their own time: staff only bring a slip, and ask somebody


def test_every_sort_has_a_scene() -> None:
    """A new sort of thing that waits is counted too."""
    assert SCENES.keys() | SECOND_LOOK | BY_TWO == set(Sort)
    assert not SCENES.keys() & SECOND_LOOK
