"""The section ``model_providers``: the models that may be used, and the keys for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from extproc import providers
from extproc.config.reading import Reader, given
from extproc.config.secrets.collector import SecretCollector
from extproc.config.secrets.headers import header_secret
from extproc.config.section import File, Section, list_of, ref
from extproc.config.sections import provider_entries
from extproc.config.sections.model_limits import ModelLimits, model_traits
from extproc.config.sections.provider_entries import ProviderEntry
from extproc.config.sections.provider_proxies import look_up_proxies, proxy_of
from extproc.config.writing import written_items
from extproc.core.config import Config
from extproc.core.models import WILDCARD, Credential, Model
from extproc.core.problems import Problem, place
from extproc.core.wildcards import listed_as

__all__ = ["SECTION", "Providers"]

_KEY: Final = "model_providers"
_OLD_KEY: Final = "llm_providers"


@dataclass(frozen=True, slots=True)
class Providers:
    """The entries that are valid, by their positions in the list at ``key``.

    ``declared`` holds the name and model of every entry that tells them, also of those that are not
    valid otherwise; ``complete`` is false where one does not.
    """

    key: str
    entries: Mapping[int, ProviderEntry]
    declared: tuple[tuple[str, str], ...]
    complete: bool


def _read(root: Mapping[Any, Any], reader: Reader) -> Providers:
    key = _key(root, reader)
    declared = list(_declared(root.get(key, []), reader))
    return Providers(
        key,
        reader.items(ProviderEntry, root.get(key), key),
        tuple(entry for entry in declared if entry is not None),
        complete=None not in declared,
    )


def _key(root: Mapping[Any, Any], reader: Reader) -> str:
    if _OLD_KEY not in root:
        return _KEY
    if _KEY in root:
        message = (
            "Please provide either llm_providers or model_providers, not both. "
            "llm_providers is deprecated, please use model_providers instead"
        )
        reader.problems.append(Problem(_OLD_KEY, message))
        return _KEY
    reader.warnings.append(Problem(_OLD_KEY, "deprecated: write model_providers instead"))
    return _OLD_KEY


def _declared(raw: Any, reader: Reader) -> Iterator[tuple[str, str] | None]:
    for item in raw if isinstance(raw, list) else (None,):
        entry = given(item) if isinstance(item, dict) else {}
        model = reader.settled(entry.get("model"))
        name = reader.settled(entry["name"]) if "name" in entry else model
        yield (name, model) if isinstance(model, str) and isinstance(name, str) else None


def _look_up(file: File) -> None:
    section = file.sections[Providers]
    for index, entry in section.entries.items():
        if entry.access_key is not None and not entry.passthrough_auth:
            file.secrets.look_up(entry.access_key, place(section.key, index, "access_key"))
    for index, entry in section.entries.items():
        for name, text in entry.headers.items():
            path = place(section.key, index, "headers", name)
            secret = header_secret(name, text, file.secrets.environ)
            if secret is None or not secret.value:
                continue
            if SecretCollector.sendable(secret.value):
                file.secrets.keep(secret.value, path, secret.variable)
            else:
                message = "the value holds characters that a header cannot carry"
                file.secrets.problems.append(Problem(path, message))

    look_up_proxies(section.key, section.entries, file.secrets)


def _problems(file: File) -> Iterator[Problem]:
    section = file.sections[Providers]
    if not section.declared and file.sections.complete:
        message = (
            "model_providers cannot be empty when using legacy format"
            if isinstance(file.root.get("listeners"), dict)
            else "There must be at least one LLM Provider"
        )
        yield Problem(section.key, message)
    if sum(entry.default for entry in section.entries.values()) > 1:
        yield Problem(section.key, "There must be at most one default LLM Provider")
    for name, count in Counter(name for name, _ in section.declared).items():
        if count > 1:
            message = (
                f"Duplicate model_provider name {name}, "
                "please provide unique name for each model_provider"
            )
            yield Problem(section.key, message)
    for index, entry in section.entries.items():
        yield from provider_entries.problems(entry, place(section.key, index))
    for prefix, count in Counter(map(listed_as, file.known.wildcards.declared)).items():
        if count > 1:
            message = f"{count} wildcards would serve {prefix}; give each a name of its own"
            yield Problem(section.key, message)


def _advice(file: File) -> Iterator[Problem]:
    section = file.sections[Providers]
    for index, entry in section.entries.items():
        yield from provider_entries.advice(entry, place(section.key, index))


def _write(file: File) -> Mapping[str, Any]:
    section = file.sections[Providers]
    return {_KEY: written_items(section.entries, file.root[section.key])}


def _build(config: Config, file: File) -> Config:
    section = file.sections[Providers]
    models = tuple(
        _model(entry, place(section.key, index), file.secrets)
        for index, entry in section.entries.items()
    )
    return replace(config, models=models)


def _model(entry: ProviderEntry, path: str, secrets: SecretCollector) -> Model:
    name, _, model_id = entry.model.partition("/")
    provider = providers.spoken_to(name, entry.provider_interface)
    if provider is None:
        raise AssertionError(f"no check noticed that nobody knows how to speak to {name}")
    key_variable = secrets.variables.get(f"{path}.access_key")
    own_key = entry.passthrough_auth or (provider.takes_client_key and key_variable is None)
    settled = providers.settle(provider, base_url=entry.base_url, http_host=entry.http_host)
    shown, secret = _headers(entry, path, secrets)
    own = providers.OWN_MODELS.get(name)
    return Model(
        name=entry.known_as,
        provider=name,
        model_id=model_id,
        endpoint=settled.endpoint,
        paths=settled.paths,
        credential=provider.credential(key_variable) if key_variable else None,
        headers=shown,
        default_headers=dict(provider.default_headers),
        default=entry.default,
        secret_headers=secret,
        forward_headers=tuple(entry.forward_headers),
        client_key=provider.client_key() if own_key else None,
        families=own.families if own is not None and model_id == WILDCARD else (),
        traits=model_traits(name, model_id, entry.model_limits),
        proxy=proxy_of(entry, settled.endpoint, path, secrets),
    )


def _headers(
    entry: ProviderEntry, path: str, secrets: SecretCollector
) -> tuple[dict[str, str], tuple[Credential, ...]]:
    """Those that may be shown, and those that may not; one whose variable is empty is left out."""
    shown: dict[str, str] = {}
    hidden: list[Credential] = []
    for name, text in entry.headers.items():
        secret = header_secret(name, text, secrets.environ)
        variable = secrets.variables.get(f"{path}.{place('headers', name)}")
        if secret is None:
            shown[name] = text
        elif variable is not None:
            hidden.append(secret.credential(variable))
    return shown, tuple(hidden)


SECTION: Final = Section(
    kind=Providers,
    read=_read,
    schema={
        _KEY: list_of(ref(ProviderEntry)),
        _OLD_KEY: list_of(ref(ProviderEntry)) | {"deprecated": True},
    },
    entries={
        "`model_providers[]`": ProviderEntry,
        "`model_providers[].model_limits`": ModelLimits,
    },
    look_up=_look_up,
    problems=_problems,
    advice=_advice,
    write=_write,
    build=_build,
)
