"""Text that asks for nothing: numbers, hashes, runs of keys and signs. No route is for it."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Iterator
from typing import Final

__all__ = ["junk"]

_MARKS: Final = ("[MASK]", "[UNK]", "<s>", "</s>", "<pad>", "<|im_end|>", "[INST]", "###", "[SEP]")
_WORDS: Final = ("test", "hello", "blah", "code", "banana", "the", "yes", "data", "model", "foo")


def junk(seed: int, count: int) -> Iterator[str]:
    """``count`` texts of junk."""
    chance = random.Random(seed)
    kinds = (_number, _hash, _keys, _signs, _encoded, _marks, _repeated)
    for _ in range(count):
        yield chance.choice(kinds)(chance)


def _number(chance: random.Random) -> str:
    digits = "".join(chance.choices(string.digits, k=chance.randint(1, 14)))
    return digits if chance.random() < 0.7 else f"{digits[:3]}-{digits[3:]}"


def _hash(chance: random.Random) -> str:
    return "".join(chance.choices("0123456789abcdef", k=chance.choice((7, 32, 40, 64))))


def _keys(chance: random.Random) -> str:
    words = ("".join(chance.choices("asdfghjkl qwertz", k=8)) for _ in range(chance.randint(1, 4)))
    return " ".join(words)


def _signs(chance: random.Random) -> str:
    return "".join(chance.choices(".,;:-_#+*!?/()=&%$ ", k=chance.randint(1, 20)))


def _encoded(chance: random.Random) -> str:
    return base64.b64encode(chance.randbytes(chance.randint(9, 60))).decode()


def _marks(chance: random.Random) -> str:
    return " ".join(chance.choices(_MARKS, k=chance.randint(1, 4)))


def _repeated(chance: random.Random) -> str:
    return " ".join([chance.choice(_WORDS)] * chance.randint(2, 12))
