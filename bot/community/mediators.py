"""Who may stand in the middle: somebody with the role, or on a mediation post with a paper staff have seen; tied to neither side.

What can be known here is looked at here; what only she knows (family, money, employer, her own court) she declares herself,
before she does anything.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, or_, select

from bot.community import credentials, events, mediations, pairs, people, posts, staff
from bot.community.cases import Case
from bot.community.claims import Claim
from bot.community.credentials import Credential, Standing
from bot.community.mediations import Mediation, a_side, look_for_another, move, note_asked
from bot.community.people import Person
from bot.community.posts import Holding, Post, PostMember
from bot.community.record import now_of, rows, table_of
from bot.community.staff import Role
from bot.community.stages import LIVE, MEDIATOR, SEEKING, STAFF, A, State
from bot.data import Local
from bot.errors import OldButton
from privacy.prepared import Prepared

CATEGORY = "mediation"  # of taxonomy.toml
PAPERS = ("judge", "lawyer", "mediator")  # of levels.toml
_ROWS = table_of(Mediation)
_ON_POST = (
    select(PostMember.id)
    .join(Post, col(Post.id) == col(PostMember.post_id))
    .join(Credential, col(Credential.person_id) == col(PostMember.person_id))
    .where(
        col(PostMember.person_id) == col(Mediation.mediator_id),
        PostMember.state == Holding.JOINED.value,
        Post.state == posts.State.OPEN.value,
        col(Credential.kind).in_(PAPERS),
        Credential.state == Standing.CHECKED.value,
    )
    .correlate(Mediation)
    .exists()
)
_LEFT_ALONE = Prepared(
    select(Mediation.id).where(
        col(Mediation.mediator_id).is_not(None),
        col(Mediation.state).in_([state.value for state in (*SEEKING, State.ACCEPTED)]),
        ~staff.holding(_ROWS.c.mediator_id),
        ~_ON_POST,
    )
)


def eligible(session: Session, local: Local, one: Mediation) -> list[Person]:
    """Everybody who could be asked into the middle of this one."""
    free = [person for person in able(session, local) if not is_tied(session, one, person)]
    return sorted(free, key=lambda person: person.id)


def able(session: Session, local: Local) -> list[Person]:
    """Everybody who has the role today, or is on a post with a paper that is good today."""
    kinds = [kind.code for kind in local.skills_of(CATEGORY)]
    held = (
        select(PostMember.person_id)
        .join(Post, col(Post.id) == col(PostMember.post_id))
        .where(
            col(Post.kind).in_(kinds),
            Post.state == posts.State.OPEN.value,
            PostMember.state == Holding.JOINED.value,
        )
    )
    on_post = [person for person in set(session.exec(held)) if papers(session, local, person)]
    having = {person.id: person for person in staff.on_duty(session, Role.MEDIATOR)}
    having |= {person.id: person for person in people.those(session, on_post) if person.quiet_since is None}
    return list(having.values())


def may(session: Session, local: Local, one: Mediation, person_id: str) -> bool:
    """Whether she still is one of them."""
    return any(person.id == person_id for person in eligible(session, local, one))


def ask(session: Session, local: Local, one: Mediation, person_id: str, *, staff_id: str) -> None:
    """Staff ask her, instead of who has not answered; nothing is told to the two before she has said how she stands to them.

    Raises OldButton where she may not, or no longer.
    """
    if one.state not in SEEKING or one.declared_at is not None or not may(session, local, one, person_id):
        raise OldButton
    if one.mediator_id is not None:
        note_asked(session, one, one.mediator_id)
    move(session, one, State(one.state), STAFF, actor=staff_id, mediator_id=person_id)


def declare(session: Session, local: Local, one: Mediation, person_id: str, title: str | None) -> None:
    """No tie to either, said before anything else; from now on the two are asked. Raises OldButton.

    `title`: what of her papers she tells the two, which is her own choice.
    """
    asked = one.mediator_id == person_id and one.declared_at is None
    if not asked or not may(session, local, one, person_id):
        raise OldButton
    if title is not None and title not in papers(session, local, person_id):
        raise OldButton
    move(session, one, State.PROPOSED, MEDIATOR, declared_at=now_of(session), title=title)


def pass_on(session: Session, one: Mediation, person_id: str) -> None:
    """The one in the middle steps out: a tie, or no time. Raises OldButton for anybody else, and once it has come out."""
    if one.mediator_id != person_id or one.state not in (*SEEKING, State.ACCEPTED):
        raise OldButton
    look_for_another(session, one, MEDIATOR)


def left_alone(session: Session) -> list[str]:
    """Those whose mediator has the role no more, nor a place of a post and a paper that is good: another is to be looked for."""
    return list(rows(session, _LEFT_ALONE, role=Role.MEDIATOR, now=now_of(session)).scalars())


def accept(session: Session, one: Mediation, person_id: str, mediator_id: str) -> bool:
    """One side's yes to this mediator, who has declared herself before. Returns whether both have said it. Raises OldButton."""
    side = a_side(one, person_id)
    if one.state != State.PROPOSED or one.mediator_id != mediator_id or one.declared_at is None:
        raise OldButton
    yes: dict[str, Any] = {f"yes_{side.value}": now_of(session)}
    both = (one.yes_b if side is A else one.yes_a) is not None
    move(session, one, State.ACCEPTED if both else State.PROPOSED, side, **yes)
    return both


def object_to(session: Session, one: Mediation, person_id: str, mediator_id: str) -> None:
    """One side is uneasy, which is enough; nobody is told which. Raises OldButton."""
    side = a_side(one, person_id)
    if one.mediator_id != mediator_id or one.state not in (State.PROPOSED, State.ACCEPTED):
        raise OldButton
    look_for_another(session, one, side)


def papers(session: Session, local: Local, person_id: str) -> list[str]:
    """What staff have seen of hers that fits here (codes of levels.toml)."""
    seen = credentials.live(session, local, person_id)
    return [code for code in PAPERS if code in seen]


def is_tied(session: Session, one: Mediation, person: Person) -> bool:
    """A side herself, a neighbour of the same blocks, somebody kept apart or close, one who helped or was helped, who had a hand
    in this as staff, who was asked before, or in another mediation with one of the two.
    """
    both = mediations.sides(one)
    if person.id in both or person.id in mediations.asked_before(session, one):
        return True
    areas = {people.get(session, side).area for side in both} - {None}
    if person.area in areas or pairs.apart_from(session, person.id) & set(both):
        return True
    if any(line.actor_id == person.id for line in events.of_case(session, one.id)):
        return True
    return _met(session, person.id, both) or _elsewhere(session, one, person.id, both)


def _met(session: Session, person_id: str, both: list[str]) -> bool:
    """One of them has taken on something of the other's."""
    wanted = (
        select(Claim.id)
        .join(Case, col(Case.id) == col(Claim.case_id))
        .where(
            or_(
                (col(Claim.person_id) == person_id) & col(Case.person_id).in_(both),
                col(Claim.person_id).in_(both) & (col(Case.person_id) == person_id),
            )
        )
    )
    return session.exec(wanted).first() is not None


def _elsewhere(session: Session, one: Mediation, person_id: str, both: list[str]) -> bool:
    """Another one under way, of which she and one of the two are part."""
    return any(
        found.id != one.id and {found.a_id, found.b_id, found.mediator_id} & set(both)
        for found in mediations.of_person(session, person_id, *LIVE)
    )
