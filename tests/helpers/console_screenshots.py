"""``make screenshots``: the console's pictures in docs/, of traffic that never was."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, expect

from tests.helpers.chromium import chromium, chromium_path
from tests.helpers.console_port import ConsolePort, console_port

_DOCS = Path(__file__).parents[2] / "docs"
_LARGEST = 150_000


@dataclass(frozen=True, slots=True)
class _Picture:
    """What is on it, and where it is seen."""

    name: str
    view: str
    scheme: Literal["light", "dark"] = "light"
    width: int = 1200
    height: int = 620
    scale: float = 1


def _pictures(request_id: str) -> tuple[_Picture, ...]:
    story = f"requests/{request_id}"
    return (
        _Picture("console-light", story, height=560),
        _Picture("console-dark", "routes", "dark"),
        _Picture("console-models", "models"),
        _Picture("console-costs", "costs"),
        _Picture("console-phone", story, width=390, height=780, scale=1.5),
    )


async def _draw(browser: Browser, port: ConsolePort, picture: _Picture) -> Path:
    context = await browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        device_scale_factor=picture.scale,
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(f"{port.url}/console/#/{picture.view}")
    await expect(page.locator(".connection")).to_have_text("live")
    await expect(page.locator("main svg:visible").first).to_be_visible()
    path = _DOCS / f"{picture.name}.png"
    await page.screenshot(path=path)
    await context.close()
    return path


async def _main() -> str | None:
    """What is wrong, if anything is."""
    program = chromium_path()
    if program is None:
        return "no Chromium is installed"
    async with console_port() as port, chromium(program) as browser:
        port.traffic(900, over=80_000)
        port.traffic(300, over=3300)
        request_id = port.told(route="complex_reasoning", statuses=(503, 429, 200))
        port.traffic(6, over=4)
        for picture in _pictures(request_id):
            path = await _draw(browser, port, picture)
            size = path.stat().st_size
            if size > _LARGEST:
                return (
                    f"{path} has {size / 1000:.0f} kB, too much for a clone: choose a smaller one"
                )
    return None


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
