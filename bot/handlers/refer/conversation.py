"""What is said when a need is another body's: to whom she turns, and that we ask again."""

from __future__ import annotations

from bot.community import cases, people, rules, views
from bot.community.cases import Case, State
from bot.context import Context
from bot.data.local import Body, Reason
from bot.errors import OldButton
from bot.flow import DONE, Heard, Step, Tap
from bot.handlers.refer import service
from bot.voice import REMINDER, Voice
from privacy import scrub

WORDS_MAX = 300
FROM = (State.RECEIVED, State.ASKED_BACK, State.OPEN, State.NOBODY, State.ENGAGED)


def may_refer(context: Context, tap: Tap) -> bool:
    _live(context, tap.about, tap.version)
    return True


def _live(context: Context, case_id: str, version: int) -> Case:
    """A case staff may still give to somebody else."""
    case = rules.staff_case(context.session, context.person, case_id)
    rules.still(case, version)
    if case.state in (State.RECEIVED, State.ASKED_BACK):
        return rules.undecided_case(context.session, context.person, case_id, version)
    if case.state not in FROM:
        raise OldButton
    return case


def own_referred(context: Context, tap: Tap) -> bool:
    _own(context, tap)
    return True


def _own(context: Context, tap: Tap) -> Case:
    case = rules.own_case(context.session, context.person, tap.about)
    if case.state != State.REFERRED:
        raise OldButton
    return case


async def begin(context: Context, tap: Tap) -> Step:
    case, reason = _live(context, tap.about, tap.version), _reason(context, tap.choice)
    await context.say("refer.bodies", about=case, why=reason.code)
    return None


def _reason(context: Context, code: str | None) -> Reason:
    """Why it is another's: that it is not ours, where no other reason is named. Raises OldButton for one there is not."""
    reason = context.local.reason(code or "elsewhere")
    if reason is None or reason.effect != "route":
        raise OldButton
    return reason


async def to(context: Context, tap: Tap) -> Step:
    """The body, and behind a dot the reason, where it is another than that it is not ours."""
    code, _, why = (tap.choice or "").partition(".")
    if context.local.body(code) is None:
        raise OldButton
    reason = _reason(context, why)
    context.begin("refer", case=tap.about, version=tap.version, body=code, why=reason.code)
    return "refer.check"


def _in_hand(context: Context) -> tuple[Case, Body]:
    draft = context.draft
    case = _live(context, draft["case"], draft["version"])
    body = context.local.body(draft["body"])
    if body is None:
        raise OldButton
    return case, body


async def ask_check(context: Context) -> None:
    case, body = _in_hand(context)
    await context.say(
        "refer.check",
        matter=case,
        body=body,
        reason=_reason(context, context.draft["why"]),
        words=context.draft.get("words"),
        until=service.asked_on(context.session, context.local, body),
    )


async def hear_check(context: Context, heard: Heard) -> Step:
    if len(heard.text) > WORDS_MAX:
        await context.say("review.question_long")
        return None
    context.draft["words"], _ = scrub.clean(heard.text, cases.HIDDEN)
    return "refer.check"


async def send(context: Context, tap: Tap) -> Step:
    if context.talk is None or context.talk["step"] != "refer.check":
        raise OldButton
    case, body = _in_hand(context)
    words, reason = context.draft.get("words"), _reason(context, context.draft["why"])
    tidings = service.refer(context.session, context.local, case, body, context.me)
    await context.say("review.decided", about=case)
    await context.voice.bring(tidings)
    person = people.get(context.session, case.person_id)
    await context.tell(person, "refer.told", about=case, body=body, reason=reason, words=words)
    return DONE


async def solved(context: Context, tap: Tap) -> Step:
    case = _own(context, tap)
    service.solved(context.session, case, context.me)
    await context.say("refer.solved", about=case)
    return None


async def wait(context: Context, tap: Tap) -> Step:
    case = _own(context, tap)
    service.wait(context.session, context.local, case, context.me)
    await context.say("refer.waits", about=case)
    return None


async def nobody(context: Context, tap: Tap) -> Step:
    """Whoever it was given to does not answer: it is ours again, and staff look at it anew."""
    case = _own(context, tap)
    service.take_back(context.session, context.local, case, context.me)
    await context.say("refer.back", about=case)
    view = views.staff(context.session, context.local, case)
    for member in rules.staff_for(context.session, case):
        await context.tell(member, "review.card", about=case, **view)
    return None


async def ask(voice: Voice, case_id: str) -> None:
    """On the day, and twice more; then the case ends as "no answer", which is not "satisfied" (R17)."""
    case = cases.still_due(voice.session, case_id, "body")
    if case is None:
        return
    person = people.get(voice.session, case.person_id)
    body = voice.local.body(case.reason or "")
    if service.ask_again(voice.session, voice.local, case):
        await voice.tell(person, "refer.ask", about=case, body=body, priority=REMINDER)
        return
    service.no_answer(voice.session, case)
    await voice.tell(person, "refer.no_answer", about=case, body=body, priority=REMINDER)
