"""From the sections of a valid file to who classifies requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

# The module, not its names: it imports extproc.core.config, and may be the first to be imported.
from extproc import providers
from extproc.config.reading import Sections
from extproc.config.references import Directory
from extproc.config.sections.router import router_reference
from extproc.core.config import IntentSettings, RouterPrompt
from extproc.core.models import Dialect, Model

__all__ = ["intent_settings"]

_ENDPOINT: Final = "/chat/completions"
# What the weights are called where nobody says: Plano's default, unless asked as Arch-Router.
_NAMES: Final = {"arch-router": "Arch-Router", "plano-orchestrator": "Plano-Orchestrator"}


def intent_settings(
    sections: Sections, known: Directory, models: Sequence[Model], key_variable: str | None
) -> IntentSettings:
    """Settle who classifies.

    Args:
        sections: the file's sections, without problems.
        known: the directory of its models.
        models: its models, settled.
        key_variable: the variable that holds the key for ``dragoman.router_url``.
    """
    extension = sections.extension
    prompt = extension.router_prompt
    return IntentSettings(
        router=_at_url(sections, known, key_variable) or _declared(sections, known, models),
        timeout=extension.intent_timeout,
        prompt=RouterPrompt(prompt) if prompt else None,
        context_length=sections.overrides.orchestrator_model_context_length,
        concurrency=extension.intent_concurrency,
        cache_entries=extension.intent_cache_entries,
        cache_ttl=extension.intent_cache_ttl,
        threshold=extension.threshold,
    )


def _at_url(sections: Sections, known: Directory, key_variable: str | None) -> Model | None:
    url = sections.extension.router_url
    if url is None:
        return None
    reference = router_reference(sections, known)
    default = _NAMES[sections.extension.router_prompt or "plano-orchestrator"]
    name = reference.name if reference else default
    provider = providers.KNOWN["openai"]
    settled = providers.settle(provider, base_url=url.rstrip("/").removesuffix(_ENDPOINT))
    return Model(
        name=name,
        provider=provider.name,
        # As it stands: servers call weights katanemo/Arch-Router-1.5B, slash and all.
        model_id=name,
        endpoint=settled.endpoint,
        paths={Dialect.CHAT: settled.paths[Dialect.CHAT]},
        credential=provider.credential(key_variable) if key_variable else None,
    )


def _declared(sections: Sections, known: Directory, models: Sequence[Model]) -> Model | None:
    reference = router_reference(sections, known)
    found = known.find(reference.name) if reference else ()
    if not found:
        return None
    name, entry = found[0], known.entry(found[0])
    model = next(model for model in models if model.name == entry)
    covered = known.wildcards.named(name) if model.is_wildcard else None
    return model if covered is None else model.standing_for(name, covered.model_id)
