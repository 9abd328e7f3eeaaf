"""What the person said in a conversation, without what agents put into the person's turns.

Only classification reads this; requests go on whole. Where it is in doubt whose words they are,
they are the person's: a tag that is not closed is text, and so is one in a code block.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extproc.core.conversation import Conversation, Turn
from extproc.intent.agent_marks import (
    ACKNOWLEDGED_TURNS,
    ADDED_FRAMES,
    CONTEXT_TAGS,
    CONTEXT_TURNS,
    FRAMES,
    FRESH_START,
    LINES,
    OPENING_FRAMES,
    PREAMBLES,
    TOOL_RESULT,
    TRAILERS,
)
from extproc.intent.tagged import Span, spans

__all__ = ["takes_long", "users_words"]

_LONGEST: Final = 64 * 1024
"""Characters that are read of one turn, half of them from its beginning and half from its end."""
_IN_ALL: Final = 4 * _LONGEST
_MOST_TURNS: Final = 1000
"""What is further back says nothing of what is asked now."""
_QUICK: Final = 16 * 1024
"""Characters that take less than 5 ms, whatever they are."""

_QUOTED: Final = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
"""How ``opencode run`` hands on what its command line said."""


def users_words(conversation: Conversation) -> Conversation:
    """The conversation up to the last turn in which the person said something.

    What the model said after that, between the answers of tools, is left out: within one task the
    words, and with them the route, stay the same. A turn in which nothing is the person's is left
    out too. Text of other kinds is not changed.

    Only the latest turns are read, and of long ones their ends: it takes no more time than 256 KiB
    of text do.
    """
    said: list[Turn] = []
    acknowledged = False
    for turn in _within_reach(conversation):
        if turn.role == "assistant":
            if not acknowledged:
                said.append(turn)
            continue
        if turn.text.startswith(FRESH_START):
            said.clear()
        acknowledged = turn.text.startswith((*ACKNOWLEDGED_TURNS, FRESH_START))
        words = "" if acknowledged else _words(turn.text)
        if words and not words.isspace():
            said.append(Turn("user", words))
    while said and said[-1].role == "assistant":
        said.pop()
    return tuple(said)


def takes_long(conversation: Conversation) -> bool:
    """Whether :func:`users_words` may take longer than an event loop may be held."""
    left = _QUICK
    for turn in conversation:
        left -= len(turn.text)
        if left < 0:
            return True
    return False


def _within_reach(conversation: Conversation) -> list[Turn]:
    """The latest turns, the last one that the user said always."""
    reached: list[Turn] = []
    left = _IN_ALL
    users = False
    for turn in reversed(conversation):
        if users and (left <= 0 or len(reached) >= _MOST_TURNS):
            break
        if (left > 0 and len(reached) < _MOST_TURNS) or turn.role == "user":
            reached.append(_clipped(turn))
            left -= min(len(turn.text), _LONGEST)
            users = users or turn.role == "user"
    reached.reverse()
    return reached


def _clipped(turn: Turn) -> Turn:
    if len(turn.text) <= _LONGEST:
        return turn
    half = _LONGEST // 2
    return Turn(turn.role, f"{turn.text[:half]}\n{turn.text[-half:]}")


def _words(text: str) -> str:
    """The person's words in a turn, empty if there are none."""
    if TOOL_RESULT.match(text):
        return _inside(text, spans(text, ADDED_FRAMES))
    words = _without_context(_without_lines(_behind_preamble(text)))
    words = _before_trailer(_unframed(words))
    quoted = _QUOTED.fullmatch(words)
    return quoted[1].replace('\\"', '"') if quoted else words


def _behind_preamble(text: str) -> str:
    for beginning, mark in PREAMBLES.items():
        if text.startswith(beginning):
            _, found, request = text[len(beginning) :].partition(mark)
            return request.strip() if found else text
    return text


def _without_lines(text: str) -> str:
    for beginning, ending in LINES.items():
        if beginning in text:
            text = _without(text, _line_spans(text, beginning, ending))
    return text


def _line_spans(text: str, beginning: str, ending: str) -> list[Span]:
    found: list[Span] = []
    end = 0
    last_ending = text.rfind(ending)
    for line in re.finditer(rf"^{re.escape(beginning)}[^\n]*$", text, re.MULTILINE):
        if line.start() < end:
            continue
        end = line.end()
        if end <= last_ending:
            end = text.index(ending, end) + len(ending)
        found.append(Span(line.start(), line.end(), line.end(), end))
    return found


def _without_context(text: str) -> str:
    words = _without(text, spans(text, CONTEXT_TAGS))
    framed = spans(words, FRAMES)
    if framed:
        return _inside(words, framed)
    return "" if text.startswith(CONTEXT_TURNS) else words


def _unframed(text: str) -> str:
    """The text without the tags of the frames that it begins with."""
    frames: list[Span] = []
    reached = 0
    for frame in spans(text, OPENING_FRAMES):
        if text[reached : frame.start].strip():
            break
        frames += (
            Span(frame.start, frame.start, frame.start, frame.inner_start),
            Span(frame.inner_end, frame.inner_end, frame.inner_end, frame.end),
        )
        reached = frame.end
    return _without(text, frames)


def _before_trailer(text: str) -> str:
    for mark in TRAILERS:
        words, found, _ = text.partition(f"\n\n{mark}")
        if found and words.strip():
            return words.strip()
    return text


def _inside(text: str, framed: Sequence[Span]) -> str:
    return "\n".join(text[one.inner_start : one.inner_end].strip() for one in framed).strip()


def _without(text: str, cut: Sequence[Span]) -> str:
    if not cut:
        return text
    starts = (0, *(span.end for span in cut))
    ends = (*(span.start for span in cut), len(text))
    return "".join(text[start:end] for start, end in zip(starts, ends, strict=True)).strip()
