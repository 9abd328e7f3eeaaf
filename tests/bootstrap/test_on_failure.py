"""Filters that Envoy passes by where an answer is a success."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from extproc.bootstrap import Surroundings, lua, render
from extproc.bootstrap.on_failure import on_failure
from extproc.bootstrap.tree import tree
from extproc.core.config import Config
from extproc.run_directory import RunDirectory
from tests.bootstrap.test_render import model, values


def wrapped(bootstrap: Any) -> Iterator[tuple[str, Any]]:
    """The filters that are passed by sometimes, by name, and what they are without that."""
    for filters in values(bootstrap, "http_filters"):
        for each in filters:
            inner = each["typed_config"].get("extension_config")
            if inner is not None:
                yield each["name"], inner["typed_config"]


def test_successes_are_passed_by() -> None:
    inner = lua.filter_of("function envoy_on_response(handle) end", "a.script")
    outer = tree(on_failure(inner))
    assert outer["name"] == "a.script"
    assert outer["typed_config"]["extension_config"] == tree(inner)
    (by_class,) = values(outer, "map")
    assert set(by_class) == {"2xx", "3xx"}
    for passed_by in by_class.values():
        assert passed_by["action"]["typed_config"]["@type"].endswith(".SkipFilter")


def test_what_only_failures_need(tmp_path: Any) -> None:
    bootstrap = render(Config((model("a/b"),)), Surroundings(RunDirectory(tmp_path)))
    found = dict(wrapped(bootstrap))
    assert set(found) == {
        "dragoman.tell_failure",
        "dragoman.keep_failure",
        "envoy.filters.http.header_mutation",
    }
    (told,) = values(found["envoy.filters.http.header_mutation"], "header")
    assert told["key"] == "x-dragoman-another-may"
