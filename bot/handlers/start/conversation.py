"""What is said while somebody becomes known."""

from __future__ import annotations

from bot.community import people, staff
from bot.context import Context
from bot.flow import DONE, HOME, Heard, Step, Tap
from bot.handlers.start import service
from bot.understanding.yes_no import yes_no

LATER_MAX = 1000  # characters kept of a story before its writer has agreed


async def start(context: Context, rest: str) -> Step:
    return HOME


async def again(context: Context, tap: Tap) -> Step:
    return await start(context, "")


async def staff_link(context: Context, code: str) -> Step:
    """An invitation of the person who runs the service: once, for whoever holds it first."""
    if context.person is None:
        context.begin("start", code=code)
        return "start.notice"
    return await _take_post(context, code)


async def _take_post(context: Context, code: str) -> Step:
    duty = staff.accept(context.session, code, context.me.id)
    if duty is None:
        await context.say("start.code_void")
        return None
    await context.say(
        "start.staff", name=people.name_of(context.me), duty=duty, begun=duty.since <= context.now()
    )
    if duty.given_by is not None:
        giver = people.get(context.session, duty.given_by)
        await context.tell(giver, "roles.came", name=people.name_of(context.me), duty=duty)
    return None


async def other_language(context: Context, tap: Tap) -> Step:
    other = "en" if context.language == "zh" else "zh"
    if context.person is not None:
        people.update(context.session, context.person, language=other)
        return HOME
    context.memory["language"] = other
    return await start(context, "")


async def simple(context: Context, tap: Tap) -> Step:
    if context.person is not None:
        people.update(context.session, context.person, simple=not context.simple)
    else:
        context.memory["simple"] = not context.simple
    return await start(context, "")


async def ask_notice(context: Context) -> None:
    await context.say("start.notice")


async def hear_notice(context: Context, heard: Heard) -> Step:
    match yes_no(heard.text):
        case True:
            return await _agreed(context)
        case False:
            return await _leave(context)
        case _:
            return await _later(context, heard)


async def _later(context: Context, heard: Heard) -> Step:
    """More of what she began with, before she has agreed: kept beside it, and heard once she is known."""
    if context.under("ask") is None:
        return "start.notice"
    later = [*context.draft.get("later", []), heard.text]
    if len("\n".join(later)) > LATER_MAX:
        await context.say("start.too_much")
        return None
    context.draft["later"] = later
    await context.say("start.kept")
    return None


async def full(context: Context, tap: Tap) -> Step:
    await context.say("start.full")
    return None


async def agree(context: Context, tap: Tap) -> Step:
    return await _agreed(context)


async def _agreed(context: Context) -> Step:
    user = context.incoming.effective_user
    if user is not None and context.person is None:
        context.person = service.register(
            context.session, telegram_id=user.id, language=context.language, simple=context.simple
        )
        return "start.name"
    service.agree(context.session, context.me)
    return "start.name" if context.me.name is None else await _on(context)


async def not_now(context: Context, tap: Tap) -> Step:
    return await _leave(context)


async def _leave(context: Context) -> Step:
    context.forget()
    await context.say("start.not_now")
    return None


async def ask_name(context: Context) -> None:
    await context.say("start.name", offered=_offered(context))


def _offered(context: Context) -> str | None:
    """The name she wears on Telegram, offered only if it is short and carries no number."""
    user = context.incoming.effective_user
    name = " ".join((user.first_name or "").split()) if user else ""
    return name if name and people.name_trouble(name) is None else None


async def use_name(context: Context, tap: Tap) -> Step:
    name = _offered(context)
    return await _named(context, name) if name else "start.name"


async def hear_name(context: Context, heard: Heard) -> Step:
    name = " ".join(heard.text.split())
    trouble = people.name_trouble(name)
    if trouble is not None:
        await context.say(trouble)
        return None
    return await _named(context, name)


async def _named(context: Context, name: str) -> Step:
    people.rename(context.session, context.me, name)
    await context.say("start.welcome", name=name)
    return await _on(context)


async def _on(context: Context) -> Step:
    """Known now: to the post she was invited to, to what she began with, or home."""
    code = context.draft.get("code")
    if code is not None:
        context.end()
        return await _take_post(context, code)
    if len(context.memory["talks"]) == 1:
        context.end()
        return HOME
    later = context.draft.get("later")
    if not later:
        return DONE
    context.end()
    context.shown = True
    return Heard("text", "\n".join(later))
