"""Which models are a provider's own: what their ids look like, and some that are known to exist.

Clients that were written for one provider name models by bare ids (``claude-sonnet-4-5``). Where
only a wildcard is declared, the families tell whose they are. A provider that resells models, or
runs whatever it is given, has no row: any id may be its.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["OWN_MODELS", "OwnModels"]


@dataclass(frozen=True, slots=True)
class OwnModels:
    """The models of one provider.

    Attributes:
        families: patterns of their ids, as :mod:`fnmatch` reads them.
        known: ids that a list of models may show without having asked the provider; not all of
            them, and without those of snapshots.
    """

    families: tuple[str, ...]
    known: tuple[str, ...] = ()


# https://platform.openai.com/docs/models and, for the other endpoints, .../docs/api-reference.
# Its open models (gpt-oss-*) are served by others.
_OPENAI: Final = (
    *("gpt-[0-9]*", "gpt-audio*", "gpt-realtime*", "gpt-image-*", "chatgpt-*", "o[1-9]*"),
    *("codex-*", "computer-use-*", "ft:*", "text-embedding-*", "omni-moderation-*"),
    *("text-moderation-*", "tts-*", "whisper-*", "dall-e-*", "davinci-*", "babbage-*", "sora-*"),
)

OWN_MODELS: Final[Mapping[str, OwnModels]] = {
    "openai": OwnModels(
        _OPENAI,
        # ChatModel and AllModels of the SDK, openai 3.57
        known=(
            *("gpt-6.2-astra", "gpt-6.2-sol", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-astra"),
            *("gpt-6-sol", "gpt-6-luna", "gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna"),
            *("gpt-5.5", "gpt-5.5-pro", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano"),
            *("gpt-5.2", "gpt-5.2-pro", "gpt-5.1", "gpt-5.1-mini", "gpt-5.1-codex"),
            *("gpt-5.1-codex-max", "gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5-pro"),
            *("gpt-5-codex", "gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o", "gpt-4o-mini"),
            *("o4-mini", "o3", "o3-pro", "o3-mini", "o1", "o1-pro"),
        ),
    ),
    # Deployments have whatever names their owners gave them; these are the ones that are proposed:
    # https://learn.microsoft.com/azure/ai-foundry/openai/how-to/create-resource
    "azure_openai": OwnModels(_OPENAI),
    "chatgpt": OwnModels(("gpt-[0-9]*", "codex-*")),
    "anthropic": OwnModels(
        ("claude-*",),
        # Model of the SDK, anthropic 2.14
        known=(
            *("claude-fable-5-2", "claude-mythos-5-2", "claude-opus-5-5", "claude-sonnet-5-5"),
            *("claude-haiku-5-5", "claude-fable-5-1", "claude-mythos-5-1", "claude-fable-5"),
            *("claude-mythos-5", "claude-opus-5", "claude-sonnet-5", "claude-opus-4-8"),
            *("claude-opus-4-7", "claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-5"),
            *("claude-sonnet-4-5", "claude-haiku-4-5"),
        ),
    ),
    # https://ai.google.dev/gemini-api/docs/models
    "gemini": OwnModels(
        ("gemini-*", "gemma-*", "imagen-*", "veo-*"),
        known=("gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash-lite"),
    ),
    # https://docs.mistral.ai/getting-started/models
    "mistral": OwnModels(
        (
            *("mistral-*", "ministral-*", "magistral-*", "codestral-*", "devstral-*"),
            *("pixtral-*", "voxtral-*", "open-mistral-*", "open-mixtral-*"),
        ),
        known=("mistral-large-latest", "mistral-medium-latest", "mistral-small-latest"),
    ),
    # https://api-docs.deepseek.com/quick_start/pricing
    "deepseek": OwnModels(("deepseek-*",)),
    # https://docs.x.ai/docs/models
    "xai": OwnModels(("grok-*",)),
    # https://platform.kimi.ai/docs/api/overview
    "moonshotai": OwnModels(("kimi-*", "moonshot-*")),
    # https://docs.bigmodel.cn/cn/guide/start/model-overview
    "zhipu": OwnModels(("glm-*", "cogview-*", "embedding-[0-9]")),
    # https://www.alibabacloud.com/help/en/model-studio/models
    "qwen": OwnModels(("qwen*", "qwq-*", "qvq-*")),
    # https://platform.xiaomimimo.com/docs/en-US/api/chat/openai-api
    "xiaomi": OwnModels(("mimo-*",)),
    # https://docs.perplexity.ai/docs/sonar/models
    "perplexity": OwnModels(("sonar*",)),
}
