"""What a community decides for itself, and how times are said there."""

import shutil
import tomllib
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import ManualClock
from bot.data import Local, WrongData
from bot.spoken import said_moment, said_span

ROOT = Path(__file__).parents[2]
LOCAL = Local.load()
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday, 10:00 in Xiamen


def at(day: int, clock: str, month: int = 11) -> datetime:
    return datetime.combine(
        datetime(2026, month, day, tzinfo=LOCAL.tz).date(), time.fromisoformat(clock), LOCAL.tz
    )


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("6栋", "b2"),
        ("6 栋 302", "b2"),
        ("我住六号楼", "b2"),
        ("十二幢", "b3"),
        ("blocks 5-8", "b2"),
        ("5–8 栋", "b2"),
        ("7", "b2"),
        ("Block 1", "b1"),
        ("building 11", "b3"),
        ("13栋", None),
        ("0", None),
        ("你好", None),
        ("３栋", "b1"),
        ("99999999999999999999", None),
        ("一百栋", None),
    ],
)
def test_a_block_tells_the_area(text: str, area: str | None) -> None:
    assert LOCAL.area_in(text) == area


@given(st.text(max_size=80))
def test_any_words_may_be_asked_for_an_area(text: str) -> None:
    assert LOCAL.area_in(text) in (None, "b1", "b2", "b3")


def test_near_is_the_same_or_next_door() -> None:
    assert LOCAL.near("b2", "b2")
    assert LOCAL.near("b1", "b2")
    assert not LOCAL.near("b1", "b3")
    assert not LOCAL.near(None, "b1")


@pytest.mark.parametrize(
    ("asked", "urgency", "promised"),
    [
        (at(23, "10:00"), "U3", at(23, "18:00")),
        (at(23, "15:00"), "U3", at(24, "12:00")),
        (at(23, "22:00"), "U3", at(24, "12:00")),
        (at(23, "02:00"), "U3", at(23, "12:00")),
        (at(23, "02:00"), "U1", at(23, "09:00")),
        (at(23, "15:30"), "U1", at(23, "18:00")),
        (at(30, "20:00"), "U2", at(1, "11:00", month=12)),
    ],
)
def test_promises(asked: datetime, urgency: str, promised: datetime) -> None:
    assert LOCAL.promise(asked.astimezone(UTC), urgency) == promised


@given(st.datetimes(), st.sampled_from(["U1", "U2", "U3"]))
def test_a_promise_lies_ahead_and_is_not_far(naive: datetime, urgency: str) -> None:
    now = naive.replace(year=2026, month=max(naive.month % 12, 1), day=min(naive.day, 28), tzinfo=UTC)
    ahead = LOCAL.promise(now, urgency) - now
    assert timedelta(hours=1) <= ahead <= timedelta(hours=28)


def test_nobody_is_asked_at_night() -> None:
    assert LOCAL.awake(at(23, "10:00")) == at(23, "10:00")
    assert LOCAL.awake(at(23, "21:00")) == at(24, "08:00")
    assert LOCAL.awake(at(23, "03:00")) == at(23, "08:00")
    assert LOCAL.morning_after(at(23, "23:30")) == at(24, "08:00")


def test_every_identifier_has_a_name() -> None:
    with (ROOT / "privacy" / "data" / "scrub.toml").open("rb") as file:
        kinds = {row["kind"] for row in tomllib.load(file)["pattern"]}
    assert {thing.code for thing in LOCAL.identifiers(sorted(kinds))} == kinds


def test_unknown_codes() -> None:
    assert LOCAL.area("b9") is None
    assert LOCAL.reason("none") is None
    with pytest.raises(KeyError):
        LOCAL.kind("none")


def test_code_words_are_all_different() -> None:
    for language in ("zh", "en"):
        words = [word[language] for pair in LOCAL.code_words for word in (pair.ask, pair.answer)]
        assert len(set(words)) == len(words)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("community.toml", 'near = ["b2"]', 'near = ["b9"]', "area b1"),
        ("community.toml", "Asia/Shanghai", "Asia/Spruce", "Asia/Spruce"),
        ("community.toml", 'prefix = "YS"', "", "prefix"),
        ("taxonomy.toml", 'code = "errand_carry"', 'code = "errand_shop"', "codes must be there and differ"),
        ("taxonomy.toml", 'urgency = "U2"', 'urgency = "U9"', "U9"),
        ("moderation.toml", 'en = "Paid work"', 'de = "Arbeit"', "paid.name must be said in zh and en"),
        ("moderation.toml", 'code = "paid"', 'code = "paid"\nrule = 3', "rule"),
        ("hotlines.toml", "[[line]]", "[[line", "hotlines.toml cannot be read"),
    ],
)
def test_a_mistake_in_the_data_is_told_plainly(
    tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(ROOT / "bot" / "data", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(WrongData, match=says):
        Local.load(folder)


SPANS = [
    (None, None, "都行", "any time"),
    (at(24, "15:00"), at(25, "00:00"), "11 月 24 日（周二）15:00 以后", "Tue 24 Nov, after 15:00"),
    (at(24, "15:00"), None, "11 月 24 日（周二）15:00 以后", "Tue 24 Nov, after 15:00"),
    (at(24, "00:00"), at(24, "17:00"), "11 月 24 日（周二）17:00 以前", "Tue 24 Nov, before 17:00"),
    (at(24, "00:00"), at(25, "00:00"), "11 月 24 日（周二）", "Tue 24 Nov"),
    (at(24, "15:00"), at(24, "15:00"), "11 月 24 日（周二）15:00", "Tue 24 Nov, 15:00"),
    (at(24, "15:00"), at(24, "17:00"), "11 月 24 日（周二）15:00–17:00", "Tue 24 Nov, 15:00–17:00"),
    (
        at(28, "00:00"),
        at(30, "00:00"),
        "11 月 28 日（周六）到 11 月 29 日（周日）",
        "Sat 28 Nov – Sun 29 Nov",
    ),
]


@pytest.mark.parametrize(("start", "end", "chinese", "english"), SPANS)
def test_spans_are_said_by_date(
    start: datetime | None, end: datetime | None, chinese: str, english: str
) -> None:
    assert said_span(start, end, LOCAL, "zh", 2026) == chinese
    assert said_span(start, end, LOCAL, "en", 2026) == english


def test_moments_are_said_kindly() -> None:
    now = at(23, "10:00")
    assert said_moment(at(23, "18:00"), now, LOCAL, "zh") == "今天 18:00"
    assert said_moment(at(24, "12:00"), now, LOCAL, "en") == "12:00 tomorrow"
    assert said_moment(at(30, "08:00"), now, LOCAL, "zh") == "11 月 30 日（周一）08:00"
    assert said_moment(at(30, "08:00"), now, LOCAL, "en") == "08:00 on Mon 30 Nov"


def test_numbers_are_said_with_their_prefix() -> None:
    from bot.spoken import filters

    number = filters(LOCAL, ManualClock(NOW))["number"]
    assert number(SimpleNamespace(number=427)) == "YS-0427"
    assert number(SimpleNamespace(number=12345)) == "YS-12345"
