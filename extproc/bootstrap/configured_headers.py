"""Headers that a model's entry adds to its requests.

They take the place of a client's, but for those whose value is a list of features: there both have
something to say, and whoever asks for one does not mean to turn the other's off.
"""

from __future__ import annotations

import re
from typing import Final

from extproc.bootstrap.typed import literal, set_headers, set_if_absent
from extproc.core.models import Model
from extproc.envoy_api.messages import HeaderMutationStep
from extproc.providers.client_headers import LISTS_OF_FEATURES

__all__ = ["configured_headers"]

_SPELLED_OUT: Final = re.compile(r"[^A-Za-z0-9_. /-]")


def configured_headers(model: Model) -> list[HeaderMutationStep]:
    """What becomes of a request's headers, on the way to this model's provider."""
    lists = {name: value for name, value in model.headers.items() if _is_list(name, value)}
    replacing = {name: value for name, value in model.headers.items() if name not in lists}
    options = [
        *set_headers(literal(replacing)),
        *set_headers((name, _joined(name, value)) for name, value in lists.items()),
        *set_if_absent(literal(model.default_headers)),
    ]
    return [HeaderMutationStep(append=option) for option in options]


def _is_list(name: str, value: str) -> bool:
    return name.lower() in LISTS_OF_FEATURES and value.strip(" ,") != ""


def _joined(name: str, value: str) -> str:
    """The client's list, then what it lacks of ours: one line, for there are servers that read only
    the first of several."""
    header = _string(name.lower())
    given, client = f"{header} in request.headers", f"request.headers[{header}]"
    features = filter(None, map(str.strip, value.split(",")))
    # Envoy's CEL joins no strings; its format does.
    lacking = "".join(
        f"%CEL({given} && !{client}.matches({_string(_among(feature))})"
        f" ? {_string(',' + feature)} : '')%"
        for feature in features
    )
    return f"%CEL({given} ? {client} : {_string(value)})%{lacking}"


def _among(feature: str) -> str:
    """An expression (RE2) for lists with this member."""
    return rf"(^|,)\s*{re.escape(feature)}\s*(,|$)"


def _string(text: str) -> str:
    """A string in CEL of which no character means anything to Envoy's format around it."""
    spelled = _SPELLED_OUT.sub(
        lambda found: "".join(rf"\x{byte:02x}" for byte in found[0].encode()), text
    )
    return f"'{spelled}'"
