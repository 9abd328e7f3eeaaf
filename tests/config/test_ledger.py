"""``dragoman.ledger``: where finished requests are written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from extproc.config import ConfigError, load
from extproc.core.config_json import from_json, to_json
from extproc.core.ledger import LedgerSettings

MODELS = """
version: v0.4.0
model_providers:
  - {model: openai/gpt-4o, access_key: $KEY}
"""


def configured(folder: Path, settings: str) -> LedgerSettings | None:
    path = folder / "config.yaml"
    path.write_text(f"{MODELS}dragoman: {{{settings}}}\n")
    config = load(path, {"KEY": "k"}).config
    assert from_json(to_json(config)) == config
    return config.ledger


def test_there_is_none_unless_it_is_named(tmp_path: Path) -> None:
    assert configured(tmp_path, "ledger_days: 3") is None


def test_it_lies_beside_the_configuration(tmp_path: Path) -> None:
    found = configured(tmp_path, "ledger: ledger.db")
    assert found == LedgerSettings(str(tmp_path / "ledger.db"), 30, 2**30)
    assert configured(tmp_path, f"ledger: {tmp_path}/a.db, ledger_days: 3") == LedgerSettings(
        f"{tmp_path}/a.db", 3
    )
    assert configured(tmp_path, "ledger: a.db, ledger_max_bytes: 10MB") == LedgerSettings(
        f"{tmp_path}/a.db", 30, 10_000_000
    )


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("ledger: nowhere/ledger.db", "dragoman.ledger: there is no folder "),
        ("ledger: .", "dragoman.ledger: is a folder: "),
        (f"ledger: {'a' * 300}/ledger.db", "dragoman.ledger: cannot be reached: "),
        ("ledger: []", "dragoman.ledger: must be a string"),
        ("ledger: a.db, ledger_days: 0", "dragoman.ledger_days: must be at least 1"),
        ("ledger: a.db, ledger_max_bytes: 2GiB", "dragoman.ledger_max_bytes: must be"),
    ],
)
def test_what_is_wrong_with_it(tmp_path: Path, settings: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        configured(tmp_path, settings)
    assert problem in str(raised.value)
