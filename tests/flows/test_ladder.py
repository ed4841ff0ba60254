"""As long as nobody has it, more and more people hear so, until a human has answered; nothing ends in silence."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.community import cases, claims, ladder, people, rules, staff
from bot.community.cases import Case, State
from bot.community.claims import ClaimState
from bot.community.staff import Role
from bot.data import Local
from bot.handlers.claim import service as claim_service
from bot.sandbox.phone import NoSuchButton
from tests.flows.test_approval import clinic
from tests.flows.test_claim import approved
from tests.town import Neighbour, Town

LOCAL = Local.load()
GOING_ON = {"我来", "确认接单", "好，请来", "当替补", "放弃", "去不了了", "不想说", "还没有", "同意，请去"}
LEFT_ALONE = {
    "邻居去世了",
    "删除",
    "退出",
    "English",
    "设置",
}  # what ends the play, or only changes the words


async def holder(town: Town, name: str, role: Role) -> Neighbour:
    """Somebody invited to this role."""
    one = await town.newcomer(name)
    async with town.store.transaction() as session:
        code = staff.invite(session, role)
    await one.starts(f"staff-{code}")
    one.hears({"moderator": "工作人员", "duty": "先找您", "supervisor": "督导"}[role])
    return one


async def waiting(town: Town, urgency: str = "U3") -> tuple[Neighbour, Neighbour]:
    """Let out at nine on Monday, with nobody to ask and any time."""
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "修小东西", "都行", "没有了", "不写门牌", "不要", "发出求助")
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        case.urgency = urgency
        session.add(case)
    await lin.taps("放行")
    await town.settle()
    return mei, lin


async def the_case(town: Town) -> Case:
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        return case


async def test_half_three_quarters_and_the_end_each_told_once(either_town: Town) -> None:
    town = either_town
    duty = await holder(town, "值班", Role.DUTY)
    boss = await holder(town, "督导", Role.SUPERVISOR)
    mei, lin = await waiting(town)  # 72 hours: Tuesday 21:00, Wednesday 15:00, Thursday 9:00
    await town.later(hours=35)  # Tuesday 20:00
    assert "过了一半" not in lin.everything
    await town.later(hours=12)  # Wednesday 8:00, for half of it fell into the night
    lin.hears("过了一半")
    assert lin.everything.count("过了一半") == 1
    await town.later(hours=7)
    duty.hears("四分之三")
    assert "四分之三" not in lin.everything
    assert "时间到了" not in boss.everything
    await town.later(hours=18)  # Thursday 9:00
    lin.hears("时间到了", "给邻居一个答复")
    boss.hears("督办", "YS-0001", "修小东西")
    assert "李阿姨" not in boss.everything
    mei.hears("我没忘", "亲自给您一个答复")


async def test_every_morning_until_a_human_has_answered(town: Town) -> None:
    mei, lin = await waiting(town)
    await town.later(hours=72)
    for _ in range(2):
        await town.later(hours=24)
    assert lin.everything.count("找人的时间到了") == 3
    assert mei.everything.count("我没忘，") <= 1
    assert mei.everything.count("亲自给您一个答复") == 1
    await lin.taps("办不了")
    mei.hears("没能找到人", "先结束了")
    await town.later(hours=48)
    assert lin.everything.count("找人的时间到了") <= 3


@pytest.mark.parametrize(("answer", "heard"), [("由我们办", "由我们来办"), ("办不了", "没能找到人")])
async def test_staff_can_answer_before_the_end(town: Town, answer: str, heard: str) -> None:
    mei, lin = await waiting(town, "U2")
    await town.later(hours=12)  # half of 24 hours is 21:00: told at 8:00
    await town.later(hours=11)
    lin.hears("过了一半" if "一半" in lin.last.text else "四分之三")
    await lin.starts()
    await lin.taps("待办", "YS-0001", answer)
    mei.hears(heard)


async def test_it_is_in_the_list_of_staff_from_the_first_mark_on(town: Town) -> None:
    chen = await town.volunteer("小陈")
    _, lin = await waiting(town, "U4")
    await lin.starts()
    await lin.taps("待办")
    lin.hears("可问的人少 YS-0001")
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        case.mark_at, case.let_out_at = town.clock.now(), town.clock.now() - timedelta(hours=121)
        session.add(case)
    await town.settle()
    lin.hears("过了一半")
    await lin.starts()
    await lin.taps("待办", "YS-0001")
    lin.hears("过了一半", "修小东西")
    await chen.taps("我来", "确认接单")
    await lin.starts()
    await lin.taps("待办")
    lin.hears("都看过了")


async def test_what_is_urgent_is_told_at_night(town: Town) -> None:
    await town.later(hours=11)  # 20:00
    _, lin = await waiting(town, "U1")
    await town.later(minutes=90)
    lin.hears("过了一半")


async def test_a_hold_puts_it_off_and_a_helper_ends_it(town: Town) -> None:
    chen = await town.volunteer("小陈")
    _, lin = await waiting(town, "U1")
    await town.later(minutes=85)
    await chen.taps("我来")
    await town.later(minutes=10)
    assert "过了一半" not in lin.everything
    await chen.taps("确认接单")
    await town.later(hours=1)
    assert "过了一半" not in lin.everything


async def test_the_card_of_what_is_late_says_so_once_somebody_has_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_service, "alarm", lambda *_: False)  # as in a pool that is large enough
    chen = await town.volunteer("小陈")
    _, lin = await waiting(town, "U1")
    await town.later(minutes=95)  # before the promise
    lin.hears("过了一半")
    await chen.taps("我来", "确认接单")
    lin.hears("有人接了")
    assert "由我们办" not in lin.last.labels


async def test_handed_back_its_time_begins_anew(town: Town) -> None:
    chen = await town.volunteer("小陈")
    _, lin = await waiting(town, "U1")
    await town.later(minutes=80)
    await chen.taps("我来", "确认接单")
    await town.later(minutes=80)
    await chen.taps("去不了了", "不想说")
    await town.later(minutes=80)
    assert "过了一半" not in lin.everything
    await town.later(minutes=15)
    lin.hears("过了一半")


def test_what_presses_has_half_the_time(town: Town) -> None:
    now = town.clock.now()
    case = Case(number=1, person_id="a", state="open", skill="repair", received_at=now, promised_at=now)
    case.let_out_at = now
    assert ladder.mark_of(LOCAL, case, 1) == now + timedelta(hours=36)
    case.skill = "elder_call"
    case.urgency = "U2"
    assert ladder.mark_of(LOCAL, case, 3) == now + timedelta(hours=12)


async def test_where_nobody_holds_a_role_the_next_are_told(town: Town) -> None:
    await holder(town, "督导", Role.SUPERVISOR)
    await holder(town, "林站长", Role.MODERATOR)
    mei = await town.newcomer("李阿姨")
    async with town.store.transaction() as session:
        person = people.find(session, mei.phone.user.id)
        assert person is not None
        now = town.clock.now()
        case = Case(
            number=7, person_id=person.id, state="open", skill="repair", received_at=now, promised_at=now
        )
        told = {role: rules.told_of_late(session, case, role)[0] for role in staff.INSTEAD}
    assert told == {
        Role.MODERATOR: Role.MODERATOR,
        Role.DUTY: Role.MODERATOR,
        Role.SUPERVISOR: Role.SUPERVISOR,
    }


async def test_with_nobody_on_staff_the_resident_has_a_number_to_call(town: Town) -> None:
    mei, lin = await waiting(town, "U1")
    async with town.store.transaction() as session:
        person = people.find(session, lin.phone.user.id)
        assert person is not None
        staff.end(session, person.id)
    await town.later(hours=3)
    mei.has_heard("我没忘", "0592-555 0100")
    assert "亲自给您一个答复" not in mei.everything


async def test_the_supervisor_opens_nothing(town: Town) -> None:
    boss = await holder(town, "督导", Role.SUPERVISOR)
    await waiting(town, "U1")
    await boss.forges(f"v1:review.look:{(await the_case(town)).id}:1")
    boss.hears("不是给您的")
    await boss.forges("v1:review.queue:-:0")
    boss.hears("不是给您的")


async def silent(town: Town) -> list[str]:
    """Cases that live, and nothing is due of them and nobody of staff has them before her."""
    async with town.store.transaction() as session:
        queue = {item.case_id for item in cases.waiting(session)} | {
            item.case_id for item in claims.left_to_staff(session)
        }
        return [
            f"{case.number} {case.state} {case.due}"
            for case in session.exec(select(Case)).all()
            if case.state in cases.LIVE
            and case.id not in queue
            and not (case.due_at is not None and case.due is not None)
        ]


async def undue(town: Town) -> list[str]:
    """The same for the ladder: volunteers are looked for, and no mark is set."""
    async with town.store.transaction() as session:
        return [
            f"{case.number} {case.state}"
            for case in session.exec(select(Case)).all()
            if (case.state in cases.LOOKING) != (case.mark_at is not None)
        ]


async def open_ended(town: Town) -> list[str]:
    """Claims that should have ended or moved on a good while ago."""
    async with town.store.transaction() as session:
        late = town.clock.now() - timedelta(minutes=1)
        found = [claims.live(session, case.id) for case in session.exec(select(Case)).all()]
        return [
            claim.state
            for claim in found
            if claim is not None and claim.state != ClaimState.CONFIRMED and claim.held_until < late
        ]


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_anybody_taps_nothing_ends_in_silence(town: Town, seed: int) -> None:
    print(f"seed {seed}")  # noqa: T201  so that a failure can be told again
    chance = random.Random(seed)
    chen, zhao = await town.volunteer("小陈", "陪看病"), await town.volunteer("小赵", "陪看病")
    await (clinic(town) if seed % 2 else approved(town))
    everybody = [
        *(Neighbour(town, phone) for phone in town.world.phones.values()),
        chen,
        zhao,
    ]
    for _ in range(40):
        one = chance.choice(everybody)
        labels = [label for seen in one.phone.heard[-3:] for label in seen.labels if label not in LEFT_ALONE]
        try:
            if labels:
                going_on = [label for label in labels if label in GOING_ON] if chance.random() < 0.5 else []
                await one.taps(chance.choice(going_on or labels))
            if chance.random() < 0.4:
                await town.later(minutes=chance.choice([1, 6, 16, 130, 700]))
        except NoSuchButton:
            continue
        await town.settle()
        assert (await silent(town), await undue(town), await open_ended(town)) == ([], [], [])


async def test_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    mei = await town.newcomer("Li", "en", area="b2")
    await mei.starts()
    await mei.taps("Ask for help", "Small repairs", "Any time", "Nothing more", "No door number", "No")
    await mei.taps("Send my request")
    await lin.taps(lin.last.labels[0])
    await town.later(hours=48)
    lin.hears("Half the time" if "Half" in lin.last.text else "Three quarters")
    await town.later(hours=24)
    lin.hears("The time to find somebody is up")
    mei.hears("it is not forgotten", "answer you in person")
    assert State((await the_case(town)).state) is State.NOBODY
