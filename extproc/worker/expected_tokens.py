"""What an attempt is expected to take in tokens, told to Envoy: it charges that to the limits of
tokens where an answer has told no usage, for without it a client that has no usage sent along, or
that leaves before it comes, would get past them."""

from __future__ import annotations

from typing import Final

from extproc.contract import EXPECTED_INPUT, EXPECTED_OUTPUT
from extproc.core.models import Model
from extproc.ranking.expectation import Expectation

__all__ = ["COMPLETIONS", "expected_tokens"]

COMPLETIONS: Final = "/v1/completions"
"""The only path beside the endpoints that is answered with text, for which alone the size of an
answer tells of tokens."""


def expected_tokens(model: Model, expectation: Expectation) -> dict[str, str]:
    """The headers by which Envoy is told.

    Args:
        model: the one that is tried first; what is expected of the others hardly differs.
        expectation: what is known of the request.
    """
    return {
        EXPECTED_INPUT: str(expectation.requirements().input_tokens),
        EXPECTED_OUTPUT: str(round(expectation.output_tokens(model))),
    }
