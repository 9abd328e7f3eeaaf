"""What is served where nobody has written a configuration: every model of the providers whose keys
the environment has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from extproc.config.sections.version import VERSION_WITH_ROUTING

__all__ = ["KEY_VARIABLES", "keys_found", "ready_made"]

KEY_VARIABLES: Final[Mapping[str, str]] = {
    "openai": "OPENAI_API_KEY",
    "anthropic": "ANTHROPIC_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "groq": "GROQ_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "xai": "XAI_API_KEY",
    "together_ai": "TOGETHER_API_KEY",
    "moonshotai": "MOONSHOT_API_KEY",
    "digitalocean": "DO_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "vercel": "AI_GATEWAY_API_KEY",
    "edenai": "EDENAI_API_KEY",
    "cerebras": "CEREBRAS_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "perplexity": "PERPLEXITY_API_KEY",
}
"""By provider, the variable in which its own documentation, or Plano, keeps the key."""


def keys_found(environ: Mapping[str, str]) -> dict[str, str]:
    """The providers whose keys are set, each with its variable."""
    return {
        provider: variable
        for provider, variable in KEY_VARIABLES.items()
        if environ.get(variable, "").strip()
    }


def ready_made(providers: Mapping[str, str]) -> str:
    """A configuration that serves every model of these providers.

    Args:
        providers: their names, each with the variable that holds its key.
    """
    entries = "".join(
        f"  - {{model: {provider}/*, access_key: ${variable}}}\n"
        for provider, variable in providers.items()
    )
    return f"version: {VERSION_WITH_ROUTING}\nmodel_providers:\n{entries}"
