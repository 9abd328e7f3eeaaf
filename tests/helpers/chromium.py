"""A Chromium that is installed, told what to do by Playwright."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, async_playwright

__all__ = ["chromium", "chromium_path"]

_PROGRAMS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium_path() -> Path | None:
    """Where one is, None if there is none."""
    found = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    return None if found is None else Path(found)


@contextlib.asynccontextmanager
async def chromium(path: Path) -> AsyncIterator[Browser]:
    """Run it, and end it on leaving."""
    async with async_playwright() as playwright:
        # Its own sandbox is not to be had for root, nor in most containers; the pages are ours.
        browser = await playwright.chromium.launch(executable_path=path, chromium_sandbox=False)
        try:
            yield browser
        finally:
            await browser.close()
