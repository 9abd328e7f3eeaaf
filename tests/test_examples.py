"""The YAML that the documentation shows is read as the page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from extproc.config import parse
from extproc.config.json_schema import json_schema
from extproc.core.routes import Route
from extproc.evaluation.cases import read_cases

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\$\{?([A-Z_]+)")
REST: Final = {
    "version": "version: v0.4.0",
    "model_providers": """
model_providers:
  - {model: openai/gpt-4o, access_key: literal, default: true}
  - {model: anthropic/claude-sonnet-4-5, access_key: literal}
  - {model: anthropic/claude-sonnet-4-20250514, access_key: literal}
""",
}
"""What an example of a configuration leaves to its reader."""


def examples() -> Iterator[Any]:
    for page in (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))):
        for number, text in enumerate(BLOCK.findall(page.read_text(encoding="utf-8")), 1):
            yield pytest.param(text, id=f"{page.relative_to(ROOT)}: {number}")


@pytest.mark.parametrize("text", [*examples()])
def test_an_example_can_be_read(text: str, tmp_path: Path) -> None:
    document = yaml.load(text, yaml.CSafeLoader)
    if isinstance(document, dict) and document.keys() <= json_schema()["properties"].keys():
        rest = "\n".join(lines for key, lines in REST.items() if key not in document)
        parse(f"{rest}\n{text}", dict.fromkeys(VARIABLE.findall(text), "a-value"))
    elif isinstance(document, list) and "expect" in document[0]:
        routes = [Route(case["expect"], "", ()) for case in document if case["expect"]]
        (cases := tmp_path / "cases.yaml").write_text(text)
        assert len(read_cases(cases, routes)) == len(document)
