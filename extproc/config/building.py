"""From the sections of a valid file to the frozen values that the rest of the house uses."""

from __future__ import annotations

from pathlib import Path

# The module, not its names: it imports extproc.core.config, and may be the first to be imported.
from extproc import providers
from extproc.config import references
from extproc.config.fields import Extension, ProviderEntry, RouteEntry
from extproc.config.metrics_building import cost_source, latency_source
from extproc.config.reading import Sections
from extproc.config.references import Directory
from extproc.config.router_building import intent_settings
from extproc.config.secrets.keys import Headers, Keys
from extproc.config.sections.model_limits import model_traits
from extproc.config.sections.sessions import sessions
from extproc.config.units import address_and_port
from extproc.core.config import Admin, Config, Limits, Listener
from extproc.core.models import Model
from extproc.core.routes import CostBasis, Preference, Route

__all__ = ["build"]


def build(sections: Sections, keys: Keys, directory: Path) -> Config:
    """Settle a file in which no check found a problem.

    Args:
        sections: the file's sections.
        keys: the variables that hold its secrets.
        directory: what paths in it are relative to.
    """
    known = references.directory(sections)
    overrides, extension = sections.overrides, sections.extension
    models = tuple(
        _model(entry, keys.variables.get(index), keys.headers[index])
        for index, entry in sections.providers.items()
    )
    return Config(
        models=models,
        listener=_listener(sections),
        routes=tuple(_route(route, known) for route in sections.routes.values()),
        aliases=dict(known.aliases),
        limits=Limits(
            max_request_bytes=extension.max_request_bytes,
            attempt_timeout=extension.attempt_timeout,
            first_content_timeout=extension.first_content_timeout,
            connect_timeout=overrides.upstream_connect_timeout,
        ),
        intent=intent_settings(sections, known, models, keys.router),
        tls_ca_path=overrides.upstream_tls_ca_path,
        costs=cost_source(sections, known, keys.tokens, directory),
        latencies=latency_source(sections),
        cooldowns=extension.cooldowns,
        sessions=sessions(sections.routing, keys.redis),
        admin=_admin(extension),
    )


def _model(entry: ProviderEntry, key_variable: str | None, headers: Headers) -> Model:
    name, _, model_id = entry.model.partition("/")
    provider = providers.spoken_to(name, entry.provider_interface)
    if provider is None:
        raise AssertionError(f"no check noticed that nobody knows how to speak to {name}")
    own_key = entry.passthrough_auth or (provider.takes_client_key and key_variable is None)
    settled = providers.settle(provider, base_url=entry.base_url, http_host=entry.http_host)
    return Model(
        name=entry.known_as,
        provider=name,
        model_id=model_id,
        endpoint=settled.endpoint,
        paths=settled.paths,
        credential=provider.credential(key_variable) if key_variable else None,
        headers=headers.shown,
        default_headers=dict(provider.default_headers),
        default=entry.default,
        secret_headers=tuple(headers.secret.values()),
        client_key=provider.client_key() if own_key else None,
        traits=model_traits(name, model_id, entry.model_limits),
    )


def _listener(sections: Sections) -> Listener:
    for entry in sections.listeners.values():
        return Listener(entry.address, entry.port, entry.timeout, entry.max_retries)
    return Listener()


def _admin(extension: Extension) -> Admin:
    address, port = address_and_port(extension.admin_address)
    return Admin(address, port, extension.kept_decisions)


def _route(entry: RouteEntry, known: Directory) -> Route:
    policy = entry.selection_policy
    return Route(
        name=entry.name,
        description=entry.description,
        models=tuple(dict.fromkeys(known.find(model)[0] for model in entry.models)),
        prefer=Preference(policy.prefer) if policy else Preference.NONE,
        cost_basis=CostBasis((policy and policy.cost_basis) or CostBasis.TOTAL),
        examples=tuple(entry.examples or ()),
        threshold=entry.threshold,
    )
