"""Who saw whose key: read from what the providers recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from extproc.contract import INTERNAL_PREFIX
from extproc.core.config import Config, Secrets
from extproc.core.models import Credential
from extproc.demo.provider import Exchange

__all__ = ["KeyCheck", "check_keys"]

_INTERNAL = (INTERNAL_PREFIX, "x-envoy-", "x-forwarded-", "x-request-id")


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """How many requests each provider saw, and what it saw that is not for its eyes."""

    requests: Mapping[str, int]
    leaks: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether every provider was asked, and each saw only its own key."""
        return not self.leaks and all(self.requests.values())


def check_keys(
    config: Config,
    secrets: Secrets,
    client_key: str,
    exchanges: Mapping[str, Sequence[Exchange]],
) -> KeyCheck:
    """Look through everything that reached the providers.

    Args:
        config: says which provider takes its key in which header.
        secrets: the providers' keys.
        client_key: the key that clients send.
        exchanges: what each provider recorded, by the provider's name.
    """
    credentials = {model.provider: model.credential for model in config.models}
    leaks = []
    for provider, recorded in exchanges.items():
        credential = credentials[provider]
        own = secrets.values[credential.variable] if credential else None
        foreign = [key for key in (client_key, *secrets.values.values()) if key != own]
        for number, exchange in enumerate(recorded, 1):
            found = [*_wrong_key(exchange, credential, own), *_not_for_it(exchange, foreign)]
            leaks += [f"{provider}, request {number}: {what}" for what in found]
    return KeyCheck({name: len(recorded) for name, recorded in exchanges.items()}, tuple(leaks))


def _wrong_key(exchange: Exchange, credential: Credential | None, own: str | None) -> Iterator[str]:
    if credential is not None and exchange.header(credential.header) != f"{credential.prefix}{own}":
        yield f"its own key is not in {credential.header}"


def _not_for_it(exchange: Exchange, foreign: Iterable[str]) -> Iterator[str]:
    everything = "\n".join([exchange.path, *map(": ".join, exchange.headers)])
    everything += exchange.body.decode("utf-8", "replace")
    for key in foreign:
        if key in everything:
            yield f"the key {key} is there"
    for name, _ in exchange.headers:
        if name.startswith(_INTERNAL):
            yield f"the internal header {name} is there"
