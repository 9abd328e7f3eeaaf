"""What the sections of a file must mean to each other.

Each check yields what it finds. Where Plano documents a message, that message is used word for
word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain

from extproc.config import metrics_checks, router_checks
from extproc.config.fields import VERSION_WITH_ROUTING
from extproc.config.reading import Sections
from extproc.config.references import Directory, ambiguous, directory
from extproc.config.secrets.headers import names_a_key
from extproc.config.sections import providers as provider_checks
from extproc.config.sections import sessions
from extproc.core.problems import Problem, place
from extproc.core.wildcards import listed_as

__all__ = ["advice", "problems"]


def problems(sections: Sections) -> list[Problem]:
    """Everything that is wrong between sections, or within one beyond its schema."""
    known = directory(sections)
    checks: tuple[Callable[[Sections, Directory], Iterator[Problem]], ...] = (
        _version,
        _listeners,
        _provider_list,
        _provider_entries,
        _wildcards,
        _aliases,
        _routes,
        router_checks.problems,
    )
    found = chain.from_iterable(check(sections, known) for check in checks)
    return [*found, *metrics_checks.problems(sections)]


def advice(sections: Sections) -> list[Problem]:
    """What loads but was hardly meant."""
    known = directory(sections)
    return [
        *_repeated_models(sections, known),
        *_provider_advice(sections),
        *_client_keys(sections, known),
        *_keys_in_headers(sections),
        *_no_time_for_another(sections),
        *router_checks.advice(sections, known),
        *metrics_checks.advice(sections, known),
        *sessions.advice(sections.routing),
    ]


def _version(sections: Sections, _: Directory) -> Iterator[Problem]:
    if sections.routes and sections.version not in (None, VERSION_WITH_ROUTING):
        yield Problem(
            "routing_preferences",
            "top-level routing_preferences requires version v0.4.0 or above. "
            "Update the version field or remove routing_preferences.",
        )


def _listeners(sections: Sections, _: Directory) -> Iterator[Problem]:
    if len(sections.listeners) > 1:
        yield Problem("listeners", "Currently only one listener can have model_providers set")


def _provider_list(sections: Sections, _: Directory) -> Iterator[Problem]:
    if not sections.declared and sections.complete:
        message = (
            "model_providers cannot be empty when using legacy format"
            if sections.has_legacy_listeners
            else "There must be at least one LLM Provider"
        )
        yield Problem(sections.providers_key, message)
    if sum(entry.default for entry in sections.providers.values()) > 1:
        yield Problem(sections.providers_key, "There must be at most one default LLM Provider")
    for name, count in Counter(name for name, _ in sections.declared).items():
        if count > 1:
            yield Problem(
                sections.providers_key,
                f"Duplicate model_provider name {name}, "
                "please provide unique name for each model_provider",
            )


def _provider_entries(sections: Sections, _: Directory) -> Iterator[Problem]:
    for index, entry in sections.providers.items():
        yield from provider_checks.problems(entry, place(sections.providers_key, index))


def _wildcards(sections: Sections, known: Directory) -> Iterator[Problem]:
    prefixes = Counter(map(listed_as, known.wildcards.declared))
    for prefix, count in prefixes.items():
        if count > 1:
            message = f"{count} wildcards would serve {prefix}; give each a name of its own"
            yield Problem(sections.providers_key, message)


def _aliases(sections: Sections, known: Directory) -> Iterator[Problem]:
    for alias, entry in sections.aliases.items():
        path = place("model_aliases", alias, "target")
        # An alias leads to a model, never to another alias.
        found = known.without_aliases().find(entry.target)
        if len(found) > 1:
            yield ambiguous(path, entry.target, found)
        elif not found and sections.complete:
            yield Problem(
                path,
                f"Model alias 2 - '{alias}' targets '{entry.target}' which is not defined as a "
                f"model. Available models: {', '.join(sorted(known.available))}",
            )


def _routes(sections: Sections, known: Directory) -> Iterator[Problem]:
    for name, count in Counter(route.name for route in sections.routes.values()).items():
        if count > 1:
            yield Problem(
                "routing_preferences",
                f'Duplicate routing preference name "{name}", '
                "please provide unique name for each routing preference",
            )
    for index, route in sections.routes.items():
        path = ("routing_preferences", index)
        for position, reference in enumerate(route.models):
            found = known.find(reference)
            if len(found) > 1:
                yield ambiguous(place(*path, "models", position), reference, found)
            elif not found and sections.complete and reference not in sections.aliases:
                yield Problem(
                    place(*path, "models", position),
                    f"routing_preferences route '{route.name}' references model '{reference}' "
                    "which is not declared in model_providers",
                )


def _repeated_models(sections: Sections, known: Directory) -> Iterator[Problem]:
    for index, route in sections.routes.items():
        settled = Counter(name for model in route.models for name in known.find(model)[:1])
        for name, count in settled.items():
            if count > 1:
                path = place("routing_preferences", index, "models")
                yield Problem(path, f"'{name}' is named more than once; the first place counts")


def _provider_advice(sections: Sections) -> Iterator[Problem]:
    for index, entry in sections.providers.items():
        yield from provider_checks.advice(entry, place(sections.providers_key, index))


def _client_keys(sections: Sections, known: Directory) -> Iterator[Problem]:
    given_to = {
        entry.known_as: entry.model.partition("/")[0]
        for entry in sections.providers.values()
        if entry.passthrough_auth
    }
    for index, route in sections.routes.items():
        entries = [known.entry(name) for model in route.models for name in known.find(model)[:1]]
        others = list(dict.fromkeys(given_to[name] for name in entries if name in given_to))
        if len(others) > 1:
            path = place("routing_preferences", index, "models")
            message = f"a client's key is passed on to each of several: {', '.join(others)}"
            yield Problem(path, message)


def _keys_in_headers(sections: Sections) -> Iterator[Problem]:
    for index, entry in sections.providers.items():
        for header in entry.headers:
            if names_a_key(header) and "$" not in entry.headers[header]:
                path = place(sections.providers_key, index, "headers", header)
                yield Problem(path, "a key belongs in access_key, or in a variable: write $NAME")


def _no_time_for_another(sections: Sections) -> Iterator[Problem]:
    attempt = sections.extension.attempt_timeout
    for index, listener in sections.listeners.items():
        if listener.timeout <= attempt:
            yield Problem(
                place("listeners", index, "timeout"),
                f"after {listener.timeout:g}s no time is left for the next model when one stays "
                f"silent for dragoman.attempt_timeout ({attempt:g}s): lower that one",
            )
