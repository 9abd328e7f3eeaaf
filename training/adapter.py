"""Trains the adapter: what the packaged encoder's vectors of prompts lack, learned without it.

    python -m training.adapter DATA WORK [--steps 1200] [--output FILE]

The encoder stays as it is. Prompts and wordings of labels are encoded once, as the package encodes
them (two minutes); ``WORK`` keeps their vectors. What is trained is a small layer that moves a
prompt's vector: seconds, where the encoder itself takes an hour. The loss is the encoder's, at the
threshold that is packaged; prompts that are not new are held where they were.
"""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from extproc.intent.adapter import ADAPTER
from extproc.intent.embedded import THRESHOLD
from extproc.intent.encoder import Encoder
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import WIDTH
from training.batches import in_conversation, worded
from training.sources import RIGHT, WRONG, Source, read_sources

__all__ = ["AdapterLayer"]

_HIDDEN = 256
_RATE = 1e-3
_BATCH = 192
_LISTED = 160
_SHARPNESS = 20.0
_SLOPE = 14.0
_NEGATIVES = 1.5
_HELD = 8.0
_WORDINGS = 4
_MOST = 5000
_NEW = frozenset({"agents", "agents areas"})


class AdapterLayer(nn.Module):
    """See :class:`extproc.intent.adapter.Adapter`."""

    def __init__(self) -> None:
        super().__init__()
        self.inward = nn.Linear(WIDTH, _HIDDEN)
        self.outward = nn.Linear(_HIDDEN, WIDTH, bias=False)
        nn.init.zeros_(self.outward.weight)

    def forward(self, vectors: Tensor) -> Tensor:
        moved = vectors + self.outward(functional.relu(self.inward(vectors)))
        return functional.normalize(moved, dim=-1)

    def save(self, output: Path) -> None:
        """Write it as the package reads it."""
        np.savez(
            output,
            inward=self.inward.weight.detach().numpy().T.astype(np.float16),
            bias=self.inward.bias.detach().numpy().astype(np.float16),
            outward=self.outward.weight.detach().numpy().T.astype(np.float16),
        )


@dataclass(frozen=True, slots=True)
class Encoded:
    """A source's prompts and labels as vectors: ``labels`` has several wordings of each."""

    source: Source
    prompts: Tensor
    labels: Tensor
    judgements: NDArray[np.int8]


def encoded(source: Source, tokens: Tokens, encoder: Encoder, folder: Path) -> Encoded:
    """Encode a source, or read what was encoded before."""
    file = folder / f"{source.name.replace(' ', '_')}.npz"
    chance = random.Random(11)
    total = len(source.prompts)
    rows = sorted(chance.sample(range(total), min(total, _MOST)))
    if not file.exists():
        wordings = 1 if len(source.labels) > 500 else _WORDINGS
        prompts = [encoder.prompt(in_conversation(source, row, tokens, chance)) for row in rows]
        labels = [
            [encoder.route(worded(label, tokens, chance)) for _ in range(wordings)]
            for label in source.labels
        ]
        np.savez(file, prompts=np.array(prompts), labels=np.array(labels))
        sys.stdout.write(f"{source.name}: {len(prompts)} prompts\n")
        sys.stdout.flush()
    kept = np.load(file)
    return Encoded(
        source,
        torch.from_numpy(kept["prompts"]),
        torch.from_numpy(kept["labels"]),
        source.judgements[rows],
    )


def train(sources: list[Encoded], steps: int, seed: int) -> AdapterLayer:
    """Train on batches of one source each, with the labels of another where those are wrong."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    layer = AdapterLayer()
    optimizer = torch.optim.AdamW(layer.parameters(), lr=_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE * 2, total_steps=steps)
    weights = [one.source.weight for one in sources]
    recent: list[float] = []
    for step in range(steps):
        first, second = chance.choices(sources, weights, k=2)
        rows = chance.choices(range(len(first.prompts)), k=_BATCH)
        columns = _columns(first, rows, chance)
        judgements = first.judgements[rows][:, columns]
        routes = _worded(first, columns, chance)
        if second is not first and (first.source.everyday or second.source.everyday):
            others = chance.sample(range(len(second.labels)), min(12, len(second.labels)))
            technical = (
                [column for column in others if second.source.labels[column].technical]
                if first.source.everyday
                else others
                if first.source.name in _NEW
                else []
            )
            wrong = np.full((len(rows), len(technical)), WRONG, np.int8)
            judgements = np.concatenate([judgements, wrong], axis=1)
            routes = torch.cat([routes, _worded(second, technical, chance)])
        before = first.prompts[rows]
        after = layer(before)
        value = _loss(after @ routes.T, torch.from_numpy(judgements))
        if first.source.name not in _NEW:
            value = value + _HELD * (1 - (after * before).sum(dim=1)).mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
        recent.append(value.item())
        if (step + 1) % 500 == 0:
            sys.stdout.write(f"step {step + 1}/{steps}  loss {np.mean(recent[-500:]):.3f}\n")
    return layer


def _loss(likeness: Tensor, judgements: Tensor) -> Tensor:
    """That of :mod:`training.encoder`, with the sigmoid's middle at the packaged threshold."""
    right, wrong = judgements == RIGHT, judgements == WRONG
    rights, wrongs = (some.sum(dim=1).clamp(min=1) for some in (right, wrong))
    sharp = likeness * _SHARPNESS
    against = sharp.masked_fill(~wrong, -torch.inf).logsumexp(dim=1, keepdim=True)
    outranked = (functional.softplus(against - sharp) * right).sum(dim=1) / rights
    logits = (likeness - THRESHOLD) * _SLOPE
    missed = (functional.softplus(-logits) * right).sum(dim=1) / rights
    fooled = (functional.softplus(logits) * wrong).sum(dim=1) * _NEGATIVES / wrongs
    return (outranked + missed + fooled).mean()


def _columns(encoded: Encoded, rows: list[int], chance: random.Random) -> list[int]:
    total = len(encoded.labels)
    if total <= _LISTED:
        return list(range(total))
    needed = set(np.flatnonzero((encoded.judgements[rows] == RIGHT).any(axis=0)).tolist())
    return sorted(needed | set(chance.sample(range(total), _LISTED)))


def _worded(encoded: Encoded, columns: list[int], chance: random.Random) -> Tensor:
    wordings = encoded.labels.shape[1]
    chosen = [chance.randrange(wordings) for _ in columns]
    return encoded.labels[columns, chosen]


def main() -> None:
    """Train as asked on the command line."""
    parser = argparse.ArgumentParser(description="Train the adapter.")
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=ADAPTER)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    tokens, encoder = Tokens(), Encoder(adapter=None)
    sources = [
        encoded(source, tokens, encoder, options.work)
        for source in read_sources(options.data, tokens)
    ]
    train(sources, options.steps, options.seed).save(options.output)


if __name__ == "__main__":
    main()
