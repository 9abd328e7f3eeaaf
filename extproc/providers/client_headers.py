"""What a client's headers may tell a provider: what the APIs know, and nothing about who asks.

A name that ends in ``*`` stands for every name that begins like it. What is not listed stays with
us, for the headers by which companies, clouds and gateways say who somebody is have no end.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ACCOUNT_HEADERS", "KNOWN_TO_APIS", "LISTS_OF_FEATURES"]

ACCOUNT_HEADERS: Final = ("chatgpt-account-id", "openai-organization", "openai-project")
"""On whose account a client asks: it goes with the client's key only, for with any other one it is
refused."""

LISTS_OF_FEATURES: Final = frozenset({"anthropic-beta", "openai-beta"})
"""Headers that list what a request makes use of.
https://platform.claude.com/docs/en/api/beta-headers"""

KNOWN_TO_APIS: Final = (
    # HTTP itself: what is asked for, what is sent, and by which program.
    "accept",
    "accept-language",
    "content-*",
    "if-range",
    "range",
    "user-agent",
    # https://www.w3.org/TR/trace-context/; its baggage is whatever anybody put there.
    "traceparent",
    "tracestate",
    # https://platform.openai.com/docs/api-reference/debugging-requests, and the OpenAI and
    # Anthropic SDKs, which say how they were built and how often they have tried.
    "idempotency-key",
    "openai-*",
    "x-client-request-id",
    "x-stainless-*",
    # https://platform.claude.com/docs/en/api/overview, and how Claude Code introduces itself.
    "anthropic-*",
    "x-app",
    "x-claude-code-session-id",
    # Codex, to its own backend: https://github.com/openai/codex
    "conversation_id",
    "originator",
    "session-id",
    "session_id",
    "thread-id",
    "version",
    "x-codex-*",
    "x-openai-subagent",
    # https://console.groq.com/docs/api-reference
    "groq-*",
    # https://docs.x.ai/docs/guides/chat-completions: requests of one conversation share a cache
    "x-grok-conv-id",
    # https://openrouter.ai/docs/app-attribution
    "http-referer",
    "x-title",
    "x-openrouter-*",
    # https://docs.fireworks.ai/guides/prompt-caching
    "x-fireworks-*",
    "x-session-affinity",
    "x-session-id",
    # https://help.aliyun.com/zh/model-studio/
    "x-dashscope-*",
    # https://learn.microsoft.com/azure/ai-foundry/openai/reference
    "x-ms-client-request-id",
    "x-ms-oai-image-generation-deployment",
    # https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
    "x-amzn-bedrock-*",
)
"""Requests of any client to any provider keep these."""
