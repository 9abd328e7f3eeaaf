"""How much texts look like an attack: the chance of their worst piece.

An encoder takes milliseconds for a piece, so of a long text only some are shown to it: those whose
words are most often those of attacks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from extproc.injection.head import Heads
from extproc.injection.windows import BLOCK, blocks, hidden, pieces, sentences, spans
from extproc.intent.encoder import Encoder
from extproc.intent.languages import is_english
from extproc.intent.multilingual import LazyMultilingual
from extproc.intent.tokens import Tokens

__all__ = ["Judge"]

_MOST_PIECES: Final = 8
"""What an encoder reads of one request: some 20 ms."""
_MOST_BLOCKS: Final = 256
"""What is looked through of one request: a million characters."""
_MOST_CHARACTERS: Final = _MOST_BLOCKS * BLOCK
_START, _END = 101, 102
_FOREIGN_WINDOW: Final = 160
_FOREIGN_STRIDE: Final = 80
"""Characters."""


class _Piece(NamedTuple):
    """A piece of a text and how much its words speak for an attack; ``ids`` for the encoder, or
    ``said`` for the multilingual one."""

    telling: float
    ids: Sequence[int] = ()
    said: str = ""


class Judge:
    """Judges texts, on the calling thread; threads may share one."""

    def __init__(
        self,
        heads: Heads,
        tokens: Tokens | None = None,
        encoder: Encoder | None = None,
        multilingual: LazyMultilingual | None = None,
    ) -> None:
        """
        Args:
            heads: what was learned of attacks.
            tokens: the encoder's tokenizer; None loads it.
            encoder: reads English; None loads the packaged one.
            multilingual: reads the rest; None loads the packaged one when there is some.
        """
        self._heads = heads
        self._tokens = tokens or Tokens()
        self._encoder = encoder or Encoder(adapter=None)
        self._multilingual = multilingual or LazyMultilingual()

    def score(self, texts: Iterable[str]) -> float:
        """The chance that there is an attack in one of the texts, 0 to 1; 0 where there is no text.

        Of more than a million characters the first are looked through.
        """
        return next(score for score in self.steps(texts) if score is not None)

    def steps(self, texts: Iterable[str]) -> Iterator[float | None]:
        """The same in steps of milliseconds, between which others may be judged: None until there
        is the chance."""
        found: list[_Piece] = []
        for block in islice(_blocks(texts), _MOST_BLOCKS):
            if found:
                yield None
            found += self._english(block) if is_english(block) else _foreign(block)
        if len(found) > _MOST_PIECES:
            found = sorted(found, key=lambda piece: -piece.telling)[:_MOST_PIECES]
        yield max(map(self._chance, found), default=0.0)

    def _english(self, block: str) -> Iterator[_Piece]:
        for ids in pieces(map(self._tokens.ids, sentences(block))):
            if ids:
                # By its root, for a longer piece has more of everything.
                telling = self._heads.telling(ids) / math.sqrt(len(ids))
                yield _Piece(telling, ids=ids)

    def _chance(self, piece: _Piece) -> float:
        if piece.said:
            return self._heads.other(self._multilingual.wanted().result().prompt([piece.said]))
        return self._heads.english(*self._encoder.halves([_START, *piece.ids, _END]))


def _blocks(texts: Iterable[str]) -> Iterator[str]:
    for whole in texts:
        text = whole[:_MOST_CHARACTERS]
        yield from blocks(text)
        for said in hidden(text):
            yield from blocks(said)


_UNKNOWN: Final = 3.0
"""Nothing is known of the words of other languages: they come before English ones that tell little.
"""


def _foreign(block: str) -> Iterator[_Piece]:
    for begin, end in spans(len(block), _FOREIGN_WINDOW, _FOREIGN_STRIDE):
        yield _Piece(_UNKNOWN, said=block[begin:end])
