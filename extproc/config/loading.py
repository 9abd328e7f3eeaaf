"""Load a configuration: everything that it means, or everything that is wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final

from extproc.config import references
from extproc.config.environment import surroundings
from extproc.config.explanations import unknown_key
from extproc.config.fields import UNUSED_ROOT_KEYS
from extproc.config.migration import migrate
from extproc.config.reading import Reader, Sections, given
from extproc.config.secrets.collector import SecretCollector
from extproc.config.section import File
from extproc.config.sections.aliases import Aliases
from extproc.config.sections.providers import Providers
from extproc.config.sections.table import SECTIONS
from extproc.core.config import Config, Secrets
from extproc.core.problems import ConfigError, Problem, masked, place
from extproc.core.redis_url import is_public
from extproc.document import read_document

__all__ = ["Examined", "Loaded", "examine", "load", "parse", "sensitive"]

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


@dataclass(frozen=True, slots=True)
class Examined:
    """A valid file, section by section, and what it means."""

    file: File
    loaded: Loaded


def load(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read the configuration at ``path``.

    Args:
        path: a YAML file; variables may also come from a ``.env`` beside it.
        environ: the environment, which goes before ``.env``; the process's own unless given.

    Raises:
        ConfigError: with every problem that was found.
    """
    return examine(path, environ).loaded


def examine(path: Path, environ: Mapping[str, str] | None = None) -> Examined:
    """Read the configuration at ``path``, and keep its sections for who wants to show them.

    Arguments and errors are those of ``load``.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [_unreadable(error)]) from None
    try:
        variables = surroundings(path, os.environ if environ is None else environ)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path.parent / ".env"), [_unreadable(error)]) from None
    return _examine(text, variables, str(path), path.parent)


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
    return _examine(text, environ, source, directory).loaded


def _examine(text: str, environ: Mapping[str, str], source: str, directory: Path) -> Examined:
    try:
        tree, problems = read_document(text)
        if tree is None and problems:
            raise _error(source, problems)
        return _checked(tree, problems, environ, source, directory)
    except RecursionError:
        raise ConfigError(source, [Problem("", "is nested too deeply")]) from None


def _checked(
    tree: Any,
    problems: Sequence[Problem],
    environ: Mapping[str, str],
    source: str,
    directory: Path,
) -> Examined:
    migrated = migrate(tree)
    if not isinstance(migrated.tree, dict):
        message = "is empty" if tree is None else "must be a mapping of keys to values"
        raise _error(source, [*problems, Problem("", message)])
    reader = Reader(environ)
    file = _read(migrated.tree, reader, directory, SecretCollector(environ))
    for section in SECTIONS:
        section.look_up(file)
    hidden = sensitive(Secrets(file.secrets.values))
    problems = [
        *problems,
        *reader.problems,
        *migrated.problems,
        *chain.from_iterable(section.problems(file) for section in SECTIONS),
        *file.secrets.problems,
    ]
    if problems:
        raise _error(source, problems, hidden)
    warnings = [
        *migrated.warnings,
        *reader.warnings,
        *file.secrets.warnings,
        *chain.from_iterable(section.advice(file) for section in SECTIONS),
    ]
    config = Config(models=())
    for section in SECTIONS:
        config = section.build(config, file)
    told = tuple(f"{source}: {masked(warning, hidden)}" for warning in warnings)
    return Examined(file, Loaded(config, Secrets(file.secrets.values), told))


def _read(
    tree: Mapping[Any, Any], reader: Reader, directory: Path, secrets: SecretCollector
) -> File:
    root = given(tree)
    _root_keys(root, reader)
    read = {section.kind: section.read(root, reader) for section in SECTIONS}
    providers: Providers = read[Providers]
    aliases: Aliases = read[Aliases]
    sections = Sections(
        read,
        declared=providers.declared,
        aliases=aliases.entries,
        complete=providers.complete and aliases.complete,
    )
    return File(root, sections, references.directory(sections), directory, secrets)


def _root_keys(root: Mapping[Any, Any], reader: Reader) -> None:
    known = [key for section in SECTIONS for key in section.schema]
    for key in root:
        if key in UNUSED_ROOT_KEYS:
            reader.warnings.append(Problem(place(key), UNUSED_ROOT_KEYS[key]))
        elif key not in known:
            reader.problems.append(unknown_key((str(key),), [*known, *UNUSED_ROOT_KEYS]))


def _error(source: str, problems: Iterable[Problem], hidden: Sequence[str] = ()) -> ConfigError:
    return ConfigError(source, [masked(problem, hidden) for problem in problems])


def sensitive(secrets: Secrets) -> list[str]:
    """The values that no output may hold, the longest first."""
    return sorted(filter(_is_secret, secrets.values.values()), key=len, reverse=True)


def _is_secret(value: str) -> bool:
    return len(value) >= _SECRET_LENGTH and not _VARIABLE.fullmatch(value) and not is_public(value)


def _unreadable(error: OSError | UnicodeDecodeError) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        return Problem("", "is not UTF-8 text")
    return Problem("", f"cannot be read: {error.strerror}")
