"""How to speak to a provider, and where one model's requests go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from extproc.core.models import ClientKey, Credential, Dialect, Endpoint
from extproc.providers.base_url import BaseUrl, BaseUrlError

__all__ = ["Paths", "Provider", "Settled", "settle"]

Paths = Mapping[Dialect, str]


@dataclass(frozen=True, slots=True)
class Provider:
    """How to speak to one provider.

    Attributes:
        name: what stands before the slash of a model.
        origin: None where every user has their own, so that ``base_url`` must name it.
        prefix: what all paths begin with; the path of a ``base_url`` replaces it.
        paths: one for each dialect spoken natively; ``{model}`` stands for the model's id.
        surfaces: other paths, by the end of the ``base_url`` that asks for them.
        key_header: the header that carries the key.
        key_prefix: what stands before the key there.
        bearer_tokens: how credentials begin that this provider takes as bearer tokens, although
            its keys go elsewhere.
        default_headers: sent where the client sent none of that name.
        takes_client_key: True where the client's own key is passed on unless another is configured.
        known_to_plano: False where Plano's users must say ``provider_interface``.
    """

    name: str
    origin: str | None
    prefix: str
    paths: Paths
    surfaces: Mapping[str, Paths] = field(default_factory=dict)
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    bearer_tokens: str | None = None
    default_headers: Mapping[str, str] = field(default_factory=dict)
    takes_client_key: bool = False
    known_to_plano: bool = True

    def credential(self, variable: str) -> Credential:
        """The header that carries the key held by the environment variable ``variable``."""
        return Credential(self.key_header, self.key_prefix, variable)

    def client_key(self) -> ClientKey:
        """How the client's own key is passed on to this provider."""
        return ClientKey(self.key_header, self.key_prefix, self.bearer_tokens)

    def needs_key(self, base_url: str | None) -> bool:
        """Whether a call is refused without a key: the provider's own public host refuses it."""
        if self.origin is None or self.takes_client_key:
            return False
        if base_url is None:
            return True
        try:
            return BaseUrl.parse(base_url).host == BaseUrl.parse(self.origin).host
        except BaseUrlError:
            return False

    def _paths(self, prefix: str) -> Paths:
        asked = (paths for end, paths in self.surfaces.items() if prefix.endswith(end))
        return next(asked, self.paths)

    def paths_under(self, prefix: str) -> Paths:
        """The whole path of each dialect, given the path of ``base_url`` (empty if it has none)."""
        begin = prefix or self.prefix
        return {dialect: f"{begin}{path}" for dialect, path in self._paths(begin).items()}


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a model's requests go: its origin, and a path for each dialect spoken there."""

    endpoint: Endpoint
    paths: Paths


def settle(
    provider: Provider, *, base_url: str | None = None, http_host: str | None = None
) -> Settled:
    """Work out the address and paths of a provider, or of whatever stands in for it.

    The path of ``base_url`` replaces the provider's prefix; without one the prefix stays. Raises
    BaseUrlError where ``base_url`` is needed and missing, or is no URL.
    """
    given = base_url or provider.origin
    if given is None:
        raise BaseUrlError("is required")
    url = BaseUrl.parse(given)
    return Settled(
        endpoint=Endpoint(url.scheme, url.host, url.port, http_host or url.authority),
        paths=provider.paths_under(url.prefix),
    )
