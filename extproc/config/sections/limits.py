"""Rate limits as Dragoman words them: the list ``dragoman.limits``. ``ratelimits`` settles it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from extproc.config.fields import Entry, HeaderName, Name
from extproc.contract import CLIENT
from extproc.core.key_names import names_a_key
from extproc.core.models import WILDCARD, Model
from extproc.core.names import Directory
from extproc.core.problems import Problem, nearest, place
from extproc.core.rate_limits import API_KEY, Counted, Per, RateLimit
from extproc.core.windows import Window

__all__ = ["NEEDS_COUNTERS", "Amount", "LimitEntry", "limits_problems", "matched", "rate_limit"]

_END: Final = f"/{WILDCARD}"
_AMOUNTS: Final = tuple(Counted)
NEEDS_COUNTERS: Final = (
    "needs a place where it is counted: write dragoman.counters. Without it Envoy counts by "
    "itself, and only requests, those of everybody together"
)


def _who(header: str) -> str:
    if header != API_KEY and names_a_key(header):
        raise ValueError(f"usually carries a key: write {API_KEY}, which counts by its hash")
    return header


Amount = Annotated[int, Field(ge=1, le=10**15)]


class LimitEntry(Entry):
    """An item of ``dragoman.limits``."""

    takes_variables: ClassVar = True

    name: Name
    requests: Amount | None = None
    input_tokens: Amount | None = None
    output_tokens: Amount | None = None
    total_tokens: Amount | None = None
    per: Literal["minute", "hour", "day", "month"]
    models: list[Name] | None = Field(default=None, min_length=1)
    providers: list[Name] | None = Field(default=None, min_length=1)
    routes: list[Name] | None = Field(default=None, min_length=1)
    by: Annotated[HeaderName, AfterValidator(_who)] | None = None

    @property
    def amounts(self) -> dict[Counted, int]:
        """What it limits, and to how many."""
        told = {counted: getattr(self, counted) for counted in _AMOUNTS}
        return {counted: amount for counted, amount in told.items() if amount is not None}

    @property
    def needs_counters(self) -> bool:
        """Whether Envoy cannot count it by itself."""
        return self.by is not None or set(self.amounts) != {Counted.REQUESTS}


def limits_problems(
    entries: Sequence[LimitEntry],
    known: Directory,
    providers: Iterable[str],
    routes: Iterable[str],
    *,
    complete: bool,
    counted: bool,
) -> Iterator[Problem]:
    """What is wrong with the list beyond its entries' own fields.

    Args:
        entries: the list.
        known: finds models by their names.
        providers: the names of those that are declared.
        routes: the names of those that are configured.
        complete: whether all declared models are known.
        counted: whether there are counters.
    """
    there = {"providers": tuple(dict.fromkeys(providers)), "routes": tuple(routes)}
    names = Counter(entry.name for entry in entries)
    for index, entry in enumerate(entries):
        path = place("dragoman", "limits", index)
        if names[entry.name] > 1:
            yield Problem(f"{path}.name", f"'{entry.name}' is the name of several limits")
        if len(entry.amounts) != 1:
            yield Problem(path, f"must say one of {', '.join(_AMOUNTS)}")
        elif entry.needs_counters and not counted:
            yield Problem(path, NEEDS_COUNTERS)
        for position, reference in enumerate(entry.models or ()):
            if complete and not matched(reference, known):
                message = f"'{reference}' is not declared in model_providers"
                yield Problem(f"{path}.{place('models', position)}", message)
        for key, names_there in there.items():
            if key == "providers" and not complete:
                continue
            for position, name in enumerate(getattr(entry, key) or ()):
                if name not in names_there:
                    yield _unknown(f"{path}.{place(key, position)}", name, names_there)


def _unknown(path: str, name: str, known: Sequence[str]) -> Problem:
    near = nearest(name, known)
    hint = f"; did you mean '{near}'?" if near else ""
    return Problem(path, f"there is no '{name}'{hint}")


def matched(reference: str, known: Directory) -> tuple[str, ...]:
    """The models that a reference limits, as :class:`RateLimit` has them; none if there are none.

    A name that fits several models limits all of them together, ``openai/*`` those whose names
    begin so, and ``*`` all.
    """
    if not reference.endswith(WILDCARD):
        return known.find(reference)
    beginning = reference.removesuffix(WILDCARD)
    entries = (listed.removesuffix(WILDCARD) for listed in known.available)
    covered = any(entry.startswith(beginning) or beginning.startswith(entry) for entry in entries)
    return (reference,) if covered else ()


def rate_limit(
    entry: LimitEntry, models: Sequence[Model], known: Directory, *, counted: bool
) -> RateLimit:
    """What an entry means.

    Args:
        entry: an entry without problems.
        models: the declared ones.
        known: finds them by their names.
        counted: whether there are counters; else Envoy counts by itself.
    """
    ((counts, most),) = entry.amounts.items()
    named = [name for reference in entry.models or () for name in matched(reference, known)]
    named += [_all_of(model) for model in models if model.provider in (entry.providers or ())]
    return RateLimit(
        name=entry.name,
        counts=counts,
        most=most,
        window=Window(entry.per),
        models=tuple(dict.fromkeys(named)),
        routes=tuple(dict.fromkeys(entry.routes or ())),
        per=None if entry.by is None else Per(CLIENT if entry.by == API_KEY else entry.by.lower()),
        is_local=not counted,
    )


def _all_of(model: Model) -> str:
    return f"{model.name.removesuffix(_END)}{_END}" if model.is_wildcard else model.name
