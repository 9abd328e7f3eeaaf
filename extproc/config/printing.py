"""The effective configuration: what a file means, in the form of v0.4.0, with every default.

It is a configuration itself and loads to the same. References to variables stay references, and
secrets that are written out are masked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from extproc.config.loading import Examined, examine
from extproc.config.secrets.sensitive import sensitive
from extproc.config.sections.table import SECTIONS
from extproc.core.problems import masked_text

__all__ = ["effective", "printed"]

# As people write a file; a section that is not named here follows.
_ORDER: Final = (
    "version",
    "listeners",
    "model_providers",
    "routing_preferences",
    "model_metrics_sources",
    "model_aliases",
    "overrides",
    "dragoman",
    "routing",
)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: Any) -> bool:
        return True


def effective(path: Path, environ: Mapping[str, str] | None = None) -> str:
    """The effective form of the configuration at ``path``, as YAML.

    Raises:
        ConfigError: with every problem that was found in it.
    """
    return printed(examine(path, environ))


def printed(examined: Examined) -> str:
    """The effective form of a configuration that has been read, as YAML."""
    shown: dict[str, Any] = {}
    for section in SECTIONS:
        shown |= section.write(examined.file)
    ordered = {key: shown[key] for key in _ORDER if key in shown} | shown
    hidden = _hidden(ordered, sensitive(examined.loaded.secrets))
    return yaml.dump(hidden, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _hidden(value: Any, secrets: Sequence[str]) -> Any:
    """The same without any secret, wherever one was written; before YAML breaks it into lines."""
    match value:
        case str():
            return masked_text(value, secrets)
        case dict():
            return {_hidden(key, secrets): _hidden(item, secrets) for key, item in value.items()}
        case list():
            return [_hidden(item, secrets) for item in value]
        case _:
            return value
