"""What a fake provider understands of a request body: only what its answer depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["Inquiry", "read_inquiry"]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Which model is asked, and how it is to answer; ``body`` is all that was said."""

    model: str
    stream: bool
    streamed_usage: bool
    body: Mapping[str, Any]


def read_inquiry(body: bytes) -> Inquiry:
    """Read a request body of any of the dialects.

    Raises:
        ValueError: the body is not a JSON object, or names no model.
    """
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"The body is not JSON: {error}.") from None
    if not isinstance(said, dict):
        raise ValueError("The body is not a JSON object.")
    model = said.get("model")
    if not isinstance(model, str) or not model:
        raise ValueError("The body names no model.")
    options = said.get("stream_options")
    return Inquiry(
        model=model,
        stream=said.get("stream") is True,
        streamed_usage=isinstance(options, dict) and options.get("include_usage") is True,
        body=said,
    )
