"""The same journey in English."""

from __future__ import annotations

import re

from tests.town import Town

HAN = re.compile("[\u4e00-\u9fff]")


async def test_the_whole_journey_in_english(town: Town) -> None:
    lin = await town.member("Lin", "en")
    chen = await town.volunteer("Chen", "Small repairs", "en")
    mei = town.stranger("Fang", "en")
    await mei.starts()
    mei.hears("program", "119")
    await mei.taps("Ask for help", "Agree")
    await mei.says("Auntie Li", "light broken cant reach it")
    mei.hears("Small repairs")
    await mei.taps("Yes")
    await mei.says("tomorrow after 3")
    mei.hears("Which one")
    await mei.taps("15:00", "Blocks 5–8")
    await mei.says("kitchen ceiling light, my number is 13812345678")
    mei.hears("phone")
    await mei.taps("helper")
    await mei.taps("Next")
    await mei.says("Building 6 Room 302")
    mei.hears("13812345678", "Building 6 Room 302", "kitchen ceiling light")
    await mei.taps("Send my request")
    mei.hears("YS-0001", "18:00")
    lin.hears("kitchen ceiling light")
    await lin.taps(lin.last.labels[0])
    await town.settle()
    chen.hears("Changing bulbs and tubes")
    await chen.taps(chen.last.labels[0], "Confirm")
    chen.hears("Auntie Li", "13812345678", "Building 6 Room 302")
    mei.hears("Chen", "door")
    await chen.taps(chen.last.labels[0])
    done = next(label for label in chen.last.labels if "one" in label)
    await chen.taps(done)
    assert "13812345678" not in chen.everything
    await mei.taps(mei.last.labels[0])
    mei.hears("YS-0001")
    for one in (mei, chen, lin):
        said = [line for line in one.everything.splitlines() if HAN.search(line)]
        assert said == []
        labels = {label for seen in one.phone.heard for label in seen.labels if HAN.search(label)}
        assert labels <= {"中文"}
