"""How a fake provider answers one request: well, slowly, wrongly or not at all."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["Behaviour"]

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING_HEADERS = frozenset({"content-length", "transfer-encoding"})
_COUNTS = (
    "cut_after",
    "stall_after",
    "error_after",
    "end_after",
    "deltas",
    "delta_size",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "written_tokens",
    "reasoning_tokens",
)
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "before_headers": ("reset", "silence"),
    "malformed": ("first", "middle"),
    "instead": ("empty", "half", "error", "no_choices", "html", "answer"),
    "tools": ("auto",),
    "stop": ("length", "context", "content_filter", "stop_sequence"),
}
_DURATIONS = ("delay_headers", "delay_first_content", "delay_between", "slow_body")
_SAYINGS = ("text", "deltas", "refusal", "structured")
_ENDINGS = (
    "cut_after",
    "stall_after",
    "error_after",
    "end_after",
    "first_event_error",
    "no_terminator",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """One way to answer. The default is a correct answer at once; fields combine freely unless they
    contradict each other, which is a ``ValueError``.

    Times are in seconds. A *content event* is one that carries a piece of the answer: of its text,
    its reasoning, its refusal or the arguments of its tool calls.

    Attributes:
        status: 200, or another from 300 on, which comes with an error body in the client's dialect.
        code: with an error status: the provider's own code (``context_length_exceeded``), whose
            usual type and message come with it, perhaps with the parameter that it is about behind
            a colon (``unsupported_parameter:max_tokens``).
        html: with an error status: the body is a page of HTML, as gateways send it.
        retry_after: the value of a ``retry-after`` header.
        headers: more response headers; one of the same name replaces the usual one.
        before_headers: ``reset`` answers with a TCP RST, ``silence`` never answers.
        delay_headers: wait before the response headers (or before what ``before_headers`` does).
        delay_first_content: streams only: wait after the opening events, before the first content
            (or before the error that comes in its place).
        delay_between: streams only: wait between one content event and the next.
        slow_body: how long a body that is not streamed takes to drip through.
        first_event_error: streams only: status 200, and then an error where content should begin.
        error_after: streams only: an error after this many content events, then a clean end.
        end_after: streams only: a clean end after this many content events, in mid-sentence.
        cut_after: close the connection inside the event after this many content events. A body that
            is not streamed is cut half way, whatever the number.
        stall_after: fall silent after this many content events. A body that is not streamed stalls
            half way, whatever the number.
        no_terminator: streams only: leave out what ends the dialect's streams, yet end cleanly.
        malformed: streams only: one more event, not JSON, at the very start or amid the content.
        garbage_body: status and content type promise JSON, the body is none. Streams get it too.
        instead: status 200, and this in place of an answer or a stream: nothing, half of one, an
            error, an answer without choices, a page of HTML, or a whole ``answer`` for a stream.
        gzip: compress the body, whether that was asked for or not.
        text: the answer; None greets in the provider's and the model's name, or says nothing beside
            tool calls.
        structured: answer with JSON that follows the schema of the request, if it has one.
        refusal: refuse in these words instead of answering.
        reasoning: think in these words first.
        calls: call these tools: names, and arguments as JSON.
        tools: ``auto`` calls each tool of the request once, with arguments that its schema allows;
            if the conversation ends with results of tools, it answers with a text that quotes them.
        interleave: streams of chat completions only: the pieces of several calls come in turns.
        stop: why the answer ends, if not as it seems.
        deltas: answer with this many content events of filler instead of a text.
        delta_size: how many characters each of the ``deltas`` has.
        input_tokens: reported usage, cached and written tokens among it; None estimates it from the
            size of the request.
        output_tokens: reported usage, reasoning tokens among it; None counts the content events.
        cached_tokens: how many of the input tokens came from a cache.
        written_tokens: how many of the input tokens were written to a cache.
        reasoning_tokens: how many of the output tokens were spent on reasoning.
    """

    status: int = 200
    code: str | None = None
    html: bool = False
    retry_after: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    before_headers: Literal["reset", "silence"] | None = None
    delay_headers: float = 0.0
    delay_first_content: float = 0.0
    delay_between: float = 0.0
    slow_body: float = 0.0
    first_event_error: bool = False
    error_after: int | None = None
    end_after: int | None = None
    cut_after: int | None = None
    stall_after: int | None = None
    no_terminator: bool = False
    malformed: Literal["first", "middle"] | None = None
    garbage_body: bool = False
    instead: Literal["empty", "half", "error", "no_choices", "html", "answer"] | None = None
    gzip: bool = False
    text: str | None = None
    structured: bool = False
    refusal: str | None = None
    reasoning: str | None = None
    calls: tuple[tuple[str, str], ...] = ()
    tools: Literal["auto"] | None = None
    interleave: bool = False
    stop: Literal["length", "context", "content_filter", "stop_sequence"] | None = None
    deltas: int | None = None
    delta_size: int = 4
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0
    written_tokens: int = 0
    reasoning_tokens: int = 0

    def __post_init__(self) -> None:
        if self.status != 200 and not 300 <= self.status <= 599:
            raise ValueError(f"status must be 200 or from 300 to 599, not {self.status}")
        for name, choices in _CHOICES.items():
            chosen = getattr(self, name)
            if chosen is not None and chosen not in choices:
                raise ValueError(f"{name} must be {' or '.join(choices)}, not {chosen}")
        if self.status == 200 and (self.code is not None or self.html):
            raise ValueError("code and html need an error status")
        for name in _COUNTS:
            count = getattr(self, name)
            if count is not None and count < 0:
                raise ValueError(f"{name} must not be negative, is {count}")
        for name in _DURATIONS:
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds >= 0):
                raise ValueError(f"{name} must be a number of seconds, is {seconds}")
        said = [name for name in _SAYINGS if getattr(self, name) not in (None, False)]
        if len(said) > 1:
            raise ValueError(f"{' and '.join(said)} exclude each other")
        endings = [name for name in _ENDINGS if getattr(self, name) not in (None, False)]
        if len(endings) > 1:
            raise ValueError(f"{' and '.join(endings)} exclude each other")
        for name, value in self.extra_headers:
            _check_header(name, value)

    @property
    def extra_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers that this behaviour adds to a response, ``retry-after`` among them."""
        if self.retry_after is None:
            return self.headers
        return (*self.headers, ("retry-after", self.retry_after))

    @property
    def content_limit(self) -> int | None:
        """After how many content events a stream breaks off; None: it runs to its end."""
        for limit in (self.cut_after, self.stall_after, self.error_after, self.end_after):
            if limit is not None:
                return limit
        return None


def _check_header(name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a header name")
    if name.lower() in _FRAMING_HEADERS:
        raise ValueError(f"{name} is not for a behaviour to set")
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise ValueError(f"{value!r} is not a value for the header {name}")
