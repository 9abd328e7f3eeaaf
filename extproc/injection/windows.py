"""A text of any length in the pieces that an encoder can judge: what is in one is judged together.

An attack is a sentence or two, wherever it stands. So a piece is a sentence, and once more with
those behind it, as far as they fit: amid much of what surrounds it an attack is hard to tell.
What hides from readers is made readable first: invisible signs are left out, and what is written in
base64 is read, too.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from extproc.core.encodable import encodable
from extproc.pii.folding import folded

__all__ = ["BLOCK", "WINDOW", "blocks", "hidden", "pieces", "sentences", "spans"]

BLOCK: Final = 4_000
"""Characters whose language is told, and that are tokenized, at once."""
WINDOW: Final = 40
"""Token ids that a piece has at most."""
_STRIDE: Final = 20
_FEWEST: Final = 5
"""Shorter sentences are one with what follows them."""
_SENTENCE_END: Final = re.compile(r"(?<=[.!?:;])[\"')\]]*\s+|\s*\n\s*")

_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{24,4000}+={0,2}", re.ASCII)
_MOST_ENCODED: Final = 8
_READABLE: Final = re.compile(r"[ -~\s]+")


def spans(length: int, window: int = WINDOW, stride: int = _STRIDE) -> Iterator[tuple[int, int]]:
    """Where the pieces are of something so long: offsets. The last one is as long as the others,
    unless there is only one."""
    begin = 0
    while begin + window < length:
        yield begin, begin + window
        begin += stride
    yield max(0, length - window), length


def blocks(text: str) -> Iterator[str]:
    """A text in parts of bounded length, cut between words, without what is invisible."""
    plain = encodable(folded(text)[0])
    begin = 0
    while begin < len(plain):
        end = begin + BLOCK
        if end < len(plain):
            space = plain.rfind(" ", begin + BLOCK // 2, end)
            end = end if space < 0 else space
        if part := plain[begin:end].strip():
            yield part
        begin = end


def sentences(block: str) -> Iterator[str]:
    """A block's sentences, or lines."""
    for sentence in _SENTENCE_END.split(block):
        if sentence and not sentence.isspace():
            yield sentence


def pieces(tokenized: Iterable[Sequence[int]]) -> Iterator[Sequence[int]]:
    """The pieces of sentences that are token ids: at most two for each, and more of long ones."""
    parts = list(_parts(tokenized))
    for number, part in enumerate(parts):
        yield part
        together, following = list(part), number + 1
        while following < len(parts) and len(together) + len(parts[following]) <= WINDOW:
            together += parts[following]
            following += 1
        if following > number + 1:
            yield together


def _parts(tokenized: Iterable[Sequence[int]]) -> Iterator[Sequence[int]]:
    short: list[int] = []
    for ids in tokenized:
        whole = [*short, *ids]
        short = []
        if len(whole) < _FEWEST:
            short = whole
        elif len(whole) <= WINDOW:
            yield whole
        else:
            yield from (whole[begin:end] for begin, end in spans(len(whole)))
    if short:
        yield short


def hidden(text: str) -> Iterator[str]:
    """What stands in a text in base64, as far as it is text."""
    found = 0
    for run in _ENCODED.finditer(text):
        found += 1
        if found > _MOST_ENCODED:
            return
        packed = run[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            plain = base64.b64decode(packed + "=" * (-len(packed) % 4))
            said = plain.decode()
        except (binascii.Error, ValueError):
            continue
        if " " in said and _READABLE.fullmatch(said):
            yield said
