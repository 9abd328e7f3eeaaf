"""Any configuration loads, or its problems are told, one line each, with exit code 1."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from extproc.cli.arguments import main
from extproc.config import Config, ConfigError, parse
from extproc.core.config_json import from_json, to_json
from tests.fuzz.effort import examples
from tests.fuzz.strategies import mutated_bytes

_ROOT = Path(__file__).parents[2]
_FILES = [
    _ROOT / "config/quickstart.yaml",
    *sorted((_ROOT / "tests/config/conformance").glob("*.yaml")),
]
_TEXTS = [path.read_bytes() for path in _FILES]
_VARIABLES = {name for text in _TEXTS for name in re.findall(rb"\$\{?([A-Z][A-Z0-9_]+)", text)}
_ENVIRONMENT = {name.decode(): f"secret-value-{n}" for n, name in enumerate(sorted(_VARIABLES))}
_EVERYTHING = yaml.safe_load("""
version: v0.4.0
listeners:
  - {type: model, name: llm, address: 0.0.0.0, port: 12000, timeout: 30s,
     api_keys: [$OPENAI_API_KEY], cors: {origins: ["https://a.example"]}}
model_providers:
  - {model: openai/gpt-4o, access_key: $OPENAI_API_KEY, default: true, headers: {x-team: red}}
  - {model: anthropic/*, access_key: $OPENAI_API_KEY, forward_headers: [x-tenant]}
  - {model: local/llama, base_url: "http://127.0.0.1:8000/v1", provider_interface: openai,
     model_limits: {context_window: 8192}}
  - {model: groq/x, passthrough_auth: true}
model_aliases: {fast: {target: openai/gpt-4o}}
routing_preferences:
  - {name: code, description: writing code, models: [openai/gpt-4o, local/llama],
     examples: [write a loop], selection_policy: {prefer: random}}
routing: {session_ttl_seconds: 60, session_max_entries: 10, session_headers: [x-session]}
dragoman:
  max_request_bytes: 1MiB
  attempt_timeout: 9s
  first_content_timeout: 7s
  drain_timeout: 5s
  max_candidates: 4
  cooldowns: true
  admin_address: 127.0.0.1:9092
  allowed_hosts: [router]
""")
_TREES = [*map(yaml.safe_load, _TEXTS), _EVERYTHING]


def _keys(tree: Any) -> set[str]:
    if isinstance(tree, dict):
        return {*tree, *(key for value in tree.values() for key in _keys(value))}
    return {key for value in tree for key in _keys(value)} if isinstance(tree, list) else set()


_KEYS = st.sampled_from(sorted({key for tree in _TREES for key in _keys(tree)}))
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.dates()
    | st.binary(max_size=4)
    | _KEYS
    | st.sampled_from(
        [
            *("$OPENAI_API_KEY", "$NOT_SET", "${", "$", "openai/gpt-4o", "openai/*", "*", "/", ""),
            *("http://", "https://a b/", "http://[::1", "http://h:99999", "10s", "-1s", "1e400s"),
            *("0.0.0.0", "127.0.0.1:0", "x" * 5000, "\u202e", "\ud83d", "a\0b", "v0.4.0", "é"),
        ]
    )
    | st.text(max_size=6)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _SCALARS, inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container of a tree with each of its keys."""
    if isinstance(tree, dict):
        keys = list(tree)
    elif isinstance(tree, list):
        keys = list(range(len(tree)))
    else:
        return []
    return [(tree, key) for key in keys] + [place for key in keys for place in _places(tree[key])]


@st.composite
def _trees(draw: st.DrawFn) -> Any:
    """One of the examples, with some of it changed, taken out, doubled, or renamed."""
    tree = copy.deepcopy(draw(st.sampled_from(_TREES)))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        places = _places(tree)
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["change", "remove", "double", "rename", "add"])):
            case "change":
                container[key] = draw(_VALUES)
            case "remove":
                del container[key]
            case "double" if isinstance(container, list):
                container.append(copy.deepcopy(container[key]))
            case "rename" if isinstance(container, dict):
                container[draw(_KEYS)] = container.pop(key)
            case _ if isinstance(container, dict):
                container[draw(_KEYS)] = draw(_VALUES)
            case _:
                container.append(draw(_VALUES))
    return tree


def _told(error: ConfigError) -> None:
    """Hold an error to what operators are promised: a line for each problem, and each says one."""
    lines = str(error).splitlines()
    assert lines
    assert len(set(lines)) == len(lines) == len(error.problems)
    for line in lines:
        assert line.startswith("a.yaml: ")
        assert line.removeprefix("a.yaml: ").strip()
        line.encode()


def _loaded(text: str) -> Config | None:
    """What a text means; None where it is refused as it should be."""
    try:
        loaded = parse(text, _ENVIRONMENT, source="a.yaml")
    except ConfigError as refused:
        _told(refused)
        return None
    for warning in loaded.warnings:
        warning.encode()
    return loaded.config


_DUMPED = _trees().map(
    lambda tree: yaml.dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass")
)


_AS_JSON = _trees().map(lambda tree: json.dumps(tree, default=str, skipkeys=True).encode())


def test_the_examples_are_valid() -> None:
    for tree in _TREES:
        assert _loaded(yaml.dump(tree)) is not None


@examples(400)
@given(_trees())
def test_any_document(tree: Any) -> None:
    config = _loaded(yaml.dump(tree))
    if config is not None:
        settled = to_json(config)
        assert to_json(from_json(settled)) == settled


@examples(200)
@given(mutated_bytes(_DUMPED))
def test_any_text(text: bytes) -> None:
    _loaded(text.decode("utf-8", "replace"))


@examples(150)
@given(mutated_bytes(st.sampled_from(_TEXTS)))
def test_any_edit_of_an_example(text: bytes) -> None:
    _loaded(text.decode("utf-8", "surrogateescape"))


@examples(60)
@given(mutated_bytes(_DUMPED | _AS_JSON))
def test_any_file(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "a.yaml"
    path.write_bytes(text)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in _ENVIRONMENT.items():
            patched.setenv(name, value)
        assert main(["check", str(path)]) in (0, 1)
