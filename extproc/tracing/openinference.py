"""Attributes by OpenInference, for whoever reads those:
https://arize-ai.github.io/openinference/spec/spans/llm.html"""

from __future__ import annotations

import json
from typing import Final

from extproc.telemetry.asked import Asked
from extproc.telemetry.conventions import operation
from extproc.telemetry.receipt import Receipt
from extproc.tracing.span import Attributes, known

__all__ = ["of_request"]

_EMBEDDINGS: Final = "embeddings"


def of_request(receipt: Receipt, asked: Asked, prompt: str | None) -> Attributes:
    """What a request asked for and got; see :func:`extproc.tracing.gen_ai.of_request`."""
    decision, usage, model = receipt.decision, receipt.usage, asked.model
    total = None
    if usage.input_tokens is not None and usage.output_tokens is not None:
        total = usage.input_tokens + usage.output_tokens
    kind = "EMBEDDING" if operation(decision) == _EMBEDDINGS else "LLM"
    return known(
        {
            "openinference.span.kind": kind,
            "llm.system": None if model is None else model.provider,
            "llm.provider": None if model is None else model.provider,
            "llm.model_name": decision.requested_model if model is None else model.model_id,
            "llm.token_count.prompt": usage.input_tokens,
            "llm.token_count.completion": usage.output_tokens,
            "llm.token_count.total": total,
            "llm.token_count.prompt_details.cache_read": usage.cached_tokens,
            "llm.token_count.prompt_details.cache_write": usage.cache_write_tokens,
            "llm.token_count.completion_details.reasoning": usage.reasoning_tokens,
            "llm.cost.total": receipt.cost_usd,
            "session.id": decision.session_id,
        }
    ) | _messages(prompt)


def _messages(prompt: str | None) -> Attributes:
    """What was said, one attribute for each thing that is known of a turn."""
    if prompt is None:
        return {}
    told: Attributes = {"input.value": prompt, "input.mime_type": "application/json"}
    for number, turn in enumerate(json.loads(prompt)):
        message = f"llm.input_messages.{number}.message"
        told[f"{message}.role"] = turn["role"]
        told[f"{message}.content"] = turn["parts"][0]["content"]
    return told
