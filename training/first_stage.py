"""Leads the first stage on to what the encoder and its adapter say together.

    python -m training.first_stage DATA WORK [--epochs 4] [--share 0.5] [--output FILE]

``training/distil.py`` has taught it what the encoder alone says of prompts; the adapter came later,
and where the encoder has no time, routes are read by the first stage too. ``WORK`` is the folder of
``training/adapter.py``, which has the vectors already. ``--share`` is how much of what is learned
goes into the tables; the rest is what they were, which knows more than these prompts teach.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from extproc.intent.adapter import Adapter
from extproc.intent.encoder import Encoder
from extproc.intent.static_vectors import TABLES
from extproc.intent.tokens import Tokens
from extproc.intent.vectors import WIDTH
from training.distil import StaticStudent, teach
from training.encoded import Encoded, encoded
from training.sources import read_sources

__all__ = ["led_on"]


def led_on(
    student: StaticStudent, sources: Sequence[Encoded], adapter: Adapter, epochs: int
) -> None:
    """Teach a student what the adapter makes of the sources' prompts, and what routes are."""
    halves = np.concatenate([source.prompts.numpy() for source in sources])
    prompts = np.array([adapter(half[:WIDTH], half[WIDTH:]) for half in halves])
    routes = torch.cat([source.labels.flatten(0, 1) for source in sources])
    texts = [source.ids for source in sources]
    texts += [source.label_ids.reshape(-1, source.ids.shape[1]) for source in sources]
    ids = torch.from_numpy(np.concatenate(texts).astype(np.int64))
    teach(student, ids, torch.cat([torch.from_numpy(prompts), routes]), routes, epochs)


def main() -> None:
    """Teach as asked on the command line."""
    parser = argparse.ArgumentParser(description="Lead the first stage on to the adapter.")
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=TABLES)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    tokens, encoder = Tokens(), Encoder(adapter=None)
    sources = [
        encoded(source, tokens, encoder, options.work)
        for source in read_sources(options.data, tokens)
    ]
    student = StaticStudent.read(TABLES)
    before = {name: weight.clone() for name, weight in student.state_dict().items()}
    led_on(student, sources, Adapter(), options.epochs)
    after = student.state_dict()
    mixed = {name: torch.lerp(before[name], after[name], options.share) for name in before}
    student.load_state_dict(mixed)
    student.save(options.output)


if __name__ == "__main__":
    main()
