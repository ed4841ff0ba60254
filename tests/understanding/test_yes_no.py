"""A typed answer is as good as a tap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.yes_no import yes_no

YES = (
    "好|好的|好啊|行|行啊|可以|可以的|对|对的|是|是的|没错|嗯|嗯嗯|好的谢谢|同意|要|没问题|当然可以|OK|ok的|Ok!|好，谢谢您|对，就这样|yes|"
    "Yes please|yes pls|yep|yeah sure|sure|of course|that's right|correct|fine, thanks|"
    "no problem|Y|👍|👍🏽|go ahead|I agree|好的好的"
)
NO = (
    "不|不要|不用|不用了|不用了谢谢|不行|不可以|不对|不是|没有|没有了|没了|算了|算了吧|不需要|先不用|不了|好的，不用了|不同意|就这些|no|No!|"
    "no thanks|No, thank you|nope|not now|nothing more|that's all|never mind|don't|no need|❌|"
    "I don't|rather not|不想|不是的|不留"
)
NEITHER = (
    "没有电梯|没有梯子|好像不行|不知道|好不好|可以吗|maybe|not sure|I don't know|no ladder at home|"
    "no lift in the building|yes men|nothing works in my kitchen|明天|对面的灯坏了|好几天了|不是灯，是插座|"
    "okra|know|"
)


@pytest.mark.parametrize("text", YES.split("|"))
def test_yes(text: str) -> None:
    assert yes_no(text) is True


@pytest.mark.parametrize("text", NO.split("|"))
def test_no(text: str) -> None:
    assert yes_no(text) is False


@pytest.mark.parametrize("text", NEITHER.split("|"))
def test_neither(text: str) -> None:
    assert yes_no(text) is None


@given(st.text(max_size=60))
def test_anything_may_be_typed(text: str) -> None:
    assert yes_no(text) in (True, False, None)
