"""The form in the middle, that every dialect's requests and answers are read into and written from.

It holds what at least one pair of dialects can carry from one to the other. What only one dialect
has travels beside it (``Request.extras``, ``Opaque``): a writer carries it, names it as lost, or
refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from extproc.core.models import Dialect

__all__ = [
    "Answer",
    "AnswerPart",
    "Choice",
    "ChoiceMode",
    "Document",
    "Failure",
    "Image",
    "Member",
    "Opaque",
    "OutputFormat",
    "Part",
    "Reasoning",
    "ReasoningSettings",
    "Refusal",
    "Request",
    "Source",
    "Stop",
    "Text",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Turn",
    "Usage",
]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an image or a document is: exactly one of ``url``, ``data`` (base64, of the type
    ``media_type``), ``text`` (plain) and ``file_id`` (a file that only its provider has)."""

    url: str | None = None
    data: str | None = None
    media_type: str | None = None
    text: str | None = None
    file_id: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """``cache`` is a mark that what ends here is worth caching (Anthropic's ``cache_control``)."""

    text: str
    cache: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """``detail`` is OpenAI's."""

    source: Source
    detail: str | None = None
    cache: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """``title`` is its name for the model: a file name, a title."""

    source: Source
    title: str | None = None
    cache: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought before it answered.

    ``text`` is readable, a summary or all. ``signature`` proves to Anthropic that the text is
    its own; ``redacted`` is text that only Anthropic can read; ``encrypted`` is OpenAI's
    ``encrypted_content``, ``id`` its item's. None of these means anything to another provider.
    """

    text: str = ""
    signature: str | None = None
    redacted: str | None = None
    encrypted: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ToolCall:
    """``arguments`` is the JSON text of an object as the model wrote it, "" where it wrote none."""

    id: str
    name: str
    arguments: str
    cache: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """``parts`` hold texts, images and documents."""

    call_id: str
    parts: tuple[Part, ...]
    is_error: bool = False
    cache: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model's own words for not doing it."""

    text: str


@dataclass(frozen=True, slots=True)
class Opaque:
    """A part that only its dialect has: ``kind`` is its type there, ``path`` where it stands."""

    dialect: Dialect
    kind: str
    path: str
    raw: Mapping[str, Any]


Part: TypeAlias = Text | Image | Document | Reasoning | ToolCall | ToolResult | Refusal | Opaque


@dataclass(frozen=True, slots=True)
class Turn:
    """Parts of one speaker, in order, and where in the client's body they stand.

    Tool results are the user's. ``system`` is a turn of the system's (or developer's) that stands
    between others; what stands before them all is ``Request.system``. Neighbours of one role are
    not joined, and a turn may be empty: joining is for writers whose dialect wants it.
    """

    role: Literal["user", "assistant", "system"]
    parts: tuple[Part, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Member:
    """A tool's place in a group of tools (OpenAI's ``namespace``): the client's names for the group
    and for the tool in it; ``raw`` is all of the group."""

    group: str
    name: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function of the client's. ``parameters`` is a JSON Schema, None where it has none.

    A tool that the provider itself runs (web search, code execution, MCP…) or of another type than
    a function has ``kind``, its type there, and ``raw``, all of it; its ``name`` may be "".
    One of a group has ``member``; its ``name`` is then one that no other tool has. ``path`` is
    where it stands in the client's body, "" where that is its place among ``Request.tools``.
    ``grammar`` is whether its own dialect would hold the model to one, which its description tells.
    """

    name: str
    description: str | None = None
    parameters: Mapping[str, Any] | None = None
    strict: bool | None = None
    cache: Mapping[str, Any] | None = None
    kind: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    member: Member | None = None
    path: str = ""
    grammar: bool = False


class ChoiceMode(StrEnum):
    """Whether the model calls tools."""

    AUTO = "auto"
    REQUIRED = "required"
    NONE = "none"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Choice:
    """``name`` is the tool that must be called (NAMED); ``allowed`` are the only ones that may be
    (OpenAI's ``allowed_tools``), None: all of them."""

    mode: ChoiceMode
    name: str | None = None
    allowed: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class ReasoningSettings:
    """How much to reason.

    ``effort`` is one of none, minimal, low, medium, high, xhigh, max; ``budget`` is in tokens;
    ``adaptive`` leaves it to the model. ``enabled`` is False where reasoning is turned off in so
    many words, True where it is asked for without a measure. ``summary`` is how its text is shown
    (OpenAI's ``reasoning.summary``, Anthropic's ``thinking.display``).
    """

    effort: str | None = None
    budget: int | None = None
    adaptive: bool = False
    enabled: bool | None = None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """The form that an answer's text must have: any JSON object, or what ``schema`` allows."""

    schema: Mapping[str, Any] | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request of any dialect.

    ``max_tokens`` bounds the answer. ``include_usage`` says that a stream's client asked for usage.
    ``user`` is the client's own name for its user. ``extras`` holds the top-level members that have
    no place here, as the client wrote them, under OpenAI's names where its two dialects share the
    meaning (``seed``, ``store``, ``metadata``, ``verbosity``, ``service_tier``,
    ``prompt_cache_key``, ``safety_identifier``, ``top_logprobs``…); ``paths`` tells where those
    stand in the body that stand elsewhere than their name says.
    """

    dialect: Dialect
    model: str | None
    turns: tuple[Turn, ...]
    system: tuple[Text, ...] = ()
    tools: tuple[Tool, ...] = ()
    choice: Choice | None = None
    parallel_tools: bool | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    reasoning: ReasoningSettings | None = None
    format: OutputFormat | None = None
    streamed: bool = False
    include_usage: bool = False
    user: str | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)


class Stop(StrEnum):
    """Why an answer ended."""

    END = "end"
    SEQUENCE = "sequence"
    LENGTH = "length"
    TOOLS = "tools"
    REFUSED = "refused"
    """By a filter of its provider's, or by Anthropic's word for any refusal. Where OpenAI's models
    refuse in words of their own (:class:`Refusal`), the answer ends as any other."""
    PAUSED = "paused"
    """A long turn that the client is to continue (Anthropic's ``pause_turn``)."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens; None is what the provider did not say.

    ``input`` are all that went in: ``cached`` (read from a cache) and ``written`` (into one) are
    among them. ``output`` are all that came out, ``reasoning`` among them.
    """

    input: int | None = None
    output: int | None = None
    cached: int | None = None
    written: int | None = None
    reasoning: int | None = None


AnswerPart: TypeAlias = Text | Reasoning | ToolCall | Refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``created`` is in seconds since the epoch, None where the dialect tells none;
    ``sequence`` is the stop sequence that was met; ``service_tier`` is OpenAI's."""

    id: str
    parts: tuple[AnswerPart, ...]
    stop: Stop
    usage: Usage = Usage()
    created: int | None = None
    sequence: str | None = None
    service_tier: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error that a provider told. ``status`` is HTTP's, None inside a stream, where ``kind`` and
    ``code`` (the provider's own words) say what it was."""

    message: str
    status: int | None = None
    kind: str | None = None
    code: str | None = None
    param: str | None = None
