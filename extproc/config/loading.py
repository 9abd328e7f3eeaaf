"""Load a configuration: everything that it means, or everything that is wrong with it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, Final

from extproc.config.demand import ALL, NONE, OF_ROUTER, Demand
from extproc.config.environment import surroundings
from extproc.config.migration import migrate
from extproc.config.reading import Reader, given
from extproc.config.references import directory as directory_of_models
from extproc.config.root import read_sections
from extproc.config.secrets.collector import SecretCollector
from extproc.config.secrets.sensitive import sensitive
from extproc.config.section import File, Section
from extproc.config.sections.providers import Providers
from extproc.config.sections.sessions import Routing
from extproc.config.sections.settings import Extension
from extproc.config.sections.sources import Sources
from extproc.config.sections.table import SECTIONS
from extproc.config.variable_defaults import with_defaults
from extproc.core.config import Config, Secrets
from extproc.core.problems import ConfigError, Problem, masked, told_once
from extproc.document import read_document

__all__ = [
    "Examined",
    "Loaded",
    "examine",
    "ledger_of",
    "load",
    "load_to_classify",
    "parse",
]

# Secrets that are written out are numbered as they are looked up, and a bootstrap that was rendered
# earlier names them by their numbers: it must not come to mean other ones.
_LOOKED_UP_FIRST: Final = (Providers, Sources, Routing)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid configuration, its secrets, and one line for each thing to mend."""

    config: Config
    secrets: Secrets
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examined:
    """A valid file, section by section, and what it means. Its repr shows no secret of the file."""

    file: File = field(repr=False)
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
    text, variables = _contents(path, environ)
    return _examine(text, variables, str(path), path.parent)


def load_to_classify(
    path: Path, environ: Mapping[str, str] | None = None, *, asks_router: bool
) -> Loaded:
    """Read the configuration at ``path`` for who classifies and calls no provider.

    Of the variables that hold secrets, those alone have to be set that it takes to ask the router
    model; the others are named in the configuration, and their values are not in its secrets.

    Args:
        path: as for ``load``.
        environ: as for ``load``.
        asks_router: whether the router model is asked, if the file has one.

    Raises:
        ConfigError: as ``load`` does.
    """
    text, variables = _contents(path, environ)
    demand = OF_ROUTER if asks_router else NONE
    return _examine(text, variables, str(path), path.parent, demand).loaded


def ledger_of(path: Path, environ: Mapping[str, str] | None = None) -> Path | None:
    """Where the configuration at ``path`` keeps its ledger; None if it keeps none.

    Nothing else of it is looked at: whoever reads the ledger may have none of the keys.

    Arguments and errors are those of ``load``.
    """
    text, variables = _contents(path, environ)
    with _not_too_deep(str(path)):
        root, problems = _root(text, str(path), variables)
    reader = Reader(variables)
    extension = reader.mapping(given(root), "dragoman")
    wanted = {key: value for key, value in extension.items() if key == "ledger"}
    entry = reader.entry(Extension, wanted, "dragoman")
    problems += reader.problems
    if entry is None or problems:
        raise _error(str(path), problems)
    return entry.ledger_in(path.parent)


def _contents(path: Path, environ: Mapping[str, str] | None) -> tuple[str, Mapping[str, str]]:
    """The text of a configuration, and the variables that it may name."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [_unreadable(error)]) from None
    try:
        variables = surroundings(path, os.environ if environ is None else environ)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(path.parent / ".env"), [_unreadable(error)]) from None
    return text, variables


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


def _examine(
    text: str,
    environ: Mapping[str, str],
    source: str,
    directory: Path,
    demand: Demand = ALL,
) -> Examined:
    with _not_too_deep(source):
        return _read(text, environ, source, directory, demand)


@contextlib.contextmanager
def _not_too_deep(source: str) -> Iterator[None]:
    try:
        yield
    except RecursionError:
        raise ConfigError(source, [Problem("", "is nested too deeply")]) from None


def _root(
    text: str, source: str, environ: Mapping[str, str]
) -> tuple[dict[Any, Any], list[Problem]]:
    """What a file holds, defaults of variables settled, and what is wrong with it as a document."""
    tree, problems = read_document(text)
    if not isinstance(tree, dict):
        if tree is not None:
            problems.append(Problem("", "must be a mapping of keys to values"))
        raise _error(source, problems or [Problem("", "is empty")])
    return with_defaults(tree, environ), problems


def _read(
    text: str, environ: Mapping[str, str], source: str, directory: Path, demand: Demand
) -> Examined:
    tree, problems = _root(text, source, environ)
    migrated = migrate(tree)
    root = given(migrated.tree)
    reader = Reader(environ)
    sections = read_sections(root, reader)
    secrets = SecretCollector(environ)
    file = File(root, sections, directory_of_models(sections), directory, secrets)
    for section in sorted(SECTIONS, key=_turn):
        section.look_up(file)
    hidden = sensitive(Secrets(secrets.values))
    problems += [
        *reader.problems,
        *migrated.problems,
        *chain.from_iterable(section.problems(file) for section in SECTIONS),
        *secrets.problems,
        *demand.of(file, [*reader.lacking, *secrets.lacking]),
    ]
    if problems:
        raise _error(source, problems, hidden)
    warnings = [
        *migrated.warnings,
        *reader.warnings,
        *secrets.warnings,
        *chain.from_iterable(section.advice(file) for section in SECTIONS),
    ]
    told = tuple(f"{source}: {masked(warning, hidden)}" for warning in told_once(warnings))
    return Examined(file, Loaded(_built(file), Secrets(secrets.values), told))


def _turn(section: Section[Any]) -> int:
    """When a section looks its secrets up."""
    kinds = _LOOKED_UP_FIRST
    return kinds.index(section.kind) if section.kind in kinds else len(kinds)


def _built(file: File) -> Config:
    config = Config(models=())
    for section in SECTIONS:
        config = section.build(config, file)
    return config


def _error(source: str, problems: Iterable[Problem], hidden: Sequence[str] = ()) -> ConfigError:
    return ConfigError(source, [masked(problem, hidden) for problem in told_once(problems)])


def _unreadable(error: OSError | UnicodeDecodeError) -> Problem:
    if isinstance(error, UnicodeDecodeError):
        return Problem("", "is not UTF-8 text")
    return Problem("", f"cannot be read: {error.strerror}")
