"""What the two sides are asked and told: who asks for it, and who is invited."""

from __future__ import annotations

from typing import Any

from bot.community import (
    cases,
    guests,
    mediation_times,
    mediations,
    mediators,
    outcomes,
    people,
    stages,
    statements,
)
from bot.community.mediation_times import MediationTime
from bot.community.mediations import Mediation
from bot.community.stages import AGREED, ENDED, LIVE, SEEKING, TOGETHER, A, State
from bot.community.statements import Sort, Statement
from bot.context import Context
from bot.errors import NoLongerHere, NotForHer, NotRegistered, OldButton
from bot.flow import AGAIN, BACK, Heard, Step, Tap
from bot.handlers.mediate import news
from bot.understanding.times import When
from bot.understanding.yes_no import yes_no
from bot.voice import REMINDER, Voice
from privacy import scrub

WORDS_MAX = 1000
WORDING_MAX = 200
SHOWN = 3  # of a thousand characters each, with room for what stands around them
LISTED = 6
SPOKEN = (
    "staff",
    "warn",
    "court",
    "court_last",
    "follow",
    "lapse",
    "close",
)  # nobody is spoken to of these at night
WENT = (outcomes.KEPT, "partly", "not")


# --- asking for it


async def begin(context: Context, tap: Tap) -> Step:
    """What she wrote as a need is not asked for twice."""
    ask = context.under("ask") or {"draft": {}}
    told = "\n".join([*ask["draft"].get("told", []), *ask["draft"].get("fresh", [])])
    context.begin("mediate", step="mediate.first", at=0, **({"words": told[:WORDS_MAX]} if told else {}))
    return context.introduce() or "mediate.first"


async def ask_first(context: Context) -> None:
    await context.say("mediate.first", side="b" if "one" in context.draft else "a")


async def go(context: Context, tap: Tap) -> Step:
    return _after_first(context)


def _after_first(context: Context) -> str:
    return "mediate.notice" if "one" in context.draft else "mediate.screen"


async def hear_first(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else _after_first(context) if answer else BACK


async def ask_screen(context: Context) -> None:
    if context.draft["at"] >= len(context.local.mediation.screen):  # she has come back from what follows it
        context.draft["at"] = 0
    await context.say("mediate.screen", asked=context.local.mediation.screen[context.draft["at"]])


async def screen(context: Context, tap: Tap) -> Step:
    return await _screened(context, tap.choice == "yes") if tap.choice in ("yes", "no") else AGAIN


async def hear_screen(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else await _screened(context, answer)


async def _screened(context: Context, yes: bool) -> Step:
    """A yes goes another way: nothing of it is kept, and nobody is contacted."""
    questions = context.local.mediation.screen
    if yes:
        route = questions[context.draft["at"]].route
        context.memory["talks"] = [t for t in context.memory["talks"] if t["flow"] not in ("ask", "mediate")]
        lines = context.local.hotlines_for(["violence"])
        await context.say("mediate.other_way", route=route, lines=lines)
        return None
    context.draft["at"] += 1
    return "mediate.screen" if context.draft["at"] < len(questions) else "mediate.topic"


async def meeting(context: Context, tap: Tap) -> Step:
    """Several households: it waits for staff that somebody wishes for a meeting, and nothing else (R42)."""
    heard = await news.asks_for_staff(context.voice, context.me, "mediate.meeting_words")
    await context.say("mediate.meeting_asked", heard=heard)
    return None


async def ask_topic(context: Context) -> None:
    await context.say("mediate.topic")


async def topic(context: Context, tap: Tap) -> Step:
    found = next((one for one in context.local.mediation.topics if one.code == tap.choice), None)
    if found is None:
        return AGAIN
    context.draft["topic"], context.draft["wording"] = found.code, found.wording[context.language]
    return "mediate.wording" if "words" in context.draft else "mediate.words"


async def hear_topic(context: Context, heard: Heard) -> Step:
    return AGAIN


async def ask_words(context: Context) -> None:
    await context.say("mediate.words")


async def hear_words(context: Context, heard: Heard) -> Step:
    cleaned, _ = scrub.clean(heard.text, cases.HIDDEN)
    if len(cleaned) > WORDS_MAX:
        await context.say("mediate.too_long")
        return None
    context.draft["words"] = cleaned
    return "mediate.wording"


async def ask_wording(context: Context) -> None:
    """Calm words by topic, never from what she wrote; they go out as she approves them."""
    await context.say("mediate.wording", wording=context.draft["wording"])


async def wording(context: Context, tap: Tap) -> Step:
    return "mediate.paper"


async def hear_wording(context: Context, heard: Heard) -> Step:
    if yes_no(heard.text) is True:
        return "mediate.paper"
    cleaned, _ = scrub.clean(heard.text, cases.HIDDEN)
    if len(cleaned) > WORDING_MAX:
        await context.say("mediate.too_long")
        return None
    context.draft["wording"] = cleaned
    return AGAIN


async def ask_paper(context: Context) -> None:
    await context.say("mediate.paper")


async def paper(context: Context, tap: Tap) -> Step:
    return "mediate.notice"


async def hear_paper(context: Context, heard: Heard) -> Step:
    return "mediate.notice" if yes_no(heard.text) else AGAIN


async def ask_notice(context: Context) -> None:
    """The notice, the same words for both sides."""
    await context.say("mediate.notice")


async def hear_notice(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else await _agreed(context) if answer else BACK


async def agree(context: Context, tap: Tap) -> Step:
    return await _agreed(context)


async def _agreed(context: Context) -> Step:
    return await _join(context) if "one" in context.draft else await _apply(context)


async def _apply(context: Context) -> Step:
    draft = context.draft
    one = mediations.apply(
        context.session,
        person_id=context.me.id,
        language=context.language,
        topic=draft["topic"],
        wording=draft["wording"],
        promised_at=context.local.promise(context.now(), "U3"),
    )
    statements.say(context.session, one, A, draft["words"])
    context.memory["talks"] = [t for t in context.memory["talks"] if t["flow"] not in ("ask", "mediate")]
    await news.tell_staff(context.voice, one, "mediator.applied", name=people.name_of(context.me))
    await news.say(context, one, "mediate.applied", until=one.due_at)
    return None


# --- being invited


async def link(context: Context, code: str) -> Step:
    """Somebody with a slip; she may say no before anything of hers is noted."""
    return await _invited(context, code)


async def listens(context: Context, heard: Heard) -> bool:
    """The code typed from paper, where nothing could be scanned."""
    written = mediations.CODE.fullmatch(heard.text.strip()) if heard.kind == "text" else None
    if written is None or (context.person is not None and context.person.quiet_since is not None):
        return False
    if await _invited(context, written[1]) is not None and context.talk is not None:
        context.talk["step"] = "mediate.invited"
        await ask_invited(context)
        context.talk["labels"] = context.labels()
    return True


async def _invited(context: Context, code: str) -> Step:
    if context.proxy is not None:  # nobody comes to it, or reads it, in somebody else's name
        raise NotForHer
    one = mediations.by_code(context.session, code)
    if one is None or (context.person is not None and one.a_id == context.person.id):
        await context.say("mediate.no_code")
        return None
    context.begin("mediate", code=code)
    return "mediate.invited"


async def ask_invited(context: Context) -> None:
    await context.say("mediate.invited")


async def hear_invited(context: Context, heard: Heard) -> Step:
    answer = yes_no(heard.text)
    return AGAIN if answer is None else await _listen(context) if answer else await _not_coming(context)


async def listen(context: Context, tap: Tap) -> Step:
    return await _listen(context)


async def _listen(context: Context) -> Step:
    assert context.talk is not None  # noqa: S101  a question is only answered inside a talk
    context.talk["step"] = "mediate.listen"
    first = context.introduce()
    return first or "mediate.listen"


async def ask_listen(context: Context) -> None:
    """She is known now, and reads what the other side lets her read."""
    if context.person is None:
        raise NotRegistered
    if "one" not in context.draft:
        one = mediations.arrive(context.session, context.draft["code"], context.me.id)
        context.draft["one"] = one.id
    one = _in_hand(context)
    wording = context.voice.opened(mediations.wording_of(one), context.me, one)
    usual = context.local.mediation.topic(one.topic).wording
    if wording in usual.values():  # the house's own sentence for the topic, which each reads in her language
        wording = usual[context.language]
    await context.say("mediate.listen", one=one, wording=wording)


def _in_hand(context: Context) -> Mediation:
    one = mediations.get(context.session, context.draft["one"])
    if one is None or mediations.side_of(one, context.me.id) is None:
        raise OldButton
    if not mediations.may_agree(context.session, one):
        raise OldButton
    return one


async def hear_listen(context: Context, heard: Heard) -> Step:
    """Two things are asked there, so a bare yes or no answers neither."""
    return AGAIN


async def come(context: Context, tap: Tap) -> Step:
    return "mediate.first"


async def not_coming(context: Context, tap: Tap) -> Step:
    return await _not_coming(context)


async def _not_coming(context: Context) -> Step:
    """No reason; she is forgotten at once."""
    session, draft = context.session, context.draft
    if "one" in draft:
        one = _in_hand(context)
        mediations.decline(session, one, context.me.id)
    else:
        one = mediations.decline_unknown(session, draft["code"])
    context.end()
    await news.ended(context.voice, one, State.INVITING)
    await context.say("mediate.declined")
    return await _forget_guest(context)


async def _forget_guest(context: Context) -> Step:
    if context.person is not None and guests.came_only_for_it(context.session, context.person):
        await context.voice.forget(context.person, "mediate.guest_gone")
        context.memory.clear()
        context.person = None
    return None


async def _join(context: Context) -> Step:
    one = _in_hand(context)
    before = State(one.state)
    both = mediations.join(context.session, context.local, one, context.me.id, context.language)
    context.end()
    if not both:  # the notice has changed since the other side read it
        other = mediations.other(news.side_of(context, one))
        await news.tell(context.voice, one, mediations.id_of(one, other), "mediate.notice_changed")
        await news.say(context, one, "mediate.wait")
        return None
    heard = "mediate.both_again" if before in TOGETHER else "mediate.both"
    theirs = mediations.id_of(one, mediations.other(news.side_of(context, one)))
    await news.tell(context.voice, one, theirs, heard)
    await news.say(context, one, heard)
    if one.state in SEEKING and one.mediator_id is None:
        await news.tell_staff(context.voice, one, "mediator.wanted")
    return None


async def anew(context: Context, tap: Tap) -> Step:
    """The notice, once more or as it is now; who has only listened is asked first whether she is afraid."""
    one = news.found(context, tap)
    context.begin("mediate", one=one.id)
    listens_only = one.state == State.INVITING and context.me.id == one.b_id
    return "mediate.listen" if listens_only else "mediate.first"


# --- one as it stands


async def list_(context: Context, tap: Tap) -> Step:
    """Those under way; what is over has a list of its own."""
    return await _listed(context, tap, LIVE)


async def over(context: Context, tap: Tap) -> Step:
    return await _listed(context, tap, ENDED)


async def _listed(context: Context, tap: Tap, states: tuple[State, ...]) -> Step:
    session, me, page = context.session, context.me.id, _page(tap)
    mine = mediations.of_person(session, me, *states)
    shown = mine[page * LISTED :][:LISTED]
    await context.say(
        "mediate.list",
        rows=[{"id": one.id, "n": one.number, "middle": one.mediator_id == me} for one in shown],
        over=states == ENDED,
        ended=states == LIVE and bool(mediations.of_person(session, me, *ENDED)),
        following=page + 1 if len(mine) > (page + 1) * LISTED else None,
        desk=news.on_duty(context, tap),
    )
    return None


def _page(tap: Tap) -> int:
    return int(tap.choice) if tap.choice is not None and tap.choice.isdecimal() else 0


async def see(context: Context, tap: Tap) -> Step:
    await card(context, news.found(context, tap))
    return None


async def card(context: Context, one: Mediation) -> None:
    ahead = mediation_times.of(context.session, one)
    times = [a_time(time) for time in ahead if context.me.id in mediation_times.asked(one, time)]
    side = news.side_of(context, one)
    await news.say(
        context,
        one,
        "mediate.card",
        side=side.value,
        state=one.state,
        follow=outcomes.follow_of(context.session, one, side),
        times=times,
        anew=one.state in TOGETHER and mediations.may_agree(context.session, one),
        agreement=mediations.agreement_of(one),
    )


def a_time(time: MediationTime) -> dict[str, Any]:
    return {"id": time.id, "time": When(time.at, time.at), "fixed": mediation_times.is_fixed(time)}


async def read(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    await news.say(context, one, "mediate.read", **pages(context, one, tap), shows=one.state in TOGETHER)
    return None


def pages(context: Context, one: Mediation, tap: Tap) -> dict[str, Any]:
    """A few statements at once, the newest last; `following`: the page with the earlier ones."""
    page, lines = _page(tap), news.said(context.session, one, context.me)
    end = max(len(lines) - page * SHOWN, 0)
    return {"said": lines[max(end - SHOWN, 0) : end], "following": page + 1 if end > SHOWN else None}


async def speak(context: Context, tap: Tap) -> Step:
    return _speaks(context, tap, Sort.WORD)


async def company(context: Context, tap: Tap) -> Step:
    return _speaks(context, tap, Sort.COMPANY)


def _speaks(context: Context, tap: Tap, sort: Sort) -> Step:
    one = news.found(context, tap)
    statements.may_say(context.session, one, news.side_of(context, one), sort)
    context.begin("mediate", one=one.id, sort=sort.value)
    return "mediate.say"


async def ask_say(context: Context) -> None:
    await context.say("mediate.say", sort=context.draft["sort"])


async def hear_say(context: Context, heard: Heard) -> Step:
    """To the mediator alone; who comes along is told to the other side, whose yes it needs."""
    one = mediations.get(context.session, context.draft["one"])
    if one is None:
        raise OldButton
    if one.state not in LIVE:  # it ended while she wrote
        context.end()
        await card(context, one)
        return None
    sort, side = Sort(context.draft["sort"]), news.side_of(context, one)
    cleaned, _ = scrub.clean(heard.text, cases.HIDDEN)
    if len(cleaned) > (
        WORDS_MAX if sort is Sort.WORD else WORDING_MAX
    ):  # the other side is told who comes, and no more
        await context.say("mediate.too_long")
        return None
    said = statements.say(context.session, one, side, cleaned, sort)
    context.end()
    if sort is Sort.COMPANY:
        other = mediations.id_of(one, mediations.other(side))
        words = statements.shared_of(one, said)
        await news.tell(context.voice, one, other, "mediate.company", words=words, said=said.id)
        await news.tell(context.voice, one, one.mediator_id, "mediate.news")
    elif one.state in stages.WITH_MEDIATOR:
        await news.tell(context.voice, one, one.mediator_id, "mediate.news")
    await news.say(context, one, "mediate.said", sort=sort.value, said=said.id, shows=one.state in TOGETHER)
    return None


def _statement(context: Context, tap: Tap) -> Statement:
    said = statements.get(context.session, tap.choice or "")
    if said is None:
        raise NoLongerHere
    if said.mediation_id != tap.about:
        raise OldButton
    return said


async def share(context: Context, tap: Tap) -> Step:
    """Her own press, and nothing else, shows it to the other side."""
    one, said = news.found(context, tap), _statement(context, tap)
    statements.share(context.session, one, said, context.me.id)
    other = mediations.id_of(one, mediations.other(news.side_of(context, one)))
    for person_id in (other, one.mediator_id if one.state in stages.WITH_MEDIATOR else None):
        await news.tell(context.voice, one, person_id, "mediate.shown", words=statements.shared_of(one, said))
    await news.say(context, one, "mediate.shared")
    return None


async def allow(context: Context, tap: Tap) -> Step:
    one, said = news.found(context, tap), _statement(context, tap)
    statements.allow(context.session, one, said, context.me.id)
    await news.tell_both(context.voice, one, "mediate.company_yes")
    return None


# --- the one in the middle, as the two see it


async def accept(context: Context, tap: Tap) -> Step:
    """Nobody was threatened since: that is asked in the same tap."""
    one = news.found(context, tap)
    if not mediators.accept(context.session, one, context.me.id, tap.choice or ""):
        await news.say(context, one, "mediate.accepted_one")
        return None
    await news.tell_both(context.voice, one, "mediate.accepted")
    await news.tell(context.voice, one, one.mediator_id, "mediator.accepted")
    return None


async def object_(context: Context, tap: Tap) -> Step:
    """One is uneasy: another is looked for. Nobody hears which of the two it was."""
    one = news.found(context, tap)
    gone = one.mediator_id
    mediators.object_to(context.session, one, context.me.id, tap.choice or "")
    await news.tell(context.voice, one, gone, "mediator.replaced")
    await news.replaced(context.voice, one, known=True)
    return None


async def seek_another(voice: Voice, mediation_id: str) -> None:
    """The role of who sits in the middle is over, or her paper: by day another is looked for."""
    one, session = mediations.get(voice.session, mediation_id), voice.session
    asleep = voice.local.awake(voice.now()) > voice.now()
    if one is None or asleep or one.id not in mediators.left_alone(session):
        return
    before, gone, known = State(one.state), one.mediator_id, one.declared_at is not None
    mediations.without_mediator(session, one)
    if one.state not in LIVE:
        await news.ended(voice, one, before)
        return
    await news.tell(voice, one, gone, "mediator.replaced")
    await news.replaced(voice, one, known=known)


async def time_yes(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    time = _which(context, tap)
    if not mediation_times.come(context.session, context.local, one, time, context.me.id):
        await news.say(context, one, "mediate.time_one", at=time.at)
        return None
    for person_id in (*mediation_times.asked(one, time), one.mediator_id):
        await news.tell(context.voice, one, person_id, "mediate.time_fixed", at=time.at)
    return None


async def time_no(context: Context, tap: Tap) -> Step:
    """A side, or the mediator, cannot come after all."""
    one = news.found(context, tap)
    time = _which(context, tap)
    at, who = time.at, mediation_times.asked(one, time)
    mediation_times.refuse(context.session, one, time, context.me.id)
    for person_id in (*who, one.mediator_id):
        await news.tell(context.voice, one, person_id, "mediate.time_off", at=at)
    return None


def _which(context: Context, tap: Tap) -> MediationTime:
    time = mediation_times.get(context.session, tap.choice or "")
    if time is None or time.mediation_id != tap.about:
        raise OldButton
    return time


async def remind(voice: Voice, time_id: str) -> None:
    """It is soon: each hears it apart, and can still say that it does not suit."""
    found = mediation_times.remind(voice.session, voice.local, time_id)
    if found is None:
        return
    one, time = found
    asked = mediation_times.asked(one, time)
    for person_id in (*asked, one.mediator_id):
        text = "mediator.soon" if person_id == one.mediator_id else "mediate.soon"
        soon = {"at": time.at, "time": time.id, "alone": len(asked) == 1, "guard": f"time:{time.id}"}
        await news.tell(voice, one, person_id, text, priority=REMINDER, **soon)


# --- stopping, and how it goes on


async def withdraw(context: Context, tap: Tap) -> Step:
    """One tap, in every state before an end, and no reason (R27)."""
    one = news.found(context, tap)
    before, b = State(one.state), one.b_id
    mediations.withdraw(context.session, one, context.me.id)
    _let_go(context, one)
    await news.ended(context.voice, one, before, but=context.me.id, guest=b)
    await news.say(context, one, "mediate.ended")
    return await _forget_guest(context) if before is State.INVITING and context.me.id == b else None


async def afraid(context: Context, tap: Tap) -> Step:
    """It stops at once; the other side hears that it is over and nothing else, and a person looks after her (R41, R64).

    Who only listens is forgotten, and staff could not find her.
    """
    one = news.found(context, tap)
    before, b, side = State(one.state), one.b_id, news.side_of(context, one)
    part = mediations.part_of(context.session, one) - {context.me.id}
    if before in LIVE:  # she is looked after all the same
        mediations.stop(context.session, one, side)
        _let_go(context, one)
        await news.ended(context.voice, one, before, but=context.me.id, guest=b)
    heard = ""
    if before is not State.INVITING or not guests.came_only_for_it(context.session, context.me):
        heard = await news.asks_for_staff(context.voice, context.me, "mediate.afraid_words", but=part)
    if not heard:
        await news.tell_staff(context.voice, one, "mediator.afraid")
    await context.say("mediate.stopped", heard=heard, lines=context.local.hotlines_for(["violence"]))
    return await _forget_guest(context) if before is State.INVITING and context.me.id == b else None


def _let_go(context: Context, one: Mediation) -> None:
    """What she was being asked about it is asked no more."""
    talks = context.memory.get("talks", [])
    context.memory["talks"] = [talk for talk in talks if talk["draft"].get("one") != one.id]


async def longer(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    if mediations.longer(context.session, context.local, one, context.me.id):
        await news.tell_both(context.voice, one, "mediate.longer", until=one.limit_at)
        return None
    await news.say(context, one, "mediate.longer_one")
    other = mediations.id_of(one, mediations.other(news.side_of(context, one)))
    await news.tell(context.voice, one, other, "mediate.longer_asked")
    return None


async def court(context: Context, tap: Tap) -> Step:
    one = news.found(context, tap)
    outcomes.ask_court(context.session, context.local, one, context.me.id)
    await news.say(context, one, "mediate.court_noted")
    return None


async def went(context: Context, tap: Tap) -> Step:
    """How it went, by one side; the other is asked apart and not told."""
    one = news.found(context, tap)
    if tap.choice not in WENT:
        return AGAIN
    outcomes.follow(context.session, one, context.me.id, tap.choice)
    tells = outcomes.may_let_know(context.session, one, context.me.id)
    await news.say(context, one, "mediate.went", said=tap.choice, tells=tells)
    return None


async def let_know(context: Context, tap: Tap) -> Step:
    """Whether it is kept, and nothing else: neither whose word that is, nor anything to the other side."""
    one = news.found(context, tap)
    kept = outcomes.let_know(context.session, one, context.me.id, context.language)
    await news.tell(context.voice, one, one.mediator_id, "mediator.went", kept=kept)
    await context.say("mediate.let_known")
    return None


async def look(voice: Voice, mediation_id: str) -> None:
    """What the clock brings: a reminder, a warning before the time is over, an end, and at last forgetting."""
    one = mediations.get_due(voice.session, mediation_id)
    if one is None:
        return
    before, session, guest = State(one.state), voice.session, one.b_id
    morning = voice.local.awake(voice.now())
    if morning > voice.now() and one.due in SPOKEN:
        mediations.look_again(session, one, morning, one.due)
        return
    match one.due:
        case "staff":
            again = voice.local.awake(voice.now() + mediations.LOOK_AGAIN)
            mediations.look_again(session, one, again, "staff")
            await news.tell_staff(voice, one, "mediator.wanted")
            await news.tell(voice, one, one.a_id, "mediate.still", until=again)
        case "warn":
            assert one.limit_at is not None  # noqa: S101  set with the due time
            mediations.look_again(session, one, one.limit_at, "lapse")
            await news.tell_both(voice, one, "mediate.warn", until=one.limit_at)
        case "court" | "court_last":
            outcomes.court_reminded(session, one)
            await news.tell_both(voice, one, "mediate.court", until=outcomes.court_until(voice.local, one))
        case "follow":
            outcomes.follow_asked(session, voice.local, one)
            await news.tell_both(voice, one, "mediate.follow")
        case _:
            mediations.time_is_over(session, one)
            if before in LIVE and before not in AGREED:
                await news.ended(voice, one, before, guest=guest)
