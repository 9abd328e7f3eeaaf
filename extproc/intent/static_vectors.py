"""Sentence vectors from static word embeddings: a weighted sum of table rows, then one projection.

The table and its tokenizer are WordLlama's (PyPI ``wordllama``, ``l2_supercat``, 256 dimensions,
MIT licence), whose wheel carries both. Words alone match topics, not tasks ("generating new code"),
so what ``training/static_projection.py`` learned stands beside them: what each token counts, and a
projection each for prompts and for routes.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from extproc.intent.excerpts import Excerpt, clip

__all__ = ["PROJECTION", "StaticVectors", "Tokens", "Vector"]

PROJECTION = Path(__file__).with_name("data") / "static_projection.npz"

Vector: TypeAlias = NDArray[np.float32]
Tokens: TypeAlias = NDArray[np.int32]

_PLAIN_SHARE = 0.3
_ROUTE_CHARACTERS = 1400
_TOKENS_PER_TEXT = 512


@dataclass(frozen=True, slots=True)
class Learned:
    """What training adds for one kind of text: a weight per token and a projection."""

    weights: Vector
    projection: Vector

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.float16]], kind: str) -> Learned:
        return cls(
            arrays[f"{kind}_weights"].astype(np.float32),
            arrays[f"{kind}_projection"].astype(np.float32),
        )


class StaticVectors:
    """Turns prompts and routes into unit vectors whose dot product is their likeness, -1 to 1.

    The likeness is 0.3 times the cosine of the plain embeddings plus 0.7 times that of the learned
    ones: the plain part keeps topics that training has not seen.
    """

    def __init__(self, projection: Path | None = PROJECTION) -> None:
        """Load the tables from the installed packages; nothing is ever downloaded.

        Args:
            projection: an ``.npz`` with ``query_weights`` and ``route_weights`` (one per token),
                ``query_projection`` and ``route_projection`` (256 x 256); None for embeddings as
                published.

        Raises:
            FileNotFoundError: ``wordllama`` is not installed, or a file is missing.
        """
        home = _wordllama_home()
        table = load_file(home / "weights" / "l2_supercat_256.safetensors")
        tokenizer = home / "tokenizers" / "l2_supercat_tokenizer_config.json"
        self.table: Vector = table["embedding.weight"].astype(np.float32)
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        size, width = self.table.shape
        self._query = self._route = Learned(
            np.ones(size, np.float32), np.eye(width, dtype=np.float32)
        )
        if projection is not None:
            with np.load(projection) as arrays:
                self._query = Learned.of(arrays, "query")
                self._route = Learned.of(arrays, "route")

    def tokens(self, text: str) -> Tokens:
        """The token ids of a text, 512 at most."""
        # A lone surrogate, legal in a JSON string, would make the tokenizer raise.
        encodable = text.encode("utf-8", "replace").decode("utf-8")
        ids = self._tokenizer.encode(encodable, add_special_tokens=False).ids
        return np.asarray(ids[:_TOKENS_PER_TEXT], dtype=np.int32)

    def query(self, parts: Iterable[Excerpt]) -> Vector:
        """The vector of a conversation's excerpts; zero if they hold no token."""
        tokens = [(self.tokens(part.text), part.weight) for part in parts]
        if not tokens:
            return np.zeros(2 * self.table.shape[1], dtype=np.float32)
        ids = np.concatenate([ids for ids, _ in tokens])
        counts = np.concatenate([np.full(len(ids), weight, np.float32) for ids, weight in tokens])
        return self._vector(ids, counts, self._query)

    def route(self, name: str, description: str) -> Vector:
        """The vector of a route: its name in words, then its description."""
        words = name.replace("_", " ").replace("-", " ")
        ids = self.tokens(clip(f"{words}: {description}", _ROUTE_CHARACTERS))
        counts = np.ones(len(ids), dtype=np.float32)
        return self._vector(ids, counts, self._route)

    def _vector(self, ids: Tokens, counts: Vector, learned: Learned) -> Vector:
        rows = self.table[ids]
        plain = _unit(counts @ rows)
        amounts: Vector = counts * learned.weights[ids]
        summed: Vector = amounts @ rows
        trained = _unit(summed @ learned.projection)
        return np.concatenate((_PLAIN_SHARE**0.5 * plain, (1 - _PLAIN_SHARE) ** 0.5 * trained))


def _unit(vector: Vector) -> Vector:
    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length else vector


def _wordllama_home() -> Path:
    # Its files are read directly because importing it configures the root logger, pulls in an HTTP
    # client, and (0.4) looks for the tokenizer in a folder that its wheel does not have.
    spec = importlib.util.find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the wordllama package, which carries the embeddings, is missing")
    return Path(spec.origin).parent
