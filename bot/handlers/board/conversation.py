"""The list of what is open, and whether she is asked at all."""

from __future__ import annotations

from bot.community import claims, openings, rules, talents, views
from bot.context import Context
from bot.errors import OldButton
from bot.flow import Step, Tap

PAGE = 4  # needs on one screen


def in_pool(context: Context, tap: Tap) -> bool:
    """Raises OldButton for who has left the pool since."""
    if talents.get(context.session, rules.known(context.person).id) is None:
        raise OldButton
    return True


def open_to_her(context: Context, tap: Tap) -> bool:
    """What she saw in the list may be taken by now, or not be for her any more."""
    in_pool(context, tap)
    if all(case.id != tap.about for case in openings.of(context.session, context.local, context.me)):
        raise OldButton
    return True


async def list_(context: Context, tap: Tap) -> Step:
    page = int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0
    await _list(context, page)
    return None


async def _list(context: Context, page: int) -> None:
    found = openings.of(context.session, context.local, context.me)
    shown = found[page * PAGE : (page + 1) * PAGE]
    await context.say(
        "board.list",
        listed=[
            {
                "case": case,
                "kind": context.local.kind(case.skill),
                "area": context.local.area(case.area) if case.area else None,
            }
            for case in shown
        ],
        following=page + 1 if len(found) > (page + 1) * PAGE else 0,
        duty=talents.is_asked(context.session, context.me.id),
    )


async def open_(context: Context, tap: Tap) -> Step:
    """Opened by herself counts as asked: she reads no more than who is asked, and it leaves the same line."""
    case = openings.get(context.session, context.local, context.me, tap.about)
    ask = claims.looked(context.session, case.id, context.me.id)
    await context.say("claim.ask", about=case, **views.asked(context.local, case, ask))
    return None


async def duty(context: Context, tap: Tap) -> Step:
    talents.duty(context.session, context.me.id, tap.choice == "on")
    await _list(context, 0)
    return None
