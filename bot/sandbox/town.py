"""The invented neighbourhood: who lives in it, and what happened before the visitor came (templates/page.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from bot.community import credentials, people, staff
from bot.community.credentials import Standing
from bot.community.staff import Role
from bot.runtime.runtime import Runtime
from bot.sandbox.world import World
from bot.store.store import Store

Page = dict[str, Any]


def read(templates: Path) -> Page:
    """The words and people of the page."""
    with (templates / "page.toml").open("rb") as file:
        return tomllib.load(file)


async def knows(store: Store, telegram_id: int, *kinds: str) -> None:
    """Staff have seen these credentials of somebody's some day before. Raises LookupError for who is not registered."""
    async with store.transaction() as session:
        person = people.find(session, telegram_id)
        if person is None:
            raise LookupError("nobody is registered there yet")
        for kind in kinds:
            credential = credentials.declare(session, person.id, kind)
            credential.state, credential.checked_at = Standing.CHECKED, credential.declared_at
            credential.due_at = None


async def settle(world: World, store: Store, runtime: Runtime, page: Page) -> None:
    """Everybody has a telephone; some have talked to the bot already, each word of it by the ordinary way."""
    for person in page["person"]:
        world.phone(person["id"], person["name"], person["language"])
    world.limits = runtime.pace.limits = False
    for act in page["act"]:
        phone = world.phone(act["who"])
        for step in act["do"]:
            verb, _, what = step.partition(" ")
            if verb == "knows":
                await knows(store, phone.user.id, *what.split())
                continue
            if "CODE" in what:
                async with store.transaction() as session:
                    what = what.replace("CODE", staff.invite(session, Role(act["role"])))
            arguments = [what] if what else []
            getattr(phone, verb)(*arguments)
            await runtime.settle()
        phone.read()
    world.limits = runtime.pace.limits = True
