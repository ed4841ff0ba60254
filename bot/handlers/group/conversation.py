"""The steward's side, in her own chat; and what is said in the group itself: nothing but that it is connected, or is not."""

from __future__ import annotations

from bot.community import groups, queue, rules, staff
from bot.community.groups import StaffGroup
from bot.community.items import FAMILIES
from bot.community.staff import Role
from bot.context import Context
from bot.errors import OldButton
from bot.flow import Step, Tap

HOUSE = "-"  # stands in a tap for the house itself, which has no code
PREFIX = "g-"  # of a code, in a link


def who_keeps(context: Context, tap: Tap) -> bool:
    return staff.holds(context.session, rules.known(context.person).id, Role.STEWARD, _community(tap))


def _community(tap: Tap) -> str:
    return "" if tap.about == HOUSE else tap.about


def _bound(context: Context, tap: Tap) -> StaffGroup:
    group = groups.of(context.session, _community(tap))
    if group is None:
        raise OldButton
    return group


# --- in her own chat


async def card(context: Context, tap: Tap) -> Step:
    there = groups.of(context.session, _community(tap)) is not None
    await context.say("group.card", there=there, community=tap.about, place=_place(context, _community(tap)))
    return None


def _place(context: Context, community: str) -> object:
    return context.local.community(community) or context.local


async def link(context: Context, tap: Tap) -> Step:
    """She chooses the group on her own telephone, and Telegram brings the bot and the code there."""
    code = groups.write_code(context.session, _community(tap), context.me.id)
    url = f"https://t.me/{context.bot.username}?startgroup={PREFIX}{code}"
    await context.say("group.link", link=url, community=tap.about)
    return None


async def topics(context: Context, tap: Tap) -> Step:
    known = _bound(context, tap).topics
    families = [{"name": name, "set": name in known} for name in FAMILIES]
    await context.say("group.topics", families=families, community=tap.about)
    return None


async def topic(context: Context, tap: Tap) -> Step:
    """Which topic it is, only a message in it can tell."""
    if tap.choice not in FAMILIES:
        raise OldButton
    _bound(context, tap)
    code = groups.write_code(context.session, _community(tap), context.me.id, tap.choice)
    line = f"/start@{context.bot.username} {PREFIX}{code}"
    await context.say("group.topic", line=line, family=tap.choice, community=tap.about)
    return None


async def end(context: Context, tap: Tap) -> Step:
    groups.end(context.session, _bound(context, tap), by=context.me.id)
    return await card(context, tap)


# --- in a group


async def begun(context: Context, rest: str) -> None:
    """`/start@bot code`, in some group. Whoever it is not meant for learns only how it is done."""
    message, me = context.incoming.effective_message, context.person
    assert message is not None  # noqa: S101  a command is a message
    chat, topic = message.chat.id, message.message_thread_id if message.is_topic_message else None
    if not rest and groups.is_bound(context.session, chat):
        return
    group = None
    if me is not None and rest.startswith(PREFIX):

        def heard() -> None:
            queue.hear_all(context.session)

        code = rest.removeprefix(PREFIX)
        group = groups.accept(context.session, code, me.id, chat, topic, heard)
    if group is None or me is None:
        await context.voice.post_in(chat, "group.not_connected", topic=topic, code=bool(rest))
        return
    place = _place(context, group.community)
    await context.voice.post_in(chat, "group.hello", topic=topic, place=place)
    await context.tell(me, "group.connected", place=place, community=group.community or HOUSE)


async def put_out(context: Context, chat: int) -> None:
    """The bot is in the group no more: its stewards hear so."""
    group = groups.in_chat(context.session, chat)
    if group is None:
        return
    groups.end(context.session, group, by=None)
    for steward in staff.on_duty(context.session, Role.STEWARD, group.community):
        place, community = _place(context, group.community), group.community or HOUSE
        await context.tell(steward, "group.put_out", place=place, community=community)
