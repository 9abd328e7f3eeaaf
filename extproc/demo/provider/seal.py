"""Marks by which a fake provider knows again what it once said: signatures of thinking, encrypted
reasoning.

They protect nothing. They only cannot come about by accident, so that a signature invented or
carried over from another provider is found out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

__all__ = ["encrypt", "is_encrypted_by", "is_signed", "sign"]

_KEY = b"the fake provider"
_MAC_SIZE = 16


def sign(thinking: str) -> str:
    """The signature of a thinking block. It holds at every fake provider, as Anthropic's hold on
    every platform."""
    return base64.b64encode(_mac(b"thinking", thinking.encode(errors="replace"))).decode()


def is_signed(thinking: str, signature: str) -> bool:
    """Whether a signature was made for just this thinking."""
    return hmac.compare_digest(sign(thinking).encode(), signature.encode(errors="replace"))


def encrypt(provider: str, reasoning: str) -> str:
    """The ``encrypted_content`` of a reasoning item, which only the same provider takes back."""
    content = reasoning.encode(errors="replace")
    return base64.b64encode(_mac(provider.encode(), content) + content).decode()


def is_encrypted_by(provider: str, encrypted_content: str) -> bool:
    """Whether this provider made it."""
    try:
        sealed = base64.b64decode(encrypted_content, validate=True)
    except (ValueError, binascii.Error):
        return False
    return hmac.compare_digest(_mac(provider.encode(), sealed[_MAC_SIZE:]), sealed[:_MAC_SIZE])


def _mac(purpose: bytes, content: bytes) -> bytes:
    return hmac.new(_KEY + purpose, content, hashlib.sha256).digest()[:_MAC_SIZE]
