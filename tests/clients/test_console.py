"""The console in a real browser: Chromium, as Debian packages it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from extproc.core.budgets import DOLLAR, Budget
from extproc.core.guards import Findings, GuardReport, GuardVerdict, Side, Verdict
from extproc.core.records import Skipped
from extproc.core.windows import Window
from extproc.quotas import Charge
from extproc.quotas.accounts import account_of, reserving
from extproc.quotas.sqlite_store import SqliteStore
from extproc.quotas.stored import StoredCounters
from tests.helpers.chromium import chromium, chromium_path
from tests.helpers.console_port import ConsolePort, console_port
from tests.helpers.missing import missing
from tests.helpers.telemetry_events import turned_away
from tests.helpers.waiting import until

HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
SPOOFING = "safe\u202egnp.exe\x1b[31m"
SHOWN = {
    "requests": "tbody tr",
    "models": ".sparkline",
    "routes": ".histogram",
    "costs": ".bars svg",
    "configuration": "summary",
}
"""What is there once a view is."""
VIEWS = tuple(SHOWN)
TOKEN = "s3cret"
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = chromium_path()
    if path is None:
        missing("Chromium is missing: `make clients` installs it where Debian has it")
    async with chromium(path) as running:
        yield running


@pytest.fixture(scope="module")
async def port() -> AsyncIterator[ConsolePort]:
    async with console_port() as running:
        running.traffic(60, over=1800)
        yield running


class Tab:
    """A page that must not complain."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )

    async def open(self, view: str = "requests") -> Page:
        await self.page.goto(f"{self.url}/console/#/{view}")
        return self.page


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@pytest.fixture
async def tab(context: BrowserContext, port: ConsolePort) -> AsyncIterator[Tab]:
    tab = Tab(await context.new_page(), port.url)
    yield tab
    assert tab.complaints == []


async def test_requests_show_up_by_themselves(tab: Tab, port: ConsolePort) -> None:
    page = await tab.open()
    await expect(page.locator(".connection")).to_have_text("live")
    request_id = port.told(statuses=(429, 200), route="code_generation")
    row = page.locator("tbody tr").first
    await expect(row.locator("a")).to_have_attribute("href", f"#/requests/{request_id}")
    await expect(row).to_contain_text("200 moved on")
    await expect(row).to_contain_text("claude-sonnet-4-5 429")
    await expect(row).to_contain_text("gpt-4o")
    await expect(row).to_contain_text("$0.")
    await row.locator("td.models").click()
    await expect(page.locator(".story .reasons")).to_contain_text("openai/gpt-4o answered after")


async def test_a_request_is_shown_while_it_goes_on_and_when_it_has_ended(
    tab: Tab, port: ConsolePort
) -> None:
    page = await tab.open()
    request_id = port.told(statuses=(), ends=False)
    row = page.locator("tbody tr", has=page.locator(f"a[href$='{request_id}']"))
    await expect(row).to_contain_text("under way")
    decided = port.observer.receipts.find(request_id)[0].decision
    port.end(decided)
    await expect(row).not_to_contain_text("under way")
    await expect(row).to_have_attribute("data-state", "answered")


async def test_a_story_is_a_waterfall_with_its_figures(tab: Tab, port: ConsolePort) -> None:
    request_id = port.told(statuses=(503, 429, 200), route="complex_reasoning")
    page = await tab.open(f"requests/{request_id}")
    story = page.locator(".story")
    await expect(story.locator(".reasons")).to_contain_text("answered after")
    picture = story.locator(".waterfall svg")
    await expect(picture.locator("g.span.bad")).to_have_count(2)
    await expect(picture.locator("g.span.good")).to_have_count(1)
    first, second = [
        await picture.locator("g.span.bad rect.whole").nth(index).bounding_box() for index in (0, 1)
    ]
    assert first is not None
    assert second is not None
    assert second["x"] >= first["x"] + first["width"] - 3
    await expect(picture).to_have_attribute("role", "img")
    await expect(story.get_by_role("table", name="Attempts").locator("tbody tr")).to_have_count(3)
    await expect(story).to_contain_text(request_id)


async def test_a_story_of_a_request_that_went_nowhere(tab: Tab, port: ConsolePort) -> None:
    barred = Skipped("openai/gpt-4o", "limited", "its limit is used up")
    request_id = port.told(ends=False, candidates=(), skipped=(barred,))
    found = Findings({"email": 2})
    verdict = GuardVerdict("personal data", Side.INPUT, Verdict.CHANGED, None, 0.002, found)
    port.observer.told(GuardReport(request_id, (verdict,)))
    page = await tab.open(f"requests/{request_id}")
    story = page.locator(".story")
    await expect(story.locator(".reasons")).to_contain_text("No model may be tried for it.")
    tables = story.get_by_role("table")
    await expect(tables.filter(has_text="its limit is used up")).to_have_count(1)
    await expect(story.get_by_role("table", name="Guards").locator("tbody")).to_contain_text(
        "2 email"
    )
    await expect(story.get_by_role("table", name="Candidates")).to_have_count(0)


async def test_what_nobody_decided_is_listed_and_has_a_story(tab: Tab, port: ConsolePort) -> None:
    port.observer.logged(turned_away("turned-away", at=time.time()))
    port.observer.hand_on()
    page = await tab.open()
    row = page.locator("tbody tr", has=page.locator("a[href$='turned-away']"))
    await expect(row).to_contain_text("401 undecided")
    await expect(row.locator("td.route")).to_have_text("POST /v1/chat/completions")
    await row.locator("td.models").click()
    story = page.locator(".story")
    await expect(story.locator(".reasons")).to_contain_text("listeners[].api_keys")
    await expect(story.locator(".figures")).to_contain_text("door{api_key}")
    await expect(story.locator("svg")).to_have_count(0)


async def test_filters(tab: Tab) -> None:
    page = await tab.open()
    rows = page.locator("tbody tr")
    await expect(rows.first).to_be_visible()
    await page.get_by_label("Route").select_option("small_talk")
    assert set(await rows.locator(".route bdi").all_inner_texts()) == {"small_talk"}
    await page.get_by_label("State").select_option("moved on")
    states = await rows.evaluate_all("rows => rows.map(row => row.dataset.state)")
    assert set(states) <= {"moved"}
    await page.get_by_label("Search the requests").fill("no such thing")
    await expect(rows).to_have_count(0)
    await expect(page.locator(".empty")).to_contain_text("No request fits")


async def test_the_list_can_be_held_still(tab: Tab, port: ConsolePort) -> None:
    page = await tab.open()
    await expect(page.locator("tbody tr").first).to_be_visible()
    await page.keyboard.press("p")
    before = await page.locator("tbody tr a").first.get_attribute("href")
    port.told()
    await expect(page.locator(".count")).to_contain_text("1 more since")
    assert await page.locator("tbody tr a").first.get_attribute("href") == before
    await page.get_by_role("button", name="Resume").click()
    await expect(page.locator("tbody tr a").first).not_to_have_attribute("href", before or "")


async def test_the_keyboard_will_do(tab: Tab) -> None:
    page = await tab.open()
    await expect(page.locator("tbody tr").nth(2)).to_be_visible()
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    await page.keyboard.press("j")
    second = page.locator("tbody tr").nth(1).locator("a")
    await expect(second).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".story h2")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator(".story")).to_be_hidden()
    await expect(second).to_be_focused()
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search the requests")).to_be_focused()
    await page.keyboard.type("2")
    await page.keyboard.press("Escape")
    await page.keyboard.press("2")
    await expect(page.get_by_role("heading", name="Models")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_models(tab: Tab) -> None:
    page = await tab.open("models")
    row = page.locator("tbody tr", has_text="mistral/mistral-large")
    await expect(row).to_contain_text("cooling")
    await expect(row).to_contain_text("its provider asked to be left alone")
    await expect(row).to_contain_text("$2, $6")
    await expect(row).to_contain_text("2 min old")
    await expect(page.locator("svg.sparkline").first).to_have_attribute("role", "img")


async def test_routes(tab: Tab) -> None:
    page = await tab.open("routes")
    card = page.locator("article", has_text="code_generation")
    await expect(card).to_contain_text("writing functions")
    await expect(card.locator(".histogram .threshold")).to_have_count(1)
    await expect(card.locator("ol li").first).to_have_text("anthropic/claude-sonnet-4-5")
    await expect(page.locator(".summary")).to_contain_text("No route matched")


async def test_costs(tab: Tab) -> None:
    page = await tab.open("costs")
    cards = page.locator(".figure-card")
    await expect(cards.nth(0)).to_contain_text("requests cost")
    await expect(cards.nth(1)).to_contain_text("first model")
    await expect(cards.nth(2)).to_contain_text("times that")
    await expect(page.locator(".bars rect").first).to_be_visible()
    table = page.get_by_role("table", name="Costs")
    await expect(table).to_contain_text("code_generation")
    await page.get_by_text("by model", exact=True).click()
    await expect(table).to_contain_text("anthropic/claude-haiku-4-5")
    await expect(table).not_to_contain_text("code_generation")
    await page.get_by_text("1 hour", exact=True).click()
    await expect(cards.nth(0)).to_contain_text("requests cost")


async def test_budgets_stand_beside_costs(context: BrowserContext, tmp_path: Path) -> None:
    budget = Budget("teams", 2 * DOLLAR, Window.DAY, per_tenant=True)
    counters = StoredCounters(SqliteStore(tmp_path / "counters.db"), "")
    account = account_of("teams", HOSTILE, Window.DAY)
    counters.add(reserving(account, DOLLAR, None), time.time())
    counters.add([Charge(account.reserved, -DOLLAR // 2)], time.time())
    async with console_port(budgets=[budget], counters=counters) as port:
        page = await (Tab(await context.new_page(), port.url)).open("costs")
        row = page.get_by_role("table", name="Budgets").locator("tbody tr")
        await expect(row).to_contain_text(HOSTILE)
        for words in ("teams", "$2.00", "$0.5", "50 %"):
            await expect(row).to_contain_text(words)
        await page.close()
    await counters.close()


async def test_nothing_has_cost_anything_yet(context: BrowserContext) -> None:
    async with console_port() as port:
        page = await (Tab(await context.new_page(), port.url)).open("costs")
        await expect(page.locator(".empty")).to_have_text("Nothing has cost anything yet.")
        await page.close()


async def test_the_configuration(tab: Tab) -> None:
    page = await tab.open("configuration")
    await page.locator("summary", has_text="openai/gpt-4o-mini").click()
    await expect(page.locator(".tree").first).to_contain_text("DRAGOMAN_KEY_1")


async def test_what_strangers_name_is_text(tab: Tab, port: ConsolePort) -> None:
    request_id = port.told(
        statuses=(500, 200),
        route=HOSTILE,
        candidates=port.candidates(HOSTILE),
        requested_model=HOSTILE,
        session_id=SPOOFING,
    )
    page = await tab.open()
    row = page.locator("tbody tr", has=page.locator(f"a[href$='{request_id}']"))
    await expect(row.locator(".route bdi")).to_have_text(HOSTILE)
    await page.get_by_label("Route").select_option(HOSTILE)
    await row.locator("a").click()
    await expect(page.locator(".reasons")).to_contain_text(HOSTILE)
    await expect(page.locator(".figures")).to_contain_text("safe\ufffdgnp.exe\ufffd[31m")
    for view in ("models", "routes"):
        await tab.open(view)
        await expect(page.locator(".content > *").first).to_be_visible()
    assert await page.title() != "owned"
    assert await page.locator("img, main script").count() == 0


async def test_nothing_is_asked_of_anybody_else(tab: Tab) -> None:
    asked: set[str] = set()
    tab.page.on("request", lambda request: asked.add(request.url))
    for view in VIEWS:
        await tab.open(view)
        await expect(tab.page.locator("main > *").first).to_be_visible()
    assert all(url.startswith(tab.url) for url in asked)
    assert len(asked) > len(VIEWS)


async def test_the_browser_is_told_to_refuse_html(tab: Tab) -> None:
    page = await tab.open()
    refused = await page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
    )
    assert refused
    tab.complaints.clear()  # the browser says so, too


async def test_the_token_is_asked_for_and_kept_in_the_tab(context: BrowserContext) -> None:
    async with console_port(TOKEN) as port:
        port.told()
        tab = Tab(await context.new_page(), port.url)
        page = await tab.open()
        field = page.get_by_role("textbox", name="Token")
        await field.fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("That was not it.")
        await field.fill(TOKEN)
        await page.keyboard.press("Enter")
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.reload()
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert await page.evaluate("() => [localStorage.length, document.cookie]") == [0, ""]
        await page.close()


async def test_a_page_of_another_site_reads_nothing(context: BrowserContext) -> None:
    """The other site is the same machine by another name, which a browser takes for another."""
    async with console_port() as port, console_port() as other:
        page = await context.new_page()
        await page.goto(f"{other.url.replace('127.0.0.1', 'localhost')}/healthz")
        outcome = await page.evaluate(
            "url => fetch(url).then(() => 'read', () => 'refused')", f"{port.url}/decisions"
        )
        assert outcome == "refused"
        statuses: list[int] = []
        page.on("response", lambda response: statuses.append(response.status))
        await page.evaluate("url => fetch(url, {mode: 'no-cors'})", f"{port.url}/decisions")
        assert statuses == [403]
        await page.close()


async def test_tabs_that_are_not_seen_follow_nothing(tab: Tab, port: ConsolePort) -> None:
    page = await tab.open()
    await expect(page.locator(".connection")).to_have_text("live")
    assert port.streams.open == 1
    await page.evaluate(HIDE, True)
    await until(lambda: not port.streams.open, patience=15)
    request_id = port.told()
    await page.evaluate(HIDE, False)
    await expect(page.locator("tbody tr a").first).to_have_attribute(
        "href", f"#/requests/{request_id}"
    )


async def test_one_reader_too_many_is_told_so(context: BrowserContext) -> None:
    async with console_port(streams=0) as port:
        page = await (Tab(await context.new_page(), port.url)).open()
        await expect(page.locator(".connection")).to_contain_text("readers follow this port")
        await page.close()


async def test_it_goes_on_after_the_port_was_away(context: BrowserContext) -> None:
    async with console_port() as port:
        number = int(port.url.rpartition(":")[2])
        page = await (Tab(await context.new_page(), port.url)).open()
        await expect(page.locator(".connection")).to_have_text("live")
    await expect(page.locator(".connection")).not_to_have_text("live")
    async with console_port(port=number) as port:
        port.told()
        await expect(page.locator("tbody tr")).to_have_count(1)
    await page.close()


async def test_a_phone_scrolls_down_only(tab: Tab) -> None:
    await tab.page.set_viewport_size({"width": 360, "height": 740})
    for view in VIEWS:
        page = await tab.open(view)
        await expect(page.locator(SHOWN[view]).first).to_be_visible()
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= 360, view


async def test_a_story_on_a_phone_takes_the_place_of_the_list(tab: Tab, port: ConsolePort) -> None:
    await tab.page.set_viewport_size({"width": 360, "height": 740})
    request_id = port.told(statuses=(429, 200))
    page = await tab.open(f"requests/{request_id}")
    await expect(page.locator(".waterfall svg")).to_be_visible()
    await expect(page.locator(".list")).to_be_hidden()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 360
    await page.get_by_role("button", name="Close the story").click()
    await expect(page.locator(".list")).to_be_visible()
    # Rows are cards here, and still rows to whoever does not see them.
    assert await page.get_by_role("row").count() > 2


READ_VIOLATIONS = """async () => (await axe.run()).violations.map(
  ({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 120)} ${nodes[0].failureSummary}`)"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script that finds what keeps people from using a page: https://github.com/dequelabs/axe-core"""
    path = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        missing(f"{path} is missing: `make clients` installs it")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)], ids=str)
async def test_nothing_keeps_anybody_from_using_it(
    tab: Tab, port: ConsolePort, axe: str, scheme: Literal["light", "dark"], width: int
) -> None:
    """Contrast, names, headings, roles, and what else can be found without eyes."""
    await tab.page.set_viewport_size({"width": width, "height": 844})
    await tab.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    request_id = port.told(statuses=(503, 200))
    for view in (*VIEWS, f"requests/{request_id}"):
        page = await tab.open(view)
        await expect(page.locator(SHOWN.get(view, ".waterfall svg")).first).to_be_visible()
        await page.evaluate(axe)
        assert await page.evaluate(READ_VIOLATIONS) == [], view


async def test_nothing_moves_where_less_motion_is_asked_for(tab: Tab, port: ConsolePort) -> None:
    await tab.page.emulate_media(reduced_motion="reduce")
    port.told(statuses=(), ends=False)
    page = await tab.open()
    dot = page.locator(".state.open .dot").first
    await expect(dot).to_be_visible()
    assert await dot.evaluate("dot => getComputedStyle(dot).animationName") == "none"


async def test_the_theme_can_be_chosen(tab: Tab) -> None:
    page = await tab.open()
    ground = "() => getComputedStyle(document.body).backgroundColor"
    await page.emulate_media(color_scheme="light")
    light = await page.evaluate(ground)
    button = page.get_by_role("button", name="Theme")
    await button.click()
    await button.click()
    await expect(button).to_have_text("Theme: dark")
    assert await page.evaluate(ground) != light
    await page.reload()
    assert await page.evaluate(ground) != light
