"""What a request requires of the model that serves it, and why a model may not meet it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Ineligible", "Requirements"]


class Ineligible(StrEnum):
    """Why a candidate goes behind the others."""

    CONTEXT_WINDOW = "context_window"
    """It cannot hold the request together with the answer that is asked for."""
    IMAGES = "images"
    """It takes no images."""
    DOCUMENTS = "documents"
    """It takes no documents (PDF)."""
    TOOLS = "tools"
    """It takes no tools."""
    TOOL_REASONING = "tool_reasoning"
    """Where it would be asked, it refuses tools together with a reasoning effort."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What is in a request.

    ``input_tokens`` is an estimate; ``output_tokens`` is the longest answer that the client asks
    for, 0 where it sets no bound. ``tool_reasoning`` says that it has tools and asks for a
    reasoning effort as well.
    """

    input_tokens: int
    output_tokens: int = 0
    images: bool = False
    documents: bool = False
    tools: bool = False
    tool_reasoning: bool = False
