from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.runtime.house import House

MakeHouse = Callable[..., House]


@pytest.fixture
def make_house(database_url: str) -> Iterator[MakeHouse]:
    houses: list[House] = []

    def make(**settings: Any) -> House:
        houses.append(House(database_url, **settings))
        return houses[-1]

    yield make
    for house in houses:
        house.store.close()


@pytest.fixture
def house(make_house: MakeHouse) -> House:
    return make_house()
