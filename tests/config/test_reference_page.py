"""The reference page and the language name the same keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from extproc.config.fields import UNUSED_ROOT_KEYS, Entry
from extproc.config.json_schema import json_schema
from extproc.config.sections.provider_entries import InlineRoute
from extproc.config.sections.table import SECTIONS

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
HEADINGS = {heading: entry for section in SECTIONS for heading, entry in section.entries.items()}


def rows_by_heading() -> dict[str, dict[str, tuple[str, str, str]]]:
    """Per heading: per key its type, default and meaning."""
    found: dict[str, dict[str, tuple[str, str, str]]] = {}
    for part in re.split(r"^##+ ", PAGE, flags=re.MULTILINE)[1:]:
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \|(.*?)\| (.*) \|$", part, re.MULTILINE)
        if rows:
            found[part.partition("\n")[0]] = {
                key: (kind, default.strip(), meaning) for key, kind, default, meaning in rows
            }
    return found


ROWS = rows_by_heading()


def default_of(entry: type[Entry], key: str) -> Any:
    default = entry.model_fields[key].get_default(call_default_factory=True)
    if default in (PydanticUndefined, None, {}):
        return None
    if isinstance(default, bool):
        return str(default).lower()
    return entry.model_construct(**{key: default}).model_dump(include={key})[key]


def test_every_section_has_its_table_and_every_table_a_section() -> None:
    assert set(ROWS) == {"Root", *HEADINGS}


def test_the_root_has_every_key() -> None:
    assert set(ROWS["Root"]) == set(json_schema()["properties"])


@pytest.mark.parametrize(("heading", "entry"), HEADINGS.items())
def test_a_table_has_every_key(heading: str, entry: type[Entry]) -> None:
    assert set(ROWS[heading]) == {*entry.model_fields, *entry.unused}


@pytest.mark.parametrize(("heading", "entry"), HEADINGS.items())
def test_a_table_says_what_is_required_and_what_the_defaults_are(
    heading: str, entry: type[Entry]
) -> None:
    for key, info in entry.model_fields.items():
        _, default, meaning = ROWS[heading][key]
        assert meaning.startswith("Required") == info.is_required(), key
        if (settled := default_of(entry, key)) is not None:
            assert default == f"`{settled}`", key


def test_keys_that_are_ignored_have_their_warning_as_meaning() -> None:
    tables = {"Root": UNUSED_ROOT_KEYS} | {
        heading: entry.unused for heading, entry in HEADINGS.items()
    }
    for heading, rows in ROWS.items():
        warned = {key: row[2] for key, row in rows.items() if row[2].startswith("ignored")}
        assert warned == tables[heading], heading


def test_the_older_preferences_are_described() -> None:
    kind, _, _ = ROWS["`model_providers[]`"]["routing_preferences"]
    assert all(f"`{key}`" in kind for key in InlineRoute.model_fields)
