"""What the sections of a file share: the base of their entries, and the types of their fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from extproc.config.units import duration, size
from extproc.contract import INTERNAL_PREFIX
from extproc.core.models import KEY_HEADERS

__all__ = [
    "AGENTS",
    "FORMER_ROOT_KEYS",
    "NOWHERE",
    "PROMPT_TARGETS",
    "UNUSED_ROOT_KEYS",
    "Dollars",
    "Duration",
    "Entry",
    "HeaderName",
    "HeaderPattern",
    "HeaderPrefix",
    "HostName",
    "Line",
    "Name",
    "Percentage",
    "ProxyOrNone",
    "Score",
    "Seconds",
    "Share",
    "Size",
    "Url",
]

NOWHERE: Final = "ignored: Plano does not act on it either"
AGENTS: Final = "ignored: requests go to models, not to agents; clients reach these at their url"
PROMPT_TARGETS: Final = "ignored: it is for prompt_targets, which Dragoman does not serve"
_NO_CONVERSATIONS: Final = (
    "Dragoman keeps no conversations; a request goes on from an earlier response where the "
    "provider that made it keeps it"
)
_MANIFEST: Final = "this is a manifest of Kubernetes: the configuration is what its data holds"

UNUSED_ROOT_KEYS: Final[Mapping[str, str]] = {
    "endpoints": PROMPT_TARGETS,
    "mode": "ignored: Dragoman serves models, whatever the mode",
    "prompt_targets": "ignored: Dragoman calls no APIs; send them as tools, and call them yourself",
    "state_storage": f"ignored: {_NO_CONVERSATIONS}",
    "system_prompt": PROMPT_TARGETS,
}
"""Keys of the root that load and are not acted on, each with its warning."""

FORMER_ROOT_KEYS: Final[Mapping[str, str]] = {
    "apiVersion": _MANIFEST,
    "data": _MANIFEST,
    "error_target": "Dragoman calls no APIs: remove it",
    "kind": _MANIFEST,
    "listener": "write listeners: [{type: model, address: ..., port: ...}]",
    "metadata": _MANIFEST,
    "state_storage_v1_responses": f"{_NO_CONVERSATIONS}: remove it",
}
"""As ``Entry.former``, of the root."""

_OUR_HEADERS: Final = (INTERNAL_PREFIX, "x-envoy-")
_A_FORTUNE: Final = 1_000_000_000
_A_YEAR: Final = 365 * 24 * 3600
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HOST: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LONGEST_HEADER_NAME: Final = 128
"""Envoy matches names by expressions that nest as deep as the names are long."""
_SHORTEST_PREFIX: Final = 3
_CREDENTIALS: Final = (*KEY_HEADERS, "cookie", "proxy-authorization", "x-goog-api-key")
_FRAMING: Final = frozenset({"host", "content-length", "transfer-encoding", "connection"})


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("must not hold control characters")
    if _SURROGATE.search(text):
        raise ValueError("must not hold bytes that are not UTF-8")
    return text


def _name(text: str) -> str:
    if not text or text != text.strip():
        raise ValueError("must not be empty, nor begin or end with a space")
    return _printable(text)


def _header_name(text: str) -> str:
    if not _HEADER_NAME.fullmatch(text):
        raise ValueError("is not a valid header name")
    if len(text) > _LONGEST_HEADER_NAME:
        raise ValueError(f"must have at most {_LONGEST_HEADER_NAME} characters")
    if text.lower() in _FRAMING:
        raise ValueError("is a header that the proxy sets itself (for Host there is http_host)")
    return text


def _header_pattern(text: str) -> str:
    beginning = text.lower().removesuffix("*")
    if not beginning or "*" in beginning:
        raise ValueError("must be a header name, or the beginning of one and a * (x-team-*)")
    if beginning.startswith(_OUR_HEADERS):
        raise ValueError("is the proxy's own and never passed on")
    return _header_name(text).lower()


def _header_prefix(text: str) -> str:
    prefix = _header_name(text).lower()
    if prefix.startswith(_OUR_HEADERS):
        raise ValueError("is the proxy's own, of which there is nothing to tell")
    if len(prefix) < _SHORTEST_PREFIX or any(key.startswith(prefix) for key in _CREDENTIALS):
        raise ValueError(
            "also begins the names of headers that hold credentials: write more of it (x-team-)"
        )
    return prefix


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or text != text.strip():
        raise ValueError("must be a URL such as https://name.example/path")
    if "@" in parts.netloc:
        raise ValueError("must not hold credentials")
    return text


def _proxy(value: object) -> str | bool:
    if value is False or value == "none":
        return False
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be the URL of a proxy, such as http://proxy.example:3128, or false")
    return _printable(value).strip()


def _host(text: str) -> str:
    if text != "*" and not _HOST.fullmatch(text):
        raise ValueError("must be a name such as router.example, without a port, or *")
    return text.lower()


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 <= value <= 1:
        raise ValueError("must be a number from -1 to 1")
    return float(value)


def _percentage(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("must be a number from 0 to 100")
    return float(value)


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("must be a number from 0 to 1")
    return float(value)


def _dollars(value: object) -> float:
    amount = value if isinstance(value, int | float) and not isinstance(value, bool) else 0
    if not 0 < amount <= _A_FORTUNE:
        raise ValueError("must be an amount of US dollars above 0, such as 0.05")
    return float(amount)


Name = Annotated[str, AfterValidator(_name)]
Line = Annotated[str, AfterValidator(_printable)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderPattern = Annotated[str, AfterValidator(_header_pattern)]
HeaderPrefix = Annotated[str, AfterValidator(_header_prefix)]
HostName = Annotated[str, AfterValidator(_host)]
Url = Annotated[Line, AfterValidator(_url)]
ProxyOrNone = Annotated[
    str | bool,
    BeforeValidator(_proxy),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"const": False}]}),
]
Score = Annotated[
    float,
    BeforeValidator(_score),
    WithJsonSchema({"type": "number", "minimum": -1, "maximum": 1}),
]
Percentage = Annotated[
    float,
    BeforeValidator(_percentage),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]
Share = Annotated[
    float,
    BeforeValidator(_share),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Dollars = Annotated[
    float,
    BeforeValidator(_dollars),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": _A_FORTUNE}),
]
Seconds = Annotated[int, Field(ge=1, le=_A_YEAR)]
Duration = Annotated[
    float,
    BeforeValidator(duration),
    PlainSerializer(lambda seconds: f"{seconds:.12g}s", return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["300s", "500ms", "5m"]}),
]
Size = Annotated[
    int,
    BeforeValidator(size),
    PlainSerializer(lambda amount: f"{amount / 2**20:.12g}MiB", return_type=str),
    WithJsonSchema({"type": ["string", "number"], "examples": ["32MiB", "10MB"]}),
]


class Entry(BaseModel):
    """A mapping of the file: its keys are all known and its values are of the right type.

    Attributes:
        unused: keys that load and are not acted on, each with the warning that it gets.
        former: keys of other versions of the language that are refused, each with what to do.
        takes_variables: whether ``$NAME`` in its values stands for an environment variable, as
            ``${NAME}`` does everywhere.
        braced: keys in which only ``${NAME}`` does all the same: names, which the rest of the file
            refers to.
        literal: keys in which both stay as they are: secrets, which are read apart so that no value
            holds one.
        expanded_later: keys in which variables stay, for they may be secrets: one that is not set
            is told of apart.
        secret: keys whose value no output may show.
        implied: what a key that is not written stands for.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        protected_namespaces=(),
        defer_build=True,  # of sections that a file does not have, nothing is built
    )

    unused: ClassVar[Mapping[str, str]] = {}
    former: ClassVar[Mapping[str, str]] = {}
    takes_variables: ClassVar[bool] = False
    braced: ClassVar[frozenset[str]] = frozenset()
    literal: ClassVar[frozenset[str]] = frozenset()
    expanded_later: ClassVar[frozenset[str]] = frozenset()
    secret: ClassVar[frozenset[str]] = frozenset()
    implied: ClassVar[Mapping[str, Entry]] = {}

    @classmethod
    def known_keys(cls) -> list[str]:
        """Every key that may be written, those that are not acted on included."""
        return [*cls.model_fields, *cls.unused]
