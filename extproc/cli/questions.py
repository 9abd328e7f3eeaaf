"""The few questions from whose answers ``dragoman init`` writes a configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extproc.config.ready_made import KEY_VARIABLES
from extproc.config.sections.version import VERSION_WITH_ROUTING

__all__ = ["Answers", "ask", "composed"]

CLIENT_KEY: Final = "DRAGOMAN_CLIENT_KEY"

_MODELS: Final[Mapping[str, tuple[str, str]]] = {
    "openai": ("gpt-4o", "gpt-4o-mini"),
    "anthropic": ("claude-sonnet-4-5", "claude-haiku-4-5"),
    "gemini": ("gemini-2.5-pro", "gemini-2.5-flash"),
    "mistral": ("mistral-large-latest", "mistral-small-latest"),
    "deepseek": ("deepseek-reasoner", "deepseek-chat"),
}
"""Of providers whose models people know by heart: one for hard tasks and one for easy ones."""

_MODEL: Final = re.compile(r"[\w.:/@+-]*\w")
"""Names of models, none of which YAML reads otherwise than it is written."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered.

    ``hard`` and ``easy`` are models as ``provider/model``, where requests are to be routed by what
    they are about. ``others`` is whether clients on other machines may come in.
    """

    providers: Sequence[str]
    hard: str | None = None
    easy: str | None = None
    others: bool = False


def ask(question: Callable[[str], str], keys: Sequence[str]) -> Answers:
    """Ask.

    Args:
        question: shows a question and returns what was answered.
        keys: the providers whose keys are set.
    """
    providers = _providers(question, list(keys) or ["openai"])
    known = [name for name in providers if name in _MODELS]
    hard = easy = None
    if known and _yes(question, "Route requests by what they are about?", default=True):
        first, last = known[0], known[-1]
        hard = _model(question, "Model for hard tasks", f"{first}/{_MODELS[first][0]}", providers)
        easy = _model(question, "Model for easy ones", f"{last}/{_MODELS[last][1]}", providers)
    others = _yes(question, "Will clients on other machines connect?", default=False)
    return Answers(providers, hard, easy, others)


def composed(answers: Answers) -> str:
    """The configuration that was asked for, as text."""
    models = list(dict.fromkeys(filter(None, (answers.easy, answers.hard))))
    entries = [
        _entry(model, model.partition("/")[0], default=model == answers.easy) for model in models
    ] + [_entry(f"{provider}/*", provider) for provider in answers.providers]
    parts = [
        f"version: {VERSION_WITH_ROUTING}\n",
        _listener(answers),
        "model_providers:\n" + "".join(entries),
    ]
    if answers.hard and answers.easy:
        parts.append(_routes(answers.hard, answers.easy))
    return "\n".join(parts)


def _providers(question: Callable[[str], str], default: Sequence[str]) -> list[str]:
    shown, why_again = ", ".join(default), ""
    while True:
        text = question(f"{why_again}Which providers, of {', '.join(KEY_VARIABLES)}? [{shown}] ")
        named = text.replace(",", " ").lower().split() or list(default)
        unknown = [name for name in named if name not in KEY_VARIABLES]
        if not unknown:
            return list(dict.fromkeys(named))
        why_again = f"Not known here: {', '.join(unknown)}.\n"


def _model(
    question: Callable[[str], str], about: str, default: str, providers: Sequence[str]
) -> str:
    why_again = ""
    while True:
        answer = question(f"{why_again}{about}, as provider/model? [{default}] ").strip() or default
        provider, _, model = answer.partition("/")
        if provider not in providers:
            why_again = f"It has to begin with {' or '.join(f'{name}/' for name in providers)}.\n"
        elif not _MODEL.fullmatch(model):
            why_again = f"This is no name of a model: {model!r}.\n"
        else:
            return answer


def _yes(question: Callable[[str], str], text: str, *, default: bool) -> bool:
    choices = "Y/n" if default else "y/N"
    while True:
        answer = question(f"{text} [{choices}] ").strip().lower()
        if not answer:
            return default
        if answer in ("y", "yes", "n", "no"):
            return answer.startswith("y")


def _listener(answers: Answers) -> str:
    lines = ["listeners:", "  - type: model", "    name: llm"]
    if answers.others:
        lines += ["    address: 0.0.0.0", f"    api_keys: [${CLIENT_KEY}] # clients must have it"]
    else:
        lines += ["    address: 127.0.0.1 # before you open it to others, set api_keys"]
    return "\n".join([*lines, "    port: 12000\n"])


def _entry(model: str, provider: str, *, default: bool = False) -> str:
    lines = [f"  - model: {model}", f"    access_key: ${KEY_VARIABLES[provider]}"]
    if default:
        lines.append("    default: true # serves requests that name no model")
    return "".join(f"{line}\n" for line in lines)


def _routes(hard: str, easy: str) -> str:
    return f"""\
# What requests are about, and who answers them: the first model, and the next one when it fails.
routing_preferences:
  - name: complex_reasoning
    description: complex reasoning tasks, multi-step analysis, or detailed explanations
    models: [{", ".join(dict.fromkeys((hard, easy)))}]
  - name: code_generation
    description: generating new code, writing functions, or creating boilerplate
    models: [{", ".join(dict.fromkeys((hard, easy)))}]
  - name: everyday
    description: everyday questions, summaries, translations, and short texts
    models: [{", ".join(dict.fromkeys((easy, hard)))}]
"""
