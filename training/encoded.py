"""Sources as the packaged encoder has them: encoded once, kept in a folder, read by what is trained
on top of it."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from extproc.intent.encoder import Encoder
from extproc.intent.tokens import Tokens
from training.batches import TRAINED_TOKENS, in_conversation, worded
from training.sources import Source

__all__ = ["Encoded", "encoded"]

_WORDINGS = 4
_MANY_LABELS = 500
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Encoded:
    """A source's prompts and labels as vectors, without the adapter.

    ``ids`` has a row of token ids per prompt, 0 where it is shorter; ``prompts`` a vector and the
    one in the encoder's middle side by side; ``label_ids`` and ``labels`` have several wordings of
    each label; ``of_agents`` is 1 where a prompt is to a coding agent.
    """

    source: Source
    ids: NDArray[np.int16]
    prompts: Tensor
    label_ids: NDArray[np.int16]
    labels: Tensor
    judgements: NDArray[np.int8]
    of_agents: Tensor


def encoded(source: Source, tokens: Tokens, encoder: Encoder, folder: Path) -> Encoded:
    """Encode at most 5,000 prompts of a source, or read what was encoded before.

    It cannot tell of which encoder and data that was: empty the folder when they change.
    """
    file = folder / f"{source.name.replace(' ', '_')}.npz"
    chance = random.Random(11)
    total = len(source.prompts)
    rows = sorted(chance.sample(range(total), min(total, _MOST)))
    if not file.exists():
        wordings = 1 if len(source.labels) > _MANY_LABELS else _WORDINGS
        prompts = [in_conversation(source, row, tokens, chance) for row in rows]
        labels = [worded(label, tokens, chance) for label in source.labels for _ in range(wordings)]
        shape = len(source.labels), wordings, -1
        np.savez(
            file,
            ids=_padded(prompts),
            prompts=np.array([np.concatenate(encoder.halves(prompt)) for prompt in prompts]),
            label_ids=_padded(labels).reshape(shape),
            labels=np.array([encoder.route(label) for label in labels]).reshape(shape),
        )
        sys.stdout.write(f"{source.name}: {len(prompts)} prompts\n")
        sys.stdout.flush()
    kept = np.load(file)
    return Encoded(
        source,
        kept["ids"],
        torch.from_numpy(kept["prompts"]),
        kept["label_ids"],
        torch.from_numpy(kept["labels"]),
        source.judgements[rows],
        torch.tensor([row >= total - source.of_agents for row in rows], dtype=torch.float32),
    )


def _padded(texts: Sequence[Sequence[int]]) -> NDArray[np.int16]:
    ids = np.zeros((len(texts), TRAINED_TOKENS), np.int16)
    for place, text in enumerate(texts):
        ids[place, : len(text)] = text
    return ids
