"""The reference page and the language name the same keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import PydanticUndefined

from extproc.config.fields import (
    AliasEntry,
    Extension,
    InlineRoute,
    LegacyListenerEntry,
    ListenerEntry,
    Overrides,
    PromptCaching,
    ProviderEntry,
    RouteEntry,
    Routing,
    Section,
    SelectionPolicy,
    SessionCache,
    Tracing,
)
from extproc.config.json_schema import SECTIONS, json_schema
from extproc.config.sections.model_limits import ModelLimits
from extproc.config.sections.sources import EARLIER_TYPES, LATER_TYPES, SOURCES, BearerAuth
from extproc.config.unused import UNUSED_ROOT_KEYS, unused_keys

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
HEADINGS: dict[str, type[Section]] = {
    "`listeners[]`": ListenerEntry,
    "`listeners.egress_traffic`": LegacyListenerEntry,
    "`model_providers[]`": ProviderEntry,
    "`model_providers[].model_limits`": ModelLimits,
    "`model_aliases.*`": AliasEntry,
    "`routing_preferences[]`": RouteEntry,
    "`routing_preferences[].selection_policy`": SelectionPolicy,
    **{
        f"`type: {name}`, `provider: {provider}`": section
        for name, providers in LATER_TYPES.items()
        for provider, section in providers.items()
        if provider != "models.dev"
    },
    **{f"`type: {name}`": section for name, section in EARLIER_TYPES.items()},
    "`type: cost_metrics`, `auth`": BearerAuth,
    "`overrides`": Overrides,
    "`dragoman`": Extension,
    "`routing`": Routing,
    "`routing.session_cache`": SessionCache,
    "`prompt_caching`": PromptCaching,
    "`tracing`": Tracing,
}


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


def default_of(section: type[Section], key: str) -> Any:
    default = section.model_fields[key].get_default(call_default_factory=True)
    if default in (PydanticUndefined, None, {}):
        return None
    if isinstance(default, bool):
        return str(default).lower()
    return section.model_construct(**{key: default}).model_dump(include={key})[key]


def test_every_section_has_its_table_and_every_table_a_section() -> None:
    assert set(ROWS) == {"Root", *HEADINGS}
    assert {*SECTIONS, BearerAuth, ModelLimits, SelectionPolicy} == {*HEADINGS.values()}


def test_every_source_has_a_table() -> None:
    assert set(SOURCES) <= {*HEADINGS.values()}


def test_the_root_has_every_key() -> None:
    assert set(ROWS["Root"]) == set(json_schema()["properties"])


@pytest.mark.parametrize(("heading", "section"), HEADINGS.items())
def test_a_table_has_every_key(heading: str, section: type[Section]) -> None:
    assert set(ROWS[heading]) == {*section.model_fields, *unused_keys(section)}


@pytest.mark.parametrize(("heading", "section"), HEADINGS.items())
def test_a_table_says_what_is_required_and_what_the_defaults_are(
    heading: str, section: type[Section]
) -> None:
    for key, info in section.model_fields.items():
        _, default, meaning = ROWS[heading][key]
        assert meaning.startswith("Required") == info.is_required(), key
        if (settled := default_of(section, key)) is not None:
            assert default == f"`{settled}`", key


def test_keys_that_are_ignored_have_their_warning_as_meaning() -> None:
    tables = {"Root": UNUSED_ROOT_KEYS} | {
        heading: unused_keys(section) for heading, section in HEADINGS.items()
    }
    for heading, rows in ROWS.items():
        warned = {key: row[2] for key, row in rows.items() if row[2].startswith("ignored")}
        assert warned == tables[heading], heading


def test_the_older_preferences_are_described() -> None:
    kind, _, _ = ROWS["`model_providers[]`"]["routing_preferences"]
    assert all(f"`{key}`" in kind for key in InlineRoute.model_fields)
