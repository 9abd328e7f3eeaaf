"""The paths of the providers' APIs other than the endpoints: whose they are, and where they go.

No list of them could be complete, so every path under ``/v1`` is one. What is written down is what
cannot be told otherwise: https://platform.openai.com/docs/api-reference and
https://platform.claude.com/docs/en/api.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode

from extproc.core.models import Dialect, Model
from extproc.dialects.table import DIALECTS

__all__ = ["API", "COUNT_TOKENS", "FAMILIES", "MESSAGE_BATCHES", "UPLOADS", "ApiPath", "api_path"]

API: Final = "/v1"
COUNT_TOKENS: Final = "/v1/messages/count_tokens"
MESSAGE_BATCHES: Final = "/v1/messages/batches"

FAMILIES: Final[Mapping[str, Dialect]] = {row.endpoint: key for key, row in DIALECTS.items()}
"""What begins like an endpoint belongs to its dialect. All else is OpenAI's, or Anthropic's where
the request names a version of Anthropic's API, which all of theirs do."""

UPLOADS: Final = r"/v1/(files|uploads/[^/]+/parts|containers/[^/]+/files|skills(/[^/]+/versions)?)"
"""A regular expression: forms that hold files and no model."""

_FILES: Final = re.compile(r"/v1/audio/speech|.*/(content|results)")
"""What is answered with a file."""

_OPENAI: Final = (Dialect.CHAT, Dialect.RESPONSES)
_LONGEST_WORD: Final = 20
_DEPLOYMENT: Final = "/deployments/{model}"


@dataclass(frozen=True, slots=True)
class ApiPath:
    """A request's path, without and with its query.

    ``path`` is the client's. ``query`` goes on to the provider, it is without its question mark.
    ``models`` is the name of a model that the query held, if it did: that is for us alone.
    ``dialects`` are those whose providers have this path, ``dialects[0]`` is that of errors.
    """

    path: str
    query: str
    models: tuple[str, ...]
    dialects: tuple[Dialect, ...]

    @property
    def spoken(self) -> Dialect:
        """The dialect of errors."""
        return self.dialects[0]

    @property
    def is_file(self) -> bool:
        """Whether the answer is a file, which may be of any size."""
        return _FILES.fullmatch(self.path) is not None

    @property
    def ids(self) -> tuple[str, ...]:
        """What in the path looks like an id that a provider made, the most special one first."""
        segments = self.path.removeprefix(API).strip("/").split("/")
        return tuple(segment for segment in reversed(segments[1:]) if _is_id(segment))

    def dialect_of(self, model: Model) -> Dialect | None:
        """The dialect by which a model's provider is known to have this path; None if by none."""
        return next((dialect for dialect in self.dialects if model.serves(dialect)), None)

    def at_provider(self, model: Model, dialect: Dialect, *, named: bool) -> str:
        """This path at a model's provider, under whatever its endpoint of the dialect is under.

        Args:
            model: the model.
            dialect: one that it serves.
            named: whether the request is about this model, and not only for its provider.
        """
        endpoint, _, own_query = model.paths[dialect].partition("?")
        begin = endpoint.removesuffix(DIALECTS[dialect].path_ending)
        if not named:
            begin = begin.replace(_DEPLOYMENT, "")
        begin = begin.replace("{model}", quote(model.model_id, safe=""))
        query = "&".join(filter(None, (own_query, self.query)))
        return f"{begin}{self.path.removeprefix(API)}{'?' if query else ''}{query}"


def api_path(path: str, *, anthropic: bool) -> ApiPath:
    """Read a request's ``:path``.

    Args:
        path: it begins with ``/v1``.
        anthropic: whether the request names a version of Anthropic's API.
    """
    path, _, query = path.partition("?")
    models, query = _without_model(query)
    return ApiPath(path, query, models, _dialects(path, anthropic=anthropic))


def _dialects(path: str, *, anthropic: bool) -> tuple[Dialect, ...]:
    for endpoint, dialect in FAMILIES.items():
        if path.startswith(f"{endpoint}/"):
            return (dialect,)
    return (Dialect.MESSAGES,) if anthropic else _OPENAI


def _without_model(query: str) -> tuple[tuple[str, ...], str]:
    fields = parse_qsl(query, keep_blank_values=True)
    models = tuple(value for name, value in fields if name == "model" and value)
    if not models:
        return (), query
    return models[:1], urlencode([field for field in fields if field[0] != "model"])


def _is_id(segment: str) -> bool:
    """Words of paths are short and have no digits."""
    return len(segment) >= _LONGEST_WORD or any(letter.isdecimal() for letter in segment)
