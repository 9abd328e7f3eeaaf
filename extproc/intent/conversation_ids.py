"""What the embedded classifier reads of a request, as token ids: its turns and its tools' names."""

from __future__ import annotations

from collections.abc import Sequence

from extproc.core.conversation import Conversation
from extproc.intent.excerpts import excerpts
from extproc.intent.tokens import Tokens, fit, tools_text

__all__ = ["conversation_ids", "excerpt_ids"]


def conversation_ids(
    tokens: Tokens,
    conversation: Conversation,
    tools: Sequence[str] = (),
    limit: int | None = None,
) -> list[int]:
    """The ids of a conversation, and behind them those of what its tools are called.

    "Bump the version" says nothing of programming; a request that brings an editor and a shell
    along does.

    Args:
        tokens: the tokenizer.
        conversation: the turns so far.
        tools: the names of the request's tools, in its order.
        limit: see :func:`extproc.intent.tokens.fit`.

    Returns:
        No ids if no user turn has text.
    """
    return excerpt_ids(tokens, excerpts(conversation), tools, limit)


def excerpt_ids(
    tokens: Tokens, said: Sequence[str], tools: Sequence[str] = (), limit: int | None = None
) -> list[int]:
    """As :func:`conversation_ids`, of excerpts that were made before."""
    parts = [ids for ids in map(tokens.ids, said) if ids]
    if not parts:
        return []
    named = tools_text(tools)
    return fit(parts, limit, tokens.ids(named) if named else ())
