"""Calls from pages in browsers: Envoy answers their preflights and marks answers as theirs to read.

Envoy has a filter for this, but it leaves routes alone that answer directly: every endpoint is one
until Python has seen the request, and so are the list of models and most refusals.

https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Template
from typing import Final

from extproc.bootstrap import lua
from extproc.contract import METADATA_NAMESPACE
from extproc.envoy_api.messages import HttpFilter

__all__ = ["cors_filters"]

_METHODS: Final = "GET, HEAD, POST, DELETE"

_MAX_AGE: Final = 7200
"""Seconds; browsers remember a preflight for no longer."""

_SCRIPT: Final = Template("""\
local origins = {$origins}
function envoy_on_request(handle)
  local headers = handle:headers()
  local origin = headers:get("origin")
  if not origin or not (origins["*"] or origins[origin]) then
    return
  end
  handle:streamInfo():dynamicMetadata():set("$namespace", "origin", origin)
  if headers:get(":method") == "OPTIONS" and headers:get("access-control-request-method") then
    handle:respond({
      [":status"] = "204",
      ["access-control-allow-methods"] = "$methods",
      ["access-control-allow-headers"] = headers:get("access-control-request-headers") or "*",
      ["access-control-max-age"] = "$max_age",
      ["vary"] = "access-control-request-headers",
    })
  end
end
function envoy_on_response(handle)
  local headers = handle:headers()
  headers:remove("access-control-allow-origin")
  headers:remove("access-control-allow-credentials")
  local told = handle:streamInfo():dynamicMetadata():get("$namespace")
  if told and told["origin"] then
    headers:add("access-control-allow-origin", told["origin"])
    headers:replace("access-control-expose-headers", "*")
    headers:add("vary", "origin")
  end
end
""")


def cors_filters(origins: Sequence[str]) -> list[HttpFilter]:
    """The filter that lets pages of these origins call; none if there are no origins.

    Keys travel in headers that a page sets itself, so browsers are not asked for credentials of
    theirs. What a provider says of origins does not count: its answers are ours to give.

    Args:
        origins: as browsers send them, without a character that needs an escape in Lua; ``*`` means
            any.
    """
    if not origins:
        return []
    script = _SCRIPT.substitute(
        origins=", ".join(f'["{origin}"] = true' for origin in origins),
        methods=_METHODS,
        max_age=_MAX_AGE,
        namespace=METADATA_NAMESPACE,
    )
    return [lua.filter_of(script)]
