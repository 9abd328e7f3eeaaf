"""Answers to ``count_tokens``, where the model's provider counts none: an estimate of ours.

https://docs.anthropic.com/en/api/messages-count-tokens
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from extproc.contract import ESTIMATED, MODEL, header_safe
from extproc.core.models import Model
from extproc.dialects.api_bodies import ApiBody
from extproc.dialects.api_paths import ApiPath
from extproc.dialects.request import parse, request_of
from extproc.dialects.requirements import requirements_of
from extproc.worker import replies

__all__ = ["estimate_reply", "estimated_tokens"]


def estimated_tokens(path: ApiPath, body: ApiBody) -> int:
    """About how many tokens a body has. Of a large one, only what tells where it goes has been
    read."""
    if body.members is None and body.document:
        request = request_of(path.spoken, body.raw, body.document)
    else:
        request = parse(path.spoken, body.raw, large=body.members is not None)
    return requirements_of(request).input_tokens


def estimate_reply(tokens: int, model: Model, ids: Mapping[str, str]) -> bytes:
    """The answer that tells an estimate, and that it is one.

    Args:
        tokens: what is estimated.
        model: the model that was asked for.
        ids: the headers that say which request it answers.
    """
    headers = {ESTIMATED: "true", MODEL: header_safe(model.name), **ids}
    return replies.reply(200, orjson.dumps({"input_tokens": tokens}), headers)
