"""Random moves of two sides, mediators, staff and the clock, and the invariants of a mediation after each of them."""

from __future__ import annotations

import asyncio
import itertools
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
from sqlmodel import Session

from bot.app import open_store
from bot.clock import ManualClock
from bot.community import mediations, mediators, outcomes, people, staff, stages, statements
from bot.community.mediations import Mediation
from bot.community.record import gate_of
from bot.community.staff import Role
from bot.community.stages import AGREED, LIVE, MOVES, TOGETHER, WITH_MEDIATOR, State, Who
from bot.data import Local
from bot.errors import Refusal
from bot.handlers.start import service as start
from privacy import consent
from privacy.keyring import Keyring
from privacy.opening import Closed
from tests.town import MORNING

LOCAL = Local.load()
ROOT = Path(__file__).parents[2]
LEAST = 10_000
EXAMPLES, STEPS = 75, 200
SIDES = ("a", "b")
ANYBODY = ("a", "b", "m", "n", "staff", "eve")


_numbers = itertools.count(1)
walked = {"steps": 0, "moves": set[tuple[str, str]]()}


class House:
    """One database for all walks; each has people of its own."""

    store: Any = None
    clock: ManualClock
    loop: asyncio.AbstractEventLoop


class Walk(RuleBasedStateMachine):
    """One mediation: anybody tries anything at any time; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.code = ""
        self.cast: dict[str, str] = {}
        self.one = ""
        self.turn = 0

    def do(self, what: Callable[[Session], Any]) -> Any:
        async def run() -> Any:
            async with House.store.transaction(soon=True) as session:
                return what(session)

        return House.loop.run_until_complete(run())

    def tries(self, what: Callable[[Session, Mediation], Any]) -> Any:
        """A move, or a refusal; what moved is watched."""

        def moved(session: Session) -> Any:
            one = self.found(session)
            if one is None:
                return None
            before = State(one.state)
            done = what(session, one)
            session.refresh(one)
            self.watch(session, one, before)
            self.looks(session)
            return done

        walked["steps"] += 1
        self.turn += 1
        try:
            return self.do(moved)
        except Refusal as refusal:
            return refusal

    def watch(self, session: Session, one: Mediation, before: State) -> None:
        after = State(one.state)
        if after is not before:
            walked["moves"].add((before.value, after.value))
            assert after in MOVES[before]
            if after in TOGETHER:  # 1
                assert one.a_id != one.b_id
                assert self.live(session, one.a_id)
                assert self.live(session, one.b_id)
        if after is State.ACCEPTED and before is State.PROPOSED:  # 2
            assert one.declared_at is not None
            assert one.yes_a is not None
            assert one.yes_b is not None
            assert one.declared_at <= min(one.yes_a, one.yes_b)

    def live(self, session: Session, person: str | None) -> bool:
        return person is not None and consent.is_live(
            session, person_id=person, purpose="mediation", scope=self.one, at=House.clock.now()
        )

    def found(self, session: Session) -> Mediation | None:
        return mediations.get(session, self.one)

    @initialize(topic=st.sampled_from(["noise", "work"]))
    def begins(self, topic: str) -> None:
        def begin(session: Session) -> None:
            areas = {"a": "b1", "b": "b1", "m": "b3", "n": "b3", "staff": "b2", "eve": "b2"}
            for name, area in areas.items():
                person = start.register(session, telegram_id=next(_numbers), language="zh", simple=False)
                people.update(session, person, area=area)
                people.rename(session, person, name)
                self.cast[name] = person.id
            staff.grant(session, self.cast["staff"], Role.MODERATOR)
            for name in ("m", "n", "staff", "a"):
                staff.grant(session, self.cast[name], Role.MEDIATOR)
            self.apply(session, topic)

        self.do(begin)

    def teardown(self) -> None:
        """Nobody of this walk is asked in the next."""

        def over(session: Session) -> None:
            for person in self.cast.values():
                staff.end(session, person)

        self.do(over)

    def apply(self, session: Session, topic: str) -> None:
        one = mediations.apply(
            session,
            person_id=self.cast["a"],
            language="zh",
            topic=topic,
            wording="calm",
            promised_at=House.clock.now() + timedelta(hours=9),
        )
        statements.say(session, one, Who.A, "hers")
        self.one = one.id

    def goes_on(self) -> None:
        """What is sensible next, so that walks get somewhere; where it is over, another one begins."""
        at = self.do(
            lambda s: (
                (one := self.found(s)) and (one.state, one.b_id, one.mediator_id, one.declared_at, one.yes_a)
            )
        )
        match at and State(at[0]):
            case State.APPLIED:
                self.staff_write_a_slip()
            case State.INVITING:
                self.b_joins() if at[1] else self.b_comes_with_the_code()
            case State.CONSENTED | State.PROPOSED if at[3]:
                self.one_side_accepts("b" if at[4] else "a", "m" if at[2] == self.cast["m"] else "n")
            case State.CONSENTED | State.PROPOSED if at[2]:
                asked = "m" if at[2] == self.cast["m"] else "n"
                self.one_side_accepts("a", asked)  # too early: she has not said how she stands to them
                self.somebody_declares(asked, None)
            case State.CONSENTED | State.PROPOSED:
                self.staff_ask_a_mediator("m")
                self.staff_ask_a_mediator("n")
            case State.ACCEPTED:
                self.somebody_says_something("a")
                self.somebody_says_something("b")
            case state if state not in LIVE and self.turn % 4 == 0:
                self.do(lambda s: self.apply(s, "noise"))

    @rule(seed=st.integers(0, 2**32))
    def anybody_does_anything(self, seed: int) -> None:
        """Which move it is, is drawn here, so that no walk lacks one; seeds come again, so the step is part of it."""
        chance = Random(f"{seed} {walked['steps']}")
        anybody, side, whom = (chance.choice(names) for names in (ANYBODY, SIDES, ("m", "n")))
        outcome = chance.choice([*AGREED, State.NOT_AGREED])
        moves: list[tuple[float, Callable[[], object]]] = [
            (6, self.goes_on),
            (0.5, self.staff_write_a_slip),
            (0.5, lambda: self.somebody_comes_with_the_code(anybody)),
            (0.5, lambda: self.somebody_joins(anybody)),
            (0.3, lambda: self.somebody_declines(anybody)),
            (1, lambda: self.staff_ask_a_mediator(anybody)),
            (1, lambda: self.somebody_declares(chance.choice(ANYBODY), chance.choice([None, "judge"]))),
            (0.3, lambda: self.the_mediator_steps_out(whom)),
            (1, lambda: self.one_side_accepts(side, whom)),
            (0.5, lambda: self.one_side_objects(side, whom)),
            (1, lambda: self.somebody_says_something(anybody)),
            (1, lambda: self.somebody_shares(anybody)),
            (1, lambda: self.a_draft(whom)),
            (1, lambda: self.it_comes_out(whom, outcome)),
            (0.5, lambda: self.one_wants_more_time(side)),
            (1, lambda: self.one_asks_for_the_court(side)),
            (2, lambda: self.one_says_how_it_went(side, chance.choice(["kept", "not"]))),
            (0.5, lambda: self.one_side_withdraws(side)),
            (0.3, lambda: self.somebody_is_afraid(chance.choice(list(Who)))),
            (0.6, lambda: self.staff_end_it(chance.choice([State.OFFLINE, State.NOT_SUITABLE]))),
            (0.2, lambda: self.a_yes_is_gone_from_the_ledger(side)),
            (3, lambda: self.time_passes(chance.choice([0.1, 0.5, 4, 16]))),
            (3, self.the_clock_does_what_is_due),
        ]
        weights, does = zip(*moves, strict=True)
        chance.choices(does, weights)[0]()

    def staff_end_it(self, to: State) -> None:
        self.tries(lambda s, one: mediations.dismiss(s, one, to, staff_id=self.cast["staff"]))

    def staff_write_a_slip(self) -> None:
        code = self.tries(lambda s, one: mediations.write_slip(s, one, staff_id=self.cast["staff"]))
        self.code = code if isinstance(code, str) else self.code

    def somebody_comes_with_the_code(self, who: str) -> None:
        came = self.tries(lambda s, one: mediations.arrive(s, self.code, self.cast[who]))
        assert who != "a" or came is None or isinstance(came, Refusal)

    def b_comes_with_the_code(self) -> None:
        self.somebody_comes_with_the_code("b")

    def somebody_joins(self, who: str) -> None:
        self.tries(lambda s, one: mediations.join(s, LOCAL, one, self.cast[who], "zh"))

    def b_joins(self) -> None:
        self.somebody_joins("b")

    def somebody_declines(self, who: str) -> None:
        self.tries(lambda s, one: mediations.decline(s, one, self.cast[who]))

    def staff_ask_a_mediator(self, who: str) -> None:
        staff_id = self.cast["staff"]
        asked = self.tries(lambda s, one: mediators.ask(s, LOCAL, one, self.cast[who], staff_id=staff_id))
        assert isinstance(asked, Refusal) or who in ("m", "n"), who  # 3: no side, nobody who had a hand in it

    def somebody_declares(self, who: str, title: str | None) -> None:
        self.tries(lambda s, one: mediators.declare(s, LOCAL, one, self.cast[who], title))

    def the_mediator_steps_out(self, who: str) -> None:
        self.tries(lambda s, one: mediators.pass_on(s, one, self.cast[who]))

    def one_side_accepts(self, who: str, whom: str) -> None:
        self.tries(lambda s, one: mediators.accept(s, one, self.cast[who], self.cast[whom]))

    def one_side_objects(self, who: str, whom: str) -> None:
        refused = self.tries(lambda s, one: mediators.object_to(s, one, self.cast[who], self.cast[whom]))
        now = self.do(lambda s: (one := self.found(s)) and (one.state, one.mediator_id))
        assert refused is not None or now == (State.PROPOSED, None)  # 2

    def somebody_says_something(self, who: str) -> None:
        def say(session: Session, one: Mediation) -> None:
            side = mediations.side_of(one, self.cast[who])
            if side is not None and len(statements.of(session, one)) < 4:
                statements.say(session, one, side, who)

        self.tries(say)

    def somebody_shares(self, who: str) -> None:
        def share(session: Session, one: Mediation) -> None:
            for said in statements.of(session, one):
                if said.shared is None:
                    statements.share(session, one, said, self.cast[who])
                    assert self.cast[who] == mediations.id_of(one, Who(said.side))  # 4

        self.tries(share)

    def a_draft(self, who: str) -> None:
        self.tries(lambda s, one: outcomes.draft(s, one, self.cast[who], "paper"))

    def it_comes_out(self, who: str, outcome: State) -> None:
        follow = House.clock.now() + timedelta(days=25)
        self.tries(lambda s, one: outcomes.conclude(s, one, self.cast[who], outcome, follow_at=follow))

    def one_wants_more_time(self, who: str) -> None:
        def longer(session: Session, one: Mediation) -> None:
            before, alone = one.limit_at, not (one.longer_a or one.longer_b)
            mediations.longer(session, LOCAL, one, self.cast[who])
            assert one.limit_at == before or not alone

        self.tries(longer)

    def one_asks_for_the_court(self, who: str) -> None:
        with_committee = pytest.MonkeyPatch()
        with with_committee.context() as patch:
            patch.setitem(LOCAL.mediation.__dict__, "committee", True)
            self.tries(lambda s, one: outcomes.ask_court(s, LOCAL, one, self.cast[who]))

    def one_says_how_it_went(self, who: str, said: str) -> None:
        self.tries(lambda s, one: outcomes.follow(s, one, self.cast[who], said))

    def one_side_withdraws(self, who: str) -> None:
        before = self.do(lambda s: (one := self.found(s)) and (one.state, mediations.sides(one)))
        refused = self.tries(lambda s, one: mediations.withdraw(s, one, self.cast[who]))
        if before and before[0] in LIVE and self.cast[who] in before[1]:
            assert refused is None  # 5: one tap, wherever it stands

    def somebody_is_afraid(self, who: Who) -> None:
        self.tries(lambda s, one: mediations.stop(s, one, who))

    def a_yes_is_gone_from_the_ledger(self, who: str) -> None:
        """However it came about: from then on nothing moves on, and nothing of hers opens."""

        def gone(session: Session, one: Mediation) -> None:
            consent.withdraw(
                session, person_id=self.cast[who], purpose="mediation", scope=one.id, at=House.clock.now()
            )

        self.tries(gone)

    def time_passes(self, days: float) -> None:
        House.clock.advance(days * 86400)

    def the_clock_does_what_is_due(self) -> None:
        def tick(session: Session, one: Mediation) -> None:
            if mediations.get_due(session, one.id) is None:
                return
            if one.due == "warn":
                assert one.limit_at is not None
                mediations.look_again(session, one, one.limit_at, "lapse")
            elif one.due == "follow":
                outcomes.follow_asked(session, LOCAL, one)
            elif one.due in ("court", "court_last"):
                assert one.court_a
                assert one.court_b
                outcomes.court_reminded(session, one)
            elif one.due != "staff":
                if one.due == "line":
                    assert (one.a_id, one.b_id, one.mediator_id, one.wording, one.agreement) == (None,) * 5
                    assert statements.of(session, one) == []
                    return
                mediations.time_is_over(session, one)

        self.tries(tick)

    def looks(self, session: Session) -> None:
        one = self.found(session)
        if one is None:
            return
        assert one.mediator_id is None or one.state not in (
            State.APPLIED,
            State.INVITING,
        )  # 1: nobody is asked too early
        for yes in filter(None, (one.yes_a, one.yes_b)):  # 2
            assert one.declared_at is not None
            assert one.declared_at <= yes
        if one.state not in LIVE:
            assert not self.live(session, one.a_id)
            assert not self.live(session, one.b_id)
            assert one.b_id is None or one.outcome not in (State.DECLINED, State.NO_ANSWER)
        if one.due in ("court", "court_last"):  # 8
            assert one.court_a
            assert one.court_b
            assert one.effect_at is not None
            assert one.due_at == one.effect_at + timedelta(days=30) - mediations.WARNING
        name = list(self.cast)[self.turn % len(self.cast)]
        reader, state = self.cast[name], State(one.state)
        middle = reader == one.mediator_id and state in WITH_MEDIATOR
        for said in statements.of(session, one):
            author = mediations.id_of(one, Who(said.side))
            agreed = self.live(session, author)
            may = reader == author or (middle and agreed)
            assert self.opens(session, statements.private_of(one, said), reader) <= (
                may and said.private is not None
            )
            both = state in TOGETHER and reader in mediations.sides(one) and agreed
            assert self.opens(session, statements.shared_of(one, said), reader) <= (may or both)
        if name in ("staff", "eve") and name not in ("m", "n") and reader not in mediations.sides(one):
            for words in (mediations.wording_of(one), mediations.agreement_of(one)):  # 7
                assert not self.opens(session, words, reader)

    @staticmethod
    def opens(session: Session, words: Any, reader: str) -> bool:
        if words.sealed is None:
            return False
        try:
            gate_of(session).allows(session, words, reader=reader, case=words.case)
        except Closed:
            return False
        return True


@pytest.fixture
def house(tmp_path: Path, sqlite_template: Path) -> Iterator[None]:
    path = tmp_path / "walks.db"
    shutil.copy(sqlite_template, path)
    shutil.copy(sqlite_template.with_suffix(".keys.db"), path.with_suffix(".keys.db"))
    House.clock = ManualClock(MORNING)
    House.loop = asyncio.new_event_loop()
    House.store, _ = open_store(f"sqlite:///{path}", Keyring.ephemeral(seed=b"walks"), House.clock)
    yield
    House.store.close()
    House.loop.close()


def test_whatever_anybody_does_the_invariants_hold(house: None) -> None:
    run_state_machine_as_test(
        Walk,
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
    every = {(state.value, to.value) for state, onward in MOVES.items() for to in onward if to is not state}
    unwalked = every - walked["moves"]
    assert len(unwalked) < len(every) / 4, sorted(unwalked)  # the walks really go somewhere


def test_the_drawing_is_what_the_code_says() -> None:
    """Not so? Put the output of stages.drawn() between the fences of docs/mediation.md."""
    page = (ROOT / "docs/mediation.md").read_text(encoding="utf-8")
    assert page.split("```mermaid\n")[1].split("\n```")[0] == stages.drawn()
