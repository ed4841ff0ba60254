"""Everybody may read them: they are of nobody, and what is small in them is withheld (R19)."""

from __future__ import annotations

from typing import Any

from bot.community import events, ledgers, posts, rules, staff
from bot.community.cases import Case
from bot.community.events import NO_CASE, Kind
from bot.community.ledgers import Period, Report, Unmet
from bot.community.staff import Role
from bot.context import Context
from bot.errors import OldButton, Refusal
from bot.flow import Step, Tap
from bot.handlers.ledgers import picture as drawing
from bot.handlers.ledgers import service
from bot.voice import Voice

PLACES = 6  # areas on one screen
UNSEEN = 4  # needs on one card
MISSING = 4  # kinds of help on one card


def on_duty(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR)


def _wanted(context: Context, tap: Tap) -> tuple[Period, str | None]:
    """The period and the area a button names: the last month and everywhere where it names none."""
    code, _, area = (tap.choice or "").partition(".")
    if area and context.local.area(area) is None:
        raise OldButton
    try:
        period = Period.of(code) if code else ledgers.last_month(context.local, context.now())
    except ValueError:
        raise OldButton from None
    return period, area or None


def _report(context: Context, tap: Tap) -> Report:
    period, area = _wanted(context, tap)
    return ledgers.report(context.session, context.local, period, area)


def _values(context: Context, report: Report) -> dict[str, Any]:
    return service.values(context.local, context.house.texts, report, context.language)


async def show(context: Context, tap: Tap) -> Step:
    of_staff = context.person is not None and staff.holds(context.session, context.me.id, Role.MODERATOR)
    above = context.person is not None and staff.holds(context.session, context.me.id, Role.SUPERVISOR)
    await context.say(
        "ledgers.report", of_staff=of_staff, above=above, **_values(context, _report(context, tap))
    )
    return None


async def rates(context: Context, tap: Tap) -> Step:
    await context.say("ledgers.rates", **_values(context, _report(context, tap)))
    return None


async def periods(context: Context, tap: Tap) -> Step:
    _, area = _wanted(context, tap)
    offered = [
        {"code": one.code, "label": service.named(context.house.texts, one, context.language)}
        for one in ledgers.offered(context.local, context.now())
    ]
    await context.say("ledgers.periods", periods=offered, place=area or "")
    return None


async def places(context: Context, tap: Tap) -> Step:
    """The areas, a page after the other: the page stands behind the period."""
    code, _, turned = (tap.choice or "").partition(".")
    period, _ = _wanted(context, tap._replace(choice=code))
    page = int(turned) if turned.isdecimal() else 0
    areas = context.local.areas
    await context.say(
        "ledgers.places",
        code=period.code,
        areas=areas[page * PLACES : (page + 1) * PLACES],
        following=page + 1 if len(areas) > (page + 1) * PLACES else 0,
    )
    return None


async def picture(context: Context, tap: Tap) -> Step:
    report = _report(context, tap)
    await context.show("ledgers.picture", png=drawing.draw(report), **_values(context, report))
    return None


async def page(context: Context, tap: Tap) -> Step:
    report = _report(context, tap)
    made = service.page(context.local, context.house.texts, report, context.language)
    await context.give("ledgers.page_file", file=made, called=f"ledgers-{report.period.code}.html")
    return None


async def table(context: Context, tap: Tap) -> Step:
    """All areas at once, for whoever reckons on."""
    period, _ = _wanted(context, tap)
    made = service.table(context.session, context.local, context.house.texts, period)
    await context.give("ledgers.table_file", file=made, called=f"ledgers-{period.code}.csv")
    return None


# --- looked at by another hand (督)


def above(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.SUPERVISOR)


def of_hers(context: Context, tap: Tap) -> bool:
    rules.supervised_case(context.session, context.person, tap.about)
    return True


async def unseen(context: Context, tap: Tap) -> Step:
    """How it went, and nothing of what it was about (R18); what she had a hand in is for somebody else."""
    found = [case for case_id in ledgers.unseen(context.session) if (case := _supervised(context, case_id))]
    shown = [{"case": case, "kind": context.local.kind(case.skill)} for case in found[:UNSEEN]]
    await context.say("ledgers.unseen", unseen=shown, more=len(found) - len(shown))
    return None


def _supervised(context: Context, case_id: str) -> Case | None:
    try:
        return rules.supervised_case(context.session, context.person, case_id)
    except Refusal:
        return None


async def seen(context: Context, tap: Tap) -> Step:
    if tap.about in ledgers.unseen(context.session):
        events.note(context.session, tap.about, Kind.REVIEWED, actor=context.me.id)
    return await unseen(context, tap)


# --- what nobody could be found for


def _missing(voice: Context | Voice, period: Period, language: str) -> dict[str, Any]:
    found = ledgers.unmet(voice.session, voice.local, period)
    shown = found[:MISSING]
    return {
        "title": service.named(voice.house.texts, period, language),
        "unmet": [_said(voice, one) for one in shown],
        "kinds": [voice.local.kind(code) for code in dict.fromkeys(one.kind for one in shown)],
        "more": max(0, len(found) - MISSING),
    }


def _said(voice: Context | Voice, one: Unmet) -> dict[str, Any]:
    where = voice.local.area(one.area) if one.area is not None else None
    return {"kind": voice.local.kind(one.kind), "where": where, "number": one.number}


async def missing(context: Context, tap: Tap) -> Step:
    period = ledgers.last_quarter(context.local, context.now())
    await context.say("ledgers.missing", **_missing(context, period, context.language))
    return None


async def suggest(context: Context, tap: Tap) -> Step:
    """A post for it begins, its kind filled in; staff write the rest on its own card."""
    if tap.choice not in {kind.code for kind in context.local.kinds}:
        raise OldButton
    kind = context.local.kind(tap.choice)
    post = posts.suggest(context.session, kind)
    events.note(context.session, post.id, Kind.POST, actor=context.me.id, code="suggested")
    await context.say("ledgers.suggested", kind=kind, post=post)
    return None


# --- timed work


async def add_up(voice: Voice, item: str) -> None:
    ledgers.catch_up(voice.session, voice.local)


async def tell_missing(voice: Voice, code: str) -> None:
    """Once a quarter, by day."""
    if code not in ledgers.quarter_due(voice.session) or voice.local.awake(voice.now()) > voice.now():
        return
    events.note(voice.session, NO_CASE, Kind.COUNTED, code=code)
    if ledgers.unmet(voice.session, voice.local, Period.of(code)):
        for member in staff.on_duty(voice.session):
            await voice.tell(member, "ledgers.missing", **_missing(voice, Period.of(code), member.language))
