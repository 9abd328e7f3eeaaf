"""Rate limits: the section ``ratelimits``, which is Plano's, and the list ``dragoman.limits``.

Plano's limit a number of tokens that go into a model, for each value of a header.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from extproc.config.fields import Entry, HeaderName, Name
from extproc.config.guards import STILL_IGNORED, still_ignored
from extproc.config.reading import Reader
from extproc.config.section import File, Section, list_of, ref
from extproc.config.sections.limits import (
    NEEDS_COUNTERS,
    Amount,
    limits_problems,
    matched,
    rate_limit,
)
from extproc.config.sections.providers import Providers
from extproc.config.sections.routes import Routes
from extproc.config.sections.settings import Extension
from extproc.config.writing import written_items
from extproc.core.config import Config
from extproc.core.names import Directory
from extproc.core.problems import Problem, place
from extproc.core.rate_limits import Counted, Per, RateLimit
from extproc.core.windows import Window

__all__ = ["SECTION", "RateLimits"]

_KEY: Final = "ratelimits"
_SECOND: Final = "second"
_EACH: Final = "*"
_SECONDS: Final = 60
"""What is written for a second is kept over a minute: a long prompt would never fit into one."""


class Selector(Entry):
    """Whose requests: those with this header, or only with this value of it."""

    key: HeaderName
    value: Name | None = None

    @property
    def only_value(self) -> str | None:
        """The value that is limited; None: each has a limit of its own."""
        return None if self.value == _EACH else self.value


class TokenLimit(Entry):
    """How many tokens in which time."""

    tokens: Amount
    unit: Literal["second", "minute", "hour", "day"]


class RateLimitEntry(Entry):
    """An item of ``ratelimits``."""

    model: Name
    selector: Selector
    limit: TokenLimit


@dataclass(frozen=True, slots=True)
class RateLimits:
    """The items that are valid, by their positions in the list."""

    entries: Mapping[int, RateLimitEntry]


def _read(root: Mapping[Any, Any], reader: Reader) -> RateLimits:
    if still_ignored(root, _KEY):
        return RateLimits({})
    return RateLimits(reader.items(RateLimitEntry, root.get(_KEY), _KEY))


def _problems(file: File) -> Iterator[Problem]:
    extension = file.sections[Extension]
    counted = extension.counters is not None
    declared = file.sections[Providers].entries.values()
    yield from limits_problems(
        extension.limits,
        file.known,
        [entry.model.partition("/")[0] for entry in declared],
        [route.name for route in file.sections[Routes].entries.values()],
        complete=file.sections.complete,
        counted=counted,
    )
    for index, entry in file.sections[RateLimits].entries.items():
        if not counted:
            yield Problem(place(_KEY, index), NEEDS_COUNTERS)
        if file.sections.complete and not matched(entry.model, file.known):
            message = f"'{entry.model}' is not declared in model_providers"
            yield Problem(place(_KEY, index, "model"), message)


def _advice(file: File) -> Iterator[Problem]:
    if still_ignored(file.root, _KEY):
        yield Problem(_KEY, STILL_IGNORED)


def _write(file: File) -> Mapping[str, Any]:
    entries = file.sections[RateLimits].entries
    return {_KEY: written_items(entries, file.root[_KEY])} if entries else {}


def _build(config: Config, file: File) -> Config:
    extension, entries = file.sections[Extension], file.sections[RateLimits].entries
    counted = extension.counters is not None
    limits = (
        *(
            rate_limit(each, config.models, file.known, counted=counted)
            for each in extension.limits
        ),
        *(_limit(index, entry, file.known) for index, entry in entries.items()),
    )
    return replace(config, rate_limits=limits)


def _limit(index: int, entry: RateLimitEntry, known: Directory) -> RateLimit:
    by_second = entry.limit.unit == _SECOND
    return RateLimit(
        name=place(_KEY, index),
        counts=Counted.INPUT_TOKENS,
        most=entry.limit.tokens * (_SECONDS if by_second else 1),
        window=Window.MINUTE if by_second else Window(entry.limit.unit),
        models=matched(entry.model, known),
        per=Per(entry.selector.key.lower(), entry.selector.only_value, absent_too=False),
    )


SECTION: Final = Section(
    kind=RateLimits,
    read=_read,
    schema={_KEY: list_of(ref(RateLimitEntry))},
    entries={
        "`ratelimits[]`": RateLimitEntry,
        "`ratelimits[].selector`": Selector,
        "`ratelimits[].limit`": TokenLimit,
    },
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
