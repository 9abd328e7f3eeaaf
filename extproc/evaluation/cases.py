"""Cases: requests whose route somebody decided, from a YAML file or from JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from extproc.core.conversation import Conversation, Turn
from extproc.core.problems import ConfigError, Problem, nearest, place
from extproc.core.routes import Route
from extproc.dialects.chat import CHAT
from extproc.dialects.tools import tool_names
from extproc.errors import ClientError

__all__ = ["Case", "CasesError", "read_cases"]

_LINES: Final = frozenset({".jsonl", ".ndjson"})
_KEYS: Final = ("prompt", "messages", "expect", "routes", "tools")
_OLDER_KEY: Final = "expected"
_ROUTE_KEYS: Final = ("name", "description", "examples", "threshold", "fallback")


class CasesError(ConfigError):
    """Cases that cannot be used, with every problem that was found in them."""


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation, the routes to choose from, and the one that is right; None is none of them.

    ``place`` is where it stands in its file; ``tools`` are the names of the request's tools.
    """

    place: str
    conversation: Conversation
    routes: tuple[Route, ...]
    expected: str | None
    tools: tuple[str, ...] = ()


def read_cases(path: Path, routes: Sequence[Route]) -> tuple[Case, ...]:
    """The cases of a file, in its order.

    Args:
        path: JSON Lines where it ends with ``.jsonl`` or ``.ndjson``, otherwise YAML.
        routes: those of the configuration, for cases that bring none of their own.

    Raises:
        CasesError: the file cannot be read, or some of it is no case.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CasesError(str(path), [Problem("", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError:
        raise CasesError(str(path), [Problem("", "is not UTF-8 text")]) from None
    problems: list[Problem] = []
    items = _lines(text, problems) if path.suffix in _LINES else _items(text, problems)
    reader = _Reader(tuple(routes), problems)
    cases = [case for where, item in items if (case := reader.case(where, item)) is not None]
    if not cases and not problems:
        problems.append(Problem("", "holds no case"))
    if problems:
        raise CasesError(str(path), problems)
    return tuple(cases)


def _lines(text: str, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except (ValueError, RecursionError):
                problems.append(Problem(f"line {number}", "is not valid JSON"))


def _items(text: str, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    try:
        tree = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or "nested too deeply"
        problems.append(Problem(where, f"is not valid YAML: {why}"))
        return
    if tree is not None and not isinstance(tree, list):
        problems.append(Problem("", "must be a list of cases, each with a prompt and expect"))
        return
    for index, item in enumerate(tree or ()):
        yield place(index), item


class _Reader:
    def __init__(self, routes: tuple[Route, ...], problems: list[Problem]) -> None:
        self._routes = routes
        self._problems = problems

    def case(self, where: str, item: Any) -> Case | None:
        """The case at a place; None, and at least one problem, where it is none."""
        before = len(self._problems)
        if not isinstance(item, dict):
            self._report(where, "must be a mapping")
            return None
        for key in item:
            if key not in (*_KEYS, _OLDER_KEY):
                meant = nearest(str(key), _KEYS)
                self._report(f"{where}.{key}", f"unknown key; did you mean '{meant or 'prompt'}'?")
        conversation = self._conversation(where, item)
        routes = self._routes_of(where, item)
        expected = self._expected(where, item, routes) if routes else None
        tools = self._tools(where, item)
        if len(self._problems) > before:
            return None
        return Case(where, conversation, routes, expected, tools)

    def _conversation(self, where: str, item: Mapping[str, Any]) -> Conversation:
        if ("prompt" in item) == ("messages" in item):
            self._report(where, "must have either a prompt or messages")
            return ()
        if "prompt" in item:
            prompt = item["prompt"]
            if not isinstance(prompt, str) or not prompt.strip():
                self._report(f"{where}.prompt", "must be a non-empty string")
                return ()
            return (Turn("user", prompt),)
        try:
            conversation = CHAT.conversation(item)
        except ClientError as error:
            self._report(f"{where}.messages", error.message)
            return ()
        if not any(turn.role == "user" for turn in conversation):
            self._report(f"{where}.messages", "must hold a user's message with text")
        return conversation

    def _tools(self, where: str, item: Mapping[str, Any]) -> tuple[str, ...]:
        """Names, or tools as a request of chat completions has them."""
        tools = item.get("tools")
        if tools is None:
            return ()
        if not isinstance(tools, list) or not all(isinstance(one, str | dict) for one in tools):
            self._report(f"{where}.tools", "must be a list of names, or of tools as requests have")
            return ()
        return tool_names(
            {"tools": [{"name": one} if isinstance(one, str) else one for one in tools]}
        )

    def _expected(self, where: str, item: Mapping[str, Any], routes: Sequence[Route]) -> str | None:
        given = [key for key in ("expect", _OLDER_KEY) if key in item]
        if len(given) != 1:
            self._report(where, "must say what to expect: the name of a route, or null")
            return None
        expected: str | None = item[given[0]]
        names = [route.name for route in routes]
        if expected is None or expected in names:
            return expected
        meant = nearest(str(expected), names)
        hint = f"; did you mean '{meant}'?" if meant else f"; known here: {', '.join(names)}"
        self._report(f"{where}.{given[0]}", f"is no route{hint}")
        return None

    def _routes_of(self, where: str, item: Mapping[str, Any]) -> tuple[Route, ...]:
        """Its own routes or the configuration's; none, and a problem, where some are not valid."""
        if "routes" not in item:
            if not self._routes:
                self._report(where, "has no routes, and neither has the configuration")
            return self._routes
        where, raw = f"{where}.routes", item["routes"]
        if not isinstance(raw, list) or not raw:
            self._report(where, "must be a non-empty list")
            return ()
        read = [self._own_route(f"{where}[{index}]", each) for index, each in enumerate(raw)]
        routes = tuple(route for route in read if route is not None)
        return routes if len(routes) == len(raw) else ()

    def _own_route(self, where: str, item: Any) -> Route | None:
        if not isinstance(item, dict) or not set(item) <= set(_ROUTE_KEYS):
            self._report(where, f"must be a mapping of {', '.join(_ROUTE_KEYS)}")
            return None
        for key in ("name", "description"):
            if not isinstance(item.get(key), str) or not item[key].strip():
                self._report(f"{where}.{key}", "must be a non-empty string")
                return None
        examples = item.get("examples") or []
        if not isinstance(examples, list) or not all(isinstance(text, str) for text in examples):
            self._report(f"{where}.examples", "must be a list of strings")
            return None
        threshold = item.get("threshold")
        if threshold is not None and not _is_score(threshold):
            self._report(f"{where}.threshold", "must be a number from -1 to 1")
            return None
        fallback = item.get("fallback", False)
        if not isinstance(fallback, bool):
            self._report(f"{where}.fallback", "must be true or false")
            return None
        return Route(
            item["name"],
            item["description"],
            (),
            examples=tuple(examples),
            threshold=threshold,
            fallback=fallback,
        )

    def _report(self, where: str, message: str) -> None:
        self._problems.append(Problem(where, message))


def _is_score(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1 <= value <= 1
