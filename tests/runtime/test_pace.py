"""What Telegram promises to take holds in every second and every minute, however they are cut."""

from __future__ import annotations

from bot.runtime.delivery import TAP, Delivery
from tests.runtime.conftest import MakeHouse
from tests.runtime.house import House
from tests.runtime.test_sender import say


async def _times(house: House, seconds: float, step: float) -> list[float]:
    """When each message was accepted, to a step."""
    times: list[float] = []
    for number in range(round(seconds / step)):
        await house.settle()
        times += [number * step] * (len(house.telegram.accepted) - len(times))
        house.clock.advance(step)
    return times


def _most(times: list[float], seconds: float) -> int:
    """In any stretch so long."""
    return max(sum(start <= time < start + seconds - 1e-6 for time in times) for start in times)


async def test_a_group_hears_twenty_in_any_minute(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    await say(house, *map(str, range(60)), chat=-7)
    times = await _times(house, 130, 1)
    assert _most(times, 60) == 20
    assert len(times) == 60
    assert house.telegram.texts(-7) == [str(number) for number in range(60)]


async def test_twenty_eight_go_out_in_any_second(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    for chat in range(80):
        await say(house, "b", chat=100 + chat)
    times = await _times(house, 3, 0.1)
    assert _most(times, 1) == 28
    assert len(times) == 80


async def test_a_person_hears_one_a_second_over_any_stretch_and_three_at_once(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    await say(house, *"abcdefghi")
    times = await _times(house, 10, 0.5)
    assert len(times) == 9
    assert all(_most(times, span) <= span + 2 for span in (1, 3, 6, 9))


async def test_what_is_urgent_waits_for_nothing_and_is_counted(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    await say(house, *map(str, range(20)), chat=-7, delivery=Delivery(priority=TAP))
    await say(house, "then", chat=-7)
    await house.settle()
    assert len(house.telegram.texts(-7)) == 20
    await house.later(59)
    assert len(house.telegram.texts(-7)) == 20
    await house.later(2)
    assert house.telegram.texts(-7)[-1] == "then"


async def test_the_next_process_knows_what_went_out_in_the_last_minute(make_house: MakeHouse) -> None:
    house = make_house(limits=True)
    await say(house, *map(str, range(25)), chat=-7)
    await _times(house, 30, 1)
    house.again()
    await house.settle()
    assert len(house.telegram.texts(-7)) == 20
    await house.later(29)
    assert len(house.telegram.texts(-7)) == 20
    await house.later(1)
    assert len(house.telegram.texts(-7)) == 25
