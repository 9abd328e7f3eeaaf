"""``${NAME:-default}`` in a file: as a shell would have it."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path
from typing import Any

import pytest

from extproc.config import ConfigError, examine, ledger_of, parse
from extproc.config.printing import printed
from extproc.config.variable_defaults import with_defaults

ENVIRON = {"SET": "here", "EMPTY": ""}
ONE = "version: v0.4.0\nmodel_providers: [{model: openai/gpt-4o, access_key: $KEY}]\n"


@pytest.mark.parametrize(
    "text",
    [
        "${SET:-a}",
        "${SET-a}",
        "${EMPTY:-a}",
        "${EMPTY-a}",
        "${UNSET:-a}",
        "${UNSET-a}",
        "${UNSET:-}",
        "x ${UNSET:-a b} y ${SET:-c} z",
        "${UNSET:-${SET}}",
        "${UNSET:-${EMPTY:-a}}",
        "${UNSET:-${OTHER:-a}-${SET:-b}}",
        "${UNSET:-a:-b}",
        "${UNSET:--}",
        "https://h:${UNSET:-1}/${SET:-v}?q=:-1",
    ],
)
def test_it_is_what_a_shell_makes_of_it(text: str) -> None:
    command = ["bash", "-c", f'printf %s "{text}"']
    said = subprocess.run(command, env=ENVIRON, capture_output=True, text=True, check=True).stdout
    settled = with_defaults({"a": [text]}, ENVIRON)["a"][0]
    for name, value in ENVIRON.items():
        settled = str(settled).replace(f"${{{name}}}", value)
    assert settled == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${PORT:-8080}", 8080),
        ("${SHARE:-0.5}", 0.5),
        ("${YES:-true}", True),
        ("${A:-${B:-7}}", 7),
        ("${ALL:-.inf}", math.inf),
        ("${DAY:-2026-01-01}", "2026-01-01"),
        ("${LIST:-[1]}", "[1]"),
        ("${LONG:-" + "9" * 5000 + "}", "9" * 5000),
        ('${BROKEN:-"}', '"'),
        ("${A:-1}${B:-2}", "12"),
        ("1${A:-2}", "12"),
        ("$${A:-2}", "$${A:-2}"),
        ("${A:+2}", "${A:+2}"),
        ("${A:-2", "${A:-2"),
        ("{a:-2}", "{a:-2}"),
        (8080, 8080),
    ],
)
def test_what_is_a_number(text: Any, value: Any) -> None:
    settled = with_defaults(text, {})
    assert (type(settled), settled) == (type(value), value)


def test_every_value_may_have_one() -> None:
    text = (
        "version: ${V:-v0.4.0}\n"
        "listeners: [{type: model, name: llm, port: '${PORT:-12001}', timeout: '${T:-90s}'}]\n"
        "model_providers: [{model: 'openai/${MODEL:-gpt-4o}', access_key: '${KEY:-written-out}'}]\n"
        "dragoman: {max_candidates: '${MOST:-3}', drain_timeout: '${DRAIN:-5}'}\n"
    )
    config = parse(text, {"MOST": "4"}).config
    assert (config.listener.port, config.listener.timeout) == (12001, 90)
    assert (config.limits.max_candidates, config.drain_timeout) == (4, 5)
    assert config.models[0].name == "openai/gpt-4o"


def test_a_key_is_a_reference_or_written_out(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(ONE.replace("$KEY", "'${KEY:-written-out-key}'"))
    for environ, shown, value in (
        ({"KEY": "of-the-environment"}, "${KEY}", "of-the-environment"),
        ({}, "'***'", "written-out-key"),
    ):
        examined = examine(path, environ)
        assert f"access_key: {shown}" in printed(examined)
        assert list(examined.loaded.secrets.values.values()) == [value]


def test_an_empty_default_of_a_key_is_no_key() -> None:
    with pytest.raises(ConfigError, match="is empty"):
        parse(ONE.replace("$KEY", "'${KEY:-}'"), {})


def test_a_secret_is_refused_where_it_would_be_shown_with_a_default_too() -> None:
    with pytest.raises(ConfigError, match="is a secret by its name"):
        parse(
            ONE + "overrides: {upstream_tls_ca_path: '${A_TOKEN:-/a}'}",
            {"KEY": "k", "A_TOKEN": "t"},
        )


def test_what_a_default_refers_to_has_to_be_set() -> None:
    with pytest.raises(ConfigError, match="environment variable OTHER is not set"):
        parse(ONE + "overrides: {upstream_tls_ca_path: '${CA:-${OTHER}}'}", {"KEY": "k"})


def test_a_report_finds_the_ledger_by_one(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(ONE + "dragoman: {ledger: '${LEDGER:-requests.db}'}\n")
    assert ledger_of(path, {}) == tmp_path / "requests.db"


def test_a_short_file_of_aliases_takes_no_time() -> None:
    value: list[Any] = ["${A:-b}"]
    for _ in range(100):
        value = [value, value]
    settled = with_defaults(value, {})
    for _ in range(100):
        assert settled[0] is settled[1]
        settled = settled[0]
    assert settled == ["b"]
