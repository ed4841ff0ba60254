"""What names a person is found; what only looks like it is left alone."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import scrub

MARK = "▇▇▇"
IDENTIFIERS = [
    ("phone", "我电话13812345678，随时打"),
    ("phone", "手机 138 1234 5678"),
    ("phone", "+86 138-1234-5678"),
    ("phone", "0086 13812345678"),
    ("phone", "打138.1234.5678"),
    ("phone", "138，1234，5678"),
    ("phone", "一三八一二三四五六七八"),
    ("phone", "一三八 一二三四 五六七八"),
    ("phone", "幺三八一二三四五六七八"),
    ("phone", "壹叁捌壹贰叁肆伍陆柒捌"),
    ("phone", "138一二三四5678"),
    ("phone", "１３８１２３４５６７８"),
    ("phone", "1\u200b3812\u200b345678"),
    ("phone", "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣"),
    ("phone", "1 3 8 1 2 3 4 5 6 7 8"),
    ("phone", "0592-5550134"),
    ("phone", "0592 5550134转12"),
    ("phone", "（0592）555 0134"),
    ("phone", "零五九二五五五零一三四"),
    ("phone", "010-65550134"),
    ("phone", "座机5550134"),
    ("phone", "call me on 13912345678"),
    ("phone", "my phone number is 555 0134"),
    ("phone", "(415) 555-0132"),
    ("phone", "+44 20 7946 0958"),
    ("phone", "微信同号13812345678"),
    ("phone", "vx13812345678"),
    ("phone", "1 3 8 - 1 2 3 4 - 5 6 7 8"),
    ("phone", "打一三九-一二三四-五六七八"),
    ("phone", "手機：0592-12345678"),
    ("id", "110101199003070015"),
    ("id", "身份证11010119900307001X"),
    ("id", "１１０１０１１９９００３０７００１５"),
    ("id", "110101 19900307 0015"),
    ("id", "老证110101650312001"),
    ("card", "卡号6222 0210 0112 3456 789"),
    ("card", "4111111111111111"),
    ("card", "6222-0210-0112-3456"),
    ("email", "mei.li+help@example.org"),
    ("email", "写到ｍｅｉ＠example.org"),
    ("email", "chen_li at qq.com"),
    ("email", "chenli艾特163点com"),
    ("street", "我在厦禾路123号"),
    ("street", "莲前西路 2 号"),
    ("street", "莲花新村四十五号"),
    ("street", "龙头路5号之2"),
    ("street", "鹭江道96号"),
    ("street", "live at 12 Garden Street"),
    ("street", "221B Baker Street"),
    ("street", "Lianqian West Road 12"),
    ("wechat", "加我微信 mei_li88"),
    ("wechat", "加微xiaoli2020"),
    ("wechat", "微信：meilihua"),
    ("wechat", "微信号是meilihua"),
    ("wechat", "加V：abc_123"),
    ("wechat", "wechat: meili_1960"),
    ("wechat", "my WeChat is meili1960"),
    ("wechat", "QQ 1234567"),
    ("plate", "车是闽D·12345"),
    ("plate", "京A12345"),
    ("plate", "闽 D 12345"),
    ("plate", "粤BD12345"),
    ("door", "我住6栋302"),
    ("door", "6 栋 302 室"),
    ("door", "3号楼2单元501室"),
    ("door", "三号楼二单元五零一"),
    ("door", "3栋2单元5楼501"),
    ("door", "五栋三零二"),
    ("door", "十二栋一五零二"),
    ("door", "A座1203"),
    ("door", "12#302"),
    ("door", "2单元301"),
    ("door", "16号502室"),
    ("door", "5-2-302"),
    ("door", "5 - 2 - 302"),
    ("door", "5#2-302"),
    ("door", "3棟502"),
    ("door", "3號樓2單元501"),
    ("door", "住六楼602"),
    ("door", "I live at 3-502"),
    ("door", "住302"),
    ("door", "家在3-502"),
    ("door", "在1203室"),
    ("door", "Building 3 Room 502"),
    ("door", "building 3, 502"),
    ("door", "502, Building 3"),
    ("door", "Block B, flat 12"),
    ("door", "flat 5B please"),
    ("door", "Apt. 1204"),
    ("door", "Flat B"),
    ("door", "我家302，门禁码1234#，门锁密码2580"),
    ("door", "我家在3-502"),
    ("door", "3单元五楼东户"),
    ("door", "6栋3单元五楼左手第一家"),
    ("door", "五楼西户"),
    ("door", "I'm in 302"),
    ("door", "and we’re at 1203"),
    ("door", "house number 12"),
    ("door", "third floor left"),
    ("door", "2nd floor, on the right"),
    ("code", "我家302，门禁码1234#，门锁密码2580"),
    ("code", "门禁1234#"),
    ("code", "密码是2580"),
    ("code", "门锁密码：二五八零"),
    ("code", "开门码 0#123"),
    ("code", "到了按302#"),
    ("code", "the door code is 1234#"),
    ("code", "passcode: 2580"),
    ("code", "entry code 4711"),
    ("code", "the code is 4711"),
    ("passport", "护照E12345678"),
    ("passport", "EA1234567"),
    ("passport", "passport no. 533401234"),
]
HARMLESS = [
    "on the second floor right next to the lift",
    "the third floor left us no choice",
    "住5–8 栋，厨房灯坏了",
    "明天下午15:30到18:00",
    "下午3点半，18:30也行",
    "11月24日（周二）3点半",
    "2026-11-24 上午",
    "24-11-2026 in the morning",
    "15.11.2026 9-12",
    "24号15:30来",
    "24号1200元",
    "2026年11月24日",
    "要2个人，搬3层楼，大概20分钟",
    "打110还是119？ 12345问过了",
    "120、122、12348、12355都打过",
    "我今年83岁，老伴85",
    "八十三岁，一个人住",
    "一共花了128元，电费2350.50",
    "¥13800，分12期",
    "编号 YS-0427",
    "400-820-8820",
    "六楼300元，6楼1200块",
    "3棟120平米",
    "15 - 11 - 2026 9 - 12",
    "look at it, we live in 2 rooms",
    "1-2-3，血压150-90",
    "二零二六年十一月二十四日",
    "502路公交，3号线地铁",
    "坐公交到中山路，12号去",
    "走路12号出发，这条街12号那天停电",
    "中山路3号线，我这里12号没空，家里12号来客人",
    "meet on Garden Street at 5, 100 people on Main Street",
    "6栋楼下，三楼",
    "3栋120平米",
    "5栋300米外",
    "住100多天了",
    "一二三四五六七",
    "一个两个三个",
    "三十八度二，两三天了",
    "第三单元门口见",
    "12楼的灯坏了",
    "G1234次高铁",
    "微信群里说了，微信也行",
    "WeChat is broken, wechat please",
    "call 120 at once",
    "the light is 2.8 m high, 40 W",
    "room temperature, block party, unit price",
    "room for 12, a flat tyre, next door",
    "at 9:30, 2 hours, 30 yuan",
    "I am 83, my husband 85",
    "size 42, 1.75 m, 65 kg, 120/80",
    "密码忘了，密码锁没电了",
    "密码要6位，密码锁200元",
    "手机密码不记得，想换密码",
    "门禁卡丢了，门禁坏了2天",
    "我家200平米，我家有302路公交",
    "我家1998年装修的，我家220伏",
    "五楼东边的灯坏了，三楼西门进",
    "I'm in 5 minutes, I'm at the shop, I'm in 2 clubs",
    "the postcode is 361000, password forgotten",
    "a pin 30 mm long, lock broken",
    "新华书店，京东买的",
    "",
]


@pytest.mark.parametrize(("kind", "text"), IDENTIFIERS)
def test_identifiers_are_found(kind: str, text: str) -> None:
    assert kind in {found.kind for found in scrub.find(text)}


@pytest.mark.parametrize(("kind", "text"), IDENTIFIERS)
def test_they_are_found_amid_other_words_too(kind: str, text: str) -> None:
    amid = f"您好，厨房的灯坏了。{text}。谢谢！"
    assert kind in {found.kind for found in scrub.find(amid)}


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_are_left_alone(text: str) -> None:
    assert [(found.kind, text[found.start : found.end]) for found in scrub.find(text)] == []


def test_cleaned_words_hold_none_of_it() -> None:
    cleaned, found = scrub.clean("灯坏了，电话13812345678，6栋302", MARK)
    assert cleaned == "灯坏了，电话▇▇▇，▇▇▇"
    assert [item.kind for item in found] == ["phone", "door"]


def test_a_door_its_code_and_its_lock_go_each_for_itself() -> None:
    cleaned, found = scrub.clean("我家302，门禁码1234#，门锁密码2580", MARK)
    assert cleaned == "我家▇▇▇，门禁码▇▇▇，门锁密码▇▇▇"
    assert [item.kind for item in found] == ["door", "code", "code"]


def test_each_kind_may_have_its_own_mark() -> None:
    marks = dict.fromkeys(scrub.kinds(), "?") | {"phone": "☎", "door": "⌂"}
    assert scrub.clean("6栋302，１３８１２３４５６７８", marks)[0] == "⌂，☎"


def test_a_phone_is_taken_as_it_was_written() -> None:
    text = "打 138-1234-5678 找我"
    (found,) = scrub.find(text)
    assert text[found.start : found.end] == "138-1234-5678"


def test_a_number_with_a_slip_is_still_hidden() -> None:
    assert [f.kind for f in scrub.find("110101199003070016")] == ["id"]
    assert "id" not in {f.kind for f in scrub.find("110101199013450016")}


def test_a_sign_that_folds_to_several_goes_whole() -> None:
    assert scrub.clean("手机 138 1234 5678½502, Building 3", MARK)[0] == f"手机 {MARK}{MARK}"


def test_long_and_hostile_words_take_no_time() -> None:
    for piece in (
        "1 3 8 ",
        "1-",
        "3栋",
        "a@a.",
        "微信 a",
        "(0592)",
        "十",
        "Building 1 ",
        "密码1",
        "3楼东",
        "code is 1",
    ):
        text = (piece * 4096)[:4096]
        begun = time.perf_counter()
        scrub.clean(text, MARK)
        assert time.perf_counter() - begun < 2.0, piece


WORDS = st.lists(
    st.sampled_from(
        [text for _, text in IDENTIFIERS]
        + HARMLESS
        + list("0123456789 -—栋室单元一三八零ABVxX@.闽D号+()微信：a#ﬃ½")
    ),
    max_size=12,
).map("".join)


@settings(max_examples=300, deadline=None, print_blob=True)
@given(WORDS | st.text(max_size=200))
def test_any_text_is_survived_and_stays_clean(text: str) -> None:
    cleaned, found = scrub.clean(text, MARK)
    assert all(0 <= item.start < item.end <= len(text) for item in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert scrub.clean(cleaned, MARK) == (cleaned, [])
