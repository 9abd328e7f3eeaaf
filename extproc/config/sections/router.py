"""The intent router: the model that finds out what requests are about, and where it stands.

It has no section of its own: ``overrides``, ``routing`` and ``dragoman`` each may name it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from extproc import providers
from extproc.config.reading import Reader
from extproc.config.references import ambiguous, is_hosted
from extproc.config.section import File, Section
from extproc.config.sections import routes
from extproc.config.sections.providers import Providers
from extproc.config.sections.routes import Routes
from extproc.config.sections.sessions import Routing
from extproc.config.sections.settings import Extension, Overrides
from extproc.core.config import Config, IntentSettings, RouterPrompt
from extproc.core.models import Dialect, Model
from extproc.core.problems import Problem, place

__all__ = ["SECTION", "Router", "places_of_secrets"]

_URL: Final = place("dragoman", "router_url")
_ACCESS_KEY: Final = place("dragoman", "router_access_key")
_ENDPOINT: Final = "/chat/completions"
# What the weights are called where nobody says: Plano's default, unless asked as Arch-Router.
_PLANO: Final = "plano-orchestrator"
_NAMES: Final = {"arch-router": "Arch-Router", _PLANO: "Plano-Orchestrator"}
_NO_ROUTE: Final = "other"


class Router:
    """What is read of the router: nothing, for other sections hold it."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """A name for the intent router, and its place in the file.

    ``binding`` is false where Plano passes the name over: there, leading nowhere is no mistake.
    """

    path: str
    name: str
    binding: bool


def _reference(file: File) -> _Reference | None:
    """The name that counts: that of ``overrides``, else that of ``routing``; None without any.

    In ``routing`` it is ``llm_provider`` and ``model`` together where a provider's wildcard covers
    that, else the first of the two that is declared. The model at ``dragoman.router_url`` is called
    what ``model`` says: what is declared under ``llm_provider`` is somewhere else.
    """
    overrides, routing = file.sections[Overrides], file.sections[Routing]
    for key in ("llm_routing_model", "router_model"):
        if (name := getattr(overrides, key)) is not None:
            return _Reference(place("overrides", key), name, binding=True)
    provider, model = routing.llm_provider, routing.model
    named = {"model": model} if file.sections[Extension].router_url else {}
    if not named:
        both = f"{provider}/{model}" if provider and model else None
        named = {"model": both} if both and file.known.find(both) else {}
    if not named:
        named = {"llm_provider": provider, "model": model}
    given = [(key, name) for key, name in named.items() if name is not None]
    declared = [(key, name) for key, name in given if file.known.find(name)]
    for key, name in (*declared, *reversed(given)):
        return _Reference(place("routing", key), name, binding=False)
    return None


def _look_up(file: File) -> None:
    key = file.sections[Extension].router_access_key
    if key is not None:
        file.secrets.look_up(key, _ACCESS_KEY)


def places_of_secrets(file: File) -> tuple[str, ...]:
    """The places in a file below which all secrets are that it takes to ask its router model."""
    if file.sections[Extension].router_url is not None:
        return (_ACCESS_KEY,)
    reference = _reference(file)
    declared = (
        {file.known.entry(name) for name in file.known.find(reference.name)} if reference else ()
    )
    section = file.sections[Providers]
    return tuple(
        place(section.key, index)
        for index, entry in section.entries.items()
        if entry.known_as in declared
    )


def _problems(file: File) -> Iterator[Problem]:
    extension = file.sections[Extension]
    router = _reference(file)
    if extension.router_url is not None:
        yield from _address(extension.router_url, router, file)
        return
    if extension.router_access_key is not None:
        message = "is for router_url; a declared model has its key in model_providers"
        yield Problem(_ACCESS_KEY, message)
    if router:
        yield from _declared(router, file)


def _address(url: str, router: _Reference | None, file: File) -> Iterator[Problem]:
    try:
        providers.BaseUrl.parse(url)
    except providers.BaseUrlError:
        message = (
            "must be a URL such as http://localhost:8000/v1, without credentials (a key "
            "belongs in router_access_key), query or fragment"
        )
        yield Problem(_URL, message)
    if router and file.known.find(router.name):
        message = (
            f"'{router.name}' ({router.path}) is declared in model_providers and has an "
            "address of its own; remove one of the two"
        )
        yield Problem(_URL, message)


def _declared(router: _Reference, file: File) -> Iterator[Problem]:
    name = router.name
    found = file.known.find(name)
    if len(found) > 1:
        yield ambiguous(router.path, name, found)
    elif found and Dialect.CHAT not in _spoken(file.known.entry(found[0]), file):
        message = f"'{name}' cannot be asked: its provider does not speak chat"
        yield Problem(router.path, message)
    elif (
        router.binding
        and file.sections.complete
        and not (found or is_hosted(name) or name in file.sections.aliases)
    ):
        yield Problem(router.path, f"'{name}' is not declared in model_providers")


def _spoken(name: str, file: File) -> Collection[Dialect]:
    """The dialects of an entry's provider; all of them where that is not known."""
    for entry in file.sections[Providers].entries.values():
        if entry.known_as == name:
            provider = providers.spoken_to(entry.model.partition("/")[0], entry.provider_interface)
            return provider.paths if provider else tuple(Dialect)
    return tuple(Dialect)


def _advice(file: File) -> Iterator[Problem]:
    extension = file.sections[Extension]
    router = _reference(file)
    asked = extension.router_url is not None or bool(router and file.known.find(router.name))
    if router and not asked:
        yield Problem(router.path, _not_asked(router))
    if extension.router_prompt is not None and not asked:
        yield Problem(place("dragoman", "router_prompt"), "has no effect: no router model is asked")
    for index, route in file.sections[Routes].entries.items() if asked else ():
        if route.name == _NO_ROUTE:
            message = (
                f"'{_NO_ROUTE}' is what a router model answers where nothing fits: it never leads "
                "to this route; call it something else"
            )
            yield Problem(place(routes.KEY, index, "name"), message)


def _not_asked(router: _Reference) -> str:
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


def _build(config: Config, file: File) -> Config:
    extension = file.sections[Extension]
    prompt = extension.router_prompt
    intent = IntentSettings(
        router=_at_url(file) or _among(config.models, file),
        timeout=extension.intent_timeout,
        prompt=RouterPrompt(prompt) if prompt else None,
        context_length=file.sections[Overrides].orchestrator_model_context_length,
        concurrency=extension.intent_concurrency,
        cache_entries=extension.intent_cache_entries,
        cache_ttl=extension.intent_cache_ttl,
        threshold=extension.threshold,
        embedded_timeout=extension.embedded_timeout,
        embedded_texts=extension.embedded_texts,
    )
    return replace(config, intent=intent)


def _at_url(file: File) -> Model | None:
    extension = file.sections[Extension]
    if extension.router_url is None:
        return None
    reference = _reference(file)
    name = reference.name if reference else _NAMES[extension.router_prompt or _PLANO]
    provider = providers.KNOWN["openai"]
    base_url = extension.router_url.rstrip("/").removesuffix(_ENDPOINT)
    settled = providers.settle(provider, base_url=base_url)
    key_variable = file.secrets.variables.get(_ACCESS_KEY)
    return Model(
        name=name,
        provider=provider.name,
        # As it stands: servers call weights katanemo/Arch-Router-1.5B, slash and all.
        model_id=name,
        endpoint=settled.endpoint,
        paths={Dialect.CHAT: settled.paths[Dialect.CHAT]},
        credential=provider.credential(key_variable) if key_variable else None,
    )


def _among(models: Sequence[Model], file: File) -> Model | None:
    reference = _reference(file)
    found = file.known.find(reference.name) if reference else ()
    if not found:
        return None
    name, entry = found[0], file.known.entry(found[0])
    model = next(model for model in models if model.name == entry)
    covered = file.known.wildcards.named(name) if model.is_wildcard else None
    return model if covered is None else model.standing_for(name, covered.model_id)


def _read(_: Mapping[Any, Any], __: Reader) -> Router:
    return Router()


SECTION: Final = Section(
    kind=Router,
    read=_read,
    look_up=_look_up,
    problems=_problems,
    advice=_advice,
    build=_build,
)
