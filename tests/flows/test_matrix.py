"""Every action × every role, each tap forged: what the table does not allow changes nothing, tells nothing, and is logged.

The table (matrix.toml) says of each action who may tap it; a new action without a line in it fails.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select
from telegram import Update

from bot.community import (
    appeals,
    appointments,
    complaints,
    credentials,
    flags,
    mediations,
    messages,
    moving,
    people,
    reports,
    restrictions,
    rules,
    shifts,
    staff,
)
from bot.community.cases import Case
from bot.community.items import Sort
from bot.community.people import Person
from bot.community.staff import Role
from bot.context import Context
from bot.errors import NotHerself, NotRegistered, NotYours, Refusal, StepAside
from bot.flow import Tap, actions_of, pack
from bot.handlers import FLOWS
from bot.store.models import metadata
from tests.flows.standing import an_open_post, holds
from tests.town import Neighbour, Town

ACTIONS = actions_of(FLOWS)
TABLE = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text(encoding="utf-8"))
# What passes through the machine, which message shows what, and who read what is hers to read.
TRAFFIC = {"inbox", "outbox", "message_map", "persistence", "runtime_state", "card", "access"}
CANARIES = ("金丝雀甲", "金丝雀乙", "金丝雀丙", "6栋3172", "13857391846")
INSIDERS = {"asker", "asked", "helper", "moderator", "aside"}  # they have read some of it rightly
NOT_FOR_HER = (NotYours, NotRegistered, StepAside, NotHerself)
CAST = (
    *("moderator", "aside", "other", "former", "future", "duty", "supervisor", "steward", "mediator"),
    *("resident", "group", "asker", "helper", "asked", "stranger"),
)
GROUPS: dict[str, tuple[str, ...]] = {
    "nobody": (),
    "everybody": CAST,
    "registered": CAST[:-1],
    "staff": ("moderator", "aside", "other"),
}
FORGERS = ("resident", "stranger")  # of answers in somebody else's talk
EAST = 'code = "b3"\ncommunity = "east"\n'


@dataclass
class Scene:
    """Everybody, by role, and what there is to forge a tap about: its id and version."""

    town: Town
    cast: dict[str, Neighbour]
    about: dict[str, tuple[str, int]]

    def person(self, role: str) -> Person | None:
        return people.find(self.town.store.current(), self.cast[role].phone.user.id)


def two_communities(folder: Path) -> Path:
    copytree(Path("bot/data"), folder)
    file = folder / "community.toml"
    words = file.read_text(encoding="utf-8").replace('code = "b3"\n', EAST)
    words += '\n[[community]]\ncode = "east"\nname = {zh = "东区", en = "East"}\n'
    file.write_text(words, encoding="utf-8")
    return folder


async def everybody(town: Town) -> dict[str, Neighbour]:
    now, month = town.clock.now(), timedelta(days=30)
    terms: dict[str, dict[str, Any]] = {
        "moderator": {"role": Role.MODERATOR},
        "aside": {"role": Role.MODERATOR},
        "other": {"role": Role.MODERATOR, "community": "east"},
        "former": {"role": Role.MODERATOR, "until": now + timedelta(seconds=1)},
        "future": {"role": Role.MODERATOR, "since": now + month, "until": now + 2 * month},
        **{role.value: {"role": role} for role in Role if role is not Role.MODERATOR},
    }
    cast = {role: await town.newcomer(f"甲{n}") for n, role in enumerate([*terms, "resident", "group"])}
    cast["asker"] = await town.newcomer("金丝雀甲", area="b2")
    cast |= {role: await town.volunteer(name) for role, name in (("helper", "小陈"), ("asked", "小赵"))}
    cast["stranger"] = town.stranger("伊芙")
    await cast["stranger"].starts()
    async with town.store.transaction() as session:
        for role, what in terms.items():
            person = people.find(session, cast[role].phone.user.id)
            assert person is not None
            staff.grant(session, person.id, **what)
    town.world.group("工作人员", (cast["moderator"].phone.user.id, cast["group"].phone.user.id))
    await town.later(minutes=1)
    return cast


async def asks(mei: Neighbour, *contact: str) -> None:
    await mei.says("金丝雀乙家的灯坏了")
    await mei.taps("对", "明天", "下一步")
    for step in contact:
        await (mei.says if step[0].isdecimal() else mei.taps)(step)
    await mei.taps("发出求助")


async def scene(town: Town) -> Scene:
    """One need in her hands who helps, one that is open, one staff have not looked at; a post; staff at the desk."""
    cast = await everybody(town)
    mei, lin = cast["asker"], cast["moderator"]
    await asks(mei, "6栋3172", "可以", "13857391846")
    await lin.taps("放行")
    await town.settle()
    await cast["helper"].taps("我来", "确认接单")
    await asks(mei, "不写门牌", "不要")
    await lin.taps("放行")
    await town.settle()
    await asks(mei, "不写门牌", "不要")
    await lin.starts()
    await lin.taps("替邻居办")
    await lin.says("YS-0001")
    desk = lin.button("当面说的").split(":")
    post = await an_open_post(town, "P-LAW")
    await town.knows(cast["helper"], "lawyer")
    await holds(town, cast["helper"], post)
    made = Scene(town, cast, {"-": ("-", 0), "talk": (desk[2], int(desk[3])), "post": (post, 1)})
    async with town.store.transaction() as session:
        made.about |= things(session, made)
    await town.settle()
    return made


def things(session: Session, made: Scene) -> dict[str, tuple[str, int]]:
    mei, chen, ning, lin = (made.person(role) for role in ("asker", "helper", "aside", "moderator"))
    assert mei and chen and ning and lin  # noqa: PT018  they are all there
    about: dict[str, tuple[str, int]] = {"person": (mei.id, 0)}
    found = session.exec(select(Case).order_by(Case.number)).all()  # type: ignore[arg-type]  # SQLModel types columns as their values
    for name, case in zip(("engaged", "open", "received"), found, strict=True):
        assert case.state == name
        about[name] = (case.id, case.version)
        rules.step_aside(session, case, ning)
    now = made.town.clock.now()
    terms = {"person_id": mei.id, "case_id": None, "words": "金丝雀丙", "promised_at": now, "due_at": now}
    about["complaint"] = (complaints.submit(session, **terms).id, 0)
    about["credential"] = (credentials.of_person(session, chen.id)[0].id, 0)
    shift = shifts.ahead(session, made.about["post"][0])[0]
    place = shifts.place_of(session, shift.id, chen.id)
    assert place is not None
    about |= {"shift": (shift.id, 0), "place": (place.id, 0)}
    about["duty"] = (next(one.id for one in staff.of_community(session, "") if one.person_id == lin.id), 0)
    local = made.town.service.house.local
    about["appointment"] = (appointments.take(session, local, shift, 0, mei.id).id, 0)
    middle = made.person("mediator")
    assert middle is not None
    one = mediations.apply(
        session, person_id=mei.id, language="zh", topic="noise", wording="金丝雀丙", promised_at=now
    )
    one.mediator_id = middle.id
    session.add(one)
    about["mediation"] = (one.id, 0)
    lengthy = {"what": restrictions.May.CLAIM, "rule": local.rules[0].code, "length": "month"}
    zhou = made.person("resident")
    assert zhou is not None
    held = restrictions.restrict(session, person_id=zhou.id, staff_id=lin.id, **lengthy)
    again = appeals.submit(session, local, person_id=zhou.id, restriction_id=held.id)
    told = reports.submit(session, mei, reports.Who.ADULT, "金丝雀丙", of_staff=False)
    head = messages.take(session, local, Sort.MESSAGE, mei, "金丝雀丙")
    zhao = made.person("asked")
    assert zhao is not None
    flag = flags.put(session, case_id=found[0].id, person_id=zhao.id, author_id=mei.id, what="need")
    assert flag is not None
    about["flag"] = (flag.id, 0)
    about["moving"] = (moving.ask(session, mei, moving.Why.LOST, by=lin.id, way="counter").id, 0)
    about |= {
        "restriction": (held.id, 0),
        "appeal": (again.id, 0),
        "report": (told.id, 0),
        "message": (head.id, 0),
    }
    return about


async def asked(made: Scene, role: str, tap: Tap) -> bool | Refusal:
    """What the rule of an action says to this person; nothing of it is kept."""
    one, application = made.cast[role], made.town.runtime.application
    user = {"id": one.phone.user.id, "is_bot": False, "first_name": "x"}
    message = {"message_id": one.last.id, "date": 0, "chat": {"id": user["id"], "type": "private"}}
    query = {"id": "1", "from": user, "chat_instance": "1", "data": "x", "message": message}
    async with made.town.store.transaction() as session:
        update = Update.de_json({"update_id": 1, "callback_query": query}, application.bot)
        context = Context.from_update(update, application)
        await context.refresh_data()
        try:
            return ACTIONS[tap.action].may(context, tap)
        except Refusal as refusal:
            return refusal
        finally:
            session.rollback()


async def may(made: Scene, role: str, tap: Tap) -> bool:
    """Whether it is for her, even where it can do nothing as things stand."""
    said = await asked(made, role, tap)
    return not isinstance(said, NOT_FOR_HER) and said is not False


async def let_through(made: Scene, role: str, tap: Tap) -> bool:
    """Whether she gets into a talk that is not hers."""
    return role != "moderator" and await asked(made, role, tap) is True


class Row(NamedTuple):
    action: str
    choice: str | None
    roles: frozenset[str]
    about: str


def rows() -> Iterator[Row]:
    """The table, a line for each action."""
    for key, actions in TABLE.items():
        who, _, about = key.partition(" @ ")
        roles = frozenset(role for word in who.split() for role in GROUPS.get(word, (word,)))
        for named in actions.split():
            action, _, choice = named.partition("=")
            yield Row(action, choice or None, roles, about)


ROWS = list(rows())


def test_every_action_has_a_line_and_every_line_an_action() -> None:
    """Failed? Write into matrix.toml who may tap the new one, and about what."""
    assert {row.action for row in ROWS} == ACTIONS.keys()
    assert {role for row in ROWS for role in row.roles} <= {*CAST, "owner"}


def state(session: Session) -> dict[str, str]:
    """All there is, but for the traffic."""
    return {
        name: str(sorted(map(tuple, session.execute(sa.select(table))), key=str))
        for name, table in metadata.tables.items()
        if name not in TRAFFIC
    }


def reads_of(session: Session, person: Person | None) -> int:
    """How often she has opened somebody's words."""
    mine = metadata.tables["access"].c.reader_id == (person.id if person is not None else "")
    return session.execute(sa.select(sa.func.count()).where(mine)).scalar_one()


async def forged(made: Scene, role: str, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What went wrong when this role tapped all it must not."""
    one, town, wrong = made.cast[role], made.town, []
    tries = [row for row in ROWS if role not in row.roles and (row.about != "talk" or role in FORGERS)]
    async with town.store.transaction() as session:
        before, read = state(session), reads_of(session, made.person(role))
        who = person.id if (person := made.person(role)) is not None else "-"
    caplog.clear()
    told = len(one.phone.toasts)
    for row in tries:
        about, version = made.about[row.about]
        one.phone.forge_callback(pack(row.action, row.choice, about, version))
    await town.settle()
    refused = Counter(line.message.partition(": ")[2] for line in caplog.records)
    missing = Counter(f"{row.action} to {who}" for row in tries) - refused
    wrong += [f"{role}: {line} was not refused" for line in missing]
    async with town.store.transaction() as session:
        after = state(session)
        wrong += [f"{role} changed {name}" for name, there in before.items() if after[name] != there]
        if role not in INSIDERS and reads_of(session, made.person(role)) != read:
            wrong.append(f"{role} has read somebody's words")
    heard = one.everything + "".join(text for text, _ in one.phone.toasts[told:])
    if role not in INSIDERS:
        wrong += [f"{role} was told {word}" for word in CANARIES if word in heard]
    wrong += [f"{role}: {line.message}" for line in caplog.records if line.levelname != "INFO"]
    wrong += [f"the log tells {word}" for word in CANARIES if word in caplog.text]
    return wrong


async def test_every_action_forged_by_every_role(
    sqlite_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    town = Town(sqlite_url, community=two_communities(tmp_path / "data"))
    made = await scene(town)
    assert set(made.cast) == set(CAST)
    caplog.set_level("INFO", "bot.dispatch")
    wrong = [line for role in CAST for line in await forged(made, role, caplog)]
    for row in ROWS:
        tap = Tap(row.action, row.choice, *made.about[row.about])
        if row.about == "talk":  # a rule of one line for all of them, so it is asked and not tapped
            wrong += [f"{role}: {row.action}" for role in CAST if await let_through(made, role, tap)]
        else:
            wrong += [f"{role} may not {row.action}" for role in row.roles if not await may(made, role, tap)]
    town.close()
    assert wrong == [], "\n".join(wrong)
