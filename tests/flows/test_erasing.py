"""Forget me: what was sealed for one person opens nowhere any more, and the others go on."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from bench import forget
from bot.community import cases, claims, erasing, people, talents
from bot.community.cards import Card
from bot.community.cases import Case
from bot.runtime.tables import inbox, message_map, outbox, persistence
from bot.store.store import Store
from privacy.keystore import KEYS
from tests.flows.test_close import engaged
from tests.town import Neighbour, Town


async def id_of(town: Town, one: Neighbour) -> str:
    async with town.store.transaction() as session:
        person = people.find(session, one.phone.user.id)
        assert person is not None
        return person.id


async def erased(town: Town, one: Neighbour) -> str:
    person_id = await id_of(town, one)
    async with town.store.transaction() as session:
        erasing.erase_person(session, person_id)
    return person_id


async def finished(town: Town) -> tuple[Neighbour, Neighbour]:
    mei, chen, _ = await engaged(town)
    await chen.taps("办好了")
    await mei.taps("办好了")
    return mei, chen


def subjects(store: Store) -> set[str]:
    with store.keys.connect() as connection:
        return set(connection.execute(sa.select(KEYS.c.subject)).scalars())


async def test_her_keys_and_those_of_her_cases_go_and_nothing_of_anybody_elses(either_town: Town) -> None:
    town = either_town
    mei, chen = await finished(town)
    helper, before = await id_of(town, chen), subjects(town.store)
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
    person_id = await erased(town, mei)
    assert before - subjects(town.store) == {person_id, case.id}
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        assert [case.story, case.phone, case.door, case.files] == [None] * 4
        person = people.get(session, person_id)
        assert people.is_gone(person)
        assert [person.name, person.area, person.reachable, bytes(person.telegram_id)] == [
            None,
            None,
            False,
            b"",
        ]
        assert people.find(session, mei.phone.user.id) is None
        assert session.exec(select(Card).where(Card.person_id == person_id)).all() == []
        assert people.called(session, "小陈") == [people.get(session, helper)]
    await erased_again(town, person_id)


async def erased_again(town: Town, person_id: str) -> None:
    async with town.store.transaction() as session:
        erasing.erase_person(session, person_id)
        with pytest.raises(KeyError):
            erasing.erase_person(session, "nobody")


async def test_what_waits_for_her_and_where_she_was_in_a_talk_is_gone(town: Town) -> None:
    mei, _ = await finished(town)
    await mei.says("我想找人买菜")  # a talk in hand
    chat = town.runtime._seals.chat(mei.phone.user.id)
    async with town.store.transaction() as session:
        connection = session.connection()
        assert connection.scalar(sa.select(sa.func.count()).select_from(persistence)) > 0
        assert connection.scalar(sa.select(sa.func.count()).where(message_map.c.chat == chat)) > 0
        last = connection.execute(sa.select(outbox).where(outbox.c.chat == chat).limit(1)).mappings().one()
        sealed = town.runtime._seals.close("outbox", "0", {"text": "x"})
        waits = {**last, "state": "blocked", "payload": sealed, "guard": None, "settled_at": None}
        connection.execute(outbox.insert(), waits | {"id": 10**9})
        of_her_case = {"id": 10**9 + 1, "chat": 5, "guard": f"open:{(session.exec(select(Case.id)).one())}"}
        connection.execute(outbox.insert(), waits | of_her_case)
        connection.execute(outbox.insert(), waits | {"id": 10**9 + 2, "chat": 5})
        connection.execute(inbox.update().where(inbox.c.chat == chat).values(payload=sealed, state="dead"))
    await erased(town, mei)
    async with town.store.transaction() as session:
        connection = session.connection()
        mine = sa.select(sa.func.count()).where(inbox.c.chat == chat, inbox.c.payload.is_not(None))
        assert connection.scalar(mine) == 0
        kept = sa.select(outbox.c.id).where(outbox.c.payload.is_not(None)).order_by(outbox.c.id)
        assert connection.execute(kept).scalars().all() == [10**9 + 2]  # somebody else's
        key = town.runtime._seals.key("user", str(mei.phone.user.id))
        assert connection.scalar(sa.select(sa.func.count()).where(persistence.c.key == key)) == 0
    assert await town.runtime.dead_letters() == []


async def test_whoever_is_still_awaited_is_not_erased_unheard(town: Town) -> None:
    mei, chen, _ = await engaged(town)
    for one in (mei, chen):
        with pytest.raises(erasing.StillAwaited):
            await erased(town, one)
    assert await id_of(town, mei)


async def test_a_volunteer_is_not_asked_any_more_and_can_come_back_as_somebody_new(town: Town) -> None:
    _, chen = await finished(town)
    before = await erased(town, chen)
    async with town.store.transaction() as session:
        assert talents.get(session, before) is None
        assert talents.kinds_of(session, before) == []
    await chen.starts()
    await chen.taps("请人帮忙", "同意")
    await chen.says("新的人")
    assert await id_of(town, chen) != before


async def test_thanks_to_somebody_who_left_reach_nobody_and_break_nothing(town: Town) -> None:
    mei, chen = await finished(town)
    await erased(town, chen)
    heard = len(chen.phone.heard)
    await mei.taps("说谢谢")
    assert len(chen.phone.heard) == heard
    assert (await town.runtime.health()).backlog == 0  # handled, and not to be tried again


async def test_rows_restored_from_before_an_erasure_are_cleared(either_town: Town) -> None:
    """Her case lived then, and she had one of somebody else's in hand."""
    town = either_town
    mei, chen, _ = await engaged(town)
    asker, helper = await id_of(town, mei), await id_of(town, chen)
    async with town.store.transaction() as session:
        [case] = session.exec(select(Case)).all()
        town.vault.forget(case.id)  # its key only, as in data of before
    async with town.store.transaction() as session:
        assert erasing.clear_what_no_key_opens(session) == 1
        [case] = session.exec(select(Case)).all()
        assert (case.state, case.story, claims.live(session, case.id)) == ("withdrawn", None, None)
        assert not people.is_gone(people.get(session, asker))
    second_helper, second_asker = await engaged_again(town)
    async with town.store.transaction() as session:
        town.vault.forget(helper)
    async with town.store.transaction() as session:
        assert people.find(session, chen.phone.user.id) is None  # her neighbours in the bucket are found
        town.vault.forget(second_helper)
    async with town.store.transaction() as session:
        assert erasing.clear_what_no_key_opens(session) == 2
        case = session.exec(select(Case).where(Case.state == "engaged")).one()
        assert claims.live(session, case.id) is None
        assert case.id in [one.case_id for one in cases.waiting(session)]
        assert people.is_gone(people.get(session, helper))
        assert not people.is_gone(people.get(session, second_asker))


async def engaged_again(town: Town) -> tuple[str, str]:
    """Another helper is engaged for somebody else: their ids."""
    asker, helper, _ = await engaged(town)
    return await id_of(town, helper), await id_of(town, asker)


async def test_one_among_twenty_thousand_rows_leaves_nothing_in_any_file_nor_in_a_restored_backup(
    tmp_path: Path,
) -> None:
    """Words, ciphertexts and wrapped keys, in every writing; and the same search finds them before, and a control after."""
    said = await forget.measure(20_000, 3, tmp_path)
    assert said.before == 3 * 8
    assert said.controls >= 2
    assert (said.after, said.restored, said.words) == (0, 0, 0)
