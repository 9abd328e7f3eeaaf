"""Scripts that Envoy runs, and values in their language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files

from extproc.bootstrap.typed import http_filter
from extproc.envoy_api.messages import DataSource, HttpFilter, Lua

__all__ = ["filter_of", "literal", "source"]

Value = bool | int | str | Sequence["Value"] | Mapping[str, "Value"] | Mapping[int, "Value"]

_SPELLED_OUT = re.compile(rb"[^A-Za-z0-9 _./:*-]")


def source(name: str) -> str:
    """The script ``name.lua`` of this package."""
    return files(__name__).joinpath(f"{name}.lua").read_text(encoding="utf-8")


def filter_of(script: str, name: str = "envoy.filters.http.lua") -> HttpFilter:
    """The filter that runs a script.

    Args:
        script: in Lua, whole.
        name: by which routes refer to the filter.
    """
    return http_filter(name, Lua(default_source_code=DataSource(inline_string=script)))


def literal(value: Value) -> str:
    """A value as it is written in Lua. Whatever a string holds, it stays a string."""
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, str):
        text = _SPELLED_OUT.sub(lambda found: b"\\%03d" % found[0][0], value.encode())
        return f'"{text.decode()}"'
    if isinstance(value, Mapping):
        members = [f"[{literal(key)}] = {literal(inner)}" for key, inner in value.items()]
    else:
        members = [literal(inner) for inner in value]
    return f"{{{', '.join(members)}}}"
