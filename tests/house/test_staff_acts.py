"""What staff do is written down: an event with its actor, or it changes nothing and stands here with the reason."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from bot.community import events, staff
from bot.flow import actions_of
from bot.handlers import FLOWS

ACTIONS = actions_of(FLOWS)
QUESTIONS = {name: question for flow in FLOWS for name, question in flow.questions.items()}
ROLES = ("holds", "may_name", "communities")  # whoever asks one of these asks for a role
SHOWS = "only shows"
ASKS = "only asks what to do; the answer is noted"
NOTHING_TO_NOTE = {
    "propose.look": SHOWS,
    "credential.waiting": SHOWS,
    "credential.look": SHOWS,
    "book.slot": ASKS,
    "book.skip": ASKS,
    "book.of_shift": SHOWS,
    "book.for_other": ASKS,
    "appeal.look": SHOWS,
    "appeal.open": SHOWS,
    "complain.look": SHOWS,
    "complain.reply": ASKS,
    "credential.not_yet": "nothing changes; the neighbour hears what to bring",
    "credential.of": SHOWS,
    "credential.pick": "a line to look at; that staff have seen it is noted",
    "days.enter": ASKS,
    "days.list": SHOWS,
    "decide.group": SHOWS,
    "decide.hide": ASKS,
    "decide.more": SHOWS,
    "decide.reason": ASKS,
    "decide.reasons": SHOWS,
    "assign.begin": ASKS,
    "move.begin": ASKS,
    "move.look": SHOWS,
    "desk.begin": ASKS,
    "desk.enter": ASKS,
    "desk.lives": ASKS,
    "desk.speaks": ASKS,
    "desk.key": "the passphrase of a copy that is noted",
    "desk.noted": "forgets that passphrase",
    "desk.one": ASKS,
    "desk.open": ASKS,
    "desk.page": SHOWS,
    "desk.withdraw": ASKS,
    "edit.begin": ASKS,
    "duty.decline": "she says no to what a colleague would hand her: nothing moves",
    "duty.over": SHOWS,
    "flag.begin": ASKS,
    "group.card": SHOWS,
    "group.link": "a code for her alone; that it was used is noted",
    "group.topic": "the same",
    "group.topics": SHOWS,
    "flag.look": SHOWS,
    "invite.begin": ASKS,
    "mediator.choose": SHOWS,
    "mediator.desk": SHOWS,
    "mediator.list": SHOWS,
    "ledgers.missing": SHOWS,
    "ledgers.unseen": SHOWS,
    "sample.list": SHOWS,
    "sample.look": SHOWS,
    "merge.begin": SHOWS,
    "merge.look": SHOWS,
    "paper.list": SHOWS,
    "paper.notice": "prints what everybody may read",
    "paper.poster": "prints what everybody may read",
    "paper.roster": "prints names their owners agreed to; each opening is in the access log",
    "post.ahead": SHOWS,
    "post.close": ASKS,
    "post.desk": "puts up what posts.toml proposes, the first time",
    "post.edit": ASKS,
    "post.fix": ASKS,
    "post.review": SHOWS,
    "post.roster": SHOWS,
    "quiet.card": SHOWS,
    "quiet.relatives": SHOWS,
    "refer.begin": SHOWS,
    "refer.to": ASKS,
    "restrict.begin": ASKS,
    "restrict.list": SHOWS,
    "restrict.look": SHOWS,
    "restrict.one": SHOWS,
    "review.arrange": SHOWS,
    "review.letter": SHOWS,
    "review.look": SHOWS,
    "review.queue": SHOWS,
    "review.let_lie": "a message that could not be handled is mentioned no more",
    "review.replay": "the machine tries a message again; nobody's words are read",
    "roles.aside": ASKS,
    "roles.from": ASKS,
    "roles.give": ASKS,
    "roles.list": SHOWS,
    "roles.one": SHOWS,
    "roles.until": ASKS,
    "talk.look": SHOWS,
    "talk.phone": "the look is in the access log",
    "review.note": ASKS,
    "review.notes": SHOWS,
}


@cache
def _tree(function: Callable[..., Any]) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def _named(function: Callable[..., Any], node: ast.expr) -> Any:
    """What an expression of names means where the function stands, or None."""
    if isinstance(node, ast.Name):
        return function.__globals__.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_named(function, node.value), node.attr, None)
    return None


def _reached(function: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Every function of ours it may call, and the answers to the questions it may ask."""
    seen, todo = set(), [function]
    while todo:
        one = todo.pop()
        if one in seen or not getattr(one, "__module__", "").startswith("bot."):
            continue
        seen.add(one)
        yield one
        for node in ast.walk(_tree(one)):
            if isinstance(node, ast.Name | ast.Attribute):
                found = _named(one, node)
                todo += [found] if inspect.isfunction(found) else []
            if isinstance(node, ast.Constant) and node.value in QUESTIONS:
                todo.append(QUESTIONS[node.value].hear)


def _of_staff(name: str) -> bool:
    asked = {getattr(staff, role) for role in ROLES}
    return not asked.isdisjoint(_reached(ACTIONS[name].may))


OF_STAFF = [name for name in ACTIONS if _of_staff(name)]


@pytest.mark.parametrize("name", OF_STAFF)
def test_what_staff_do_leaves_a_line(name: str) -> None:
    """Failed? Note an event where it changes something, or say here why it has nothing to note."""
    noted = events.note in _reached(ACTIONS[name].do)
    assert noted or name in NOTHING_TO_NOTE


def test_every_reason_is_about_something_staff_do() -> None:
    assert NOTHING_TO_NOTE.keys() <= set(OF_STAFF)
    assert len(OF_STAFF) > 60


def test_the_reader_finds_a_line_and_its_absence() -> None:
    assert events.note in _reached(ACTIONS["review.ask_back"].do)  # by the answer to a question
    assert events.note not in _reached(ACTIONS["review.look"].do)
    assert "follow.card" not in OF_STAFF
