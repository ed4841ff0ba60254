"""What a newcomer does: the steps of the guide, word for word, in the browser, with the bot that always runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from bot.data import Local
from bot.sandbox import play, town
from bot.sandbox.server import HOST
from bot.settings import Settings, SettingsWrong
from tests.browser import chromium

ROOT = Path(__file__).parent.parent.parent
TOLD = re.compile(r"\[([^\]]*)\]|\{([^}]*)\}")
WORDS = town.read(ROOT / "templates")
LOCAL = Local.load()
# After each step of the guide: who sees which of name, story, door, phone and code words in the pane.
SEEN: list[dict[str, str]] = [
    {},
    {},
    {},
    {"staff": "name story", "asked": "", "helper": ""},
    {"staff": "", "asked": "story", "helper": ""},
    {"staff": "", "asked": "", "helper": "name story door phone words"},
    {"staff": "", "asked": "", "helper": "name story words"},
    {"staff": "", "asked": "", "helper": ""},
]


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    monkeypatch.setattr(play, "FOLDER", tmp_path / "sandbox")
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


@contextlib.asynccontextmanager
async def opened(port: int) -> AsyncIterator[play.Sandbox]:
    sandbox = play.Sandbox(Settings(_env_file=None, sandbox_port=port), ROOT)
    running = asyncio.create_task(sandbox.run())
    inside = asyncio.create_task(asyncio.wait_for(asyncio.shield(sandbox.inside), 60))
    await asyncio.wait([running, inside], return_when=asyncio.FIRST_COMPLETED)
    try:
        _, _, runtime = await inside
        try:
            yield sandbox
        finally:
            runtime.stop()  # also where a test fails or is skipped: what runs is waited for
    finally:
        await running


@contextlib.asynccontextmanager
async def visitor(port: int, locale: str, **context: Any) -> AsyncIterator[Page]:
    async with chromium() as browser:
        there = await browser.new_context(locale=locale, **context)
        page = await there.new_page()
        trouble: list[str] = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        await page.goto(f"http://{HOST}:{port}/")
        await expect(page.locator(".phone")).to_have_count(3)
        yield page
        assert trouble == []
        await there.close()


async def follow(page: Page, step: dict[str, Any]) -> None:
    """Tap and write what the step says, and nothing else."""
    phone = page.locator(".phone").nth(step["phone"])
    if await page.locator("#tabs").is_visible():
        await page.locator("#whose").click()
    for tap, words in TOLD.findall(step["text"]):
        if tap:
            await phone.get_by_role("button", name=tap, exact=True).last.click()
        else:
            await page.locator("#step").get_by_role("button", name=words).click()
            await expect(phone.locator("form input")).to_be_focused()
            await page.keyboard.press("Enter")
        await expect(phone.locator("[aria-busy]")).to_have_count(0)
        said = phone.locator(".message").last
        for _ in range(3):  # until the bot has said what it has to say
            before = await said.text_content()
            await page.wait_for_timeout(200)
            if before == await said.text_content():
                break


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "locale", "width"), [("zh", "zh-CN", 1400), ("en", "en-GB", 1400), ("zh", "zh-CN", 360)]
)
async def test_the_steps_of_the_guide_lead_to_the_end(
    port: int, language: str, locale: str, width: int
) -> None:
    steps = WORDS[language]["steps"]
    async with (
        opened(port) as sandbox,
        visitor(port, locale, viewport={"width": width, "height": 800}) as page,
    ):
        assert time(9, 30) <= sandbox.clock.now().astimezone(LOCAL.tz).time() < time(9, 40)
        for number, step in enumerate(steps[:-1], 1):
            told = WORDS[language]["count"].format(n=number, of=len(steps))
            await expect(page.locator("#count")).to_have_text(told)
            await follow(page, step)
            await expect(page.locator("#count")).not_to_have_text(told)
            for role, fields in SEEN[number - 1].items():
                for field in ("name", "story", "door", "phone", "words"):
                    cell = page.locator(f"[data-cell='{role} {field}']")
                    there = WORDS[language]["sees" if field in fields.split() else "sees_not"]
                    if await cell.count():
                        await expect(cell.locator(".unseen")).to_have_text(there)
                    else:
                        assert field not in fields.split()
        await expect(page.locator("#next")).to_be_disabled()
        chats = " ".join(await page.locator(".phone .chat").nth(2).locator(".bubble").all_text_contents())
        assert "13800000000" not in chats


@pytest.mark.browser
async def test_a_request_in_the_night_waits_for_the_morning_and_the_page_says_so(port: int) -> None:
    async with opened(port) as sandbox, visitor(port, "zh-CN") as page:
        sandbox.clock.skip(13 * 3600)
        for step in WORDS["zh"]["steps"][:5]:
            await follow(page, step)
        await expect(page.locator("#where")).to_have_text(WORDS["zh"]["states"]["night"])
        await expect(page.locator("#night")).to_contain_text("08:00")
        await page.get_by_role("button", name="到早上").click()
        await expect(page.locator("#where")).to_have_text(WORDS["zh"]["states"]["open"])
        await expect(page.locator("#night")).to_be_hidden()
        await follow(page, WORDS["zh"]["steps"][5])


@pytest.mark.browser
async def test_starting_over_gives_a_fresh_neighbourhood_on_the_same_page(port: int) -> None:
    running = asyncio.create_task(play.run(Settings(_env_file=None, sandbox_port=port), ROOT))
    await _listening(port)
    try:
        async with visitor(port, "zh-CN") as page:
            await follow(page, WORDS["zh"]["steps"][0])
            await expect(page.locator(".phone").first.locator(".message")).to_have_count(2)
            await page.get_by_role("button", name="从头来").click()
            await page.locator("dialog").get_by_role("button", name="从头来").click()
            await expect(page.locator(".phone .start").first).to_be_visible(timeout=30_000)
            await expect(page.locator("#lost")).to_be_hidden()
            await follow(page, WORDS["zh"]["steps"][0])
            await expect(page.locator(".phone").first.locator(".message")).to_have_count(2)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _listening(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(HOST, port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


async def test_a_second_start_leaves_the_first_alone(port: int) -> None:
    with socket.socket() as first:
        first.bind((HOST, port))
        first.listen()
        kept = play.FOLDER / str(port) / "jinlin.db"
        kept.parent.mkdir(parents=True)
        kept.touch()
        with pytest.raises(SettingsWrong, match="taken"):
            await play.run(Settings(_env_file=None, sandbox_port=port), ROOT)
        assert kept.exists()


async def test_nothing_is_left_when_it_is_closed(port: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="bot.sandbox.play")  # whatever another test has asked of "bot"
    async with opened(port) as sandbox:
        assert (sandbox.folder / "jinlin.db").exists()
    assert not sandbox.folder.exists()
    assert "key file" not in caplog.text
    assert f"http://{HOST}:{port}/" in caplog.text


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime(2026, 11, 23, 18, 25, tzinfo=UTC), 7 * 3600 + 300),  # 02:25 in Xiamen
        (datetime(2026, 11, 24, 1, 0, tzinfo=UTC), 1800),  # 09:00
        (datetime(2026, 11, 24, 1, 30, tzinfo=UTC), 86_400),  # 09:30
    ],
)
def test_the_sandbox_begins_in_the_morning(now: datetime, seconds: float) -> None:
    assert play.seconds_until(play.MORNING, now, LOCAL) == seconds
