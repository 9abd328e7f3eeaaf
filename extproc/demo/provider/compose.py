"""From a request and a behaviour to an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import orjson

from extproc.demo.provider.answer import Answer, Part, PartKind, Stop, Usage
from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.example import example_of
from extproc.demo.provider.inquiry import Inquiry, results_in, schema_in, tools_in
from extproc.demo.provider.repertoire import SUFFIX_MARK

__all__ = ["compose"]

_AFTER_EACH_SPACE = re.compile(r"(?<=\s)")
_BYTES_PER_TOKEN = 4
_ARGUMENTS_PIECE = 12
_STOPS: Mapping[str, Stop] = {
    "length": Stop.LENGTH,
    "context": Stop.CONTEXT,
    "content_filter": Stop.FILTER,
    "stop_sequence": Stop.SEQUENCE,
}


def compose(provider: str, inquiry: Inquiry, behaviour: Behaviour, *, request_size: int) -> Answer:
    """Make up the answer that a behaviour asks for.

    Args:
        provider: what the provider calls itself.
        inquiry: what was asked.
        behaviour: how to answer.
        request_size: of the body, in bytes.
    """
    parts = tuple(_parts(provider, inquiry, behaviour))
    input_tokens, output_tokens = behaviour.input_tokens, behaviour.output_tokens
    usage = Usage(
        input=request_size // _BYTES_PER_TOKEN if input_tokens is None else input_tokens,
        output=sum(len(part.pieces) for part in parts) if output_tokens is None else output_tokens,
        cached=behaviour.cached_tokens,
        written=behaviour.written_tokens,
        reasoning=behaviour.reasoning_tokens,
    )
    return Answer(
        provider=provider,
        model=inquiry.model,
        request=inquiry.body,
        parts=parts,
        usage=usage,
        stop=_stop(behaviour, parts),
        interleaved=behaviour.interleave,
    )


def _parts(provider: str, inquiry: Inquiry, behaviour: Behaviour) -> Iterator[Part]:
    if behaviour.reasoning is not None:
        yield Part(PartKind.REASONING, _words(behaviour.reasoning))
    if behaviour.refusal is not None:
        yield Part(PartKind.REFUSAL, _words(behaviour.refusal))
        return
    calls = list(behaviour.calls)
    text = behaviour.text
    if behaviour.tools == "auto":
        if results := results_in(inquiry.body):
            text = f"The tools say: {'; '.join(results)}" if text is None else text
        else:
            known = tools_in(inquiry.body)
            calls += [(name, orjson.dumps(example_of(of)).decode()) for name, of in known]
    if behaviour.structured and (schema := schema_in(inquiry.body)) is not None:
        text = orjson.dumps(example_of(schema)).decode()
    if behaviour.deltas is not None:
        piece = "word".ljust(behaviour.delta_size)[: behaviour.delta_size]
        yield Part(PartKind.TEXT, (piece,) * behaviour.deltas)
    elif text is not None or not calls:
        greeting = f"Hello from {provider}/{inquiry.model.partition(SUFFIX_MARK)[0]}"
        yield Part(PartKind.TEXT, _words(greeting if text is None else text))
    for name, arguments in calls:
        size = _ARGUMENTS_PIECE
        pieces = (arguments[at : at + size] for at in range(0, len(arguments), size))
        yield Part(PartKind.CALL, tuple(pieces), name)


def _words(text: str) -> tuple[str, ...]:
    return tuple(filter(None, _AFTER_EACH_SPACE.split(text)))


def _stop(behaviour: Behaviour, parts: tuple[Part, ...]) -> Stop:
    if behaviour.stop is not None:
        return _STOPS[behaviour.stop]
    kinds = {part.kind for part in parts}
    if PartKind.REFUSAL in kinds:
        return Stop.REFUSAL
    return Stop.CALLS if PartKind.CALL in kinds else Stop.END
