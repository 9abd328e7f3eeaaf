"""One request, as the strict provider looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from extproc.demo.provider.exchange import Headers, header_value

__all__ = ["Ask", "Memory"]


@dataclass(slots=True)
class Memory:
    """The answers that a provider stored, by their ids.

    ``calls`` has the ids of the function calls of each stored response, ``items`` the ids of all
    items in them; ``threads`` has the ids of the calls in each message that a thread may go on
    from.
    """

    calls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    items: set[str] = field(default_factory=set)
    threads: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget them."""
        self.calls.clear()
        self.items.clear()
        self.threads.clear()


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to be judged.

    Attributes:
        body: the parsed body.
        model: the model that it names, without a behaviour behind it.
        headers: names in lower case, and values.
        path: the request target, query included.
        provider: what the provider calls itself.
        memory: what the provider stored.
        older_chat: whether the provider speaks chat completions of the time before
            ``max_completion_tokens`` and the role ``developer``.
    """

    body: Mapping[str, Any]
    model: str
    headers: Headers = ()
    path: str = ""
    provider: str = ""
    memory: Memory = field(default_factory=Memory)
    older_chat: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, by its name in lower case."""
        return header_value(self.headers, name)
