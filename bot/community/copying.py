"""A person's own copy of everything we hold about her, for her eyes and for machines (PIPL 45)."""

from __future__ import annotations

import calendar
import io
import itertools
import json
import secrets
import unicodedata
import zipfile
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from bot.community import (
    appointments,
    cases,
    complaints,
    events,
    holdings,
    mediations,
    messages,
    moving,
    notes,
    people,
    posts,
    shifts,
    stages,
    statements,
)
from bot.community.cases import Case, State
from bot.community.claims import Claim
from bot.community.holdings import HeldCase, Holding
from bot.community.mediations import Mediation
from bot.community.people import Person
from bot.community.record import gate_of, now_of, vault_of
from bot.community.shifts import Shift, ShiftPlace
from bot.community.staff import Duty
from bot.community.talents import PARTS, Volunteer
from bot.data import Local
from bot.runtime import persistence
from bot.runtime.seals import Seals
from bot.texts import Texts
from privacy import access_log, archive, consent
from privacy.opening import Closed, Words
from privacy.receipt import Controller, receipt
from privacy.retention import rule

FORMAT = "jinlin-copy/1"
PAGE, MACHINE = "copy.html", "copy.json"  # the two files of a copy
OWN, DESK = "copy_key", "desk_key"  # whose copy it opens: her own, or a neighbour's at the desk
KEY_KEPT = {OWN: rule("copy_key").after, DESK: rule("desk_key").after}
GROUPS, DIGITS = 5, 4  # of a passphrase: 20 digits are 66 bits, on top of scrypt


def passphrase() -> str:
    """Digits in groups: quick to write down on paper, the same in every language."""
    return "-".join(f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}" for _ in range(GROUPS))


def as_shown(typed: str) -> str:
    """A passphrase as it was shown, however its groups were written down."""
    digits = "".join(char for char in unicodedata.normalize("NFKC", typed) if char.isdecimal())
    return "-".join(digits[at : at + DIGITS] for at in range(0, len(digits), DIGITS))


def make(
    session: Session, local: Local, texts: Texts, person: Person, *, whole: bool = True
) -> tuple[bytes, str]:
    """The locked file and its passphrase. Takes a tenth of a second."""
    controller = Controller(
        name=local.name[person.language],
        contact=local.phone,
        storage=texts.line("my_data.storage", person.language),
        withdrawal=texts.line("my_data.withdrawal", person.language),
    )
    everything = machine(session, local, person, controller)
    if not whole:
        everything["complaints"] = everything["kept_apart"] = everything["ties"] = everything[
            "mediations"
        ] = []
        for request in everything["requests"]:
            request["sensitive"] = request["of_a_child"] = ""
            request["notes"] = []  # they may be about this very member of staff
        if everything["pool"]:
            everything["pool"]["gender"] = None  # she was told that nobody sees it
    page = texts.page("copy", language=person.language, one=everything, made_at=now_of(session))
    key = passphrase()
    return archive.lock(pack(page, everything), key), key


def keep_key(session: Session, reader_id: str, kind: str, key: str) -> None:
    """Sealed, apart from her talk, so that it goes by itself: an own one after a day, one made at the desk after an hour."""
    until = (now_of(session) + KEY_KEPT[kind]).timestamp()
    persistence.keep(session, Seals(vault_of(session)), kind, reader_id, key, until)


def key_kept(session: Session, reader_id: str, kind: str) -> str | None:
    """So that she can look again while she writes it down."""
    now = now_of(session).timestamp()
    found: str | None = persistence.kept(session, Seals(vault_of(session)), kind, reader_id, now)
    return found


def forget_key(session: Session, reader_id: str, kind: str) -> None:
    persistence.drop(session, Seals(vault_of(session)), kind, reader_id)


def file_name(local: Local, at: datetime) -> str:
    """Nothing of anybody's is in it but the day."""
    return f"my-data-{at.astimezone(local.tz):%Y-%m-%d}.jinlin"


def machine(session: Session, local: Local, person: Person, controller: Controller) -> dict[str, Any]:
    """Everything of hers as JSON can hold it; moments in ISO 8601, UTC."""
    held = holdings.of(session, person)
    return {
        "format": FORMAT,
        "made_at": _when(now_of(session)),
        "controller": {"name": controller.name, "contact": controller.contact},
        "person": {
            "id": person.id,
            "telegram_id": people.telegram_of(session, person) if people.has_chat(person) else None,
            "phone": _own(session, person, people.phone_of(person)) or None,
            "name": _own(session, person, people.name_of(person)),
            "language": person.language,
            "simple": person.simple,
            "area": person.area,
            "joined_at": _when(person.joined_at),
            "seen_on": person.seen_on.isoformat() if person.seen_on else None,
        },
        "requests": [_request(session, person, one) for one in held.cases],
        "pool": None if held.volunteer is None else _pool(held, held.volunteer),
        "appointments": _appointments(session, person),
        "helped": _helped(session, person),
        "posts": [
            {
                "number": post.number,
                "name": post.name,
                "state": one.state,
                "since": _when(one.since),
                "agreed_at": _when(one.agreed_at),
                "agreed_version": one.agreed_version,
            }
            for post, one in held.posts
        ],
        "shifts": [_shift(session, shift, place) for shift, place in held.shifts],
        "proposed": [
            {
                "number": post.number,
                "at": _when(post.at),
                "words": _own(session, person, posts.words_of(post)),
            }
            for post in held.proposed
        ],
        "roles": [
            {
                "role": duty.role,
                "community": duty.community,
                "since": _when(duty.since),
                "until": _when(duty.until),
            }
            for duty in session.exec(
                select(Duty).where(Duty.person_id == person.id).order_by(col(Duty.since))
            )
        ],
        "consents": [
            receipt(session, line, controller=controller)
            for line in consent.history(session, person_id=person.id)
        ],
        "opened": [
            {
                "at": _when(line.at),
                "part": line.part,
                "purpose": line.purpose,
                "kind": line.kind,
                "request": _number(cases.get(session, line.case_id)) if line.case_id else None,
            }
            for line in held.opened
        ],
        "complaints": [
            {
                "number": one.number,
                "received_at": _when(one.received_at),
                "words": _own(session, person, complaints.words_of(one)),
                "answered_at": _when(one.answered_at),
                "answer": _own(session, person, complaints.answer_of(one)),
            }
            for one in held.complaints
        ],
        "mediations": [_mediation(session, person, one) for one in held.mediations],
        "restrictions": [
            {"what": one.what, "rule": one.rule, "since": _when(one.since), "until": _when(one.until)}
            for one in held.restrictions
        ],
        "flagged": [{"at": _when(one.at), "rule": one.rule, "found": one.verdict} for one in held.flags],
        "looked_again": [
            {
                "received_at": _when(one.received_at),
                "decided_at": _when(one.decided_at),
                "outcome": one.outcome,
            }
            for one in held.appeals
        ],
        "messages": [
            {
                "at": _when(one.since),
                "sort": one.sort,
                "words": _own(session, person, messages.words_of(one)),
                "done_at": _when(one.done_at),
            }
            for one in held.messages
        ],
        "account_moved": [
            {"at": _when(line.at), "step": line.code, "channel": line.channel}
            for line in moving.steps_of(session, person.id)
        ],
        "kept_apart": [{"since": _when(pair.at)} for pair in held.apart],  # from whom is theirs, not hers
        "ties": [{"since": _when(pair.at)} for pair in held.ties],
    }


def for_staff(
    session: Session, local: Local, texts: Texts, person: Person, member: Person
) -> tuple[bytes, str]:
    """The same for somebody at the desk. Staff could read it, so some is left out, and she sees who had it made.

    Left out: complaints, which may be about this very member of staff, and what had a yes of its own, which she has in her
    chat or hears from who noted it.
    """
    now = now_of(session)
    seen = [("name", "")] + [
        (kind, case.id)
        for case in cases.of_person(session, person.id, State)
        for kind, there in (("story", case.story), ("contact", case.phone or case.door))
        if there is not None
    ]
    access_log.write(
        session,
        [
            {
                "at": now,
                "owner_id": person.id,
                "reader_id": member.id,
                "part": "steward",
                "purpose": "rights",
                "kind": kind,
                "case_id": case_id,
            }
            for kind, case_id in seen
        ],
    )
    return make(session, local, texts, person, whole=False)


def pack(page: str, everything: dict[str, Any]) -> bytes:
    """The page and the machine's form in one zip, still to be locked."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(PAGE, page)
        archive.writestr(MACHINE, json.dumps(everything, ensure_ascii=False, indent=1))
    return target.getvalue()


def _pool(held: Holding, volunteer: Volunteer) -> dict[str, Any]:
    """What she offers, her own limits, and what staff have seen."""
    hours = [
        f"{day} {part}"
        for at, (day, part) in enumerate(itertools.product(calendar.day_name, PARTS))
        if volunteer.hours >> at & 1
    ]
    return {
        "kinds": held.kinds,
        "hours": hours,
        "languages": volunteer.languages.split(","),
        "asks_a_week": volunteer.asks_a_week,
        "at_once": volunteer.max_open,
        "urgent": volunteer.urgent_ok,
        "on_duty": volunteer.on_duty,
        "gender": volunteer.gender,
        "shows_title": volunteer.shows_title,
        "quiet_from": volunteer.quiet_from.isoformat() if volunteer.quiet_from else None,
        "quiet_until": volunteer.quiet_until.isoformat() if volunteer.quiet_until else None,
        "paused_until": _when(volunteer.paused_until),
        "joined_at": _when(volunteer.joined_at),
        "credentials": [
            {
                "kind": one.kind,
                "state": one.state,
                "declared_at": _when(one.declared_at),
                "checked_at": _when(one.checked_at),
                "expires_on": one.expires_on.isoformat() if one.expires_on else None,
            }
            for one in held.credentials
        ],
    }


def _own(session: Session, person: Person, words: Words) -> str:
    """Her own words, for her: the copy is read by who has its passphrase. Empty where there are none any more."""
    try:
        return gate_of(session).open(session, words, reader=person.id, purpose="own") or ""
    except Closed:
        return ""


def _request(session: Session, person: Person, held: HeldCase) -> dict[str, Any]:
    case = held.case
    contact = cases.contact_of(case)
    return {
        "number": case.number,
        "state": case.state,
        "kind": case.skill,
        "area": case.area,
        "from": _when(case.when_from),
        "until": _when(case.when_until),
        "received_at": _when(case.received_at),
        "ended_at": _when(case.ended_at),
        "words_kept_until": _when(held.until),
        "words": _own(session, person, cases.story_of(case)),
        "words_proposed": _own(session, person, cases.words_of(case, "proposed")) or None,
        "sensitive": _own(session, person, cases.words_of(case, "sensitive")),
        "of_a_child": _own(session, person, cases.words_of(case, "minor")),
        "asked_for": _own(session, person, cases.words_of(case, "whom")) or None,
        "door": _own(session, person, contact.door) or None,
        "phone": _own(session, person, contact.phone) or None,
        "files": len(_own(session, person, cases.files_of(case)).splitlines()),
        "notes": [  # empty where it speaks of others too: what is theirs is not in her copy
            {"at": _when(note.at), "words": _own(session, person, notes.words_of(note, owner=person.id))}
            for note in notes.of_case(session, case.id)
        ],
        "events": [{"at": _when(line.at), "kind": line.kind} for line in events.of_case(session, case.id)],
    }


def _mediation(session: Session, person: Person, one: Mediation) -> dict[str, Any]:
    """Her own part of it: what she said and let the other side read, and nothing of anybody else's."""
    side = mediations.side_of(one, person.id)
    hers = [said for said in statements.of(session, one) if side is not None and said.side == side]
    return {
        "number": one.number,
        "topic": one.topic,
        "as": side or "mediator",
        "state": one.state,
        "applied_at": _when(one.applied_at) if side == stages.A else None,
        "ended_at": _when(one.ended_at),
        "wording": _own(session, person, mediations.wording_of(one)) if side == stages.A else "",
        "agreement": _own(session, person, mediations.agreement_of(one)) if side is None else "",
        "said": [
            {
                "at": _when(said.at),
                "words": _own(session, person, statements.private_of(one, said))
                or _own(session, person, statements.shared_of(one, said)),
                "shown": said.shared is not None,
            }
            for said in hers
        ],
    }


def _appointments(session: Session, person: Person) -> list[dict[str, Any]]:
    """The times she has chosen at posts; what is over is not kept."""
    found = []
    for one in appointments.of_person(session, person.id):
        shift = shifts.get(session, one.shift_id)
        post = posts.get(session, shift.post_id) if shift is not None else None
        found.append({"post": dict(post.name) if post is not None else {}, "at": _when(one.at)})
    return found


def _helped(session: Session, person: Person) -> list[dict[str, Any]]:
    """What she took on herself: numbers and moments, nothing of the neighbour's."""
    taken = select(Claim).where(Claim.person_id == person.id).order_by(col(Claim.held_until))
    return [
        {
            "request": _number(cases.get(session, claim.case_id)),
            "state": claim.state,
            "confirmed_at": _when(claim.confirmed_at),
        }
        for claim in session.exec(taken)
    ]


def _shift(session: Session, shift: Shift, place: ShiftPlace) -> dict[str, Any]:
    """When it was, and when she came and went where she has agreed that it is kept."""
    post = posts.get(session, shift.post_id)
    return {
        "post": post.name if post is not None else {},
        "from": _when(shift.starts_at),
        "until": _when(shift.ends_at),
        "state": place.state,
        "arrived_at": _when(place.arrived_at),
        "left_at": _when(place.left_at),
    }


def _number(case: Case | None) -> int | None:
    return None if case is None else case.number


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
