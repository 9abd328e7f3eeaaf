"""What stands where Anthropic's own thinking has its signature.

The SDK's type demands one, and clients repeat it with the next request. Anthropic refuses thinking
that it has not signed, so what is not signed by it is marked, and never sent to it.
"""

from __future__ import annotations

__all__ = ["UNSIGNED", "signed"]

UNSIGNED = "dragoman-unsigned"


def signed(signature: object) -> str | None:
    """Anthropic's signature, None where it is none of its own."""
    if not isinstance(signature, str) or signature in ("", UNSIGNED):
        return None
    return signature
