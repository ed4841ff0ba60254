"""People of the neighbourhood: who somebody is to us, and how we find them again."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Date, Index, String, bindparam, column, table, text
from sqlalchemy import update as sql_update
from sqlmodel import Field, Session, SQLModel, col, select

from bot.community import record
from bot.community.record import Moment, gate_of, new_id, now_of, records, rows, vault_of
from privacy import scrub
from privacy.opening import SERVICE, Closed, Words
from privacy.prepared import Prepared
from privacy.sealed import Place, Sealed, SealedBytes

NAME_MAX = 20
NOBODY = -1  # no blind index is negative
OFFLINE = -2  # she has no Telegram: staff speak with her, and act on her word
GONE = Sealed(b"")  # opens for nobody
_QUIET = text("quiet_since IS NOT NULL")
_ASKED = text("asked IS NOT NULL")
SEEN_FOR = timedelta(days=30)  # so rarely is it noted that somebody was here: a diary is nobody's business
INDEX_BITS = 12  # about 4096 buckets: two people in ten share one, so an index value alone names nobody


class Person(SQLModel, table=True):
    """Somebody registered. Personal words are sealed; what is plain here says nothing about anybody.

    `quiet_since`: she has died, or has left and only her id is here; since then nothing is said to her by itself.
    `seen_on`: a day on which she was here, up to a month before the last. `asked`, `stay_at`: what she was asked after a long
    time away, and when her silence counts (bot.community.staying). `phone`: only of somebody without Telegram.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("person_quiet", "quiet_since", sqlite_where=_QUIET, postgresql_where=_QUIET),
        Index("person_asked", "stay_at", sqlite_where=_ASKED, postgresql_where=_ASKED),
        Index("person_seen", "seen_on"),
    )
    model_config = {"arbitrary_types_allowed": True}

    id: str = Field(default_factory=new_id, primary_key=True, max_length=16)
    telegram_index: int = Field(sa_type=BigInteger, index=True)
    telegram_id: Sealed = Field(sa_type=SealedBytes)
    name: Sealed | None = Field(default=None, sa_type=SealedBytes)
    phone: Sealed | None = Field(default=None, sa_type=SealedBytes)
    language: str = Field(max_length=8)
    simple: bool = False
    area: str | None = Field(default=None, max_length=16)
    reachable: bool = True
    joined_at: datetime = Field(sa_type=Moment)
    quiet_since: datetime | None = Field(default=None, sa_type=Moment)
    name_index: int | None = Field(default=None, sa_type=BigInteger, index=True)
    seen_on: date | None = Field(default=None, sa_type=Date)
    asked: str | None = Field(default=None, max_length=8)
    stay_at: datetime | None = Field(default=None, sa_type=Moment)


def _telegram_place(person_id: str) -> Place:
    return Place("person", "telegram_id", person_id)


def _name_place(person_id: str) -> Place:
    return Place("person", "name", person_id)


# Asked again and again, so built once.
_BUCKET = Prepared(select(Person).where(Person.telegram_index == bindparam("index")))
_NAMED = select(Person).where(
    col(Person.name).is_not(None),
    (col(Person.name_index) == bindparam("index")) | col(Person.name_index).is_(None),
)
_TALENT = table("talent", column("person_id", String), column("area", String))  # bot.community.talents
_LIVES = (
    sql_update(_TALENT)
    .where(_TALENT.c.person_id == bindparam("row"))
    .values(area=bindparam("where", type_=String))
)
_THOSE = Prepared(select(Person).where(col(Person.id).in_(bindparam("ids", expanding=True))))


def index_of(session: Session, telegram_id: int) -> int:
    return vault_of(session).index("person", "telegram_id", str(telegram_id), bits=INDEX_BITS)


def find(session: Session, telegram_id: int) -> Person | None:
    """The person with this Telegram number, or None. Candidates of the bucket are opened to be sure."""
    bucket = records(session, Person, _BUCKET, index=index_of(session, telegram_id))
    return next((person for person in bucket if _is(session, person, telegram_id)), None)


def _is(session: Session, person: Person, telegram_id: int) -> bool:
    try:
        return _address(session, person, "recognise") == telegram_id
    except Closed:  # whose key was erased is nobody we know, and in nobody's way
        return False


def is_gone(person: Person) -> bool:
    """Whether she had everything of hers erased; nothing can be said to her any more."""
    return person.telegram_index == NOBODY


def register(session: Session, *, telegram_id: int, language: str) -> Person:
    """A new person, known by Telegram number and nothing else."""
    person_id = new_id()
    person = Person(
        id=person_id,
        telegram_index=index_of(session, telegram_id),
        telegram_id=vault_of(session).seal(
            str(telegram_id), subject=person_id, data_class="account", place=_telegram_place(person_id)
        ),
        language=language,
        joined_at=now_of(session),
        seen_on=now_of(session).date(),
    )
    session.add(person)
    session.flush()
    return person


def enter(session: Session, *, name: str, language: str) -> Person:
    """A new person without Telegram, entered by staff on her word."""
    person_id = new_id()
    person = Person(
        id=person_id,
        telegram_index=OFFLINE,
        telegram_id=GONE,
        language=language,
        reachable=False,
        joined_at=now_of(session),
        seen_on=now_of(session).date(),
    )
    rename(session, person, name)
    session.flush()
    return person


def bind(session: Session, person: Person, telegram_id: int) -> None:
    """She is found and written to by this Telegram number from now on; there she needs no telephone any more."""
    place = _telegram_place(person.id)
    person.telegram_index = index_of(session, telegram_id)
    person.telegram_id = vault_of(session).seal(
        str(telegram_id), subject=person.id, data_class="account", place=place
    )
    today = now_of(session).date()
    update(session, person, phone=None, reachable=True, seen_on=today, asked=None, stay_at=None)
    session.flush()


def has_chat(person: Person) -> bool:
    """Whether the bot can write to her."""
    return person.telegram_index >= 0


def set_phone(session: Session, person: Person, phone: str | None) -> None:
    """How staff reach somebody without Telegram."""
    place = Place("person", "phone", person.id)
    person.phone = (
        vault_of(session).seal(phone, subject=person.id, data_class="account", place=place) if phone else None
    )
    session.add(person)
    session.flush()


def phone_of(person: Person) -> Words:
    return Words(person.phone, person.id, "account", Place("person", "phone", person.id), owner=person.id)


def seen(session: Session, person: Person) -> None:
    """She is here, or sends word: noted at most once a month, and an answer to whether she stays."""
    today = now_of(session).date()
    lately = person.seen_on is not None and today - person.seen_on < SEEN_FOR
    if person.quiet_since is None and not lately:  # whoever was asked has not been here lately
        update(session, person, seen_on=today, asked=None, stay_at=None)


def telegram_of(session: Session, person: Person) -> int:
    """The number to deliver the person's own messages to. Raises privacy.opening.Closed when its key was erased."""
    return _address(session, person, "deliver")


def address_of(person: Person) -> Words:
    """Her Telegram number, unopened."""
    return Words(person.telegram_id, person.id, "account", _telegram_place(person.id), owner=person.id)


def _address(session: Session, person: Person, purpose: str) -> int:
    return int(gate_of(session).open(session, address_of(person), reader=SERVICE, purpose=purpose) or 0)


def rename(session: Session, person: Person, name: str) -> None:
    person.name = vault_of(session).seal(
        name, subject=person.id, data_class="account", place=_name_place(person.id)
    )
    person.name_index = _name_index(session, name)
    session.add(person)


def called(session: Session, name: str) -> list[Person]:
    """Everybody who is called exactly this, however it is written. Candidates are opened to be sure.

    Who was named before names had an index is among the candidates once, and gets hers then.
    """
    wanted = _folded(name)
    found = []
    for person in session.exec(_NAMED, params={"index": _name_index(session, name)}):
        known = _known_as(session, person)
        if person.name_index is None:
            update(session, person, name_index=_name_index(session, known))
        if _folded(known) == wanted:
            found.append(person)
    return found


def called_like(session: Session, part: str, among: Iterable[Person]) -> list[Person]:
    """Whose name has this in it, of these; they are opened to be sure. Nobody for a part of nothing."""
    wanted = _folded(part)
    return [person for person in among if wanted and wanted in _folded(_known_as(session, person))]


def _known_as(session: Session, person: Person) -> str:
    """To find her by it; nobody reads it here. Empty for whose key was erased."""
    try:
        words = name_of(person)
        return gate_of(session).open(session, words, reader=SERVICE, purpose="recognise") or ""
    except Closed:
        return ""


def _name_index(session: Session, name: str) -> int:
    return vault_of(session).index("person", "name", _folded(name), bits=INDEX_BITS)


def _folded(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def name_of(person: Person) -> Words:
    """What neighbours call her, unopened; there is none before she has said."""
    return Words(person.name, person.id, "account", _name_place(person.id), owner=person.id)


def name_trouble(name: str) -> str | None:
    """Which sentence tells what is wrong with a chosen name, or None."""
    if not name or len(name) > NAME_MAX:
        return "start.name_long"
    return "start.name_number" if scrub.find(name) else None


def get(session: Session, person_id: str) -> Person:
    """The person with this id. Raises KeyError when there is none."""
    person = record.get(session, Person, person_id)
    if person is None:
        raise KeyError(person_id)
    return person


def those(session: Session, person_ids: Sequence[str]) -> list[Person]:
    """The people with these ids, in this order, by one question. Raises KeyError when one is not there."""
    if not person_ids:
        return []
    found = {person.id: person for person in records(session, Person, _THOSE, ids=person_ids)}
    return [found[person_id] for person_id in person_ids]


def update(session: Session, person: Person, **values: Any) -> None:
    """The one way to change her area, which what she offers is found by too."""
    for name, value in values.items():
        setattr(person, name, value)
    session.add(person)
    if "area" in values:
        rows(session, _LIVES, row=person.id, where=person.area or "")
