"""What ``shadow`` says of a route: which model gets a copy of its requests, and of how many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extproc.config.fields import Entry, Name, Percentage
from extproc.config.references import Directory, ambiguous
from extproc.config.sections.provider_entries import ProviderEntry
from extproc.core.problems import Problem, place
from extproc.core.routes import Shadow

__all__ = ["Shadowing", "shadow_of", "shadow_problems"]


class Shadowing(Entry):
    """A model that is sent a copy of requests, and whose answers nobody gets."""

    model: Name
    percent: Percentage


def shadow_of(shadowing: Shadowing, known: Directory) -> Shadow | None:
    """What a valid entry means, None if nothing is copied.

    Args:
        shadowing: the entry.
        known: the declared models.
    """
    if not shadowing.percent:
        return None
    return Shadow(known.find(shadowing.model)[0], shadowing.percent)


def shadow_problems(
    shadowing: Shadowing, known: Directory, providers: Iterable[ProviderEntry], *path: str | int
) -> Iterator[Problem]:
    """A model that is not declared, or that would get a key which its client did not mean for it.

    Args:
        shadowing: the entry.
        known: the declared models.
        providers: their entries.
        path: where the entry stands.
    """
    at = place(*path, "model")
    found = known.find(shadowing.model)
    if len(found) > 1:
        yield ambiguous(at, shadowing.model, found)
    elif not found:
        yield Problem(at, f"'{shadowing.model}' is not declared in model_providers")
    else:
        entry = known.entry(found[0])
        if any(each.known_as == entry and each.passthrough_auth for each in providers):
            yield Problem(
                at,
                f"'{shadowing.model}' takes the key of the client (passthrough_auth), who has not "
                "asked for it: give its entry an access_key",
            )
