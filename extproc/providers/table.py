"""The providers that are known by name.

Each row cites the page of the provider's documentation that it was checked against. A dialect is
listed where it is spoken for every model of the provider, under the same prefix and with the same
key. Where a provider speaks Anthropic's dialect elsewhere (DeepSeek, Moonshot and Xiaomi under
``/anthropic/v1``), an entry under a name of its own reaches it with ``provider_interface:
anthropic`` and that ``base_url``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from extproc.core.models import Dialect
from extproc.providers.provider import Paths, Provider

__all__ = ["KNOWN", "spoken_to"]

_CHAT: Final[Paths] = {Dialect.CHAT: "/chat/completions"}
_CHAT_AND_RESPONSES: Final[Paths] = {**_CHAT, Dialect.RESPONSES: "/responses"}
_MESSAGES: Final[Paths] = {Dialect.MESSAGES: "/messages"}
_ALL: Final[Paths] = {**_CHAT_AND_RESPONSES, **_MESSAGES}


def _table(rows: Iterable[Provider]) -> Mapping[str, Provider]:
    return {row.name: row for row in rows}


KNOWN: Final[Mapping[str, Provider]] = _table(
    [
        # https://platform.openai.com/docs/api-reference
        Provider("openai", "https://api.openai.com", "/v1", _CHAT_AND_RESPONSES),
        # https://platform.claude.com/docs/en/api/versioning: every request names a version.
        # The endpoint that is compatible with OpenAI's chat is left out: it wants the key as a
        # bearer token and Anthropic calls it a means of comparison, not for production
        # (https://platform.claude.com/docs/en/api/openai-sdk). Bearer tokens are what a
        # subscription's login gives; keys (sk-ant-api...) go into x-api-key.
        Provider(
            "anthropic",
            "https://api.anthropic.com",
            "/v1",
            _MESSAGES,
            key_header="x-api-key",
            key_prefix="",
            bearer_tokens="sk-ant-oat",
            default_headers={"anthropic-version": "2023-06-01"},
        ),
        # https://ai.google.dev/gemini-api/docs/openai; Plano's own default names /v1beta alone
        Provider(
            "gemini",
            "https://generativelanguage.googleapis.com",
            "/v1beta/openai",
            _CHAT,
            surfaces={"/v1beta": {Dialect.CHAT: "/openai/chat/completions"}},
        ),
        # https://console.groq.com/docs/openai, which names the Responses API too
        Provider("groq", "https://api.groq.com", "/openai/v1", _CHAT_AND_RESPONSES),
        # https://docs.mistral.ai/api
        Provider("mistral", "https://api.mistral.ai", "/v1", _CHAT),
        # https://api-docs.deepseek.com: the page's own base has no /v1, which is its alias; with
        # it, servers that stand in for DeepSeek under a bare base_url are reached as well.
        Provider("deepseek", "https://api.deepseek.com", "/v1", _CHAT),
        # https://docs.x.ai/developers/rest-api-reference/inference; /v1/messages is deprecated
        Provider("xai", "https://api.x.ai", "/v1", _CHAT_AND_RESPONSES),
        # https://docs.together.ai/docs/inference/openai-compatibility
        Provider("together_ai", "https://api.together.ai", "/v1", _CHAT),
        # https://platform.kimi.ai/docs/api/overview. As in Plano, https://api.kimi.com/coding means
        # /coding/v1.
        Provider(
            "moonshotai",
            "https://api.moonshot.ai",
            "/v1",
            _CHAT,
            surfaces={"/coding": {Dialect.CHAT: "/v1/chat/completions"}},
        ),
        # https://docs.bigmodel.cn/cn/guide/develop/http/introduction
        Provider("zhipu", "https://open.bigmodel.cn", "/api/paas/v4", _CHAT),
        # https://docs.digitalocean.com/reference/api/reference/serverless-inference/; its
        # /v1/messages serves Claude models only
        Provider("digitalocean", "https://inference.do-ai.run", "/v1", _CHAT_AND_RESPONSES),
        # https://openrouter.ai/docs/api/api-reference/responses/create-responses and
        # https://openrouter.ai/openapi.yaml (/chat/completions, /responses, /messages)
        Provider("openrouter", "https://openrouter.ai", "/api/v1", _ALL),
        # https://vercel.com/docs/ai-gateway/sdks-and-apis/openai-chat-completions,
        # .../sdks-and-apis/responses, https://vercel.com/docs/ai-gateway/anthropic-compat (which
        # takes bearer tokens too)
        Provider("vercel", "https://ai-gateway.vercel.sh", "/v1", _ALL),
        # https://platform.xiaomimimo.com/docs/en-US/api/chat/openai-api: api-key or bearer token
        Provider("xiaomi", "https://api.xiaomimimo.com", "/v1", _CHAT),
        # https://www.edenai.co/docs/v3/llms/chat-completions
        Provider("edenai", "https://api.edenai.run", "/v3", _CHAT),
        # Unverified, from Plano's table: no public documentation. The key is what a subscription's
        # login gave the client.
        Provider(
            "chatgpt",
            "https://chatgpt.com",
            "/backend-api/codex",
            _CHAT_AND_RESPONSES,
            default_headers={"originator": "codex_cli_rs"},
            takes_client_key=True,
        ),
        # https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: the v1 API is
        # generally available and needs no api-version; the model is the deployment's name. A
        # base_url that ends in /openai/deployments asks for the older API, in the version that
        # Plano uses. Keys go into api-key; Entra ID's tokens (JSON Web Tokens) are bearer tokens.
        Provider(
            "azure_openai",
            None,
            "/openai/v1",
            _CHAT_AND_RESPONSES,
            surfaces={
                "/openai/deployments": {
                    Dialect.CHAT: "/{model}/chat/completions?api-version=2025-01-01-preview"
                }
            },
            key_header="api-key",
            key_prefix="",
            bearer_tokens="eyJ",
        ),
        # https://help.aliyun.com/zh/model-studio/compatibility-of-openai-with-dashscope: the host
        # depends on the region (https://dashscope-intl.aliyuncs.com)
        Provider("qwen", None, "/compatible-mode/v1", _CHAT),
        # https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions-mantle.html
        # with a Bedrock API key: https://bedrock-runtime.{region}.amazonaws.com or
        # https://bedrock-mantle.{region}.api.aws
        Provider("amazon_bedrock", None, "/v1", _CHAT),
        # https://docs.ollama.com/api/openai-compatibility (Responses from 0.13.3) and
        # https://docs.ollama.com/api/anthropic-compatibility
        Provider("ollama", None, "/v1", _ALL),
        # Unverified, from Plano's table: its own hosted models.
        Provider("plano", None, "/v1", _CHAT),
        # What those were called while Plano was named Arch.
        Provider("arch", None, "/v1", _CHAT),
        # https://inference-docs.cerebras.ai/resources/openai
        Provider("cerebras", "https://api.cerebras.ai", "/v1", _CHAT, known_to_plano=False),
        # https://fireworks.ai/docs/api-reference/post-responses and
        # https://docs.fireworks.ai/tools-sdks/anthropic-compatibility (takes bearer tokens)
        Provider(
            "fireworks", "https://api.fireworks.ai", "/inference/v1", _ALL, known_to_plano=False
        ),
        # https://docs.perplexity.ai/docs/sonar/openai-compatibility: no /v1. /v1/responses is
        # another product (Agent API) with models of its own.
        Provider("perplexity", "https://api.perplexity.ai", "", _CHAT, known_to_plano=False),
        # https://docs.vllm.ai/en/latest/serving/online_serving/
        Provider("vllm", None, "/v1", _ALL, known_to_plano=False),
    ]
)


def spoken_to(name: str, interface: str | None) -> Provider | None:
    """The row that an entry goes by, None if there is none.

    Args:
        name: the provider that its model names.
        interface: its ``provider_interface``. For a known provider, ``openai`` says nothing new.
    """
    own = KNOWN.get(name)
    if own is not None and interface in (None, "openai"):
        return own
    return KNOWN.get(interface or "")
