"""What stands on the papers that are printed, and who has said that her name may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from bot.community import cases, claims, people, posts, shifts, views
from bot.community.cases import Case
from bot.community.items import Item
from bot.community.people import Person
from bot.community.posts import Post, State
from bot.community.record import now_of
from bot.community.shifts import COMING, THERE, Shift, ShiftState
from bot.data import Local
from bot.data.calendar import DAY
from bot.qr import drawn
from bot.texts import LANGUAGES, Texts
from privacy import consent

ROSTER = "roster"  # the purpose


def poster(local: Local, texts: Texts, post: Post, *, bot: str) -> bytes:
    """A page of HTML for an A4 sheet, in every language, with a code that opens the post's card in the chat of `bot`."""
    link = f"https://t.me/{bot}?start={payload(post)}"
    halves = [
        Markup(texts.page("poster_words", language=each, post=post, schedule=schedule(texts, post, each)))  # noqa: S704  a page of ours, escaped
        for each in LANGUAGES
    ]
    return texts.page("poster", language="zh", post=post, halves=halves, link=link, code=drawn(link)).encode()


def payload(post: Post) -> str:
    """What the link carries (Bot API: start parameter): short, so that the code stays coarse enough for a bad camera."""
    return f"p-{post.number:04d}"


def notice(texts: Texts, *, bot: str) -> bytes:
    """A page of HTML for an A4 sheet: how to reach us, in every language, with a code that opens the chat of `bot`."""
    link = f"https://t.me/{bot}"
    return texts.page("notice", language="zh", languages=LANGUAGES, link=link, code=drawn(link)).encode()


def day(
    session: Session,
    local: Local,
    texts: Texts,
    items: Sequence[Item],
    calls: Mapping[str, Mapping[str, str | None]],
    coming: Sequence[Mapping[str, Any]],
    *,
    at: datetime,
    language: str,
) -> bytes:
    """A page of HTML to work a day from: what waits, with room to write; `calls`: whom to ring, by the item's `about`; `coming`:
    who helps today or tomorrow and is reminded by nobody else.
    """
    lines = [
        {
            "what": texts.line("words.sort", language, sort=item.sort),
            "case": cases.get(session, item.case_id) if item.case_id else None,
            "area": local.area(item.area) if item.area else None,
            "since": item.since,
            "until": item.until,
            "call": calls.get(item.about),
        }
        for item in items
    ]
    return texts.page("day_sheet", language=language, lines=lines, coming=coming, at=at).encode()


def without_telegram(session: Session, local: Local) -> list[tuple[Person, Shift | Case, Post | None]]:
    """Who comes to a shift of today or tomorrow, or has a need in hand, and whom nobody but staff can remind."""
    today = now_of(session).astimezone(local.tz).date()
    found: list[tuple[Person, Shift | Case, Post | None]] = []
    for shift, post in _shifts(session, local, today, today + 2 * DAY):
        for person in people.those(session, coming(session, shift)):
            found += [] if people.has_chat(person) else [(person, shift, post)]
    return found + [(person, case, None) for person, case in claims.in_offline_hands(session)]


def case_slip(
    session: Session, local: Local, texts: Texts, case: Case, words: Mapping[str, str | None]
) -> bytes:
    """A page of HTML in two halves: for who goes, and for who asked, each in her own language.

    `words`: what was opened for who has it made.
    """
    claim, asker = claims.live(session, case.id), people.get(session, case.person_id)
    goes = asker if claim is None else people.get(session, claim.person_id)
    values = {
        "case": case,
        "kind": local.kind(case.skill),
        "area": local.area(case.area) if case.area else None,
        "words": words,
        "code": views.code_word(session, local, case, claim),
    }
    halves = [
        Markup(texts.page(half, language=one.language, **values))  # noqa: S704  a page of ours, escaped
        for half, one in (("case_slip_goes", goes), ("case_slip_asks", asker))
    ]
    return texts.page("case_slip", language=asker.language, case=case, halves=halves).encode()


def schedule(texts: Texts, post: Post, language: str) -> str:
    """On which days and when, in local time."""
    begin = post.starts
    end = (begin.hour * 60 + begin.minute + post.minutes) % 1440 if begin else 0
    hours = f"{begin:%H:%M}–{end // 60:02}:{end % 60:02}" if begin else ""
    return texts.line("post.schedule", language, post=post, hours=hours)


def period(local: Local, now: datetime, which: str) -> tuple[date, date]:
    """The first day and the day after the last: this week, the next, or the weeks of a month from this Monday."""
    here = now.astimezone(local.tz).date()
    monday = here - timedelta(days=here.weekday())
    if which == "next":
        monday += timedelta(weeks=1)
    return monday, monday + timedelta(weeks=4 if which == "month" else 1)


def roster(
    session: Session,
    local: Local,
    texts: Texts,
    first: date,
    end: date,
    *,
    language: str,
    names: dict[str, str],
) -> bytes:
    """A page of HTML for the wall: who comes when. `names`: of those who agreed to it; the others are there without one."""
    days: list[dict[str, Any]] = []
    found = [(shift.starts_at, shift.id, shift, post) for shift, post in _shifts(session, local, first, end)]
    for _, _, shift, post in sorted(found):
        here = shift.starts_at.astimezone(local.tz)
        if not days or days[-1]["day"].date() != here.date():
            days.append({"day": here, "shifts": []})
        days[-1]["shifts"].append(
            {
                "post": post,
                "from": here,
                "until": shift.ends_at.astimezone(local.tz),
                "names": [names.get(one, "") for one in coming(session, shift)],
                "free": len(shifts.free(session, shift)),
            }
        )
    last = end - timedelta(days=1)
    return texts.page("roster", language=language, days=days, first=first, last=last).encode()


def _shifts(session: Session, local: Local, first: date, end: date) -> Iterator[tuple[Shift, Post]]:
    since, until = (datetime.combine(day, time(), local.tz) for day in (first, end))
    for post in posts.listed(session, State.OPEN):
        for shift in shifts.ahead(session, post.id):
            if since <= shift.starts_at < until and shift.state == ShiftState.OPEN:
                yield shift, post


def coming(session: Session, shift: Shift) -> list[str]:
    return shifts.people_of(session, shift, *COMING, *THERE)


def on_paper(session: Session, local: Local, first: date, end: date) -> list[Person]:
    """Who comes in this time and has said that her name may stand on the wall."""
    ids = {one for shift, _ in _shifts(session, local, first, end) for one in coming(session, shift)}
    return [person for person in people.those(session, sorted(ids)) if agrees(session, person)]


def agrees(session: Session, person: Person) -> bool:
    return consent.is_live(session, person_id=person.id, purpose=ROSTER, at=now_of(session))


def agree(session: Session, person: Person) -> None:
    if not agrees(session, person):
        consent.record(
            session,
            person_id=person.id,
            purpose=ROSTER,
            given=True,
            at=now_of(session),
            language=person.language,
        )
