"""docs/translation.md names every loss that translation can tell, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from extproc.dialects.translation.chat.extras import _IMPOSSIBLE
from extproc.dialects.translation.messages.obstacles import _REFUSED
from extproc.dialects.translation.messages.sampling import SAMPLING_DEFAULTS
from extproc.dialects.translation.responses.obstacles import SKIPPED_EXTRAS

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "extproc" / "dialects" / "translation"
CODE = r"(?:adapted|added|clamped|dropped|moved|skipped):[a-z_]+"
MAKERS = {"dropped": "dropped", "reluctant": "dropped", "skipped": "skipped"}
NAMED_BY_CLIENTS = {
    "dropped:include",
    "dropped:phase",
    "dropped:input_examples",
    "dropped:more",
    "dropped:seed",
    "dropped:web_search_call",
    "dropped:web_search_options",
    "skipped:document_url",
    "dropped:thread",
    "skipped:input_audio",
    "skipped:item_reference",
    "skipped:mcp",
    "skipped:namespace",
}
"""Examples of codes that are made of a client's own words."""


def told_on_the_page() -> set[str]:
    page = (ROOT / "docs" / "translation.md").read_text(encoding="utf-8")
    return set(re.findall(rf"`({CODE})`", page))


def told_by_the_code() -> set[str]:
    codes: set[str] = set()
    for module in PACKAGE.rglob("*.py"):
        text = module.read_text(encoding="utf-8")
        codes |= set(re.findall(rf'"({CODE})"', text))
        made = re.findall(r'\b(dropped|reluctant|skipped)\(\s*"([a-z_]+)"', text)
        codes |= {f"{MAKERS[maker]}:{name}" for maker, name in made}
    refused = (_IMPOSSIBLE, _REFUSED, SKIPPED_EXTRAS)
    codes |= {f"skipped:{name}" for table in refused for name in table}
    return codes | {f"dropped:{name}" for name in SAMPLING_DEFAULTS}


def test_every_code_is_on_the_page() -> None:
    assert told_by_the_code() - told_on_the_page() == set()


def test_the_page_tells_no_other() -> None:
    assert told_on_the_page() - told_by_the_code() == NAMED_BY_CLIENTS
