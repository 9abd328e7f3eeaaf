"""The tokens of an answer, by kinds, as its provider counted them."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Final

from msgspec import Struct

__all__ = ["TOKENS", "Usage"]


class Usage(Struct, frozen=True):
    """Tokens, as the provider counted them; None is what it did not say.

    ``input_tokens`` are all that went in. Among them are ``cached_tokens`` (read from its cache),
    ``cache_write_tokens`` (written to it), of these ``cache_write_1h_tokens`` (to stay there for an
    hour), and ``input_audio_tokens``. ``output_tokens`` are all that came out, ``reasoning_tokens``
    and ``output_audio_tokens`` among them.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cache_write_1h_tokens: int | None = None
    reasoning_tokens: int | None = None
    input_audio_tokens: int | None = None
    output_audio_tokens: int | None = None

    def told(self) -> Iterator[tuple[str, int]]:
        """What the provider has said, each with its kind."""
        return (told for told in zip(TOKENS, _COUNTS(self), strict=True) if told[1] is not None)


TOKENS: Final = Usage.__struct_fields__
"""The kinds of tokens that are told apart: the names of ``Usage``'s fields."""

_COUNTS: Final = attrgetter(*TOKENS)
