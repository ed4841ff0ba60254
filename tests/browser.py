"""Headless Chromium for tests of the page."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright

MISSING = "no Chromium on this machine (apt-get install chromium)"


def program() -> str:
    """Where the system's Chromium is. Skips where there is none, fails where the checks require one (JINLIN_CI=1)."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("JINLIN_CI") == "1":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return path


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium; a test with one is marked `browser`."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program(), args=arguments)
        yield browser
        await browser.close()
