"""Every command has its row, here and on the first page, and a page that tells of it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from extproc.cli import commands
from extproc.cli.arguments import COMMANDS
from extproc.cli.command import Command

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = README + "".join(page.read_text(encoding="utf-8") for page in ROOT.glob("docs/*.md"))


def test_every_module_has_its_row() -> None:
    modules = (f"{commands.__name__}.{each.name}" for each in iter_modules(commands.__path__))
    assert {import_module(module).COMMAND for module in modules} == {*COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_a_page_tells_of_it(command: Command) -> None:
    assert f"dragoman {command.name}" in PAGES
    assert f"| `dragoman {command.name}" in README
