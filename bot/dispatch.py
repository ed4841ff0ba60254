"""From an update to the one callback that must hear it, and on to the next question.

Ordinary handlers of python-telegram-bot; a person's place in a talk is `context.memory["talks"]`, kept sealed by the runtime.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from telegram import Chat, ChatMember, ChatMemberUpdated, Message, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.community import cases, events, groups, people
from bot.community.cases import Case
from bot.community.events import Kind
from bot.community.proxy import proxy_of
from bot.context import Context
from bot.errors import NotForHer, NotYours, OldButton, Refusal, Restricted
from bot.flow import (
    AGAIN,
    BACK,
    DONE,
    HOME,
    Action,
    Anew,
    Command,
    Flow,
    Hear,
    Heard,
    Question,
    Step,
    Tap,
    actions_of,
    unpack,
)
from bot.understanding.ways import label, way

_log = logging.getLogger(__name__)
PRIVATE = filters.ChatType.PRIVATE
IN_GROUP = filters.ChatType.GROUPS & filters.UpdateType.MESSAGE
ONE_COMMAND = filters.Regex(re.compile(r"^/[a-z0-9_]+(@[a-z0-9_]+)?$", re.IGNORECASE | re.ASCII))
OPEN_FOR = timedelta(minutes=30)  # later words are about something else
# What staff who stand in for a neighbour do as her: what she asks for and what she helps with, and how it goes on. Her data have
# their own way (desk).
FOR_HER = (
    "ask.",
    "follow.",
    "close.",
    "claim.",
    "book.",
    "board.",
    "meet.list",
    "meet.card",
    "meet.way",
    "register.",
    "post.list",
    "post.card",
    "post.mine",
    "post.join",
    "post.once",
    "post.shift",
    "urgent.",
    "desk.over",
    "refer.solved",
    "refer.wait",
    "refer.nobody",
    "appeal.begin",
    "appeal.held",
    "edit.yes",
    "edit.no",
    "edit.own",
    "edit.take",
)
# The same, of posts and their shifts, which leave no line of hers: here one says whose hand it was, and how her word came.
POSTS_FOR_HER = (
    "post.agree",
    "post.this_once",
    "post.offer_yes",
    "post.leave",
    "post.still",
    "post.come",
    "post.cannot",
    "post.deputy",
    "post.here",
    "post.away",
    "propose.yes",
    "propose.no",
)
FOR_ANYBODY = ("home.menu", "home.go_on", "home.back", "home.all_said", "start", "cancel")


class Dispatch:
    """The flows, side by side.

    `home` is shown when nothing is in hand, `unasked` takes words no question waits for, `all_said` ends an answer that was left
    open for more, `wake` lets waiting messages out to a chat that had blocked us, `quiet` answers what comes from the chat of
    somebody who is quiet. `begun_in` hears /start in a group, `put_out` that the bot is in one no more.
    """

    def __init__(
        self,
        flows: tuple[Flow, ...],
        *,
        home: Command,
        unasked: Hear,
        all_said: Command,
        wake: Callable[[Session, int], None],
        quiet: Callable[[Context], Awaitable[None]],
        begun_in: Callable[[Context, str], Awaitable[None]],
        put_out: Callable[[Context, int], Awaitable[None]],
    ) -> None:
        self.flows = flows
        self.actions = actions_of(flows)
        self.questions: dict[str, Question] = {n: q for flow in flows for n, q in flow.questions.items()}
        self.commands: dict[str, Command] = {n: c for flow in flows for n, c in flow.commands.items()}
        self.links: dict[str, Command] = {n: c for flow in flows for n, c in flow.links.items()}
        self._home = home
        self._unasked = unasked
        self._all_said = all_said
        self._wake = wake
        self._quiet = quiet
        self._begun_in = begun_in
        self._put_out = put_out

    def install(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        application.add_handler(CallbackQueryHandler(self.tapped))
        application.add_handler(CommandHandler(list(self.commands), self.commanded, filters=PRIVATE))
        application.add_handler(CommandHandler("start", self.in_group, filters=IN_GROUP))
        application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, self.moved))
        application.add_handler(MessageHandler(PRIVATE & filters.UpdateType.EDITED_MESSAGE, self.edited))
        application.add_handler(MessageHandler(PRIVATE & ONE_COMMAND, self.no_such_command))
        application.add_handler(MessageHandler(PRIVATE & ~filters.StatusUpdate.ALL, self.heard))
        application.add_handler(ChatMemberHandler(self.member, ChatMemberHandler.MY_CHAT_MEMBER))

    async def commanded(self, update: Update, context: Context) -> None:
        if await self._is_quiet(context):
            return
        words = (update.effective_message.text or "").split() if update.effective_message else []
        name = words[0].lstrip("/").split("@")[0].lower()
        _as_her(context, name)
        rest = words[1] if len(words) > 1 else ""
        command = self.commands[name]
        if name == "start":
            self._awake(context)
            link, _, value = rest.partition("-")
            if link in self.links and context.proxy is not None:
                raise NotForHer
            command = self.links.get(link, command)
            rest = value if link in self.links else ""
        await self._go(context, await command(context, rest))

    async def in_group(self, update: Update, context: Context) -> None:
        """In a group nothing is talked about: its staff connect it, and that is all."""
        if context.person is not None and context.person.quiet_since is not None:
            return
        await self._begun_in(context, " ".join(context.args or []))

    async def moved(self, update: Update, context: Context) -> None:
        """A group became a supergroup: each of the two says so in a message of its own."""
        message = update.effective_message
        assert message is not None  # noqa: S101  MessageHandler passes nothing else
        here, old, new = message.chat.id, message.migrate_from_chat_id, message.migrate_to_chat_id
        groups.moved(context.session, old or here, new or here)

    async def no_such_command(self, update: Update, context: Context) -> None:
        """A command of another bot, or one mistyped, answers no question."""
        if not await self._is_quiet(context):
            await self._go(context, await self.commands["help"](context, ""))

    async def tapped(self, update: Update, context: Context) -> None:
        """Every tap is forged until checked: written by us, may she, is it still true."""
        query = update.callback_query
        assert query is not None  # noqa: S101  CallbackQueryHandler passes nothing else
        if await self._is_quiet(context):
            await query.answer()
            return
        tap = unpack(query.data or "")
        action = self.actions.get(tap.action) if tap else None
        if tap is None or action is None:
            raise OldButton
        if not isinstance(query.message, Message) or query.message.chat.type != Chat.PRIVATE:
            raise NotYours
        await self._do(context, action, tap)
        await self._tell_her(context)
        if not context.answered:
            await query.answer()

    async def _do(self, context: Context, action: Action, tap: Tap) -> None:
        if context.talk is not None and tap.about not in (context.talk["id"], "-"):
            context.close_open()
        _as_her(context, tap.action)
        if not action.may(context, tap):
            raise NotYours
        if context.proxy is not None and tap.action in POSTS_FOR_HER:
            events.note(context.session, context.me.id, Kind.POST, actor=context.me.id, code=tap.action)
        await self._go(context, await action.do(context, tap))

    async def heard(self, update: Update, context: Context) -> None:
        heard = heard_of(update.effective_message)
        if await self._listened(context, heard) or await self._is_quiet(context):
            return
        context.close_open(quiet_for=OPEN_FOR)
        await self._take_in(context, heard)
        await self._tell_her(context)

    async def _tell_her(self, context: Context) -> None:
        """Nobody acts in her name unseen: where she has a chat, she reads there what staff have just done for her."""
        proxy = proxy_of(context.session)
        if context.proxy is None or proxy is None or not proxy.done or not people.has_chat(context.me):
            return
        found = [cases.get(context.session, case_id) for case_id in dict.fromkeys(proxy.done)]
        matters = [case for case in found if case is not None]
        of_posts = context.me.id in proxy.done
        await context.tell(context.me, "desk.did_for", matters=matters, of_posts=of_posts, way=proxy.way)

    async def _take_in(self, context: Context, heard: Heard) -> None:
        tap = self._typed(context, heard)
        if tap is not None:
            await self._do(context, self.actions[tap.action], tap)
            return
        said = way(heard.text) if heard.kind == "text" else None
        if said == BACK:
            await self._go(context, BACK)
        elif said in self.commands:
            _as_her(context, said)
            await self._go(context, await self.commands[said](context, ""))
        elif said == "over" and context.open:
            await self._go(context, await self._all_said(context, ""))
        else:
            await self._answer(context, heard)

    def _typed(self, context: Context, heard: Heard) -> Tap | None:
        """The button whose words she typed, of the question in hand or of what was said over it; as good as a tap on it."""
        shown = {
            **(context.talk.get("labels", {}) if context.talk else {}),
            **context.memory.get("labels", {}),
        }
        said = label(heard.text)
        words = (said, *context.house.texts.twins(said)) if heard.kind == "text" else ()
        data = next((shown[word] for word in words if word in shown), None)
        tap = unpack(data) if data else None
        return tap if tap and tap.action in self.actions else None

    async def _ask(self, context: Context, name: str) -> None:
        await self.questions[name].ask(context)
        context.memory.pop("labels", None)
        if context.talk is not None:
            context.talk["labels"] = context.labels()

    async def _menu(self, context: Context) -> None:
        context.close_open()
        await self._home(context, "")
        self._note_labels(context)

    def _note_labels(self, context: Context) -> None:
        labels = context.labels()
        if labels:
            context.memory["labels"] = labels
        else:
            context.memory.pop("labels", None)

    async def _listened(self, context: Context, heard: Heard) -> bool:
        """Words are read for danger wherever they stand: in a message, under a photo, in a correction."""
        for flow in self.flows:
            if flow.listens is not None and heard.text and await flow.listens(context, heard):
                self._note_labels(context)
                return True
        return False

    async def _answer(self, context: Context, heard: Heard) -> None:
        talk = context.talk
        question = self.questions.get(talk["step"]) if talk and talk["step"] else None
        if question is None:
            await self._go(context, await self._unasked(context, heard))
        elif heard.kind not in question.takes:
            await context.say("home.not_that", kind=heard.kind)
            self._note_labels(context)
        else:
            await self._go(context, await question.hear(context, heard))

    async def _is_quiet(self, context: Context) -> bool:
        """Whether she has died, as far as we know: then nothing is done, whoever holds her telephone."""
        if context.person is None or context.person.quiet_since is None:
            return False
        context.shown = True  # what stands in her chat stays as it is
        await self._quiet(context)
        return True

    async def edited(self, update: Update, context: Context) -> None:
        if await self._listened(context, heard_of(update.effective_message)) or await self._is_quiet(context):
            return
        await context.say("home.edited")

    async def member(self, update: Update, context: Context) -> None:
        """She blocked the bot, or let it in again; or somebody put it out of a group."""
        change: ChatMemberUpdated | None = update.my_chat_member
        if change is None:
            return
        reachable = change.new_chat_member.status not in (ChatMember.BANNED, ChatMember.LEFT)
        if change.chat.type in (Chat.GROUP, Chat.SUPERGROUP) and not reachable:
            await self._put_out(context, change.chat.id)
        if change.chat.type != Chat.PRIVATE:
            return
        if context.person is not None:
            people.update(context.session, context.person, reachable=reachable)
        if reachable:  # also who is nobody here any more: what takes something back from her chat still waits
            self._wake(context.session, change.chat.id)

    async def refused(self, context: Context, refusal: Refusal) -> None:
        """Say the kind sentence; after an old button show what is true now."""
        query = context.incoming.callback_query
        self._note_refused(context, refusal, query.data if query is not None else None)
        if query is None:
            await self._too_late(context, refusal)
            return
        chat = context.incoming.effective_chat
        if refusal.where == "alert" or chat is None or chat.type != Chat.PRIVATE:
            await context.toast(refusal.text, alert=True, **refusal.values)
            return
        if isinstance(refusal, OldButton):
            await context.toast(refusal.text, **refusal.values)
            await self._present(context, query.data or "")
            return
        context.shown = refusal.where == "message"
        await context.say(refusal.text, **refusal.values)
        if not context.answered:
            await query.answer()

    def _note_refused(self, context: Context, refusal: Refusal, data: str | None) -> None:
        """For whoever runs the service: which tap was refused to whom, by ids; nothing a forger wrote is repeated."""
        tap = unpack(data or "")
        action = tap.action if tap is not None and tap.action in self.actions else "-"
        who = context.person.id if context.person is not None else "-"
        _log.info("refused (%s): %s to %s", type(refusal).__name__, action, who)

    async def _too_late(self, context: Context, refusal: Refusal) -> None:
        """Words that can do nothing any more, since their case has moved on, or her role is over: so is that talk."""
        case_id = context.draft.get("case") if context.talk else None
        of_a_button = context.talk is not None and isinstance(refusal, NotYours | OldButton)
        if isinstance(refusal, Restricted) or not (case_id or of_a_button):
            await context.say(refusal.text, **refusal.values)
            return
        context.end()
        await context.say("home.moved_on")
        case = cases.get(context.session, case_id) if case_id else None
        if case is not None:
            await self._show(context, case)

    async def _present(self, context: Context, data: str) -> None:
        """What the tapped card would say if it were drawn now: its case, or the question in hand."""
        tap = unpack(data)
        case = cases.get(context.session, tap.about) if tap else None
        if case is None or not await self._show(context, case):
            await self._again(context)

    async def _show(self, context: Context, case: Case) -> bool:
        """The case as it stands, drawn by the flow whose person this is."""
        if context.person is not None:
            for flow in self.flows:
                if flow.shows is not None and await flow.shows(context, case):
                    return True
        return False

    async def _anew(self, context: Context, step: Anew) -> None:
        """Each as a message of its own; what is not hers to see any more, or has just moved on, is left out."""
        for case_id in step.cases:
            case = cases.get(context.session, case_id)
            context.shown = True
            if case is not None:
                with suppress(Refusal):
                    await self._show(context, case)
        for flow in self.flows:
            if flow.resumes is not None:
                await flow.resumes(context)
        context.shown = True
        await self._menu(context)

    async def _again(self, context: Context) -> None:
        """Ask the question in hand once more, or show home; what it was about may be gone, and then so is that talk."""
        talk = context.talk
        if talk and talk["step"] in self.questions:
            try:
                await self._ask(context, talk["step"])
            except Refusal:
                context.end()
                await self._again(context)
        else:
            await self._menu(context)

    async def _go(self, context: Context, step: Step) -> None:
        talk = context.talk
        if step is None:
            self._note_labels(context)
            return
        if isinstance(step, Tap):
            await self._do(context, self.actions[step.action], step)
        elif isinstance(step, Anew):
            await self._anew(context, step)
        elif isinstance(step, Heard):
            await self._answer(context, step)
        elif step == AGAIN:
            await self._again(context)
        elif step == HOME:
            await self._menu(context)
        elif step == BACK and talk is not None and talk["trail"]:
            talk["step"] = talk["trail"].pop()
            talk["turn"] += 1
            await self._again(context)
        elif step == BACK and talk is not None and talk["turn"] > 1 and context.alone:
            await self._menu(context)  # what she has answered stays, and the menu says so
        elif step == BACK:
            context.end()
            await self._again(context)
        elif step == DONE:
            context.end()
            if context.talk is not None:  # what lay under it is taken up again, as a message of its own
                context.shown = True
                await self._again(context)
        else:
            if talk is None:
                raise LookupError(f"{step} was named outside a talk")
            if talk["trail"] and talk["trail"][-1] == step:
                talk["trail"].pop()  # she is back where she came from
            elif talk["step"] not in (None, step) and not self.questions[talk["step"]].once:
                talk["trail"].append(talk["step"])
            talk["step"] = step
            talk["turn"] += 1
            await self._ask(context, step)

    def _awake(self, context: Context) -> None:
        chat = context.incoming.effective_chat
        if context.person is not None and chat is not None:
            people.update(context.session, context.person, reachable=True)
            self._wake(context.session, chat.id)


def _as_her(context: Context, name: str) -> None:
    """Raises NotForHer for what staff do not do in somebody else's name."""
    allowed = name in (*FOR_ANYBODY, *POSTS_FOR_HER) or (name.startswith(FOR_HER) and name != "ask.resend")
    if context.proxy is not None and not allowed:
        raise NotForHer


def heard_of(message: Message | None) -> Heard:
    """What came, whatever it was; a caption counts as the words of its photo."""
    if message is None:
        return Heard("other")
    words = message.text or message.caption or ""
    if message.text:
        return Heard("text", words)
    if message.voice:
        return Heard("voice", words, file_id=message.voice.file_id)
    if message.photo:
        return Heard("photo", words, file_id=message.photo[-1].file_id)
    if message.contact:
        user = message.from_user
        own = user is not None and message.contact.user_id == user.id
        return Heard("contact", phone=message.contact.phone_number, own_contact=own)
    if message.location:
        return Heard("location")
    return Heard("sticker" if message.sticker else "other", words)
