"""What a configuration limits: how many requests or tokens there may be in a window of time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from extproc.contract import CLIENT
from extproc.core.models import WILDCARD
from extproc.core.windows import Window

__all__ = ["ABSENT", "API_KEY", "Counted", "Per", "RateLimit"]

API_KEY: Final = "api_key"
"""In a file, in a header's place: the client's key, by its hash."""

ABSENT: Final = "-"
"""Under which those count together who do not say who they are."""

_DIGITS: Final = 32


class Counted(StrEnum):
    """What a limit counts. Tokens are counted as providers report them, after the answer, and
    estimated where they do not."""

    REQUESTS = "requests"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    TOTAL_TOKENS = "total_tokens"

    def in_words(self, amount: int) -> str:
        words = f"{amount:,} {self.value.replace('_', ' ')}"
        return words.removesuffix("s") if amount == 1 else words


@dataclass(frozen=True, slots=True)
class Per:
    """Who has a limit of their own: each value of a request's ``header``.

    ``value`` is the only one that is limited, None: all are. Requests without the header share one
    limit, or have none, as ``absent_too`` says.
    """

    header: str
    value: str | None = None
    absent_too: bool = True

    @property
    def is_key(self) -> bool:
        """Whether it is the client's key, of which no process but Envoy knows more than a hash."""
        return self.header == CLIENT


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many requests or tokens in each window.

    ``models`` are full names of models, or the beginnings of names with a ``*`` behind them;
    ``providers`` are names of providers, whose declared models are among ``models`` already.
    ``routes`` are names of routes. What is not named is not asked for. ``per`` gives everybody a
    limit of their own, None: all share one. ``is_local`` says that Envoy counts by itself, each for
    itself, and lets the allowance grow back steadily.
    """

    name: str
    counts: Counted
    most: int
    window: Window
    models: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    per: Per | None = None
    is_local: bool = False

    @property
    def is_of_models(self) -> bool:
        """Whether it limits models, so that another one may take the request."""
        return bool(self.models)

    @property
    def counts_tokens(self) -> bool:
        return self.counts is not Counted.REQUESTS

    def covers(self, model: str) -> bool:
        """Whether it limits the model of this name."""
        return any(
            model.startswith(name.removesuffix(WILDCARD))
            if name.endswith(WILDCARD)
            else model == name
            for name in self.models
        )

    def covers_route(self, route: str | None) -> bool:
        """Whether it limits requests that this route matched; None: no route did."""
        return not self.routes or route in self.routes

    def bucket(self, headers: Mapping[str, str]) -> str | None:
        """Whose limit a request counts against; None: it is not limited.

        Args:
            headers: the request's, by their names in lower case, their values as Latin-1.
        """
        if self.per is None:
            return ""
        said = headers.get(self.per.header) or (ABSENT if self.per.absent_too else None)
        only = None if self.per.value is None else self.per.value.encode().decode("latin-1")
        return said if only in (None, said) else None

    def counter(self, bucket: str) -> str:
        """The name of a bucket's counter, which does not tell whose it is."""
        if not bucket:
            return f"limit:{self.name}"
        digest = hashlib.sha256(bucket.encode("utf-8", "surrogateescape")).hexdigest()
        return f"limit:{self.name}:{digest[:_DIGITS]}"

    @property
    def in_words(self) -> str:
        """As errors tell it."""
        each = (
            ""
            if self.per is None
            else " for each " + ("key" if self.per.is_key else self.per.header)
        )
        return f"'{self.name}' ({self.counts.in_words(self.most)} a {self.window}{each})"
