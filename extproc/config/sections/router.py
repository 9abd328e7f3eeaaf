"""How a file names the model that finds out what requests are about, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from extproc.config.reading import Sections
from extproc.config.references import Directory
from extproc.core.problems import place

__all__ = ["URL_PATH", "RouterReference", "router_reference"]

URL_PATH: Final = place("dragoman", "router_url")


@dataclass(frozen=True, slots=True)
class RouterReference:
    """A name for the intent router, and its place in the file.

    ``binding`` is false where Plano passes the name over: there, leading nowhere is no mistake.
    """

    path: str
    name: str
    binding: bool


def router_reference(sections: Sections, known: Directory) -> RouterReference | None:
    """The name that counts: that of ``overrides``, else that of ``routing``; None without any.

    In ``routing`` it is ``llm_provider`` and ``model`` together where a provider's wildcard covers
    that, else the first of the two that is declared. The model at ``dragoman.router_url`` is called
    what ``model`` says: what is declared under ``llm_provider`` is somewhere else.
    """
    overrides, routing = sections.overrides, sections.routing
    for key in ("llm_routing_model", "router_model"):
        if (name := getattr(overrides, key)) is not None:
            return RouterReference(place("overrides", key), name, binding=True)
    provider, model = routing.llm_provider, routing.model
    named = {"model": model} if sections.extension.router_url else {}
    if not named:
        both = f"{provider}/{model}" if provider and model else None
        named = {"model": both} if both and known.find(both) else {}
    if not named:
        named = {"llm_provider": provider, "model": model}
    given = [(key, name) for key, name in named.items() if name is not None]
    declared = [(key, name) for key, name in given if known.find(name)]
    for key, name in (*declared, *reversed(given)):
        return RouterReference(place("routing", key), name, binding=False)
    return None
