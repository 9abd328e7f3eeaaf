"""The client's own key, put to a provider in the provider's own terms (``passthrough_auth``).

Clients put a key where their SDK does: OpenAI's into ``authorization``, Anthropic's into
``x-api-key`` (or, for what a login gave, into ``authorization`` too). The provider that the request
is routed to may look elsewhere, so the key is moved there; everything else that a client may
identify itself by is dropped.
"""

from __future__ import annotations

from extproc.bootstrap import lua
from extproc.core.models import KEY_HEADERS, ClientKey
from extproc.envoy_api.messages import HttpFilter

__all__ = ["client_key"]


def client_key(key: ClientKey) -> HttpFilter:
    """The filter that moves the client's key to where this provider looks for it."""
    settings: dict[str, lua.Value] = {
        "key_headers": KEY_HEADERS,
        "header": key.header,
        "prefix": key.prefix,
        "bearer_tokens": key.bearer_tokens or "",
    }
    return lua.filter_of(f"local settings = {lua.literal(settings)}\n{lua.source('client_key')}")
