"""Which candidates can serve a request at all: those that cannot go behind those that can.

None is ever dropped: the request's size is an estimate, and what is known of models may be out of
date. What is not known of a model never speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from extproc.core.models import Dialect, Model
from extproc.core.records import Ranked
from extproc.core.requirements import Ineligible, Requirements
from extproc.core.traits import Traits

__all__ = ["Eligibility"]


class Eligibility:
    """Judges models for one request."""

    __slots__ = ("_dialect", "_found", "_read")

    def __init__(self, dialect: Dialect, read: Callable[[], Requirements]) -> None:
        """
        Args:
            dialect: the client's.
            read: reads the request's requirements; asked once, and only if some model has a known
                limit.
        """
        self._dialect = dialect
        self._read = read
        self._found: Requirements | None = None

    def against(self, model: Model) -> Ineligible | None:
        """What speaks against a model, None if nothing does."""
        if not _limited(model.traits):
            return None
        if self._found is None:
            self._found = self._read()
        return _unmet(self._found, model, self._dialect)

    def order(self, ranked: Sequence[Ranked[Model]]) -> tuple[Ranked[Model], ...]:
        """The candidates, in their order, but those that cannot serve the request at the end.

        A candidate without others is left alone: its order tells nothing.
        """
        if len(ranked) < 2:
            return tuple(ranked)
        able: list[Ranked[Model]] = []
        unable: list[Ranked[Model]] = []
        for candidate in ranked:
            reason = self.against(candidate.model)
            if reason is None:
                able.append(candidate)
            else:
                unable.append(replace(candidate, ineligible=reason))
        return (*able, *unable)


def _limited(traits: Traits) -> bool:
    """Whether the traits can speak against any request."""
    return (
        traits.context_window is not None
        or traits.images is False
        or traits.documents is False
        or traits.tools is False
        or traits.tool_reasoning is False
    )


def _unmet(required: Requirements, model: Model, dialect: Dialect) -> Ineligible | None:
    traits = model.traits
    if required.images and traits.images is False:
        return Ineligible.IMAGES
    if required.documents and traits.documents is False:
        return Ineligible.DOCUMENTS
    if required.tools and traits.tools is False:
        return Ineligible.TOOLS
    # Only chat completions refuse it. Where a translation leads there, it judges that itself.
    asked_in_chat = dialect is Dialect.CHAT and model.serves(dialect)
    if required.tool_reasoning and asked_in_chat and traits.tool_reasoning is False:
        return Ineligible.TOOL_REASONING
    if traits.context_window is not None and _size(required, traits) > traits.context_window:
        return Ineligible.CONTEXT_WINDOW
    return None


def _size(required: Requirements, traits: Traits) -> int:
    """Input and answer together, in tokens. An answer is not longer than the model's ceiling,
    whatever is asked for."""
    output = required.output_tokens
    if traits.output_ceiling is not None:
        output = min(output, traits.output_ceiling)
    return required.input_tokens + output
