"""The configuration that runs, as the console shows it.

Secrets are in it by the names of their variables only. What people put elsewhere all the same is
masked: what has the shape of a key, and the queries of addresses.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from extproc import __version__
from extproc.core.config import Config
from extproc.core.config_json import fingerprint
from extproc.core.problems import masked_text

__all__ = ["shown"]

_QUERY: Final = re.compile(r"(?<=\?).+")


def shown(config: Config) -> dict[str, Any]:
    """The version, the configuration's fingerprint, and all of it, defaults included."""
    return {
        "version": __version__,
        "hash": fingerprint(config),
        "configuration": _masked(msgspec.to_builtins(config)),
    }


def _masked(value: Any) -> Any:
    match value:
        case str() if value.startswith(("http://", "https://")):
            return masked_text(_QUERY.sub("***", value))
        case str():
            return masked_text(value)
        case dict():
            return {key: _masked(item) for key, item in value.items()}
        case list():
            return [_masked(item) for item in value]
        case _:
            return value
