"""The page, as a visitor's browser shows it; the bot's side is played by hand through the Bot API."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.clock import SkippableClock
from bot.sandbox import pages, town
from bot.sandbox.server import HOST, LocalServer, create_app
from bot.sandbox.world import World
from tests.browser import chromium

pytestmark = pytest.mark.browser
TEMPLATES = Path(__file__).parent.parent.parent / "templates"
ZOE = 5006


def a_case(number: int, **values: Any) -> dict[str, Any]:
    code = f"YS-{number:04d}"
    return {
        "number": code,
        "label": f"{code} light",
        "state": "open",
        "of": ZOE,
        "asked": [],
        "values": {"name": "Zoe", "phone": "138"},
        "sees": {"resident": ["name", "phone"], "staff": ["name"]},
        **values,
    }


# Text against what lies behind it, as WCAG 2.2 (1.4.3) measures; large text may be 3:1, we ask 4.5:1 of all.
CONTRAST = """
() => {
  const rgb = (text) => { const c = text.match(/[\\d.]+/g).map(Number); const by = text.startsWith('color(') ? 255 : 1;
    return [c[0] * by, c[1] * by, c[2] * by, c[3] ?? 1]; };
  const lum = (c) => {
    const [r, g, b] = c.map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const over = (a, b) => [0, 1, 2].map((i) => a[i] * a[3] + b[i] * (1 - a[3]));
  const behind = (node) => node === null ? [255, 255, 255] : (([...c]) =>
    c[3] === 1 ? c.slice(0, 3) : over(c, behind(node.parentElement)))(rgb(getComputedStyle(node).backgroundColor));
  const poor = [];
  const look = (node, style, words) => {
    const ground = behind(node);
    const [a, b] = [lum(over(rgb(style.color), ground)), lum(ground)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) poor.push([words.trim().slice(0, 30), ratio]);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (walk.currentNode.data.trim() && node.getClientRects().length) look(node, getComputedStyle(node), walk.currentNode.data);
  }
  for (const node of document.querySelectorAll('[placeholder]')) {
    if (node.getClientRects().length) look(node, getComputedStyle(node, '::placeholder'), node.placeholder);
  }
  return poor;
}
"""
SMALL = """
() => [...document.querySelectorAll('button:not(.link), select, summary, input')].filter((node) => {
  const {width, height} = node.getBoundingClientRect();
  return width && (width < 44 || height < 44);
}).map((node) => node.outerHTML.slice(0, 80))
"""


class Stage:
    """The page, its world, and what went wrong in the browser."""

    def __init__(self, world: World, page: Page, address: str) -> None:
        self.world = world
        self.page = page
        self.address = address
        self.trouble: list[str] = []
        self.fetched: list[str] = []
        self.cases: list[dict[str, Any]] = [a_case(1)]
        self.started_over = 0
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", lambda m: self.trouble.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: self.fetched.append(request.url))

    async def call(self, method: str, **params: Any) -> Any:
        answer = await self.world.call(self.world.token, method, params)
        assert answer["ok"], answer
        return answer["result"]

    async def says(self, text: str, buttons: list[list[dict[str, str]]] | None = None, **more: Any) -> Any:
        markup = {"reply_markup": {"inline_keyboard": buttons}} if buttons else {}
        return await self.call("sendMessage", chat_id=ZOE, text=text, parse_mode="HTML", **markup, **more)

    def phone(self, index: int = 0) -> Any:
        return self.page.locator(".phone").nth(index)

    async def start(self) -> None:
        await self.phone().locator(".start").click()
        await expect(self.phone().locator(".message")).to_have_count(1)


@contextlib.asynccontextmanager
async def stage(**context: Any) -> AsyncIterator[Stage]:
    world = World(SkippableClock())
    words = town.read(TEMPLATES)
    for person in words["person"]:
        world.phone(person["id"], person["name"], person["language"])

    made: Stage

    async def who_sees(language: str) -> dict[str, Any]:
        return {"cases": made.cases, "known": [], "night": None}

    def start_over() -> None:
        made.started_over += 1

    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    behind = pages.Behind(who_sees, lambda: 3600.0, start_over)
    server = LocalServer(create_app(world, pages.routes(world, words, behind)), port)
    async with server.running(), chromium() as browser:
        opened = await browser.new_context(**{"locale": "en-GB", **context})
        page = await opened.new_page()
        made = Stage(world, page, f"http://{HOST}:{port}")
        await page.goto(made.address)
        await expect(page.locator(".phone")).to_have_count(3)
        yield made
        assert made.trouble == []
        assert {url.split("/")[2] for url in made.fetched} == {f"{HOST}:{port}"}
        await opened.close()


async def test_talking_tapping_editing_and_what_a_tap_waits_for() -> None:
    async with stage() as on:
        await on.start()
        sent = await on.says("<b>Choose</b>", [[{"text": "Yes", "callback_data": "y", "style": "success"}]])
        button = on.phone().get_by_role("button", name="Yes")
        await expect(button).to_have_class("success")
        await button.click()
        await expect(button).to_have_attribute("aria-busy", "true")
        [query] = on.world.queries.values()
        assert query.data == "y"
        await on.call("answerCallbackQuery", callback_query_id=query.id, text="Noted")
        on.world.changes += 1
        await expect(on.phone().locator(".toast")).to_have_text("Noted")
        await on.call("editMessageText", chat_id=ZOE, message_id=sent["message_id"], text="Chosen")
        await expect(on.phone().get_by_text("Chosen")).to_be_visible()
        await expect(on.phone().get_by_text("edited")).to_be_visible()
        await expect(button).to_have_count(0)
        await on.phone().get_by_label("Write a message").fill("hello")
        await on.phone().get_by_label("Write a message").press("Enter")
        await expect(on.phone().get_by_text("hello")).to_be_visible()


@pytest.mark.parametrize(("what", "shown"), [("contact", "Contact · Zoe"), ("location", "Place")])
async def test_a_number_or_a_place_is_shared_only_after_a_question(what: str, shown: str) -> None:
    async with stage() as on:
        await on.start()
        keyboard = {"keyboard": [[{"text": "Mine", f"request_{what}": True}]], "one_time_keyboard": True}
        await on.call("sendMessage", chat_id=ZOE, text="Which?", reply_markup=keyboard)
        await on.phone().get_by_role("button", name="Mine").click()
        await on.page.get_by_role("button", name="Not now").click()
        assert what not in str(on.world.updates.pending)
        await on.phone().get_by_role("button", name="Mine").click()
        await on.page.get_by_role("button", name="Share").click()
        await expect(on.phone().get_by_text(shown)).to_be_visible()
        await expect(on.phone().get_by_role("button", name="Mine")).to_have_count(0)


async def test_voice_photo_sticker_and_commands() -> None:
    async with stage() as on:
        await on.call("setMyCommands", commands=[{"command": "help", "description": "How it works"}])
        await on.start()
        for name in ("A photo", "A voice message", "A sticker", "My location", "/help How it works"):
            await on.phone().locator("summary").click()
            await on.phone().get_by_role("button", name=name, exact=True).click()
        await expect(on.phone().locator(".message")).to_have_count(6)
        kinds = [
            next(iter(set(u["message"]) & {"photo", "voice", "sticker", "location"}), "text")
            for u in on.world.updates.pending
        ]
        assert kinds == ["text", "photo", "voice", "sticker", "location", "text"]
        drawn = on.phone().locator("img.photo")
        assert (
            await drawn.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
        )
        bottom = "(node) => node.getBoundingClientRect().bottom"
        bubble = on.phone().locator(".bubble.is-photo")
        assert await bubble.locator("time").evaluate(bottom) < await bubble.evaluate(bottom)
        await on.phone().get_by_role("button", name="Listen, 4 seconds").click()
        await expect(on.phone().locator(".voice button")).to_have_attribute("aria-pressed", "true")


async def test_a_picture_of_ones_own_can_be_chosen() -> None:
    async with stage() as on:
        await on.start()
        gif = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
        chosen = {"name": "paper.gif", "mimeType": "image/gif", "buffer": gif}
        await on.phone().locator("input[type=file]").set_input_files(chosen)
        await expect(on.phone().locator("img.photo")).to_have_count(1)
        assert [kept.data for kept in on.world.files.values()] == [gif]


async def test_a_paper_of_the_bot_can_be_saved() -> None:
    async with stage() as on:
        await on.start()
        paper = on.world.keep(b"locked", "application/octet-stream", "documents/file_0")
        paper.name = "my-data-2026-11-23.jinlin"
        await on.call("sendDocument", chat_id=ZOE, document=paper.id, caption="Yours")
        async with on.page.expect_download() as saving:
            await on.phone().get_by_role("link", name=paper.name).click()
        saved = await saving.value
        assert saved.suggested_filename == paper.name
        assert await asyncio.to_thread(Path(await saved.path()).read_bytes) == b"locked"


async def test_any_person_can_be_held_and_unread_messages_are_marked() -> None:
    async with stage() as on:
        on.world.phone(5003).start()
        await on.call("sendMessage", chat_id=5003, text="for Chen")
        chooser = on.phone().get_by_label("Whose phone this is")
        await expect(chooser.locator("option", has_text="小陈")).to_contain_text("1 unread")
        await chooser.select_option("5003")
        await expect(on.phone().get_by_text("for Chen")).to_be_visible()
        await chooser.select_option(str(ZOE))
        await expect(chooser.locator("option", has_text="小陈")).not_to_contain_text("unread")


async def test_the_language_of_the_page_chooses_who_is_held_unless_somebody_chose() -> None:
    async with stage(locale="zh-CN") as on:
        owners = on.page.locator(".owner b")
        await expect(owners).to_have_text(["阿芳", "林站长", "小陈"])
        await on.page.get_by_role("button", name="English").click()
        await expect(owners).to_have_text(["Zoe", "Grace", "Tom"])
        await on.phone().get_by_label("Whose phone this is").select_option("5005")
        await on.page.get_by_role("button", name="中文").click()
        await expect(owners).to_have_text(["王伯", "Grace", "Tom"])


async def test_the_clock_can_be_skipped() -> None:
    async with stage() as on:
        before = on.world.now()
        await on.page.get_by_role("button", name="1 day").click()
        shown = on.page.locator("#clock")
        first = await shown.text_content()
        await on.page.get_by_role("button", name="1 day").click()
        await expect(shown).not_to_have_text(first or "")
        assert 2 * 86_400 <= on.world.now() - before < 2 * 86_400 + 60


async def test_who_sees_what_of_the_matter_on_screen() -> None:
    async with stage() as on:
        on.cases = [a_case(2, of=5001), a_case(1)]
        await on.start()
        which, cell = on.page.get_by_label("Which matter"), on.page.locator("[data-cell='staff phone']")
        await expect(which).to_have_value("YS-0001")
        await expect(on.page.locator("[data-cell='resident phone']")).to_contain_text("sees it")
        await expect(cell).to_contain_text("does not see it")
        await on.says("Somebody wrote about YS-0002")
        await expect(which).to_have_value("YS-0002")
        on.cases = [a_case(2, sees={"staff": ["name", "phone"]}), a_case(1)]
        on.world.changes += 1
        await expect(cell).to_have_class("sees changed")
        await which.select_option("YS-0001")
        await expect(cell).to_contain_text("does not see it")


async def test_the_night_is_told() -> None:
    async with stage() as on:
        on.cases = [a_case(1, state="night")]
        on.world.changes += 1
        await expect(on.page.locator("#night")).to_contain_text("It is night")
        before = on.world.now()
        await on.page.get_by_role("button", name="to morning").click()
        await expect(on.page.locator("#clock")).not_to_have_text("")
        assert on.world.now() - before >= 3600


async def test_a_button_with_an_address_opens_the_bot_or_only_shows_it() -> None:
    async with stage() as on:
        await on.start()
        mine = f"https://t.me/{on.world.bot['username']}?start=door"
        away = "https://example.org/page"
        await on.says("Go on", [[{"text": "Chat", "url": mine}], [{"text": "Web", "url": away}]])
        await on.phone().get_by_role("button", name="Chat").click()
        await expect(on.phone().get_by_text("/start door")).to_be_visible()
        await on.phone().get_by_role("button", name="Web").click()
        await expect(on.phone().get_by_role("alertdialog")).to_contain_text(away)
        await on.page.keyboard.press("Escape")
        await expect(on.phone().get_by_role("button", name="Web")).to_be_focused()
        assert on.world.queries == {}


async def test_an_alert_is_on_its_own_telephone() -> None:
    async with stage() as on:
        await on.start()
        await on.says("Well?", [[{"text": "Yes", "callback_data": "y"}]])
        await on.phone().get_by_role("button", name="Yes").click()
        await expect(on.phone().get_by_role("button", name="Yes")).to_have_attribute("aria-busy", "true")
        [query] = on.world.queries.values()
        await on.call("answerCallbackQuery", callback_query_id=query.id, text="Too late", show_alert=True)
        await expect(on.phone().get_by_role("alertdialog")).to_contain_text("Too late")
        await on.phone(1).get_by_label("Write a message").count()
        await on.phone().get_by_role("button", name="OK").click()
        await expect(on.phone().get_by_role("alertdialog")).to_have_count(0)
        await expect(on.phone().get_by_role("button", name="Yes")).to_be_focused()


async def test_focus_never_falls_on_another_button() -> None:
    async with stage() as on:
        await on.phone().locator(".start").focus()
        await on.page.keyboard.press("Enter")
        await expect(on.phone().locator(".chat")).to_be_focused()
        rows = [[{"text": "Ask", "callback_data": "a"}, {"text": "Staff", "callback_data": "s"}]]
        sent = await on.says("What now?", rows)
        await on.phone().get_by_role("button", name="Ask").focus()
        await on.page.keyboard.press("Enter")
        change = {"chat_id": ZOE, "message_id": sent["message_id"]}
        kept = [[{"text": "Staff", "callback_data": "s"}]]
        await on.call("editMessageText", **change, text="Agreed?", reply_markup={"inline_keyboard": kept})
        await expect(on.phone().get_by_text("Agreed?")).to_be_visible()
        await expect(on.phone().locator(".message").last).to_be_focused()
        await on.page.keyboard.press("Enter")
        await on.phone().get_by_role("button", name="Staff").focus()
        await on.call("editMessageText", **change, text="Still?", reply_markup={"inline_keyboard": kept})
        await expect(on.phone().get_by_text("Still?")).to_be_visible()
        await expect(on.phone().get_by_role("button", name="Staff")).to_be_focused()
        assert [query.data for query in on.world.queries.values()] == ["a"]


async def test_only_what_has_changed_is_drawn_again() -> None:
    async with stage() as on:
        await on.start()
        first = await on.says("first")
        await on.says("second")
        await expect(on.phone().locator(".message")).to_have_count(3)
        await on.page.evaluate(
            "document.querySelectorAll('.message').forEach((node) => { node.mark = true; })"
        )
        await on.page.locator("#guide summary").click()
        await on.call("editMessageText", chat_id=ZOE, message_id=first["message_id"], text="changed")
        await on.says("third")
        await expect(on.phone().locator(".message")).to_have_count(4)
        marked = (
            "[...document.querySelectorAll('.phone:first-child .message')].map((node) => node.mark === true)"
        )
        assert await on.page.evaluate(marked) == [True, False, True, False]
        assert await on.page.locator("#guide details").get_attribute("open") is not None


LONG = "a line\n" * 30
DISTANCE = "(chat) => chat.scrollHeight - chat.scrollTop - chat.clientHeight"


async def test_the_newest_message_stays_in_sight_unless_one_reads_further_up() -> None:
    async with stage() as on:
        await on.start()
        await on.says(LONG)
        chat = on.phone().locator(".chat")
        await expect(on.phone().locator(".message")).to_have_count(2)
        assert await chat.evaluate(DISTANCE) < 2
        keyboard = {"keyboard": [[{"text": "One"}], [{"text": "Two"}]]}
        await on.call("sendMessage", chat_id=ZOE, text="Which?", reply_markup=keyboard)
        await expect(on.phone().get_by_role("button", name="Two")).to_be_visible()
        await expect(on.phone().get_by_text("Which?")).to_be_in_viewport(ratio=1)
        await chat.evaluate("(chat) => { chat.scrollTop = 0; }")
        await on.page.wait_for_timeout(100)
        await on.says("news")
        await expect(on.phone().get_by_role("button", name="1 unread")).to_be_visible()
        assert await chat.evaluate("(chat) => chat.scrollTop") == 0
        await on.phone().get_by_role("button", name="1 unread").click()
        await expect(on.phone().get_by_text("news")).to_be_in_viewport(ratio=1)
        await expect(on.phone().locator(".newer")).to_be_hidden()


async def test_a_telephone_out_of_sight_is_unread_and_opens_at_its_newest_message() -> None:
    async with stage(viewport={"width": 360, "height": 740}) as on:
        on.world.phone(5008).start()
        for text in (LONG, "the newest"):
            await on.call("sendMessage", chat_id=5008, text=text)
        tab = on.page.locator("#tabs").get_by_role("button", name="Grace")
        await expect(tab).to_have_text("Grace (2)")
        await tab.click()
        await expect(on.phone(1).get_by_text("the newest")).to_be_in_viewport(ratio=1)
        await expect(on.phone(1).get_by_label("Write a message")).to_be_in_viewport(ratio=1)
        await expect(tab).to_have_text("Grace")
        await expect(tab).to_be_focused()


async def test_the_page_is_no_longer_than_what_is_on_it() -> None:
    async with stage(viewport={"width": 1400, "height": 900}) as on:
        on.world.limits = False
        await on.start()
        for _ in range(20):
            await on.says(LONG)
        await expect(on.phone().locator(".message")).to_have_count(21)
        assert await on.page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        await on.page.set_viewport_size({"width": 360, "height": 740})
        end = "document.documentElement.scrollHeight - scrollY - document.querySelector('#pane').getBoundingClientRect().bottom"
        assert await on.page.evaluate(end) < 30


async def test_live_regions_say_only_what_is_new() -> None:
    async with stage() as on:
        on.world.phone(5003).start()
        await on.call("sendMessage", chat_id=5003, text="old")
        await on.start()
        chat = on.phone().locator(".chat")
        await expect(chat).to_have_attribute("aria-live", "polite")
        await on.phone().get_by_label("Whose phone this is").select_option("5003")
        await expect(on.phone().get_by_text("old")).to_be_visible()
        assert await chat.get_attribute("aria-live") == "off"
        await expect(chat).to_have_attribute("aria-live", "polite")


async def test_starting_over_is_asked_once_more() -> None:
    async with stage() as on:
        await on.page.get_by_role("button", name="Start over").click()
        await on.page.get_by_role("button", name="No, go on").click()
        assert on.started_over == 0
        await on.page.get_by_role("button", name="Start over").click()
        await on.page.locator("dialog").get_by_role("button", name="Start over").click()
        await expect(on.page.locator("#lost")).to_contain_text("Starting over")
        assert on.started_over == 1


async def test_what_fails_is_said_and_a_page_that_outlived_its_sandbox_comes_afresh() -> None:
    async with stage() as on:
        await on.start()
        await on.page.route("**/page/act", lambda route: route.fulfill(status=409, json={"why": "gone"}))
        await on.phone().get_by_label("Write a message").fill("hello")
        await on.page.keyboard.press("Enter")
        await expect(on.phone().locator(".toast")).to_contain_text("did not work")
        await expect(on.phone().get_by_label("Write a message")).to_have_value("hello")
        await on.page.unroute("**/page/act")
        await on.page.route("**/page/act", lambda route: route.fulfill(status=403, json={"why": "secret"}))
        async with on.page.expect_navigation():
            await on.page.locator("[data-skip='600']").click()
        await expect(on.page.locator(".phone")).to_have_count(3)
        assert all("409" in line or "403" in line for line in on.trouble)
        on.trouble.clear()


async def test_nothing_can_be_written_before_the_start() -> None:
    async with stage() as on:
        await expect(on.phone().locator(".start")).to_be_visible()
        await expect(on.phone().get_by_label("Write a message")).to_be_hidden()


async def test_everything_can_be_done_from_the_keyboard() -> None:
    async with stage() as on:
        await on.page.keyboard.press("Tab")
        for _ in range(40):
            if await on.page.evaluate("document.activeElement.classList.contains('start')"):
                break
            await on.page.keyboard.press("Tab")
        outline = await on.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
        await on.page.keyboard.press("Enter")
        await expect(on.phone().locator(".message")).to_have_count(1)
        await on.says("Well?", [[{"text": "Yes", "callback_data": "y"}]])
        await expect(on.phone().get_by_role("button", name="Yes")).to_be_visible()
        await on.phone().get_by_role("button", name="Yes").focus()
        await on.page.keyboard.press("Space")
        await expect(on.phone().get_by_role("button", name="Yes")).to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize(
    "context",
    [
        {"viewport": {"width": 360, "height": 740}},
        {"viewport": {"width": 640, "height": 480}, "device_scale_factor": 2},  # 1280 px at 200 %
    ],
)
async def test_small_screens_and_large_zoom_scroll_one_way_only(context: dict[str, Any]) -> None:
    async with stage(**context) as on:
        await on.start()
        await on.says(
            "x" * 300, [[{"text": "A rather long label", "callback_data": str(i)}] for i in range(3)]
        )
        await expect(on.phone().get_by_role("button", name="A rather long label")).to_have_count(3)
        await on.page.get_by_role("button", name=re.compile("^Grace")).click()
        await expect(on.phone(1)).to_be_visible()
        await expect(on.phone(0)).to_be_hidden()
        wide = await on.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_can_be_read(scheme: str) -> None:
    async with stage(color_scheme=scheme, reduced_motion="reduce") as on:
        await on.start()
        rows = [[{"text": s, "callback_data": s, "style": s} for s in ("success", "danger", "primary")]]
        await on.says("<blockquote>words</blockquote> and <b>more</b>", rows)
        await expect(on.phone().get_by_role("button", name="danger")).to_be_visible()
        on.world.phone(ZOE).send_contact()
        on.world.phone(ZOE).send_location()
        await on.phone().locator("summary").click()
        await on.page.locator("#guide summary").click()
        assert await on.page.evaluate(CONTRAST) == []
        assert await on.page.evaluate(SMALL) == []


async def test_the_contrast_check_sees_placeholders_and_small_targets() -> None:
    async with stage() as on:
        await on.start()
        await on.page.evaluate(
            "document.styleSheets[0].insertRule('::placeholder { color: #aaa !important }', 0);"
            "document.styleSheets[0].insertRule('.send { min-height: 20px !important; height: 20px }', 0)"
        )
        assert [words for words, _ in await on.page.evaluate(CONTRAST)] == ["Write a message"]
        assert len(await on.page.evaluate(SMALL)) == 1


async def test_what_people_write_never_becomes_markup() -> None:
    async with stage() as on:
        nasty = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
        on.world.users[ZOE].first_name = nasty
        await on.start()
        on.world.phone(ZOE).send(nasty)
        escaped = nasty.replace("<", "&lt;").replace(">", "&gt;")
        await on.says(escaped, [[{"text": nasty[:60], "callback_data": "x"}]])
        await expect(on.phone().locator(".bubble", has_text="onerror")).to_have_count(2)
        assert await on.page.locator(".phone img:not(.empty img), .phone script").count() == 0
        assert await on.page.title() == "Jinlin · try it"


async def test_no_other_site_can_hold_the_telephones() -> None:
    async with stage() as on:
        answer = await on.page.request.post(f"{on.address}/page/act", data={"person": ZOE, "do": "start"})
        assert answer.status == 403
        assert on.world.updates.pending == []
        policy = (await on.page.request.get(on.address)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
