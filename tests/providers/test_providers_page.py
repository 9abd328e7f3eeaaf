"""docs/providers.md says what the table of providers says."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import Dialect
from extproc.providers import KNOWN, Provider

PAGE = Path(__file__).parents[2] / "docs" / "providers.md"


def row(provider: Provider) -> str:
    """A provider's line in the page."""
    where = f"{provider.origin or '`base_url`'}"
    paths = provider.paths_under("")
    spoken = [f"`{paths[dialect]}`" if dialect in paths else "" for dialect in Dialect]
    key = f"`{provider.key_header}: {provider.key_prefix}…`"
    return f"| `{provider.name}` | {where} | {' | '.join(spoken)} | {key} |"


@pytest.mark.parametrize("provider", KNOWN.values(), ids=KNOWN)
def test_every_provider_has_its_line(provider: Provider) -> None:
    assert row(provider) in PAGE.read_text(encoding="utf-8").splitlines()


def test_no_other_has_one() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith("| `") and "…` |" in line for line in lines) == len(KNOWN)
