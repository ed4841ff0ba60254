"""Every action × every role, each tap forged: what is not allowed in the table changes nothing, tells nothing, and is logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlmodel import select

from bot.community import people, rules, staff
from bot.community.cases import Case
from bot.community.staff import Role
from bot.flow import actions_of
from bot.handlers import FLOWS
from tests.flows.standing import an_open_post, holds
from tests.town import Neighbour, Town

ACTIONS = actions_of(FLOWS)
TABLE = Path(__file__).with_name("matrix.toml")
# What goes through the machine, which cards are in whose chat, and who read what in them.
TRAFFIC = {"inbox", "outbox", "message_map", "persistence", "runtime_state", "card", "access"}
CANARIES = ("金丝雀甲", "金丝雀乙", "金丝雀丙", "6栋3172", "13857391846")
INSIDERS = {"asker", "asked", "helper", "moderator"}  # they may read some of it


@dataclass
class Scene:
    """Everybody, by role, and what there is to forge a tap about."""

    town: Town
    cast: dict[str, Neighbour]
    about: dict[str, tuple[str, int]]


async def _member(town: Town, name: str, **terms: object) -> Neighbour:
    one = await town.newcomer(name)
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        staff.grant(session, person.id, **terms)  # type: ignore[arg-type]  # handed on as they are
    return one


async def _asks(town: Town, mei: Neighbour) -> None:
    await mei.says("金丝雀乙家的灯坏了")
    await mei.taps("对", "明天", "下一步")


async def scene(url: str, folder: Path) -> Scene:
    town = Town(url, community=folder)
    now, month = town.clock.now(), timedelta(days=30)
    cast = {
        "moderator": await _member(town, "林站长", role=Role.MODERATOR),
        "aside": await _member(town, "宁老师", role=Role.MODERATOR),
        "helper": await town.volunteer("小陈"),
        "asked": await town.volunteer("小赵"),
        "asker": await town.newcomer("金丝雀甲", area="b2"),
        "resident": await town.newcomer("小周", area="b2"),
        "other": await _member(town, "东站长", role=Role.MODERATOR, community="east"),
        "former": await _member(town, "旧同事", role=Role.MODERATOR, until=now + timedelta(seconds=1)),
        "future": await _member(
            town, "新同事", role=Role.MODERATOR, since=now + month, until=now + 2 * month
        ),
        "duty": await _member(town, "值班", role=Role.DUTY),
        "supervisor": await _member(town, "督导", role=Role.SUPERVISOR),
        "steward": await _member(town, "管家", role=Role.STEWARD),
        "mediator": await _member(town, "调解", role=Role.MEDIATOR),
        "group": await town.newcomer("群里人"),
        "stranger": town.stranger("伊芙"),
    }
    await cast["stranger"].starts()
    mei, lin = cast["asker"], cast["moderator"]
    town.world.group("工作人员", (lin.phone.user.id, cast["group"].phone.user.id))
    await town.later(minutes=1)
    for contact in (("6栋3172", "可以", "13857391846"), ("不写门牌", "不要"), ("不写门牌", "不要")):
        await mei.says("金丝雀乙家的灯坏了")
        await mei.taps("对", "明天", "下一步")
        door, *phone = contact
        await (mei.says if door[0] == "6" else mei.taps)(door)
        await mei.taps(phone[0])
        if phone[1:]:
            await mei.says(*phone[1:])
        await mei.taps("发出求助")
        if contact[0][0] == "6":
            await lin.taps("放行")
            await town.settle()
            await cast["helper"].taps("我来", "确认接单")
        elif "open" not in town.__dict__:
            town.__dict__["open"] = True
            await lin.taps("放行")
            await town.settle()
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says("YS-0001")
    desk = lin.button("当面说的").split(":")
    post = await an_open_post(town, "P-LAW")
    await holds(town, cast["helper"], post)
    about = {"-": ("-", 0), "talk": (desk[2], int(desk[3])), "post": (post, 0)}
    async with town.store.transaction() as session:
        everybody = {role: people.find(session, one.phone.user.id) for role, one in cast.items()}
        three = session.exec(select(Case).order_by(Case.number)).all()  # type: ignore[arg-type]  # a column
        for name, case in zip(("engaged", "open", "received"), three, strict=True):
            assert case.state == name
            about[name] = (case.id, case.version)
            ning = everybody["aside"]
            assert ning is not None
            rules.step_aside(session, case, ning)
    return Scene(town, cast, about)
