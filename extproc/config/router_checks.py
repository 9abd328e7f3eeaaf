"""What the settings of the intent router must mean to the rest of the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

# The module, not its names: it imports extproc.core.config, and may be the first to be imported.
from extproc import providers
from extproc.config.reading import Sections
from extproc.config.references import Directory, ambiguous, is_hosted
from extproc.config.sections.router import URL_PATH, RouterReference, router_reference
from extproc.core.models import Dialect
from extproc.core.problems import Problem, place

__all__ = ["advice", "problems"]

_NO_ROUTE: Final = "other"


def problems(sections: Sections, known: Directory) -> Iterator[Problem]:
    """What is wrong with the name or the address of the intent router."""
    extension = sections.extension
    router = router_reference(sections, known)
    found = known.find(router.name) if router else ()
    if extension.router_url is not None:
        try:
            providers.BaseUrl.parse(extension.router_url)
        except providers.BaseUrlError:
            message = (
                "must be a URL such as http://localhost:8000/v1, without credentials (a key "
                "belongs in router_access_key), query or fragment"
            )
            yield Problem(URL_PATH, message)
        if router and found:
            message = (
                f"'{router.name}' ({router.path}) is declared in model_providers and has an "
                "address of its own; remove one of the two"
            )
            yield Problem(URL_PATH, message)
    else:
        if extension.router_access_key is not None:
            message = "is for router_url; a declared model has its key in model_providers"
            yield Problem(place("dragoman", "router_access_key"), message)
        if router:
            yield from _declared(router, found, sections, known)


def _declared(
    router: RouterReference, found: tuple[str, ...], sections: Sections, known: Directory
) -> Iterator[Problem]:
    name = router.name
    if len(found) > 1:
        yield ambiguous(router.path, name, found)
    elif found and Dialect.CHAT not in _spoken(sections, known.entry(found[0])):
        message = f"'{name}' cannot be asked: its provider does not speak chat"
        yield Problem(router.path, message)
    elif (
        router.binding
        and sections.complete
        and not (found or is_hosted(name) or name in sections.aliases)
    ):
        yield Problem(router.path, f"'{name}' is not declared in model_providers")


def advice(sections: Sections, known: Directory) -> Iterator[Problem]:
    """What loads but was hardly meant."""
    extension = sections.extension
    router = router_reference(sections, known)
    asked = extension.router_url is not None or bool(router and known.find(router.name))
    if router and not asked:
        yield Problem(router.path, _not_asked(router))
    if extension.router_prompt is not None and not asked:
        yield Problem(place("dragoman", "router_prompt"), "has no effect: no router model is asked")
    for index, route in sections.routes.items() if asked else ():
        if route.name == _NO_ROUTE:
            message = (
                f"'{_NO_ROUTE}' is what a router model answers where nothing fits: it never leads "
                "to this route; call it something else"
            )
            yield Problem(place("routing_preferences", index, "name"), message)


def _not_asked(router: RouterReference) -> str:
    if is_hosted(router.name):
        return (
            f"'{router.name}' as Plano hosts it is not asked; the classifier in the box serves "
            "instead. To use your own, declare it in model_providers with its base_url, or name "
            "its address in dragoman.router_url"
        )
    return (
        f"'{router.name}' is not declared in model_providers; the classifier in the box serves "
        "instead"
    )


def _spoken(sections: Sections, name: str) -> Collection[Dialect]:
    """The dialects of an entry's provider; all of them where that is not known."""
    for entry in sections.providers.values():
        if entry.known_as == name:
            provider = providers.spoken_to(entry.model.partition("/")[0], entry.provider_interface)
            return provider.paths if provider else tuple(Dialect)
    return tuple(Dialect)
