"""Two of the staff bind an account anew, she opens the code with the new one, and the old one hears of it in time to say no."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from bot.community import (
    cards,
    cases,
    claims,
    copying,
    erasing,
    events,
    guests,
    messages,
    moving,
    parting,
    people,
    rules,
    staff,
)
from bot.community.events import Kind
from bot.community.messages import Sort
from bot.community.moving import Moving, Why
from bot.community.people import Person
from bot.community.staff import Duty, Role
from bot.context import Context
from bot.data.local import RoleWords
from bot.errors import NotForHer, NotYours, OldButton
from bot.flow import AGAIN, BACK, Anew, Heard, Step, Tap
from bot.qr import drawn
from bot.texts import LANGUAGES
from bot.understanding.yes_no import yes_no
from bot.voice import Voice

FILE = "account.html"  # nothing of anybody's is in the name
HERE = ("counter", "visit")  # how she comes to stand before them


def before_them(context: Context, tap: Tap) -> bool:
    """She is the neighbour of the desk's page in hand, and came herself."""
    _neighbour(context, tap.about)
    draft = context.draft if context.talk is not None else {}
    if draft.get("person") != tap.about or draft.get("way") not in HERE:
        raise OldButton
    return True


def _neighbour(context: Context, person_id: str) -> Person:
    """Raises NotYours, StepAside for herself or her own people, OldButton for who has died or is erased."""
    person = rules.staff_person(context.session, context.person, person_id)
    moving.apart(context.session, context.me.id, person.id)
    if person.quiet_since is not None or people.is_gone(person):
        raise OldButton
    return person


def of_staff(context: Context, tap: Tap) -> bool:
    _moving(context, tap)
    return True


def _moving(context: Context, tap: Tap) -> Moving:
    """One that is under way, for staff who look after her."""
    if not staff.holds(context.session, rules.known(context.person).id, Role.MODERATOR):
        raise NotYours
    one = moving.get(context.session, tap.about)
    if one is None:
        raise OldButton
    _neighbour(context, one.person_id)
    return one


def second_hand(context: Context, tap: Tap) -> bool:
    """Somebody else than who asked, while nobody has agreed."""
    one = _moving(context, tap)
    if one.asked_by == context.me.id:
        raise NotYours
    if one.agreed_by is not None:
        raise OldButton
    return True


def who_asked(context: Context, tap: Tap) -> bool:
    """Who has her before them writes the code, and nobody else sees it."""
    one = _moving(context, tap)
    if one.agreed_by is None and one.asked_by == context.me.id:
        raise OldButton
    return one.asked_by == context.me.id


def herself(context: Context, tap: Tap) -> bool:
    """She, by the account that is hers until then."""
    me, one = rules.known(context.person), moving.get(context.session, tap.about)
    if one is None:
        raise OldButton
    return one.person_id == me.id


# --- at the desk


async def begin(context: Context, tap: Tap) -> Step:
    context.begin("move", person=tap.about, way=context.draft["way"])
    return "move.check"


async def ask_check(context: Context) -> None:
    person = _neighbour(context, context.draft["person"])
    await context.say("move.check", name=people.name_of(person), chat=people.has_chat(person))


async def hear_check(context: Context, heard: Heard) -> Step:
    return BACK if yes_no(heard.text) is False else AGAIN


async def ask(context: Context, tap: Tap) -> Step:
    if context.talk is None or context.talk["step"] != "move.check" or tap.choice not in list(Why):
        raise OldButton
    session, me = context.session, context.me
    person = _neighbour(context, context.draft["person"])
    under_way = moving.of_person(session, person.id)
    if under_way is not None:
        context.end()
        await context.toast("move.under_way", alert=True)
        return await look(context, tap._replace(about=under_way.id))
    others = moving.hearers(session, person, asked_by=me.id)
    if not others:
        await context.toast("move.nobody", alert=True)
        return None
    one = moving.ask(session, person, Why(tap.choice), by=me.id, way=context.draft["way"])
    context.end()
    await context.say("move.asked", id=one.id, until=one.until)
    for member in others:
        await _tell_second(context.voice, member, one)
    return None


async def _tell_second(voice: Voice, member: Person, one: Moving) -> None:
    await voice.tell(member, "move.second", **_card(voice, one, member))


def _card(voice: Voice | Context, one: Moving, member: Person) -> dict[str, Any]:
    session = voice.session
    ends = staff.unnamed(session, one.person_id, member.id)
    return {
        "id": one.id,
        "why": one.why,
        "name": people.name_of(people.get(session, one.person_id)),
        "by": people.name_of(people.get(session, one.asked_by)),
        "over_roles": _named(voice, ends),
        "last": _last(session, ends),
    }


def _last(session: Session, ends: list[Duty]) -> bool:
    """Whether nobody but her could give one of them again."""
    return any(
        all(one.id == duty.person_id for one in staff.namers(session, duty.community)) for duty in ends
    )


async def look(context: Context, tap: Tap) -> Step:
    """From the queue; or how it stands, for who has a part in it."""
    one = _moving(context, tap)
    if one.agreed_by is None and one.asked_by != context.me.id:
        await context.say("move.second", **_card(context, one, context.me))
    elif one.agreed_by is None:
        await context.say("move.asked", id=one.id, until=one.until)
    else:
        await context.say(
            "move.stands", **_card(context, one, context.me), writes=one.asked_by == context.me.id
        )
    return None


async def agree(context: Context, tap: Tap) -> Step:
    """Now a code may be written; and her old account hears of it, with a way to stop it."""
    one, session = _moving(context, tap), context.session
    moving.agree(session, one, by=context.me.id)
    person, asker = people.get(session, one.person_id), people.get(session, one.asked_by)
    chat = people.has_chat(person)
    await context.say("move.agreed", by=people.name_of(asker), chat=chat, id=one.id)
    if chat:
        await context.tell(person, "move.warned", id=one.id)
    values = {"name": people.name_of(person), "by": people.name_of(context.me), "id": one.id}
    await context.tell(asker, "move.may_write", **values)
    return None


async def refuse(context: Context, tap: Tap) -> Step:
    one, session = _moving(context, tap), context.session
    moving.end(session, one, "refused", actor=context.me.id)
    await context.say("move.refused")
    values = {"name": people.name_of(people.get(session, one.person_id)), "by": people.name_of(context.me)}
    await context.tell(people.get(session, one.asked_by), "move.no", **values)
    return None


async def write(context: Context, tap: Tap) -> Step:
    """On screen and on paper, into her hand; one written before is void."""
    one = _moving(context, tap)
    code = moving.write(context.session, one, by=context.me.id)
    link = f"https://t.me/{context.bot.username}?start=move-{code}"
    await context.say("move.written", code=code, id=one.id)
    page = context.house.texts.page(
        "move_slip",
        language=context.language,
        code=code,
        qr=drawn(link),
        bot=context.bot.username,
        languages=LANGUAGES,
    )
    await context.give("move.file", file=page.encode(), called=FILE)
    return None


async def recall(context: Context, tap: Tap) -> Step:
    one = _moving(context, tap)
    moving.end(context.session, one, "recalled", actor=context.me.id)
    await context.say("move.recalled")
    await _called_off(context.voice, one)
    return None


async def _called_off(voice: Voice, one: Moving) -> None:
    """Whoever was told that it would be, hears that it will not."""
    person = people.get(voice.session, one.person_id)
    if one.agreed_by is not None and people.has_chat(person):
        await voice.tell(person, "move.called_off")


async def lapse(voice: Voice, moving_id: str) -> None:
    one = moving.get_over(voice.session, moving_id)
    if one is None:
        return
    moving.end(voice.session, one, "lapsed", actor=None)
    asker, person = (people.get(voice.session, each) for each in (one.asked_by, one.person_id))
    if rules.looks_after(voice.session, asker, person):
        await voice.tell(asker, "move.lapsed", name=people.name_of(person))
    await _called_off(voice, one)


# --- her old account


async def not_me(context: Context, tap: Tap) -> Step:
    """One tap ends it; both of the staff hear so."""
    one, session = moving.get(context.session, tap.about), context.session
    if one is None:
        raise OldButton
    moving.end(session, one, "not_her", actor=context.me.id)
    await context.say("move.stopped")
    for member in moving.staff_of(session, one):
        if rules.looks_after(session, member, context.me):
            name = people.name_of(context.me)
            await context.tell(member, "move.not_her", name=name, person_id=one.person_id)
    return None


# --- her new account


async def link(context: Context, code: str) -> Step:
    return await _opened(context, code)


async def listens(context: Context, heard: Heard) -> bool:
    """The code typed from paper, where nothing could be scanned."""
    written = moving.CODE.fullmatch(heard.text.strip()) if heard.kind == "text" else None
    if written is None or (context.person is not None and context.person.quiet_since is not None):
        return False
    if context.proxy is not None:  # staff who stand in open it for nobody
        raise NotForHer
    if await _opened(context, written[1]) is not None and context.talk is not None:
        context.talk["step"] = "move.confirm"
        await ask_confirm(context)
        context.talk["labels"] = context.labels()
    return True


async def _opened(context: Context, code: str) -> Step:
    refused = _unfit(context, code)
    if refused is not None:
        await context.say(refused)
        return None
    context.begin("move", code=code)
    return "move.confirm"


def _unfit(context: Context, code: str) -> str | None:
    """Which sentence says why this account cannot become hers."""
    one, person = moving.by_code(context.session, code), context.person
    if one is None:
        return "move.no_code"
    if person is None:
        return None
    if person.id == one.person_id:
        return "move.same"
    return "move.has_own" if _has_own(context.session, person) else None


def _has_own(session: Session, person: Person) -> bool:
    """Two are never merged; nor does somebody make room whose own account was bound here, or is about to be."""
    moved = moving.bound_at(session, person.id) or moving.of_person(session, person.id)
    return moved is not None or guests.has_anything(session, person)


async def ask_confirm(context: Context) -> None:
    """Whose it would become is told without a name: a slip may lie about."""
    await context.say("move.confirm", named=context.person is not None and context.person.name is not None)


async def hear_confirm(context: Context, heard: Heard) -> Step:
    """Who she is from then on is not left to a word that may mean something else."""
    return BACK if yes_no(heard.text) is False else AGAIN


async def take(context: Context, tap: Tap) -> Step:
    """She is she here from now on. What the old chat still showed of others is put away, and it hears so once."""
    user, session = context.incoming.effective_user, context.session
    if user is None or "code" not in context.draft:
        raise OldButton
    code = context.draft["code"]
    refused, one = _unfit(context, code), moving.by_code(session, code)
    if refused is not None or one is None:
        context.end()
        await context.say(refused or "move.no_code")
        return None
    if context.person is not None:  # an account that has nothing but a name makes room
        parting.take_all_back(session, context.person)
        erasing.erase_person(session, context.person.id)
    person = people.get(session, one.person_id)
    await _leave(context.voice, person)
    of_staff = bool(staff.communities(session, person.id))
    ends = staff.unnamed(session, person.id, one.agreed_by or "")
    last = _last(session, ends)
    await _end_roles(context.voice, person, ends)
    for kind in (copying.OWN, copying.DESK):
        copying.forget_key(session, person.id, kind)
    moving.bind(session, one, user.id)
    context.memory["talks"] = [
        talk for talk in context.memory["talks"] if talk["flow"] not in ("start", "move")
    ]
    context.person = person  # what she had begun to write here is hers all the same
    await context.say("move.done", name=people.name_of(person), over_roles=_named(context, ends), last=last)
    await _say_errands(context, one)
    for member in moving.staff_of(session, one):
        values = {"name": people.name_of(person), "person_id": person.id, "of_staff": of_staff}
        await context.tell(member, "move.came", **values)
    return Anew(_open_cases(context))


async def _leave(voice: Voice, person: Person) -> None:
    """Doors and phones of others are covered in the old chat, the last two days vanish from it (Telegram deletes no more), and it
    hears once that it is nobody's here now.
    """
    if not people.has_chat(person):
        return
    for case_id in cards.secrets_of(voice.session, person.id):
        case = cases.get(voice.session, case_id)
        if case is not None:
            await voice.hide(person, "move.put_away", about=case)
    chat = people.telegram_of(voice.session, person)
    await voice.wipe(chat, moving.lately_shown(voice.session, person))
    await voice.tell(person, "move.left")


async def _end_roles(voice: Voice, person: Person, ends: list[Duty]) -> None:
    """Roles stay only where who agreed may give them; who can give them hears that they ended."""
    for duty in ends:
        for other in staff.namers(voice.session, duty.community):
            if other.id != person.id:
                await voice.tell(other, "move.role_over", name=people.name_of(person), duty=duty)
    staff.end_these(voice.session, ends)


def _named(voice: Voice | Context, duties: list[Duty]) -> list[RoleWords]:
    return [voice.local.role(role) for role in sorted({duty.role for duty in duties})]


async def _say_errands(context: Context, one: Moving) -> None:
    """What waited to be told to her by staff, while she had no chat, she reads now."""
    head = messages.waiting_of(context.session, Sort.ERRAND, context.me.id)
    if head is None:
        return
    lines = messages.thread(context.session, head)
    messages.settle(context.session, head, staff_id=one.asked_by)
    events.note(context.session, context.me.id, Kind.TOLD)
    for line in lines:
        context.shown = True
        await context.say("move.errand", words=messages.words_of(line))


def _open_cases(context: Context) -> list[str]:
    """What she asked for, what she helps with, what she is asked: all that is open."""
    session, me = context.session, context.me.id
    own = [case.id for case in cases.of_person(session, me)]
    helping = [claim.case_id for claim in claims.of_person(session, me)]
    asked = [asked.case_id for asked in claims.open_asks(session, me)]
    return list(dict.fromkeys([*own, *helping, *asked]))
