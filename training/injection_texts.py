"""The texts that what tells attacks on a model is learned from.

Sentences written for this project (``injections.txt``), filled and worded by a seeded generator,
and as texts that are none: what the other trainings are made of, this project's own documentation
and code, and half of the files of Python's standard library.
"""

from __future__ import annotations

import random
import re
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

__all__ = ["HELD_OUT", "Example", "examples", "library_files", "read"]

_FOLDER: Final = Path(__file__).parent
_ROOT: Final = _FOLDER.parent
HELD_OUT: Final = _FOLDER / "held_out" / "injections.txt"
"""Sentences that have trained and chosen nothing."""
_SLOT: Final = re.compile(r"\{(\w+)\}")
_FILLINGS: Final = 8
_MATERIAL: Final = 2_500
_LIBRARY: Final = 1_400
_SQUEEZED: Final = str.maketrans("aeiost", "4310$7")


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from. ``family`` are those that were made of one sentence: to judge by one of
    them how another is judged would be to ask what was learned by heart."""

    text: str
    attack: bool
    english: bool
    family: int


def read(file: Path) -> Mapping[str, list[str]]:
    """The sections of a file of sentences; slots' fillings stand under ``> name``."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in file.read_text().splitlines():
        if line.startswith("> "):
            name, _, fillings = line[2:].partition(": ")
            found[f">{name}"] = fillings.split("; ")
        elif line.startswith("== "):
            section = line[3:]
        elif line and not line.startswith("# "):
            found.setdefault(section, []).append(line.replace("\\n", "\n"))
    return found


def _filled(line: str, slots: Mapping[str, Sequence[str]], drawn: random.Random) -> str:
    return _SLOT.sub(
        lambda slot: drawn.choice(slots[f">{slot[1]}"]) if f">{slot[1]}" in slots else slot[0], line
    )


_WORDINGS: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    lambda text, _: text,
    lambda text, _: text,
    lambda text, _: text.lower(),
    lambda text, _: text.upper(),
    lambda text, _: text.translate(_SQUEEZED),
    lambda text, drawn: drawn.choice(("Hi! ", "please ", "Hey, ", "ok so ", "First: ")) + text,
    lambda text, drawn: text + drawn.choice((" thanks", "!!!", " please", " Do it now.", " ok?")),
    lambda text, _: text.replace(".", "").replace(",", ""),
)


def examples(drawn: random.Random) -> Iterator[Example]:
    """All that is learned from."""
    sentences = read(_FOLDER / "injections.txt")
    plain = list(_plain_texts(drawn))
    family = 0
    for section, attack, english in (
        ("attack", True, True),
        ("benign", False, True),
        ("attack abroad", True, False),
        ("benign abroad", False, False),
    ):
        for line in sentences[section]:
            family += 1
            for number in range(_FILLINGS if english else 3):
                text = _filled(line, sentences, drawn)
                text = _WORDINGS[number % len(_WORDINGS)](text, drawn)
                yield Example(text, attack, english, family)
                if english and number % 2:
                    yield Example(_surrounded(text, plain, drawn), attack, english, family)
    for text in plain:
        family += 1
        yield Example(text, False, True, family)
    for text in _plain_abroad():
        family += 1
        yield Example(text, False, False, family)


def _surrounded(text: str, plain: Sequence[str], drawn: random.Random) -> str:
    """A sentence that begins or ends with some other words."""
    words = " ".join(drawn.choice(plain).split()[: drawn.randint(2, 8)])
    return drawn.choice((f"{words} {text}", f"{text} {words}"))


def _plain_texts(drawn: random.Random) -> Iterator[str]:
    """Texts that are no attack: prompts, documentation and code."""
    for file in (
        "agent_prompts.txt",
        *(f"handwritten/{n}.txt" for n in ("desks", "skills", "subjects")),
    ):
        for line in (_FOLDER / file).read_text().splitlines():
            if line and line[0] not in "#=":
                yield line
    for line in (_FOLDER / "translations.txt").read_text().splitlines():
        yield line.partition(" | ")[0]
    material = [
        part
        for folder, pattern in ((_ROOT / "docs", "*.md"), (_ROOT / "extproc", "*/*.py"))
        for file in sorted(folder.glob(pattern))
        for part in _parts(file.read_text())
    ]
    yield from drawn.sample(material, _MATERIAL)
    library = [
        part for file in library_files() for part in _parts(file.read_text(errors="replace"))
    ]
    yield from drawn.sample(library, _LIBRARY)


def library_files(*, measured_with: bool = False) -> list[Path]:
    """Half of the files of Python's standard library: one to train with, the other one to measure
    with."""
    return sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))[measured_with::2]


def _parts(text: str) -> Iterator[str]:
    for begin in range(0, len(text), 200):
        if part := text[begin : begin + 200].strip():
            yield part


def _plain_abroad() -> Iterator[str]:
    for name in ("translations.txt", "translations_beyond.txt"):
        for line in (_FOLDER / name).read_text().splitlines():
            if not line.startswith("#"):
                yield from line.split(" | ")[1:]
    sets = yaml.safe_load((_FOLDER / "development_data" / "languages.yaml").read_text())["sets"]
    yield from (str(text) for group in sets.values() for texts in group.values() for text in texts)
