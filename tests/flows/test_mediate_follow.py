"""How it went, afterwards: each side for herself; whoever sat in the middle hears of it only what a side lets her know."""

from __future__ import annotations

import pytest

from bot.community import people
from bot.community.stages import State
from privacy import consent
from privacy.consent import Status
from tests.flows.mediating import accepted, opens, the_one
from tests.flows.test_my_data import erases_all, one_of
from tests.town import Neighbour, Town


async def asked(town: Town) -> tuple[Neighbour, Neighbour, Neighbour, Neighbour]:
    """Two weeks ago it was agreed; both are asked."""
    mei, wang, lin, chen = await accepted(town)
    await chen.taps("打开", "口头谈成", "两周后")
    await town.later(hours=24 * 14 + 1)
    return mei, wang, lin, chen


async def stands(town: Town, who: Neighbour) -> Status | None:
    scope, at = (await the_one(town)).id, town.clock.now()
    async with town.store.transaction() as session:
        person = one_of(session, who).id
        return consent.standing(session, person_id=person, purpose="follow_up", scope=scope, at=at)


@pytest.mark.parametrize(
    ("said", "hears"),
    [("都做到了", "说好的都做到了"), ("做到一些", "还没有都做到"), ("没有做到", "还没有都做到")],
)
async def test_the_mediator_hears_only_what_a_side_lets_her_know(
    either_town: Town, said: str, hears: str
) -> None:
    town = either_town
    mei, wang, lin, chen = await asked(town)
    before = len(chen.phone.heard)
    await mei.taps(said)
    mei.hears("要让坐在中间的人也知道吗")
    assert len(chen.phone.heard) == before  # not without her tap
    await mei.taps("可以告诉")
    mei.hears("只说了这一句")
    chen.hears("1 号，有一边愿意让您知道", hears, "别转告另一边")
    assert not any(name in chen.last.text for name in ("李阿姨", "王叔", "做到一些", "没有做到"))
    assert (await stands(town, mei), await stands(town, wang)) == (Status.EXPIRED, None)
    for other in (wang, lin):
        assert "愿意让您知道" not in other.everything
        assert "还没有都做到" not in other.everything


async def test_each_side_speaks_for_herself_also_when_it_is_over(town: Town) -> None:
    mei, wang, _, chen = await asked(town)
    await mei.taps("都做到了", "可以告诉")
    await wang.taps("没有做到")  # the second word ends it
    assert (await the_one(town)).state == State.FOLLOWED
    assert chen.everything.count("愿意让您知道") == 1
    await wang.taps("可以告诉")
    assert chen.everything.count("愿意让您知道") == 2
    chen.hears("还没有都做到")


async def test_the_card_asks_too_and_says_when_it_was_answered(town: Town) -> None:
    mei, _, _, _ = await asked(town)
    await opens(mei)
    mei.hears("谈成了。做得怎样？")
    await mei.taps("都做到了")
    await opens(mei)
    mei.hears("您说过了")
    assert "都做到了" not in mei.last.labels


async def test_it_is_told_once_and_by_nobody_else(town: Town) -> None:
    mei, wang, lin, chen = await asked(town)
    tap = f"v1:mediate.let_know:{(await the_one(town)).id}:0"
    await mei.forges(tap)  # before she has said how it went
    assert "旧的" in mei.toast
    await mei.forges(tap.replace("let_know", "went=kept"))
    for other in (lin, chen):
        await other.forges(tap)
        other.hears("不是给您的")
    await wang.forges(tap)
    assert "愿意让您知道" not in chen.everything
    for _ in range(3):
        await mei.forges(tap)
    assert chen.everything.count("愿意让您知道") == 1
    for _ in range(2):  # nobody else answers; then it is over, and thirty days later forgotten
        await town.later(hours=24 * 31)
    await mei.forges(tap)
    mei.hears("不是给您的")


async def test_where_the_mediator_has_gone_nobody_is_asked_to_let_her_know(town: Town) -> None:
    mei, _, _, chen = await asked(town)
    await erases_all(chen)
    await mei.taps("都做到了")
    assert "要让坐在中间的人也知道吗" not in mei.last.text


async def test_letting_her_know_in_english(town: Town) -> None:
    mei, _, _, chen = await accepted(town)
    for one in (mei, chen):
        async with town.store.transaction() as session:
            people.update(session, one_of(session, one), language="en")
    await chen.forges(f"v1:mediator.outcome=agreed_oral:{(await the_one(town)).id}:0")
    await chen.taps("In two weeks")
    await town.later(hours=24 * 14 + 1)
    await mei.taps("All of it is kept")
    mei.hears("May whoever sat in the middle know")
    await mei.taps("Let them know")
    chen.hears("one side would like you to know", "is kept")
