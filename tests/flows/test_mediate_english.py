"""The founding story and each other end of a quarrel, told in English."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.community import people
from bot.community.cases import Case
from bot.community.mediations import Mediation
from bot.community.stages import State
from tests.flows.mediating import mediator, the_one
from tests.flows.standing import an_open_post, holds, in_pool
from tests.flows.test_invite import slip
from tests.flows.test_my_data import one_of
from tests.town import Neighbour, Town

QUARREL = "my neighbour upstairs makes noise every night and we quarrel, I need a mediator"


async def applies(ann: Neighbour, story: str = QUARREL, topic: str = "Noise") -> None:
    await ann.says(story)
    await ann.taps(
        "Try talking it over", "Go on", *["No"] * 7, topic, "Use this", "Bring it like that", "Agree"
    )


async def the_slip(grace: Neighbour) -> str:
    await grace.starts()
    await grace.taps("Talk it over", "To be arranged", "No. 1", "Write the slip")
    return grace.everything.split("m-")[1][:8]


async def listens(tom: Neighbour, code: str) -> None:
    await tom.starts(f"m-{code}")
    await tom.taps("Listen first", "Agree")
    await tom.says("Tom")


async def chosen(grace: Neighbour) -> None:
    await grace.starts()
    await grace.taps("Talk it over", "To be arranged", "No. 1", "Ask a mediator", "Ask no. 1")


async def speaks_english(town: Town, one: Neighbour) -> None:
    async with town.store.transaction() as session:
        people.update(session, one_of(session, one), language="en")


async def table(town: Town, stage: str) -> tuple[Neighbour, Neighbour, Neighbour, Neighbour]:
    """Both sides, staff, and somebody for the middle, as far as a stage."""
    grace, zhao = await town.member("Grace", "en"), await mediator(town, "Zhao")
    await speaks_english(town, zhao)
    ann, tom = await town.newcomer("Ann", "en", area="b1"), town.stranger("Tom", "en")
    await applies(ann)
    if stage != "applied":
        await listens(tom, await the_slip(grace))
    if stage not in ("applied", "inviting"):
        await tom.taps("No, I'll talk", "Go on", "Agree")
    if stage in ("proposed", "accepted", "agreed_oral"):
        await chosen(grace)
        await zhao.taps("No tie, I'll do it")
    if stage in ("accepted", "agreed_oral"):
        for one in (ann, tom):
            await one.taps("No, I accept")
    if stage == "agreed_oral":
        await zhao.taps("Open", "Agreed by word", "In two weeks")
    assert (await the_one(town)).state == stage
    return ann, tom, grace, zhao


async def count(town: Town, what: type) -> int:
    async with town.store.transaction() as session:
        return len(session.exec(select(what)).all())


async def test_the_judge_reconciles_a_leak_between_two_floors(town: Town) -> None:
    """Invited by slip, in the pool, on the post; a tie screened out; and both still speak to each other."""
    grace, code = await slip(town, language="en")
    judge = town.stranger("Zhao", "en")
    await judge.starts(f"i-{code}")
    await judge.taps("See how to help", "Agree", "Use “Zhao”", "Agree")
    await judge.taps("Small repairs", "That's all", "Blocks 9–12", "Any time", "That's all", "3")
    await town.knows(judge, "judge", "known")
    await an_open_post(town, "P-JUDGE")
    await judge.starts()
    await judge.taps("Posts", "Judge's mediation guidance", "I'll take it", "I agree")
    cousin = await town.newcomer("Sun", "en", area="b3")
    await in_pool(town, cousin, "med_neighbour")
    await town.knows(cousin, "judge", "known")
    await holds(town, cousin, await an_open_post(town, "P-MED", credentials="judge,mediator"))
    ann, tom = await town.newcomer("Ann", "en", area="b1"), town.stranger("Tom", "en")
    await applies(ann, "water from upstairs ruins my ceiling and we quarrel, I need a mediator", "A leak")
    await listens(tom, await the_slip(grace))
    await tom.taps("No, I'll talk", "Go on", "Agree")
    await grace.starts()
    await grace.taps("Talk it over", "To be arranged", "No. 1", "Ask a mediator")
    grace.hears("Zhao", "Sun")
    first = grace.last.text.index("Sun") < grace.last.text.index("Zhao")
    await grace.taps(f"Ask no. {1 if first else 2}")
    cousin.hears("between Ann and Tom")
    assert "ruins my ceiling" not in cousin.everything
    await cousin.taps("Not suitable")  # a cousin of one of them
    cousin.hears("Nobody asks why")
    await grace.starts()
    await grace.taps("Talk it over", "To be arranged", "No. 1", "Ask a mediator")
    assert "Sun" not in grace.last.text
    await grace.taps("Ask no. 1")
    await judge.taps("Yes, say I'm: Judge")
    for one in (ann, tom):
        one.hears("Zhao is willing to sit in the middle", "A serving judge guides and explains")
        await one.taps("No, I accept")
    await reads_in_english(judge)
    judge.hears("ruins my ceiling")
    await judge.taps("Back", "Agreed by word", "In a month")
    judge.hears("two homes can talk again")
    await town.later(hours=24 * 31)
    for one in (ann, tom):
        await one.taps("All of it is kept")
    assert (await the_one(town)).outcome == State.AGREED_ORAL


async def reads_in_english(zhao: Neighbour) -> None:
    await zhao.starts()
    await zhao.taps("Talk it over", "No. 1", "See what was written")


@pytest.mark.parametrize("at", [0, 1, 2])
async def test_where_somebody_was_hurt_nobody_is_contacted(town: Town, at: int) -> None:
    grace, ann = await town.member("Grace", "en"), await town.newcomer("Ann", "en")
    heard = len(grace.phone.heard)
    await ann.says(QUARREL)
    await ann.taps("Try talking it over", "Go on", *["No"] * at)
    await ann.says("yes")
    ann.hears("I contact nobody and have kept nothing", "110", "you decide")
    assert len(grace.phone.heard) == heard
    assert await count(town, Mediation) == await count(town, Case) == 0


async def test_who_was_invited_declines_and_is_forgotten(town: Town) -> None:
    ann, tom, _, _ = await table(town, "inviting")
    await tom.taps("Not taking part")
    tom.has_heard("You are in this no more", "your name and registration are erased too")
    ann.hears("the other side did not come", "12348")
    one = await the_one(town)
    assert (one.state, one.b_id) == (State.DECLINED, None)
    async with town.store.transaction() as session:
        assert people.find(session, tom.phone.user.id) is None
    assert QUARREL not in tom.everything
    assert "Ann" not in tom.everything


@pytest.mark.parametrize("stage", ["applied", "inviting", "consented", "proposed", "accepted", "agreed_oral"])
@pytest.mark.parametrize("side", ["a", "b"])
async def test_either_stops_with_one_tap_at_every_stage(town: Town, stage: str, side: str) -> None:
    ann, tom, _, _ = await table(town, stage)
    who, other = (ann, tom) if side == "a" else (tom, ann)
    if side == "b" and stage in ("applied", "inviting"):
        return  # not there yet, or declining, which has a scene of its own
    await who.forges(f"v1:mediate.withdraw:{(await the_one(town)).id}:0")
    assert (await the_one(town)).state == State.WITHDRAWN
    who.hears("12348")
    if stage not in ("applied", "inviting"):
        other.hears("It has stopped for now", "12348")


async def test_one_objection_is_enough_and_nobody_hears_whose(town: Town) -> None:
    ann, tom, grace, zhao = await table(town, "accepted")
    await speaks_english(town, await mediator(town, "Wu"))
    await tom.starts()
    await tom.taps("Talk it over", "No. 1", "Another mediator")
    for one in (ann, tom):
        one.hears("Somebody else is being asked", "Who wished it, and why, is not said")
    zhao.hears("somebody else is asked. Thank you")
    await zhao.forges(f"v1:mediator.read:{(await the_one(town)).id}:0")
    zhao.hears("not for you")
    await chosen(grace)
    assert "Zhao" not in grace.last.text
    assert (await the_one(town)).state == State.PROPOSED


async def test_a_written_agreement_is_confirmed_by_a_court_if_both_ask(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(town.service.house.local.mediation.__dict__, "committee", True)
    ann, tom, _, zhao = await table(town, "accepted")
    await zhao.taps("Open", "Agreed in writing", "In a month")
    for one in (ann, tom):
        one.hears("apply together within 30 days")
    await ann.taps("Court confirmation")
    await town.later(hours=24 * 24)
    assert "apply together at the court" not in ann.everything
    await tom.taps("Court confirmation")
    await town.later(minutes=1)
    for one in (ann, tom):
        one.hears("apply together at the court", "by Wed 23 Dec at the latest")


async def test_more_time_only_if_both_wish(town: Town) -> None:
    ann, tom, _, _ = await table(town, "accepted")
    before = (await the_one(town)).limit_at
    await town.later(hours=24 * 23 + 1)
    for one in (ann, tom):
        one.hears("It is extended only if both tap")
    await ann.taps("More time")
    ann.hears("if the other side taps too")
    tom.hears("would like more time")
    assert (await the_one(town)).limit_at == before
    await tom.taps("More time")
    for one in (ann, tom):
        one.hears("Both wish it: there is time until")
