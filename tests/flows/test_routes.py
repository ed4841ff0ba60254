"""What is typed into the chat reaches its kind and its way, in both languages; staff decide."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from sqlmodel import select

from bot.community import events
from bot.community.cases import Case, State
from bot.community.events import Kind
from bot.data import Local
from bot.understanding import route
from tests.town import Neighbour, Town

LOCAL = Local.load()
DATA = Path(__file__).parents[1] / "understanding" / "data"
with (DATA / "requests.toml").open("rb") as file:
    PUBLISHED = tomllib.load(file)["request"][:22]  # in this order they should go:
WAYS = [
    "staff",
    "publish",
    "staff",
    "staff",
    "staff",
    "staff",
    "staff",
    "publish",
    "refer",
    "emergency",
    "publish",
    "decline",
    "edit",
    "decline",
    "staff",
    "staff",
    "publish",
    "publish",
    "publish",
    "decline",
    "right",
    "staff",
]
with (DATA / "needs.toml").open("rb") as file:
    NEEDS = tomllib.load(file)["need"]
PAGES = {  # by what a page is known, and the button past it, in each language
    route.DECLINE: (("一般发不出去", ""), ("usually cannot go out", "")),
    route.REFER: (("打过去最快", "还是想请邻居"), ("A call is quickest", "Ask neighbours anyway")),
    route.RIGHT: (("看、改或删自己的资料", ""), ("what we hold about you", "")),
    route.EMERGENCY: (("请马上打电话", ""), ("Call at once", "")),
    route.EDIT: (("藏起来", "删掉"), ("I have hidden it", "Delete it")),
    "entry": (("别写门没锁", ""), ("where a key is", "")),
    "mediation": (("调解员", "说的不是这个"), ("A mediator", "It is not that")),
}
NO_WORDS_OF_ITS_OWN = (route.PUBLISH, route.STAFF)


async def only_case(town: Town) -> Case:
    async with town.store.transaction() as session:
        return session.exec(select(Case)).one()


async def suggested(town: Town) -> str:
    case = await only_case(town)
    async with town.store.transaction() as session:
        return events.code_of(session, case.id, Kind.SUGGESTED)


def named(code: str, language: str) -> str:
    """What the guess page calls a kind."""
    kind = LOCAL.kind(code)
    category = LOCAL.kind(kind.category) if kind.category else None
    said = kind.name[language]
    if kind.sensitivity == "S3" or (category or kind).code == "mind":
        said = (category or kind).name[language]
    elif category:
        said = f"{category.name[language]}{'：' if language == 'zh' else ': '}{said}"
    return f"「{said}」" if language == "zh" else f"“{said}”"


async def goes(one: Neighbour, text: str, kind: str, way: str, language: str) -> bool:
    """Whether these words, typed, show the way and then the kind they should."""
    await one.says("/cancel", text)
    n, right, go = ("zh", "en").index(language), True, ""
    for name, each in PAGES.items():
        known, past = each[n]
        if known in one.last.text:
            go = {"entry": route.EDIT}.get(name, "" if name == "mediation" else name)
            right = right and (name == "mediation") == (
                bool(kind) and LOCAL.kind(kind).category == "mediation"
            )
            if past:
                await one.taps(past)
            elif name != "mediation":
                return go == way
    guess = LOCAL.kind(kind) if kind else None
    shown = route.route(text, guess).go if way in NO_WORDS_OF_ITS_OWN and not go else go
    right = right and shown == way
    said = re.search(r"「[^」]+」。对吗|“[^”]+”\. Is that right|「[^」]+」来办|“[^”]+”\? At", one.last.text)
    return right and (named(kind, language) in one.last.text if kind else said is None)


async def _missed(town: Town, rows: list[tuple[str, str, str]]) -> list[str]:
    zh, en = await town.newcomer("李阿姨"), await town.newcomer("Mei", "en")
    missed = []
    for text, kind, way in rows:
        language = "zh" if re.search(r"[\u3400-\u9fff]", text) else "en"
        if not await goes(zh if language == "zh" else en, text, kind, way, language):
            missed.append(text)
    return missed


async def test_the_published_requests_reach_their_kind_and_their_way(town: Town) -> None:
    rows = [(row["text"], row["kind"], way) for row, way in zip(PUBLISHED, WAYS, strict=True)]
    assert await _missed(town, rows) == []


async def test_needs_as_people_write_them_do_so_too(town: Town) -> None:
    """One in three of them here: the other two are read without the chat (tests/understanding)."""
    rows = [(row["text"], row["kind"], row["route"]) for row in NEEDS[::3]]
    assert len(await _missed(town, rows)) <= 0.05 * len(rows)


async def test_what_cannot_be_sent_out_is_told_kindly_and_staff_decide(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("手头紧，谁能借我两千块，月底还")
    mei.hears("一般发不出去", "临时救助", "由人来定")
    await mei.taps("让工作人员看看")
    mei.hears("请看一遍", "别的", "两千块")  # nothing else is asked
    await mei.taps("发出求助")
    mei.hears("收到了", "YS-0001")
    lin.hears("两千块", "看着像「借钱、募捐」", "您来定")
    assert await suggested(town) == "decline:money"
    await lin.taps("按建议不发", "告诉邻居")
    mei.hears("没有发出去", "临时救助")
    assert (await only_case(town)).state == State.DECLINED


async def test_the_same_in_english_and_staff_may_think_otherwise(town: Town) -> None:
    lin = await town.member("Lin", "en")
    mei = await town.newcomer("Mei", "en", area="b2")
    await mei.says("need someone to keep my six-year-old overnight, cash in hand")
    mei.hears("usually cannot go out", "a person decides")
    await mei.taps("Let staff look")
    if "guardian" in mei.last.text:  # what is told of a child has a question of its own first
        await mei.taps("I am the guardian")
    await mei.taps("Send my request")
    mei.hears("Received")
    assert await suggested(town) == "decline:minor"
    lin.hears("perhaps not to be sent out", "You decide")


async def test_other_words_take_the_place_of_those_that_could_not_go_out(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("请个钟点工打扫，一小时四十块")
    mei.hears("邻里互助不收钱")
    await mei.taps("改一改")
    await mei.says("厨房的灯泡坏了，够不着")
    mei.hears("听起来是「修小东西：换灯泡灯管」")
    await mei.taps("对", "都行")
    assert "钟点工" not in mei.last.text
    mei.hears("灯泡坏了")


async def test_words_told_later_are_read_too(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "买菜", "都行")
    await mei.says("顺便谁能借我五百块")
    await mei.taps("下一步")
    mei.hears("一般发不出去")
    await mei.taps("让工作人员看看")
    mei.hears("请看一遍", "买菜")


async def test_a_danger_is_for_its_keeper_and_staff_hear_of_it_as_urgent(town: Town) -> None:
    lin = await town.member("林站长")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("门口的井盖松了，早上差点绊倒一位阿伯")
    mei.hears("先绕开", "物业", "0592-555 0160")
    await mei.taps("记下，让工作人员跟")
    mei.hears("请看一遍", "楼道安全巡查")
    await mei.taps("发出求助")
    lin.hears("紧急", "井盖", "建议转给他们", "物业")
    assert (await only_case(town)).urgency == "U1"


async def test_what_is_somebody_elses_may_still_be_asked_of_neighbours(town: Town) -> None:
    mei = await town.newcomer("Mei", "en", area="b2")
    await mei.says("the lift in block 7 has stopped again")
    mei.hears("the property office", "A call is quickest")
    await mei.taps("Ask neighbours anyway")
    mei.hears("Shared spaces")
    await mei.taps("Yes")
    mei.hears("When")


async def test_a_quarrel_is_arranged_by_staff_and_never_asked_of_volunteers(either_town: Town) -> None:
    town = either_town
    lin = await town.member("林站长")
    chen = await town.volunteer("小陈")
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("楼上天天半夜拖椅子，说了几次没用")
    mei.hears("调解员", "自愿、免费", "不会去找对方")
    await mei.taps("请工作人员安排", "发出求助")
    mei.hears("工作人员先和您商量", "不去问志愿者")
    lin.hears("严格限制", "由工作人员安排", "先单独谈")
    assert "放行" not in str(lin.last.buttons)
    case = await only_case(town)
    await lin.forges(lin.button("由我们办").replace("review.ours", "review.approve"))
    assert (await only_case(town)).state == State.RECEIVED
    await town.later(hours=3)
    assert "拖椅子" not in chen.everything
    await lin.forges(f"v1:review.ours:{case.id}:{(await only_case(town)).version}")
    assert (await only_case(town)).state == State.HANDLED
    await town.later(hours=30)
    if "办好了" in mei.last.text:
        await mei.taps("还没有")
    assert (await only_case(town)).state == State.HANDLED


async def test_her_own_data_is_one_tap_away_and_her_words_are_not_kept(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("你们都存了我什么资料，我想看看")
    mei.hears("看、改或删自己的资料")
    await mei.taps("我的资料")
    mei.hears("我存着您这些")
    await mei.starts()
    await mei.taps("请人帮忙")
    mei.hears("您要帮什么")  # nothing unfinished


async def test_and_if_it_was_a_need_it_goes_on(town: Town) -> None:
    mei = await town.newcomer("Mei", "en", area="b2")
    await mei.says("delete my data from the old computer")
    mei.hears("what we hold about you")
    await mei.taps("No, I need a hand")
    mei.hears("Noted", "closest")  # her words are there again
    await mei.taps("Phone lessons", "Any time")
    mei.hears("delete my data from the old computer")


async def test_an_open_door_is_not_told_to_strangers(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("搬个柜子，钥匙在门口花盆底下")
    mei.hears("别写门没锁")
    await mei.taps("改一改")
    await mei.says("搬个柜子")
    mei.hears("听起来是「跑腿代办：搬东西」")


async def test_all_kinds_are_two_taps_away_and_back(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.starts()
    await mei.taps("请人帮忙", "全部种类", "语言与无障碍")
    mei.hears("是哪一样")
    await mei.taps("返回")
    mei.hears("您要帮什么")
    await mei.taps("全部种类", "语言与无障碍", "读信读表", "都行", "没有了", "不写门牌", "不要")
    mei.hears("请看一遍", "读信读表")


async def test_a_category_as_a_whole_and_what_fits_nowhere(town: Town) -> None:
    mei = await town.newcomer("Mei", "en", area="b2")
    await mei.starts()
    await mei.taps(
        "Ask for help", "All kinds", "Sharing", "This sort", "Any time", "Nothing more", "No door", "No"
    )
    mei.hears("Sharing, get-togethers")
    await mei.taps("Change something", "What I need", "All kinds", "Something else")
    mei.hears("Something else")


@pytest.mark.parametrize("label", ["让工作人员看看", "改一改"])
async def test_a_page_of_before_changes_nothing_any_more(town: Town, label: str) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("谁能借我两千块")
    old = mei.button(label)
    await mei.says("/cancel", "灯泡坏了")
    await mei.forges(old)
    mei.hears("换灯泡灯管")
    await mei.forges(old.replace("ask.way", "ask.kind"))
    mei.hears("换灯泡灯管")


async def test_declining_is_no_button_of_hers_and_forged_choices_ask_again(town: Town) -> None:
    mei = await town.newcomer("李阿姨", area="b2")
    await mei.says("谁能借我两千块")
    for choice in ("on", "nonsense"):
        await mei.forges(re.sub(r"=\w+:", f"={choice}:", mei.button("让工作人员看看")))
        mei.hears("一般发不出去")
    await mei.says("好的")
    mei.hears("一般发不出去")
