"""What an answer took in tokens, in Envoy's own reckoning: expressions (CEL) over the counts that
its filters have read. They say what :func:`extproc.dialects.usage.read_usage` says, and estimate
what no provider has told: what costs something counts.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/advanced/substitution_formatter
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from extproc.bootstrap.cel import either, greater
from extproc.bootstrap.token_estimates import INPUT_ESTIMATE, IS_CUT_SHORT, OUTPUT_ESTIMATE
from extproc.contract import USAGE
from extproc.core.rate_limits import Counted
from extproc.dialects.dialect import TokenCount

__all__ = ["tokens_of"]

_TOLD: Final = f"metadata.filter_metadata['{USAGE}']"


def _is_told(count: TokenCount) -> str:
    return f"'{count}' in {_TOLD}"


def _count(count: TokenCount) -> str:
    return either(_is_told(count), f"int({_TOLD}['{count}'])", "0")


_PROMPT, _COMPLETION = _count(TokenCount.PROMPT), _count(TokenCount.COMPLETION)
_BEYOND_PROMPT: Final = f"{_count(TokenCount.TOTAL)} - {_PROMPT}"
"""Some providers bill more than the completion."""
_ENTERED: Final = (TokenCount.INPUT, TokenCount.CACHE_READ, TokenCount.CACHE_WRITTEN)

_INPUT_TOLD: Final = either(
    _is_told(TokenCount.PROMPT), _PROMPT, " + ".join(_count(count) for count in _ENTERED)
)
_OUTPUT_TOLD: Final = either(
    _is_told(TokenCount.PROMPT),
    either(
        _is_told(TokenCount.COMPLETION),
        either(f"{_BEYOND_PROMPT} > {_COMPLETION}", _BEYOND_PROMPT, _COMPLETION),
        "0",
    ),
    _count(TokenCount.OUTPUT),
)

_IS_USAGE: Final = f"'{USAGE}' in metadata.filter_metadata"
_INPUT: Final = either(_IS_USAGE, _INPUT_TOLD, INPUT_ESTIMATE)
_OUTPUT: Final = either(
    _IS_USAGE,
    either(IS_CUT_SHORT, greater(_OUTPUT_TOLD, OUTPUT_ESTIMATE), _OUTPUT_TOLD),
    OUTPUT_ESTIMATE,
)
_TOKENS: Final = MappingProxyType(
    {
        Counted.INPUT_TOKENS: _INPUT,
        Counted.OUTPUT_TOKENS: _OUTPUT,
        Counted.TOTAL_TOKENS: f"{_INPUT} + {_OUTPUT}",
    }
)


def tokens_of(counted: Counted) -> str:
    """A format that is the number of an answer's tokens; an estimate where its provider has told
    none.

    Args:
        counted: which tokens.
    """
    return f"%TYPED_CEL({_TOKENS[counted]})%"
