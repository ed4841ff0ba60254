"""Personal words go through the whole journey; then every file of the state is searched for them, in every writing."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.engine import make_url

from bench._scan import writings
from tests.town import Town

NAME, STORY, DOOR, PHONE = "金丝雀甲", "金丝雀乙的灯坏了", "6栋3172", "13857391846"
RELAY, WORRY, TALK, HELPER = "金丝雀丙在门口", "金丝雀丁不放心", "金丝雀戊找您", "金丝雀己"


def files_of(town: Town) -> list[Path]:
    path = Path(str(make_url(town.url).database))
    return [file for file in path.parent.iterdir() if file.is_file()]


def found(town: Town, words: list[str]) -> list[tuple[str, str]]:
    contents = {file.name: file.read_bytes() for file in files_of(town)}
    return [
        (word, name)
        for word in words
        for name, content in contents.items()
        if any(writing and writing in content for writing in writings(word))
    ]


async def test_no_personal_word_is_in_any_file(town: Town) -> None:
    lin = await town.member("林站长")
    chen = await town.volunteer(HELPER)
    mei = town.stranger(NAME)
    await mei.starts()
    await mei.taps("请人帮忙", "同意")
    await mei.says(NAME, STORY)
    await mei.taps("对", "明天", "5–8")
    await mei.says(f"电话{PHONE}")
    await mei.taps("留给接单人")
    await mei.sends("voice")
    await mei.taps("下一步")
    words = [NAME, STORY, DOOR, PHONE, RELAY, WORRY, TALK, HELPER]
    ids = [str(one.phone.user.id * 1_000_003) for one in (mei, chen, lin)]
    await mei.says(DOOR)
    assert found(town, words) == []  # in the middle of a draft
    await mei.taps("发出求助")
    await lin.taps("放行")
    await town.settle()
    await chen.taps("我来", "确认接单")
    chen.hears(PHONE, DOOR, NAME)
    assert found(town, words) == []
    await chen.taps("说句话")
    await chen.says(RELAY)
    await mei.taps("找工作人员")
    await mei.says(TALK)
    await chen.taps("回到这件事", "办好了")
    await mei.taps("有点不放心")
    await mei.says(WORRY)
    lin.hears(WORRY)
    await mei.taps("看进度", "办好了")
    voice = next(iter(town.world.files))
    assert found(town, [*words, *ids, voice, "1:sandbox"]) == []
    town.close()
    assert found(town, [*words, *ids, voice]) == []


def test_the_search_finds_what_lies_there(town: Town, tmp_path: Path) -> None:
    folder = Path(str(make_url(town.url).database)).parent
    for index, writing in enumerate(writings(NAME)):
        (folder / "leak").write_bytes(b"....." + writing + b"...")
        assert found(town, [NAME]) == [(NAME, "leak")], index
