"""The table of sections: no row is forgotten, and a row is all that a new section needs."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
import yaml

import extproc.config.loading as loading
from extproc.config import ConfigError, examine, json_schema, load, printing, root, sections
from extproc.config.fields import Entry
from extproc.config.section import File, Section, mapping_section
from extproc.config.sections.provider_entries import InlineRoute
from extproc.config.sections.table import SECTIONS
from extproc.core.config import Config
from extproc.core.problems import Problem

# Lifted into routes of the newer form before any section is read.
LIFTED = {InlineRoute}
LATER = "ignored: not supported yet"
MODULES = [
    importlib.import_module(f"{sections.__name__}.{module.name}")
    for module in pkgutil.iter_modules(sections.__path__)
]


def entries_of(module: ModuleType) -> Iterator[type[Entry]]:
    for value in vars(module).values():
        is_entry = isinstance(value, type) and issubclass(value, Entry)
        if is_entry and value.__module__ == module.__name__ and not value.__name__.startswith("_"):
            yield value


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_section_has_a_row(module: ModuleType) -> None:
    assert {value for value in vars(module).values() if isinstance(value, Section)} <= {*SECTIONS}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_entry_belongs_to_a_row(module: ModuleType) -> None:
    described = {entry for section in SECTIONS for entry in section.entries.values()}
    assert {*entries_of(module)} <= described | LIFTED


@pytest.mark.parametrize(
    "names",
    [
        [section.kind for section in SECTIONS],
        [key for section in SECTIONS for key in section.schema],
        [heading for section in SECTIONS for heading in section.entries],
    ],
    ids=["kinds", "keys", "headings"],
)
def test_nothing_belongs_to_two_rows(names: list[Any]) -> None:
    assert [name for name, count in Counter(names).items() if count > 1] == []


class Added(Entry):
    """A section that only this test has."""

    unused: ClassVar = {"later": LATER}
    secret: ClassVar = frozenset({"password"})
    literal: ClassVar = frozenset({"password"})

    port: int = 1
    password: str | None = None


def _look_up(file: File) -> None:
    if (password := file.sections[Added].password) is not None:
        file.secrets.look_up(password, "added.password")


def _problems(file: File) -> Iterable[Problem]:
    if file.sections[Added].port == 0:
        yield Problem("added.port", "is taken")


def _advice(file: File) -> Iterable[Problem]:
    if file.sections[Added].port == 1:
        yield Problem("added.port", "is odd")


def _build(config: Config, file: File) -> Config:
    port = file.sections[Added].port
    return replace(config, listener=replace(config.listener, port=port))


ROW = replace(
    mapping_section("added", Added, look_up=_look_up, advice=_advice, build=_build),
    problems=_problems,
)
TEXT = """
version: v0.4.0
model_providers: [{model: openai/gpt-4o, access_key: $KEY}]
"""


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (root, loading, printing, json_schema):
        monkeypatch.setattr(module, "SECTIONS", (*SECTIONS, ROW))


def written(directory: Path, text: str) -> Path:
    path = directory / "config.yaml"
    path.write_text(TEXT + text, encoding="utf-8")
    return path


@pytest.mark.usefixtures("added")
def test_a_row_is_all_that_a_new_section_needs(tmp_path: Path) -> None:
    path = written(tmp_path, "added: {port: 7, later: 1, password: a-password}")
    examined = examine(path, {"KEY": "k"})
    assert examined.loaded.config.listener.port == 7
    assert examined.loaded.warnings == (f"{path}: added.later: {LATER}",)
    assert "a-password" in examined.loaded.secrets.values.values()
    assert yaml.safe_load(printing.printed(examined))["added"] == {"port": 7, "password": "***"}
    schema = json_schema.json_schema()
    assert schema["properties"]["added"] == {"$ref": "#/$defs/Added"}
    assert set(schema["$defs"]["Added"]["properties"]) == {"port", "password", "later"}


@pytest.mark.usefixtures("added")
def test_a_new_section_is_checked(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(written(tmp_path, "added: {port: 0}"), {"KEY": "k"})
    assert raised.value.problems == (Problem("added.port", "is taken"),)
    with pytest.raises(ConfigError, match="did you mean 'password'"):
        load(written(tmp_path, "added: {pasword: x}"), {"KEY": "k"})
    path = written(tmp_path, "")
    assert load(path, {"KEY": "k"}).warnings == (f"{path}: added.port: is odd",)


def test_a_section_without_a_row_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="added: unknown key"):
        load(written(tmp_path, "added: {}"), {"KEY": "k"})
