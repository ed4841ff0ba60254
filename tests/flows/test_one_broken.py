"""One case that cannot be served silences nobody else's, and is seen."""

from __future__ import annotations

import sqlalchemy as sa

from bot.community import people
from bot.community.people import Person
from tests.flows.test_claim import ask
from tests.town import Town


async def test_a_resident_whose_address_is_damaged(town: Town) -> None:
    staff = await town.member("林站长")
    mei, chen = await ask(town, "李阿姨"), await ask(town, "陈叔")
    async with town.store.transaction() as session:
        broken, other = (people.find(session, one.phone.user.id) for one in (mei, staff))
        assert broken is not None
        assert other is not None
        whole = broken.telegram_id
        damage = sa.update(Person).where(sa.column("id") == broken.id)
        session.connection().execute(damage.values(telegram_id=other.telegram_id))
    heard, seen = len(chen.phone.heard), len(staff.phone.heard)
    for _ in range(8):
        await town.later(hours=6)
    assert len(chen.phone.heard) > heard
    assert len(staff.phone.heard) > seen
    (failure,) = await town.runtime.failures()
    assert failure.error == "SealBroken"
    async with town.store.transaction() as session:
        session.connection().execute(damage.values(telegram_id=whole))
    town.restart()
    heard = len(mei.phone.heard)
    await town.later(hours=6)
    assert len(mei.phone.heard) > heard
    await town.settle()
    assert await town.runtime.failures() == []
