"""Distils the first stage from the encoder: what its words alone say about a prompt's vector.

    python -m training.distil WEIGHTS DATA [--share 1.0] [--output FILE]

The encoder's vectors of the training prompts (many in invented conversations) are the targets. A
row per token starts as the encoder's vector of that token alone, so that words which no prompt has
keep a meaning.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from extproc.intent.static_vectors import TABLES, rows_of
from extproc.intent.tokens import END, Tokens
from training.batches import TRAINED_TOKENS, in_conversation, worded
from training.bert import PROMPT, ROUTE, Encoder
from training.evaluate import mixture
from training.sources import Source, read_sources

__all__ = ["StaticStudent", "distil", "teach"]

_WIDTH = 256
_HIDDEN = 512
_TURNS = 6
_BATCH = 512
_RATE = 1e-3
_TABLE_RATE = 2e-4
_PROBES = 2048
_LAYERS = ("straight", "inward", "outward")
_AMOUNTS = ("amounts", "places", "turns")


class StaticStudent(nn.Module):
    """The first stage while it learns; see :class:`extproc.intent.static_vectors.StaticVectors`."""

    def __init__(self, rows: Tensor, back: Tensor) -> None:
        super().__init__()
        self.rows = nn.Embedding.from_pretrained(rows, freeze=False)
        self.amounts = nn.Parameter(torch.zeros(len(rows)))
        self.places = nn.Parameter(torch.zeros(TRAINED_TOKENS))
        self.turns = nn.Parameter(torch.zeros(_TURNS))
        self.straight = nn.Parameter(back.clone())
        self.inward = nn.Parameter(torch.randn(rows.shape[1], _HIDDEN) * 0.5)
        self.outward = nn.Parameter(torch.zeros(_HIDDEN, back.shape[1]))

    def forward(self, ids: Tensor) -> Tensor:
        """``ids`` is (batch, length), 0 where padded."""
        turn = (ids == END).cumsum(dim=1).clamp(max=_TURNS - 1)
        logs = self.amounts[ids] + self.places[: ids.shape[1]] + self.turns[turn]
        amounts = logs.exp() * (ids != 0)
        amounts = amounts / amounts.sum(dim=1, keepdim=True)
        mixed = functional.embedding_bag(
            ids, self.rows.weight, per_sample_weights=amounts, mode="sum"
        )
        vectors = mixed @ self.straight + functional.relu(mixed @ self.inward) @ self.outward
        return functional.normalize(vectors, dim=-1)

    @classmethod
    def read(cls, tables: Path) -> StaticStudent:
        """The student whose tables these are."""
        with np.load(tables) as arrays:
            rows = np.load(rows_of(tables)).astype(np.float32) * arrays["scales"][:, None]
            given = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in _LAYERS}
            logs = {name: torch.from_numpy(arrays[name]).log() for name in _AMOUNTS}
        student = cls(torch.from_numpy(rows), given["straight"])
        student.load_state_dict(student.state_dict() | given | logs)
        return student

    def save(self, output: Path) -> None:
        """Write the tables as the package reads them."""
        rows = self.rows.weight.detach().numpy()
        scales = np.maximum(np.abs(rows).max(axis=1), 1e-8) / 127
        np.save(rows_of(output), np.rint(rows / scales[:, None]).astype(np.int8))
        np.savez(
            output,
            scales=scales.astype(np.float32),
            amounts=self.amounts.detach().exp().numpy(),
            places=self.places.detach().exp().numpy(),
            turns=self.turns.detach().exp().numpy(),
            straight=self.straight.detach().numpy().astype(np.float16),
            inward=self.inward.detach().numpy().astype(np.float16),
            outward=self.outward.detach().numpy().astype(np.float16),
        )


@torch.inference_mode()
def _vectors(encoder: Encoder, texts: list[list[int]], kind: int) -> Tensor:
    vectors = torch.empty(len(texts), 384)
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    with torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 256):
            some = order[start : start + 256]
            vectors[some] = encoder.encode([texts[i] for i in some], [kind] * len(some)).float()
    return vectors


def _rows(encoder: Encoder, size: int) -> tuple[Tensor, Tensor]:
    """The vectors of all tokens, in their main directions, and the way back to all directions."""
    alone = _vectors(encoder, [[101, token, END] for token in range(size)], PROMPT)
    alone = alone - alone.mean(dim=0)
    _, _, directions = torch.linalg.svd(alone[::3], full_matrices=False)
    kept = directions[:_WIDTH]
    return alone @ kept.T, kept


def _prompts(
    sources: list[Source], tokens: Tokens, chance: random.Random, limit: int
) -> list[list[int]]:
    prompts = []
    for source in sources:
        if source.broad:
            continue
        total = len(source.prompts)
        rows = chance.sample(range(total), min(total, limit))
        rows *= 6 if total < 1000 else 1
        prompts += [in_conversation(source, row, tokens, chance) for row in rows]
    return prompts


def distil(encoder: Encoder, data: Path, limit: int, epochs: int, seed: int) -> StaticStudent:
    """Train a student of ``encoder`` on at most ``limit`` prompts of each source."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    tokens = Tokens()
    sources = read_sources(data, tokens)
    began = time.monotonic()
    student = StaticStudent(*_rows(encoder, 30522))
    prompts = _prompts(sources, tokens, chance, limit)
    targets = _vectors(encoder, prompts, PROMPT)
    labels = [label for source in sources for label in source.labels]
    routes = [worded(chance.choice(labels), tokens, chance) for _ in range(_PROBES)]
    probes = _vectors(encoder, routes, ROUTE)
    sys.stdout.write(f"{len(prompts)} prompts encoded in {time.monotonic() - began:.0f} s\n")
    ids = torch.zeros(len(prompts), TRAINED_TOKENS, dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
    teach(student, ids, targets, probes, epochs)
    return student


def teach(
    student: StaticStudent, ids: Tensor, targets: Tensor, probes: Tensor, epochs: int
) -> None:
    """Bring a student nearer to the targets.

    Args:
        student: what learns.
        ids: a row of token ids for each prompt, 0 where it is shorter.
        targets: the vector that each prompt should have.
        probes: vectors of routes; likeness to them is what counts.
        epochs: how often each prompt is seen.
    """
    slow = [student.rows.weight]
    quick = [weight for weight in student.parameters() if weight is not student.rows.weight]
    optimizer = torch.optim.AdamW(
        [{"params": slow, "lr": _TABLE_RATE}, {"params": quick, "lr": _RATE}],
        weight_decay=0.0,
        fused=True,
    )
    steps = epochs * (len(ids) // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [_TABLE_RATE * 4, _RATE * 4], total_steps=steps
    )
    lengths = (ids != 0).sum(dim=1)
    for epoch in range(epochs):
        total = 0.0
        order = torch.randperm(len(ids))[: len(ids) // _BATCH * _BATCH]
        for rows in order.view(-1, _BATCH):
            some = probes[torch.randint(len(probes), (256,))]
            guessed = student(ids[rows, : int(lengths[rows].max())])
            missed = (guessed - targets[rows]) @ some.T
            value = 40 * missed.square().mean() + (1 - (guessed * targets[rows]).sum(1)).mean()
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            schedule.step()
            total += value.item()
        sys.stdout.write(f"epoch {epoch + 1}/{epochs}  loss {total * _BATCH / len(order):.4f}\n")
        sys.stdout.flush()


def main() -> None:
    """Distil as asked on the command line."""
    parser = argparse.ArgumentParser(description="Distil the first stage from the encoder.")
    parser.add_argument("weights", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--limit", type=int, default=15_000)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--output", type=Path, default=TABLES)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    encoder = mixture(options.weights, options.share)
    student = distil(encoder, options.data, options.limit, options.epochs, options.seed)
    student.save(options.output)


if __name__ == "__main__":
    main()
