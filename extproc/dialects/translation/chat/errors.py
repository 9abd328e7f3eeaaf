"""Errors for clients of chat completions."""

from __future__ import annotations

from extproc.dialects.translation.common.failures import openai_error
from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.form import Failure

__all__ = ["write_error"]


def write_error(failure: Failure, _request_id: str) -> bytes:
    """An error's body, see ``Translator.write_error``; OpenAI tells the request's id in a header
    only."""
    return json_bytes(openai_error(failure))
