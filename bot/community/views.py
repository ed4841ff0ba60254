"""What of a case is on whose card. Words are unopened in here: whether they open for her who reads, the gate decides.

Every card is drawn from one of these; the sandbox's "who sees what" pane reads the same functions.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bot.community import (
    cases,
    claims,
    credentials,
    events,
    people,
    posts,
    proposals,
    queue,
    rules,
    shifts,
    talents,
)
from bot.community.cases import Case
from bot.community.claims import Ask, Claim, ClaimState
from bot.community.events import Kind
from bot.community.proxy import proxy_of
from bot.community.record import now_of
from bot.data import Local
from bot.data.local import CodeWord
from bot.matching import explain
from privacy.opening import Words


def staff(session: Session, local: Local, case: Case) -> dict[str, Any]:
    """The need and who asks; that there is a door or a phone, never which."""
    resident = people.get(session, case.person_id)
    return {
        **_need(local, case),
        **_suggested(session, local, case),
        "by_staff": rules.by_staff(local, case),
        "degrees": [
            local.degree(local.kind(case.skill).sensitivity),
            local.degree(local.kind(case.skill).approval),
        ],
        "name": people.name_of(resident),
        "chat": people.has_chat(resident),
        "files": bool(case.files),
        "sensitive": cases.words_of(case, "sensitive"),
        "minor": cases.words_of(case, "minor"),
        "seen_to_by": seen_to_by(session, case.id),
        "gap": gap(session, case),
    }


def gap(session: Session, case: Case) -> dict[str, Any] | None:
    """The shift a need was made of, and the name of its post: whoever asked for it is only who was on duty."""
    need = proposals.need(session, case.id)
    shift = shifts.get(session, need.shift_id) if need is not None else None
    post = posts.get(session, shift.post_id) if shift is not None else None
    return {"name": post.name, "shift_id": shift.id} if shift is not None and post is not None else None


def seen_to_by(session: Session, about: str) -> Words | str:
    """The name of who of the staff sees to what waits under this id; empty where nobody does."""
    who = queue.holder(queue.hold_of(session, about), now_of(session))
    return people.name_of(people.get(session, who)) if who is not None else ""


def asked(local: Local, case: Case, ask: Ask) -> dict[str, Any]:
    """The need and the block, and why it is she who is asked; nobody's name (R10)."""
    why = explain.read(ask.why)
    return {
        **_need(local, case),
        "why": why,
        "on_post": next((one for one in local.posts if one.code == why.get("post")), None),
        "offer": local.kind(why["kind"]) if "kind" in why else None,
        "spoken": local.language(why["language"]) if "language" in why else None,
    }


def helper(session: Session, local: Local, case: Case, claim: Claim) -> dict[str, Any]:
    """What the one engaged helper needs to come: name, and the door and phone she was given.

    Where staff stand in for her, none of it stays in a chat of theirs (`on_paper`): the slip has it.
    """
    contact, proxy = cases.contact_of(case), proxy_of(session)
    resident = people.get(session, case.person_id)
    on_paper = proxy is not None and proxy.person_id == claim.person_id
    return {
        **_need(local, case),
        "name": people.name_of(resident),
        "chat": people.has_chat(resident),
        "sensitive": None if on_paper else cases.words_of(case, "sensitive"),
        "door": None if on_paper else contact.door,
        "phone": None if on_paper else contact.phone,
        "on_paper": on_paper,
        "words": code_word(session, local, case, claim),
    }


def resident(session: Session, local: Local, case: Case) -> dict[str, Any]:
    """Her own case, and the name and code word of who comes."""
    claim = claims.live(session, case.id) or claims.done(session, case.id)
    known = claim is not None and claim.state != ClaimState.HELD
    return {
        **_need(local, case),
        "helper": people.name_of(people.get(session, claim.person_id)) if claim and known else "",
        "words": code_word(session, local, case, claim) if claim and known else None,
        "offer": claim.id if claim is not None and claim.state == ClaimState.PROPOSED else "",
    }


def offer(session: Session, local: Local, case: Case, claim: Claim) -> dict[str, Any]:
    """Who would come, for the asker whose yes is awaited: a name, what staff have seen if it is shown, a language they share.

    Nothing of what was before (R12).
    """
    helper, resident = people.get(session, claim.person_id), people.get(session, case.person_id)
    volunteer = talents.get(session, helper.id)
    today = now_of(session).astimezone(local.tz).date()
    shown = volunteer is not None and volunteer.shows_title
    seen = [one.kind for one in credentials.of_person(session, helper.id) if credentials.is_live(one, today)]
    spoken = volunteer.languages.split(",") if volunteer is not None else []
    return {
        **_need(local, case),
        "name": people.name_of(helper),
        "titles": [one for one in local.credentials if shown and one.code in seen and one.title],
        "languages": [one for one in local.languages if one.code in spoken and one.of == resident.language],
        "offer": claim.id,
    }


def code_word(session: Session, local: Local, case: Case, claim: Claim | None) -> CodeWord:
    """What the two say at the door; where nobody has it in a chat, the same two words however often it is printed."""
    number = case.number if claim is None else claim.code_word or 0
    two = [case.person_id] if claim is None else [case.person_id, claim.person_id]
    languages = [people.get(session, one).language for one in two]
    return local.code_words[number % len(local.code_words)].between(*languages)


def _suggested(session: Session, local: Local, case: Case) -> dict[str, Any]:
    """Which way the words seemed to go, a reason or a body with it (bot/understanding/route.py): for staff to decide."""
    way, _, why = events.code_of(session, case.id, Kind.SUGGESTED).partition(":")
    return {
        "way": way,
        "reason": local.reason(why),
        "body": local.body(why),
        "unheard": local.body(events.code_of(session, case.id, Kind.REFERRED)),
    }


def _need(local: Local, case: Case) -> dict[str, Any]:
    return {
        "kind": local.kind(case.skill),
        "area": local.area(case.area) if case.area else None,
        "story": cases.story_of(case),
    }
