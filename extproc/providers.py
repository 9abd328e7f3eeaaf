"""The providers that are known by name: where they are, what they speak, how they take a key.

Each row of the table cites the page of the provider's documentation that it was checked against.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from extproc.config.values import Credential, Dialect, Endpoint

__all__ = ["KNOWN", "BaseUrl", "BaseUrlError", "Provider", "Settled", "settle"]

_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")


class BaseUrlError(ValueError):
    """A ``base_url`` that names no origin. Its message never repeats the URL."""


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """An origin and the path under which the endpoints live there (empty when none was given)."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> BaseUrl:
        """Read ``http[s]://host[:port][/path]``; raise BaseUrlError for anything else."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise BaseUrlError("is not a valid URL") from None
        if parts.scheme not in _PORTS or not host:
            raise BaseUrlError("Please provide a valid URL with scheme (http/https) in base_url")
        if "@" in parts.netloc:
            raise BaseUrlError("must not hold credentials; a key belongs in access_key")
        if parts.query or parts.fragment:
            raise BaseUrlError("must not have a query or a fragment")
        if not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path) or port == 0:
            raise BaseUrlError("is not a valid URL")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """What ``Host`` says: the port is named only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Provider:
    """How to speak to one provider.

    ``origin`` is None where every user has their own, so that ``base_url`` must name it. ``paths``
    are relative to ``prefix``, which the path of a ``base_url`` replaces.
    """

    name: str
    origin: str | None
    prefix: str
    paths: Mapping[Dialect, str]
    key_header: str = "authorization"
    key_prefix: str = "Bearer "
    default_headers: Mapping[str, str] = field(default_factory=dict)

    def credential(self, variable: str) -> Credential:
        """The header that carries the key held by the environment variable ``variable``."""
        return Credential(self.key_header, self.key_prefix, variable)

    def needs_key(self, base_url: str | None) -> bool:
        """Whether a call is refused without a key: the provider's own public host refuses it."""
        if self.origin is None or base_url is None:
            return self.origin is not None
        try:
            return BaseUrl.parse(base_url).host == BaseUrl.parse(self.origin).host
        except BaseUrlError:
            return False


@dataclass(frozen=True, slots=True)
class Settled:
    """Where a model's requests go: its origin, and a path for each dialect spoken there."""

    endpoint: Endpoint
    paths: Mapping[Dialect, str]


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
    prefix = url.prefix or provider.prefix
    return Settled(
        endpoint=Endpoint(url.scheme, url.host, url.port, http_host or url.authority),
        paths={dialect: f"{prefix}{path}" for dialect, path in provider.paths.items()},
    )


_CHAT: Final = {Dialect.CHAT: "/chat/completions"}
_RESPONSES: Final = {Dialect.RESPONSES: "/responses"}
_MESSAGES: Final = {Dialect.MESSAGES: "/messages"}


def _table(rows: Iterable[Provider]) -> Mapping[str, Provider]:
    return {row.name: row for row in rows}


KNOWN: Final[Mapping[str, Provider]] = _table(
    [
        # https://platform.openai.com/docs/api-reference
        Provider("openai", "https://api.openai.com", "/v1", _CHAT | _RESPONSES),
        # https://platform.claude.com/docs/en/api/versioning: every request names a version.
        # The endpoint that is compatible with OpenAI's chat is left out: it wants the key as a
        # bearer token and Anthropic calls it a means of comparison, not for production
        # (https://platform.claude.com/docs/en/api/openai-sdk).
        Provider(
            "anthropic",
            "https://api.anthropic.com",
            "/v1",
            _MESSAGES,
            key_header="x-api-key",
            key_prefix="",
            default_headers={"anthropic-version": "2023-06-01"},
        ),
        # https://console.groq.com/docs/openai, which names the Responses API too
        Provider("groq", "https://api.groq.com", "/openai/v1", _CHAT | _RESPONSES),
        # https://docs.mistral.ai/api
        Provider("mistral", "https://api.mistral.ai", "/v1", _CHAT),
        # https://api-docs.deepseek.com: the page's own base has no /v1, which is its alias; with
        # it, servers that stand in for DeepSeek under a bare base_url are reached as well.
        Provider("deepseek", "https://api.deepseek.com", "/v1", _CHAT),
        # https://docs.x.ai/developers/rest-api-reference/inference; /v1/messages is deprecated
        Provider("xai", "https://api.x.ai", "/v1", _CHAT | _RESPONSES),
        # https://docs.together.ai/docs/inference/openai-compatibility
        Provider("together_ai", "https://api.together.ai", "/v1", _CHAT),
        # https://ai.google.dev/gemini-api/docs/openai
        Provider("gemini", "https://generativelanguage.googleapis.com", "/v1beta/openai", _CHAT),
        # https://docs.ollama.com/api/openai-compatibility (Responses from 0.13.3) and
        # https://docs.ollama.com/api/anthropic-compatibility
        Provider("ollama", None, "/v1", _CHAT | _RESPONSES | _MESSAGES),
    ]
)
