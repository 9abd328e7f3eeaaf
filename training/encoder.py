"""Fine-tunes the published MiniLM for route descriptions.

    python -m training.encoder DATA WORK [--steps 1600] [--seed 0]

``DATA`` is the training data folder, ``WORK`` takes the checkpoint. Started again it goes on where
it stopped. A prompt's likeness to a route is the cosine of their vectors. The loss has two parts:
every right route must outrank the wrong ones (contrastive), and the likeness must mean the same for
every prompt (sigmoid), which the decision for "none" needs. Two things keep what the published
weights know about subjects: a pull towards them, and the average over the last steps.
"""

from __future__ import annotations

import argparse
import copy
import math
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from extproc.intent.tokens import Tokens
from training.batches import Batch, draw
from training.bert import PROMPT, ROUTE, Encoder, published
from training.sources import RIGHT, WRONG, read_sources

__all__ = ["AVERAGED", "CHECKPOINT"]

CHECKPOINT = "checkpoint.pt"
AVERAGED = "averaged.pt"

_RATE = 1e-4
_WARM_UP = 150
_PULL = 1.0
_AVERAGE = 0.998
_SHARPNESS = 20.0
_NEGATIVES = 8.0
_SAVE_SECONDS = 120


@dataclass(slots=True)
class Run:
    """Everything that a checkpoint holds."""

    encoder: Encoder
    averaged: Encoder
    scale: Tensor
    optimizer: torch.optim.AdamW
    chance: random.Random
    step: int = 0

    def save(self, folder: Path) -> None:
        state = {
            "encoder": self.encoder.state_dict(),
            "averaged": self.averaged.state_dict(),
            "scale": self.scale.detach(),
            "optimizer": self.optimizer.state_dict(),
            "chance": self.chance.getstate(),
            "step": self.step,
        }
        fresh = folder / f"{CHECKPOINT}.new"
        torch.save(state, fresh)
        fresh.replace(folder / CHECKPOINT)
        torch.save(self.averaged.state_dict(), folder / AVERAGED)

    def load(self, folder: Path) -> None:
        state = torch.load(folder / CHECKPOINT, weights_only=False)
        self.encoder.load_state_dict(state["encoder"])
        self.averaged.load_state_dict(state["averaged"])
        self.scale.data.copy_(state["scale"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.chance.setstate(state["chance"])
        self.step = state["step"]


def loss(likeness: Tensor, scale: Tensor, judgements: Tensor) -> Tensor:
    """The mean loss per prompt. ``scale`` holds the sigmoid's log slope and its offset."""
    right, wrong = judgements == RIGHT, judgements == WRONG
    rights = right.sum(dim=1).clamp(min=1)
    sharp = likeness * _SHARPNESS
    against = sharp.masked_fill(~wrong, -torch.inf).logsumexp(dim=1, keepdim=True)
    outranked = functional.softplus(against - sharp)
    contrastive = (outranked * right).sum(dim=1) / rights
    logits = likeness * scale[0].exp() + scale[1]
    missed = (functional.softplus(-logits) * right).sum(dim=1) / rights
    wrongs = wrong.sum(dim=1).clamp(min=1)
    fooled = (functional.softplus(logits) * wrong).sum(dim=1) * _NEGATIVES / wrongs
    return (contrastive + missed + fooled).mean()


def step_loss(run: Run, batch: Batch, device: str) -> Tensor:
    """The loss of one batch."""
    with torch.autocast(device, torch.bfloat16):
        kinds = [PROMPT] * len(batch.prompts) + [ROUTE] * len(batch.routes)
        vectors = run.encoder.encode([*batch.prompts, *batch.routes], kinds).float()
    prompts, routes = vectors[: len(batch.prompts)], vectors[len(batch.prompts) :]
    judgements = torch.from_numpy(batch.judgements).to(device)
    return loss(prompts @ routes.T, run.scale, judgements)


@torch.no_grad()
def settle(run: Run, start: list[Tensor], rate: float) -> None:
    """Pull the weights to where they started, then let the average follow them."""
    kept = min(_AVERAGE, run.step / (run.step + 10))
    weights = list(run.encoder.parameters())
    torch._foreach_lerp_(weights, start, rate * _PULL)
    torch._foreach_lerp_(list(run.averaged.parameters()), weights, 1 - kept)


def train(data: Path, work: Path, steps: int, seed: int, device: str) -> None:
    """Train until ``steps``, saving every two minutes; print a line per 20 steps."""
    torch.manual_seed(seed)
    tokens = Tokens()
    sources = read_sources(data, tokens)
    encoder = published().to(device)
    start = [weight.detach().clone() for weight in encoder.parameters()]
    scale = torch.tensor([math.log(12.0), -4.0], device=device, requires_grad=True)
    groups = [
        {"params": list(encoder.parameters()), "factor": 1.0},
        {"params": [scale], "factor": 20.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=_RATE, weight_decay=0.0, fused=True)
    run = Run(encoder, copy.deepcopy(encoder), scale, optimizer, random.Random(seed))
    if (work / CHECKPOINT).exists():
        run.load(work)
    began = saved = time.monotonic()
    recent: list[float] = []
    first = run.step
    while run.step < steps:
        run.step += 1
        rate = _RATE * min(1.0, run.step / _WARM_UP) * _cooled(run.step / steps)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        batch = draw(sources, tokens, run.chance)
        value = step_loss(run, batch, device)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
        optimizer.step()
        settle(run, start, rate)
        recent.append(value.item())
        if run.step % 20 == 0:
            pace = (time.monotonic() - began) / (run.step - first)
            left = pace * (steps - run.step) / 60
            sys.stdout.write(
                f"step {run.step}/{steps}  loss {np.mean(recent[-20:]):.3f}  "
                f"{pace:.2f} s/step  {left:.0f} min left  "
                f"slope {scale[0].exp().item():.1f}  offset {scale[1].item():.2f}\n"
            )
            sys.stdout.flush()
        if time.monotonic() - saved > _SAVE_SECONDS:
            run.save(work)
            saved = time.monotonic()
    run.save(work)


def _cooled(done: float) -> float:
    """The learning rate's course: even for a third, then a cosine down to a fiftieth."""
    if done < 1 / 3:
        return 1.0
    return 0.02 + 0.98 * (1 + math.cos(math.pi * (done - 1 / 3) * 1.5)) / 2


def main() -> None:
    """Train as asked on the command line."""
    parser = argparse.ArgumentParser(description="Fine-tune the encoder.")
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    train(options.data, options.work, options.steps, options.seed, options.device)


if __name__ == "__main__":
    main()
