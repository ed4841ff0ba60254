"""Anybody taps anything, on the real runtime: what is said to whom while a mediation goes its ways."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from bot.community import mediations, people, staff, statements
from bot.community.mediations import Mediation
from bot.community.staff import Role
from bot.community.stages import MOVES, TOGETHER, WITH_MEDIATOR, State, Who
from bot.handlers.start import service as start
from bot.sandbox.model import Chat
from bot.sandbox.phone import NoSuchButton
from tests.flows.test_staff_group import posted
from tests.town import Neighbour, Town

EXAMPLES, STEPS = 12, 70
LEAST = 700
AREAS = {"甲": "b1", "乙": "b1", "丙": "b3", "丁": "b3", "站长": "b2", "伊芙": "b2"}
WAYS = "12348"  # in every message that tells which other ways there are
TOLD = (State.NOT_AGREED, State.WITHDRAWN)
# Each of these a side writes for the mediator alone; none of them is pressed to be shown.
WORDS = {"甲": "金丝雀甲", "乙": "金丝雀乙"}
OURS = ("mediate.", "mediator.")
FORGED = (
    *(
        "mediate.accept",
        "mediate.object",
        "mediate.say",
        "mediate.company",
        "mediate.longer",
        "mediate.court",
    ),
    *(
        "mediate.withdraw",
        "mediate.afraid",
        "mediate.anew",
        "mediate.read",
        "mediate.see",
        "mediate.went=kept",
    ),
    *("mediator.see", "mediator.read", "mediator.desk", "mediator.slip", "mediator.choose", "mediator.halt"),
    *(
        "mediator.declare=none",
        "mediator.declare=tie",
        "mediator.step_out",
        "mediator.flag",
        "mediator.write",
    ),
    *("mediator.paper", "mediator.meet=both", "mediator.outcome=not_agreed", "mediator.dismiss=offline"),
)
walked = {"steps": 0, "ends": set[State]()}


class Stage:
    """Where the walks take place: a town for each of them."""

    loop: asyncio.AbstractEventLoop
    fresh: Callable[[], str]


class Taps(RuleBasedStateMachine):
    """One neighbourhood, one mediation after the other; what is refused is only refused."""

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(Stage.fresh())
        self.cast = {name: self.town.stranger(name) for name in AREAS}
        self.group: Chat
        self.turn = 0
        self.seen: dict[str, set[tuple[int, str]]] = {name: set() for name in AREAS}

    def run(self, what: Any) -> Any:
        return Stage.loop.run_until_complete(what)

    def asks(self, what: Callable[[Session], Any]) -> Any:
        async def look() -> Any:
            async with self.town.store.transaction() as session:
                return what(session)

        return self.run(look())

    @initialize()
    def begins(self) -> None:
        self.group = self.town.world.group("Staff", (self.cast["站长"].phone.user.id,))
        self.town.staff_chat = str(self.group.id)
        self.town.notice_chat = str(self.group.id)
        self.town.restart()
        self.asks(lambda session: [self.register(session, name) for name in AREAS])
        for one in self.cast.values():
            self.run(one.starts())
        self.apply()

    def teardown(self) -> None:
        self.town.close()

    def register(self, session: Session, name: str) -> None:
        telegram_id = self.cast[name].phone.user.id
        if people.find(session, telegram_id) is not None:
            return
        person = start.register(session, telegram_id=telegram_id, language="zh", simple=False)
        people.update(session, person, area=AREAS[name])
        people.rename(session, person, name)
        if name == "站长":
            staff.grant(session, person.id, Role.MODERATOR)
        if name in ("丙", "丁", "站长", "甲"):
            staff.grant(session, person.id, Role.MEDIATOR)

    def apply(self) -> None:
        def applies(session: Session) -> None:
            self.register(session, "乙")  # who only came for the last one was forgotten with it
            one = mediations.apply(
                session,
                person_id=self.id_of(session, "甲"),
                language="zh",
                topic="noise",
                wording="想和您商量",
                promised_at=self.town.clock.now() + timedelta(hours=9),
            )
            statements.say(session, one, Who.A, WORDS["甲"])

        self.asks(applies)

    def id_of(self, session: Session, name: str) -> str:
        person = people.find(session, self.cast[name].phone.user.id)
        return person.id if person is not None else ""

    @staticmethod
    def newest(session: Session) -> Mediation:
        return session.exec(select(Mediation).order_by(col(Mediation.number).desc())).all()[0]

    def stands(self) -> tuple[State, str, dict[str | None, str]]:
        """Its state, its id, and which of the cast is who of it: a, b, mediator."""

        def look(session: Session) -> tuple[State, str, dict[str | None, str]]:
            one = self.newest(session)
            ids = {self.id_of(session, name): name for name in AREAS}
            parts = {"a": one.a_id, "b": one.b_id, "mediator": one.mediator_id}
            who = {part: ids[person] for part, person in parts.items() if person in ids}
            return State(one.state), one.id, {**who, "declared": "yes" if one.declared_at else ""}

        return self.asks(look)

    # what anybody does

    @rule(seed=st.integers(0, 2**32))
    def anybody_does_anything(self, seed: int) -> None:
        walked["steps"] += 1
        self.turn += 1
        chance = Random(f"{seed} {self.turn}")
        before, one, who = self.stands()
        kind = chance.choices(["next", "button", "forge", "reads", "words", "time"], [40, 27, 10, 10, 5, 8])[
            0
        ]
        name = chance.choice(list(AREAS))
        if kind == "next":
            self.goes_on(chance, before, one, who)
        elif kind == "button":
            self.presses_one_of_hers(chance, name)
        elif kind == "forge":
            self.forges(self.cast[name], f"v1:{chance.choice(FORGED)}:{one}:0")
        elif kind == "reads":
            name = chance.choice("甲乙丙丁")
            self.forges(self.cast[name], f"v1:{'mediate' if name in WORDS else 'mediator'}.read:{one}:0")
        elif kind == "words":
            self.run(self.cast[name].says(WORDS.get(name, "随便一句")))
        else:
            self.run(self.town.later(hours=chance.choice([0.5, 9, 30, 24 * 8])))
        self.looks(before, one, who)

    def presses_one_of_hers(self, chance: Random, name: str) -> None:
        phone = self.cast[name].phone
        buttons = [b for seen in phone.heard[-3:] for row in seen.buttons for b in row if b.data]
        ours = [b for b in buttons if b.data and b.data.removeprefix("v1:").startswith(OURS)]
        ours = [b for b in ours if "mediate.share" not in str(b.data)]  # what she shows is no secret any more
        if ours:
            self.forges(self.cast[name], str(chance.choice(ours).data))

    def goes_on(self, chance: Random, state: State, one: str, who: dict[str | None, str]) -> None:
        """What is sensible next, so that walks get somewhere; where it is over, another one begins."""
        lin, middle = self.cast["站长"], self.cast.get(who.get("mediator", ""))
        sides = [self.cast[who[side]] for side in ("a", "b") if side in who]
        match state:
            case State.APPLIED:
                self.forges(lin, f"v1:mediator.slip:{one}:0")
            case State.INVITING if "b" in who:
                self.walks(sides[-1], f"v1:mediate.anew:{one}:0", "没有，愿意谈", "接着看", "同意")
            case State.INVITING:
                codes = re.findall(r"m-([a-z0-9]{8})", lin.everything)
                self.run(self.cast["乙"].starts(f"m-{codes[-1]}" if codes else ""))
                self.walks(self.cast["乙"], None, "先听听", "没有，愿意谈", "接着看", "同意")
            case State.CONSENTED | State.PROPOSED if middle is None:
                person = self.asks(lambda session: self.id_of(session, chance.choice("丙丁")))
                self.forges(lin, f"v1:mediator.ask={person}:{one}:0")
            case State.CONSENTED | State.PROPOSED if middle is not None and not who["declared"]:
                self.forges(middle, f"v1:mediator.declare=none:{one}:0")
            case State.PROPOSED:
                person = self.asks(lambda session: self.newest(session).mediator_id)
                for side in sides:
                    self.forges(side, f"v1:mediate.accept={person}:{one}:0")
            case State.ACCEPTED if middle is not None:
                self.talks(chance, one, middle, sides)
            case State.AGREED_ORAL | State.AGREED_WRITTEN | State.PARTLY:
                self.run(self.town.later(hours=24 * 14))
                self.forges(chance.choice(sides), f"v1:mediate.went=kept:{one}:0")
            case _ if not MOVES[state]:
                self.apply()

    def talks(self, chance: Random, one: str, middle: Neighbour, sides: list[Neighbour]) -> None:
        match chance.choice(["words", "time", "paper", "out", "out"]):
            case "words":
                side = chance.choice(sides)
                self.forges(side, f"v1:mediate.say:{one}:0")
                self.run(side.says(WORDS[side.phone.user.first_name]))
            case "time":
                self.forges(middle, f"v1:mediator.meet=both:{one}:0")
                self.run(middle.says("明天上午十点"))
                for side in sides:
                    self.walks(side, None, "没有，我来")
            case "paper":
                self.forges(middle, f"v1:mediator.write:{one}:0")
                self.run(middle.says("十点后不拖椅子"))
            case _:
                outcome = chance.choice(
                    ["agreed_oral", "agreed_written", "partly", "not_agreed", "not_agreed"]
                )
                label = "就这样记" if outcome == "not_agreed" else "两周后"
                self.walks(middle, f"v1:mediator.outcome={outcome}:{one}:0", label)

    def forges(self, one: Neighbour, data: str) -> None:
        """On a message that has text, for one with a file has no buttons."""
        written = [seen.id for seen in one.phone.heard if seen.kind == "text"]
        one.phone.forge_callback(data, written[-1])
        self.run(self.town.settle())

    def walks(self, one: Neighbour, first: str | None, *labels: str) -> None:
        """As far as there are such buttons."""
        if first is not None:
            self.forges(one, first)
        try:
            self.run(one.taps(*labels))
        except NoSuchButton:
            return

    # what everybody heard

    def looks(self, before: State, one: str, who: dict[str | None, str]) -> None:
        heard = {name: self.new_on(name) for name in AREAS}
        after = self.asks(
            lambda session: State(found.state) if (found := session.get(Mediation, one)) else None
        )
        if after is not None and after is not before:
            assert after is not State.INVITING or before is State.APPLIED
            walked["ends"] |= {after} if not MOVES[after] else set()
        if after in TOLD and after is not before:  # 6: every side hears which ways there still are
            sides = [who["a"]] + ([who["b"]] if before in TOGETHER else [])
            assert [name for name in sides if WAYS not in heard[name]] == [], (before, after)
        assert [text for text in posted(self.group) if "jinlin-ledger" not in text] == []  # 9
        for author, words in WORDS.items():  # 4 and 7: what she wrote is hers and the mediator's
            now = (
                self.stands()[2].get("mediator")
                if before in WITH_MEDIATOR or after in WITH_MEDIATOR
                else None
            )
            readers = {author, who.get("mediator"), now}
            assert [name for name in AREAS if words in heard[name] and name not in readers] == []

    def new_on(self, name: str) -> str:
        """What stands on her screen now and did not before."""
        there = {(seen.id, seen.text) for seen in self.cast[name].phone.heard}
        new = there - self.seen[name]
        self.seen[name] |= there
        return "\n".join(text for _, text in new)


@pytest.fixture
def stage(tmp_path: Path, sqlite_template: Path) -> Iterator[None]:
    def fresh() -> str:
        path = tmp_path / "walk.db"
        shutil.copy(sqlite_template, path)
        shutil.copy(sqlite_template.with_suffix(".keys.db"), path.with_suffix(".keys.db"))
        for left in ("walk.db-wal", "walk.db-shm", "walk.keys.db-wal", "walk.keys.db-shm"):
            (tmp_path / left).unlink(missing_ok=True)
        return f"sqlite:///{path}"

    Stage.loop, Stage.fresh = asyncio.new_event_loop(), fresh
    yield
    Stage.loop.close()


def test_whatever_anybody_taps_the_right_people_hear_it_and_no_group_does(stage: None) -> None:
    run_state_machine_as_test(
        Taps,
        settings=settings(
            max_examples=EXAMPLES,
            phases=(Phase.generate,),  # what fails is found by reading the steps: to shrink it takes minutes
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert walked["steps"] >= LEAST
    assert set(TOLD) <= walked["ends"]  # the walks really go there
