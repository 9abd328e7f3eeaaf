"""From YAML text to plain values, with the mistakes that YAML itself lets pass."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from extproc.core.problems import Problem

__all__ = ["read_document"]

_MERGE: Final = "tag:yaml.org,2002:merge"
_BOOLEAN: Final = "tag:yaml.org,2002:bool"
_STRING: Final = "tag:yaml.org,2002:str"
_IN_QUOTES: Final = "write the value in quotes"
_INDENTED: Final = "indent it as its neighbours are"
_ADVICE: Final = {
    r"found character '\\t' that cannot start": "indent with spaces, not with tabs",
    r"found character '[@`%]' that cannot start": _IN_QUOTES,
    "expected alphabetic or numeric character": _IN_QUOTES,
    "found undefined alias": _IN_QUOTES,
    r"expected <block end>, but found '(<block (mapping|sequence) start>|\?|-)'": _INDENTED,
    "mapping values are not allowed": f"{_INDENTED}; where a value holds ': ', {_IN_QUOTES}",
    "could not find expected ':'": "write a space behind the colon of each key, here and above",
}
"""By how PyYAML's problems begin that are in a parser's words: what to do about them."""
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class _Loader(yaml.SafeLoader):
    """A safe loader that notices keys written twice; YAML forbids them, PyYAML keeps the last.

    It notices halves of characters too, which nothing can encode. JSON, which is YAML, writes some
    characters as two escapes; those are put together. A key is a word even where YAML 1.1 takes it
    for a boolean (``on``), as YAML 1.2 has it.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.duplicates: list[tuple[yaml.Mark, str]] = []
        self.halves: list[yaml.Mark] = []

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if _SURROGATES.search(node.value):
            node.value = _PAIR.sub(lambda pair: _joined(pair[0]), node.value)
            if _SURROGATES.search(node.value):
                self.halves.append(node.start_mark)
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if key.tag == _BOOLEAN:
                key.tag = _STRING
            if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
                continue
            if (key.tag, key.value) in seen:
                self.duplicates.append((key.start_mark, key.value))
            seen.add((key.tag, key.value))
        return node


def read_document(text: str) -> tuple[Any, list[Problem]]:
    """Parse YAML text: its value (None where it cannot be parsed) and what is wrong with it."""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError:
        return None, [Problem("", "not valid YAML: it holds characters that YAML forbids")]
    try:
        value = loader.get_single_data()
        duplicates = sorted(loader.duplicates, key=lambda found: found[0].index)
        if loader.halves:
            message = "holds half of a character, a surrogate; write the character itself"
            return None, [Problem(_where(mark), message) for mark in loader.halves]
        return value, [Problem(_where(mark), f"duplicate key '{key}'") for mark, key in duplicates]
    except yaml.MarkedYAMLError as error:
        # The error's own text quotes the file, and with it perhaps a key.
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be parsed"
        if mark is not None and text[mark.index - 1 : mark.index + 1] == "${":
            problem += ' (inside {...}, write "${NAME}" in quotes)'
        else:
            problem += _advice(problem)
        return None, [Problem(_where(mark) if mark else "", f"not valid YAML: {problem}")]
    except (yaml.YAMLError, ValueError):
        return None, [Problem("", "not valid YAML")]
    finally:
        loader.dispose()


def _joined(pair: str) -> str:
    return pair.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def _advice(problem: str) -> str:
    told = (advice for pattern, advice in _ADVICE.items() if re.match(pattern, problem))
    return next((f" ({advice})" for advice in told), "")


def _where(mark: yaml.Mark) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}"
