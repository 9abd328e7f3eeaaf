"""Load a configuration: everything that it means, or everything that is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extproc.config import checks, metrics_checks
from extproc.config.building import build
from extproc.config.environment import surroundings
from extproc.config.migration import migrate
from extproc.config.reading import read_sections
from extproc.config.secrets.collector import SecretCollector
from extproc.config.secrets.keys import collect_keys
from extproc.core.config import Config, Secrets
from extproc.core.problems import ConfigError, Problem, masked
from extproc.core.redis_url import is_public
from extproc.document import read_document

__all__ = ["Loaded", "load", "parse", "read_text", "sensitive"]

# Shorter keys are stand-ins such as "ollama", and the name of a variable is no key: hiding these
# would only garble the message.
_SECRET_LENGTH: Final = 8
_VARIABLE: Final = re.compile(r"[A-Z][A-Z_]*_[A-Z_]+")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid configuration, the keys that it needs, and one line for each thing to mend."""

    config: Config
    secrets: Secrets
    warnings: tuple[str, ...] = ()


def load(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read the configuration at ``path``.

    Args:
        path: a YAML file; variables may also come from a ``.env`` beside it.
        environ: the environment, which goes before ``.env``; the process's own unless given.

    Raises:
        ConfigError: with every problem that was found.
    """
    text, known = read_text(path, environ)
    return parse(text, known, source=str(path), directory=path.parent)


def read_text(path: Path, environ: Mapping[str, str] | None) -> tuple[str, Mapping[str, str]]:
    """The text of a configuration, and the variables that it may name.

    Raises:
        ConfigError: it, or the ``.env`` beside it, cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [_unreadable(error)]) from None
    try:
        return text, surroundings(path, os.environ if environ is None else environ)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path.parent / ".env"), [_unreadable(error)]) from None


def parse(
    text: str,
    environ: Mapping[str, str],
    *,
    source: str = "config.yaml",
    directory: Path = Path(),
) -> Loaded:
    """Read a configuration from its text.

    Args:
        text: what the file holds.
        environ: the variables that it may name.
        source: what its problems call it.
        directory: what paths in it are relative to.

    Raises:
        ConfigError: with every problem that was found.
    """
    try:
        return _parse(text, environ, source, directory)
    except RecursionError:
        raise ConfigError(source, [Problem("", "is nested too deeply")]) from None


def _parse(text: str, environ: Mapping[str, str], source: str, directory: Path) -> Loaded:
    tree, problems = read_document(text)
    if tree is None and problems:
        raise ConfigError(source, [masked(problem) for problem in problems])
    migrated = migrate(tree)
    sections, found, warnings = read_sections(migrated.tree, environ)
    problems += [*found, *migrated.problems]
    warnings = [*migrated.warnings, *warnings]
    if sections is None:
        raise ConfigError(source, [masked(problem) for problem in problems])
    collector = SecretCollector(environ)
    keys = collect_keys(sections, collector)
    problems += [*checks.problems(sections), *collector.problems]
    problems += metrics_checks.file_problems(sections, directory)
    hidden = sensitive(Secrets(collector.values))
    if problems:
        raise ConfigError(source, [masked(problem, hidden) for problem in problems])
    warnings += [*collector.warnings, *checks.advice(sections)]
    return Loaded(
        build(sections, keys, directory),
        Secrets(collector.values),
        tuple(f"{source}: {masked(warning, hidden)}" for warning in warnings),
    )


def sensitive(secrets: Secrets) -> list[str]:
    """The values that no output may hold, the longest first."""
    return sorted(filter(_is_secret, secrets.values.values()), key=len, reverse=True)


def _is_secret(value: str) -> bool:
    return len(value) >= _SECRET_LENGTH and not _VARIABLE.fullmatch(value) and not is_public(value)


def _unreadable(error: OSError | UnicodeDecodeError) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        return Problem("", "is not UTF-8 text")
    return Problem("", f"cannot be read: {error.strerror}")
