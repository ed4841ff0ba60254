"""When somebody means, on Monday 23 November 2026 at 10:00 in Xiamen."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.times import DAYS, Unclear, When, alone, day, further, mentioned, parse

TZ = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=TZ)

CLEAR = {
    "今天下午3点": "23 15:00 - 23 15:00",
    "明天下午三点以后": "24 15:00 - 25 00:00",
    "明天 15：30": "24 15:30 - 24 15:30",
    "明早": "24 06:00 - 24 09:00",
    "今晚八点半": "23 20:30 - 23 20:30",
    "周六上午": "28 08:00 - 28 12:00",
    "周日": "29 00:00 - 30 00:00",
    "后天": "25 00:00 - 26 00:00",
    "大后天上午十点": "26 10:00 - 26 10:00",
    "下周三晚上": "02 18:00 - 02 21:00",
    "下周末": "05 00:00 - 07 00:00",
    "周末": "28 00:00 - 30 00:00",
    "周一到周五": "23 00:00 - 28 00:00",
    "半小时后": "23 10:30 - 23 10:30",
    "一个半小时后": "23 11:30 - 23 11:30",
    "10分钟后": "23 10:10 - 23 10:10",
    "3天后": "26 00:00 - 27 00:00",
    "现在": "23 10:00 - 23 10:00",
    "下午三点到五点": "23 15:00 - 23 17:00",
    "15-17点": "23 15:00 - 23 17:00",
    "明天上午9点到下午3点": "24 09:00 - 24 15:00",
    "中午12点": "23 12:00 - 23 12:00",
    "明天中午一点": "24 13:00 - 24 13:00",
    "晚上12点": "24 00:00 - 24 00:00",
    "星期三下午两点一刻": "25 14:15 - 25 14:15",
    "11月24号": "24 00:00 - 25 00:00",
    "24号上午": "24 08:00 - 24 12:00",
    "3号": "03 00:00 - 04 00:00",
    "今天3点": "23 15:00 - 23 15:00",
    "明天下午四点左右": "24 16:00 - 24 16:00",
    "这周六早上九点到十一点": "28 09:00 - 28 11:00",
    "26th Nov 2.30pm": "26 14:30 - 26 14:30",
    "明天下午五点以前": "24 00:00 - 24 17:00",
    "tomorrow at 3pm": "24 15:00 - 24 15:00",
    "Sat morning": "28 08:00 - 28 12:00",
    "in an hour": "23 11:00 - 23 11:00",
    "in 20 mins": "23 10:20 - 23 10:20",
    "day after tomorrow": "25 00:00 - 26 00:00",
    "this Friday evening": "27 18:00 - 27 21:00",
    "3-5pm": "23 15:00 - 23 17:00",
    "11-1pm tomorrow": "24 11:00 - 24 13:00",
    "between 3 and 5 pm": "23 15:00 - 23 17:00",
    "from 9 to 11 am tomorrow": "24 09:00 - 24 11:00",
    "tomorrow afternoon": "24 12:00 - 24 18:00",
    "quarter to 4 pm tomorrow": "24 15:45 - 24 15:45",
    "noon tomorrow": "24 12:00 - 24 12:00",
    "before noon tomorrow": "24 00:00 - 24 12:00",
    "after 6pm": "23 18:00 - 24 00:00",
    "tonight": "23 18:00 - 23 21:00",
    "tonight at 8": "23 20:00 - 23 20:00",
    "24 November": "24 00:00 - 25 00:00",
    "Nov 24th at 15:00": "24 15:00 - 24 15:00",
    "2026-11-25 14:00": "25 14:00 - 25 14:00",
    "the weekend": "28 00:00 - 30 00:00",
    "明天下午3:30-5点": "24 15:30 - 24 17:00",
    "明天下午3点半到5点": "24 15:30 - 24 17:00",
    "3 days from now": "26 00:00 - 27 00:00",
    "two weeks from today": "07 00:00 - 08 00:00",
    "by Friday": "23 00:00 - 28 00:00",
    "by the weekend": "23 00:00 - 29 00:00",
    "before Friday": "23 00:00 - 27 00:00",
    "周五之前": "23 00:00 - 27 00:00",
    "26号以前": "23 00:00 - 26 00:00",
    "周五下午三点之前": "27 00:00 - 27 15:00",
    "Monday next week": "30 00:00 - 01 00:00",
    "next week on Tuesday": "01 00:00 - 02 00:00",
    "Thursday this week": "26 00:00 - 27 00:00",
    "Mon to Fri": "23 00:00 - 28 00:00",
}
ASKED_BACK = {
    "明天3点": ["24 15:00 - 24 15:00", "24 03:00 - 24 03:00"],
    "tomorrow at 3": ["24 15:00 - 24 15:00", "24 03:00 - 24 03:00"],
    "tomorrow after 3": ["24 15:00 - 25 00:00", "24 03:00 - 25 00:00"],
    "tomorrow 9 to 11": ["24 09:00 - 24 11:00", "24 21:00 - 24 23:00"],
    "周三3点到5点": ["25 15:00 - 25 17:00", "25 03:00 - 25 05:00"],
    "周一": ["23 00:00 - 24 00:00", "30 00:00 - 01 00:00"],
    "明天或后天": ["24 00:00 - 25 00:00", "25 00:00 - 26 00:00"],
    "next Wednesday": ["25 00:00 - 26 00:00", "02 00:00 - 03 00:00"],
    "今天早上8点": ["24 08:00 - 24 08:00"],
    "早上": ["24 06:00 - 24 09:00"],
    "this weekend at 3pm": ["28 15:00 - 28 15:00", "29 15:00 - 29 15:00"],
    "下午三点到二十五点": [],
    "昨天": [],
    "每天早上": [],
    "明天不行后天可以": [],
    "30 February": [],
    "Tuesdays": [],
    "not tomorrow": [],
    "下班以后": [],
    "工作日晚上": [],
    "any weekday evening": [],
    "除了周三都行": [],
}
ANY = ["随时", "都行", "什么时候都可以", "尽快", "any time", "whenever suits", "asap", "不急"]
NO_TIME = ["你好", "6号楼", "早点来", "有一点重", "hello", "the lamp", "", "May I ask?"]


def said(when: When) -> str:
    assert when.start is not None
    assert when.end is not None
    assert when.start.tzinfo is UTC
    return f"{when.start.astimezone(TZ):%d %H:%M} - {when.end.astimezone(TZ):%d %H:%M}"


@pytest.mark.parametrize("text", CLEAR)
def test_understood(text: str) -> None:
    when = parse(text, NOW, TZ)
    assert isinstance(when, When)
    assert said(when) == CLEAR[text]


@pytest.mark.parametrize("text", ASKED_BACK)
def test_asked_back(text: str) -> None:
    unclear = parse(text, NOW, TZ)
    assert isinstance(unclear, Unclear)
    assert [said(option) for option in unclear.options] == ASKED_BACK[text]


@pytest.mark.parametrize("text", ANY)
def test_any_time(text: str) -> None:
    assert parse(text, NOW, TZ) == When(None, None)


@pytest.mark.parametrize("text", NO_TIME)
def test_no_time_in_it(text: str) -> None:
    assert parse(text, NOW, TZ) is None


def test_taps() -> None:
    assert day("any", NOW, TZ) == When(None, None)
    assert said(day("today", NOW, TZ)) == "23 00:00 - 24 00:00"
    assert said(day("tomorrow", NOW, TZ)) == "24 00:00 - 25 00:00"
    assert said(day("weekend", NOW, TZ)) == "28 00:00 - 30 00:00"
    assert said(day("weekend", NOW + timedelta(days=6), TZ)) == "29 00:00 - 30 00:00"
    assert set(DAYS) == {"today", "tomorrow", "weekend", "any"}
    with pytest.raises(ValueError, match="no such day"):
        day("never", NOW, TZ)


def test_the_day_is_the_local_one() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=TZ).astimezone(UTC)
    assert said(day("today", late, TZ)) == "23 00:00 - 24 00:00"
    assert said(_clear(parse("明天", late, TZ))) == "24 00:00 - 25 00:00"


def _clear(when: object) -> When:
    assert isinstance(when, When)
    return when


START = NOW.replace(year=2024, tzinfo=None)
PIECES = st.sampled_from(
    [
        *CLEAR,
        *ASKED_BACK,
        *ANY,
        "到",
        "-",
        "25:99",
        "点",
        "13月",
        "二十",
        "0点",
        "24:00",
        "pm",
        "half past",
        "下下周",
    ]
)


@given(
    st.one_of(st.text(max_size=100), st.lists(PIECES, max_size=5).map(" ".join)),
    st.datetimes(min_value=START, max_value=START.replace(year=2030)),
)
def test_anything_may_be_typed_at_any_hour(text: str, now: datetime) -> None:
    here = now.replace(tzinfo=TZ)
    when = parse(text, here, TZ)
    options = when.options if isinstance(when, Unclear) else [when] if when is not None else []
    for option in options:
        assert (option.start is None) == (option.end is None)
        if option.start is not None and option.end is not None:
            assert option.start <= option.end
            assert option.end >= here.astimezone(UTC) - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("messages", "meant"),
    [
        (["明天", "下午", "三点"], "24 15:00 - 24 15:00"),
        (["三点", "下午", "明天"], "24 15:00 - 24 15:00"),
        (["明天三点", "下午"], "24 15:00 - 24 15:00"),
        (["明天下午", "上午"], "24 08:00 - 24 12:00"),
        (["明天三点", "下午四点以后"], "24 16:00 - 25 00:00"),
        (["明天下午", "后天"], "25 00:00 - 26 00:00"),
        (["tomorrow", "afternoon"], "24 12:00 - 24 18:00"),
    ],
)
def test_a_time_in_several_messages(messages: list[str], meant: str) -> None:
    words = ""
    for message in messages:
        words = further(words, message, NOW, TZ)
    when = parse(words, NOW, TZ)
    assert isinstance(when, When)
    assert said(when) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("明天下午三点灯坏了", ["24 15:00 - 24 15:00"]),
        ("周六上午陪我去医院", ["28 08:00 - 28 12:00"]),
        ("明天3点来修灯", ["24 15:00 - 24 15:00", "24 03:00 - 24 03:00"]),
        ("今天灯坏了", []),
        ("昨天灯坏了", []),
        ("灯坏了，现在黑着", []),
        ("我今年83岁，住6栋302", []),
    ],
)
def test_a_time_among_other_words(text: str, meant: list[str]) -> None:
    found = mentioned(text, NOW, TZ)
    assert [said(one) for one in found.readings] == meant if found else meant == []


@pytest.mark.parametrize("text", ["下午", "三点", "下午三点以后", "after 3", "明天"])
def test_a_time_and_nothing_else(text: str) -> None:
    assert alone(text, NOW, TZ)


@pytest.mark.parametrize("text", ["厨房的灯", "3单元", "下午来修灯", "302", ""])
def test_not_only_a_time(text: str) -> None:
    assert not alone(text, NOW, TZ)
