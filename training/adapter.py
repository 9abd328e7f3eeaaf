"""Trains the adapter: what the packaged encoder's vectors of prompts lack, learned without it.

    python -m training.adapter DATA WORK [--steps 1600] [--layers 3] [--output FILE]

The encoder stays as it is. Prompts and wordings of labels are encoded once, as the package encodes
them (two minutes); ``WORK`` keeps their vectors. What is trained is a small layer that moves a
prompt's vector: seconds, where the encoder itself takes an hour. The loss is the encoder's, at the
threshold that is packaged. Prompts to coding agents are invented, and noise keeps the layer from
learning their wordings by heart; that one reaches its route counts more than for others, which are
held where they were.

Two layers that were trained alike but for chance differ by points on small sets. So several are
trained, and one learns to say what they say in the mean: as good as all, at the cost of one.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extproc.intent.adapter import ADAPTER
from extproc.intent.encoder import Encoder
from extproc.intent.threshold import THRESHOLD
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import WIDTH
from training.encoded import Encoded, encoded
from training.sources import RIGHT, WRONG, read_sources

__all__ = ["AdapterLayer"]

_HIDDEN = 256
_RATE = 1e-3
_BATCH = 192
_LISTED = 160
_SHARPNESS = 20.0
_SLOPE = 14.0
_NEGATIVES = 1.5
_HELD = 8.0
_NOISE = 0.03
_MISSED = 4.5
_MEAN_STEPS = 800


class AdapterLayer(nn.Module):
    """See :class:`extproc.intent.adapter.Adapter`."""

    def __init__(self) -> None:
        super().__init__()
        self.inward = nn.Linear(2 * WIDTH, _HIDDEN)
        self.outward = nn.Linear(_HIDDEN, WIDTH, bias=False)
        nn.init.zeros_(self.outward.weight)

    def forward(self, halves: Tensor) -> Tensor:
        """``halves`` has a vector and the one in the encoder's middle side by side."""
        moved = halves[:, :WIDTH] + self.outward(functional.relu(self.inward(halves)))
        return functional.normalize(moved, dim=-1)

    def save(self, output: Path) -> None:
        """Write it as the package reads it."""
        np.savez(
            output,
            inward=self.inward.weight.detach().numpy().T.astype(np.float16),
            bias=self.inward.bias.detach().numpy().astype(np.float16),
            outward=self.outward.weight.detach().numpy().T.astype(np.float16),
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
                if first.source.of_agents == len(first.source.prompts)
                else []
            )
            wrong = np.full((len(rows), len(technical)), WRONG, np.int8)
            judgements = np.concatenate([judgements, wrong], axis=1)
            routes = torch.cat([routes, _worded(second, technical, chance)])
        before, new = first.prompts[rows], first.of_agents[rows]
        after = layer(before + _NOISE * new[:, None] * torch.randn_like(before))
        missed = 1 + (_MISSED - 1) * new
        value = _loss(after @ routes.T, torch.from_numpy(judgements), missed)
        moved = 1 - (after * before[:, :WIDTH]).sum(dim=1)
        value = value + _HELD * (moved * (1 - new)).mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
        recent.append(value.item())
        if (step + 1) % 500 == 0:
            sys.stdout.write(f"step {step + 1}/{steps}  loss {np.mean(recent[-500:]):.3f}\n")
    return layer


def mean_of(layers: list[AdapterLayer], sources: list[Encoded], seed: int) -> AdapterLayer:
    """One layer that has learned what ``layers`` say in the mean; it begins as the first."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    layer = AdapterLayer()
    layer.load_state_dict(layers[0].state_dict())
    optimizer = torch.optim.AdamW(layer.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE * 2, total_steps=_MEAN_STEPS)
    weights = [one.source.weight for one in sources]
    for _ in range(_MEAN_STEPS):
        drawn = chance.choices(sources, weights, k=4)
        rows = [chance.choices(range(len(one.prompts)), k=_BATCH) for one in drawn]
        halves = torch.cat([one.prompts[some] for one, some in zip(drawn, rows, strict=True)])
        halves = halves + _NOISE * torch.randn_like(halves)
        with torch.no_grad():
            wanted = functional.normalize(sum(one(halves) for one in layers), dim=-1)
        value = (1 - (layer(halves) * wanted).sum(dim=1)).mean()
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        schedule.step()
    sys.stdout.write(f"mean of {len(layers)} layers, off by {value.item():.4f}\n")
    return layer


def _loss(likeness: Tensor, judgements: Tensor, weight: Tensor) -> Tensor:
    """That of :mod:`training.encoder`, with the sigmoid's middle at the packaged threshold.

    ``weight`` is how much it counts for each prompt that a right route misses its threshold.
    """
    right, wrong = judgements == RIGHT, judgements == WRONG
    rights, wrongs = (some.sum(dim=1).clamp(min=1) for some in (right, wrong))
    sharp = likeness * _SHARPNESS
    against = sharp.masked_fill(~wrong, -torch.inf).logsumexp(dim=1, keepdim=True)
    outranked = (functional.softplus(against - sharp) * right).sum(dim=1) / rights
    logits = (likeness - THRESHOLD) * _SLOPE
    missed = (functional.softplus(-logits) * right).sum(dim=1) / rights
    fooled = (functional.softplus(logits) * wrong).sum(dim=1) * _NEGATIVES / wrongs
    return (outranked + weight * missed + fooled).mean()


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
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--layers", type=int, default=3, help="as many are trained for the mean")
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
    seeds = range(options.seed, options.seed + options.layers)
    layers = [train(sources, options.steps, seed) for seed in seeds]
    mean_of(layers, sources, options.seed).save(options.output)


if __name__ == "__main__":
    main()
