"""The client's own key, put to a provider in the provider's own terms (``passthrough_auth``).

Clients put a key where their SDK does: OpenAI's into ``authorization``, Anthropic's into
``x-api-key`` (or, for what a login gave, into ``authorization`` too). The provider that the request
is routed to may look elsewhere, so the key is moved there; everything else that a client may
identify itself by is dropped.
"""

from __future__ import annotations

from string import Template
from typing import Final

from envoy_data_plane.envoy.extensions.filters.network.http_connection_manager.v3 import HttpFilter

from extproc.bootstrap import lua
from extproc.core.models import ClientKey

__all__ = ["client_key"]

_SCRIPT: Final = Template("""\
function envoy_on_request(handle)
  local headers = handle:headers()
  local authorization = headers:get("authorization") or ""
  local token = string.match(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr]%s+(%S+)%s*$$")
  token = token or string.match(authorization, "^%S+$$")
  local key = token or headers:get("x-api-key") or headers:get("api-key")
  headers:remove("authorization")
  headers:remove("x-api-key")
  headers:remove("api-key")
  if not key then
    return
  end
  local stays = "$bearer_tokens"
  if token and stays ~= "" and string.sub(token, 1, #stays) == stays then
    headers:add("authorization", "Bearer " .. token)
  else
    headers:add("$header", "$prefix" .. key)
  end
end
""")


def client_key(key: ClientKey) -> HttpFilter:
    """The filter that moves the client's key to where this provider looks for it."""
    script = _SCRIPT.substitute(
        header=key.header, prefix=key.prefix, bearer_tokens=key.bearer_tokens or ""
    )
    return lua.filter_of(script)
