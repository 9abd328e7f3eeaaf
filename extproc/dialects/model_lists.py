"""Lists of models, and single models, in the two shapes in which SDKs read them.

https://platform.openai.com/docs/api-reference/models and
https://docs.anthropic.com/en/api/models-list. Neither OpenAI's ``created`` nor Anthropic's
``created_at`` is known here; the epoch stands for that, as Anthropic documents it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extproc.dialects.dialect import Json

__all__ = [
    "ListedModel",
    "Page",
    "anthropic_model",
    "anthropic_page",
    "openai_model",
    "openai_page",
]


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as a client may ask for it. ``owner`` is the name of its provider."""

    id: str
    owner: str


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the list. ``has_more`` says whether it goes on in the direction of the paging."""

    models: Sequence[ListedModel]
    has_more: bool = False


def openai_model(model: ListedModel) -> Json:
    """One model in OpenAI's shape."""
    return {"id": model.id, "object": "model", "created": 0, "owned_by": model.owner}


def openai_page(page: Page) -> Json:
    """A list in OpenAI's shape."""
    return {
        "object": "list",
        "data": [openai_model(model) for model in page.models],
        "has_more": page.has_more,
    }


def anthropic_model(model: ListedModel) -> Json:
    """One model in Anthropic's shape."""
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.id,
        "created_at": "1970-01-01T00:00:00Z",
    }


def anthropic_page(page: Page) -> Json:
    """A list in Anthropic's shape."""
    ids = [model.id for model in page.models]
    return {
        "data": [anthropic_model(model) for model in page.models],
        "has_more": page.has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }
