"""What families of models take, and how much: one row per family, each with its source.

A row says only what its source says; everything else stays unknown. Rows add up: each trait is that
of the most specific pattern that knows it (see :mod:`extproc.providers.traits`), so what a family
has in common stands once.

The sources are as of November 2026. "Catalogue" is https://models.dev, which gives for each model
of each provider its ``limit`` and its input ``modalities``.
"""

from typing import Final

from extproc.providers.families.claude import CLAUDE
from extproc.providers.families.family import Family
from extproc.providers.families.google_and_xai import GOOGLE, XAI
from extproc.providers.families.open_weights import DEEPSEEK, MISTRAL, OTHERS
from extproc.providers.families.openai import OPENAI

__all__ = ["FAMILIES", "Family"]

FAMILIES: Final = (*CLAUDE, *OPENAI, *GOOGLE, *XAI, *DEEPSEEK, *MISTRAL, *OTHERS)
