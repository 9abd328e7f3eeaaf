"""Members that the form has no place for: carried to Anthropic, or named as lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.core.models import Dialect
from extproc.dialects.translation.common.finding_losses import Losses, dropped, place
from extproc.dialects.translation.form import Request

__all__ = ["put_extras"]

_NEUTRAL: Mapping[str, tuple[Any, ...]] = {
    "background": (False,),
    "frequency_penalty": (0,),
    "logprobs": (False,),
    "modalities": (["text"],),
    "n": (1,),
    "presence_penalty": (0,),
    "service_tier": ("auto", "default", "standard_only"),
    "store": (False,),
    "top_logprobs": (0,),
    "truncation": ("disabled",),
    "verbosity": ("medium",),
}
"""Values that ask for nothing that the provider does not do, or that are carried."""
_MEANINGLESS = frozenset({"safety_identifier", "stream_options"})
"""The first is carried as the user's name; the second is the answer's."""
_HOLDERS = frozenset({"metadata", "output_config"})
"""Objects whose members beside those of the form are extras named after their place."""


def _put_own(body: dict[str, Any], request: Request, losses: Losses) -> None:
    """What the client wrote in this dialect itself."""
    for name, value in request.extras.items():
        holder, _, member = name.partition(".")
        if name in request.paths:
            losses.put(dropped(name, request.paths[name]))
        elif member and holder in _HOLDERS:
            body.setdefault(holder, {})[member] = value
        else:
            body[name] = value


def put_extras(body: dict[str, Any], request: Request, losses: Losses) -> None:
    """Carry what can be carried, and name everything else.

    Args:
        body: what is written.
        request: what the client wants.
        losses: takes what is lost; what the obstacles told of is not told again.
    """
    if request.dialect is Dialect.MESSAGES:
        _put_own(body, request, losses)
        return
    told = {loss.path for loss in losses.told()}
    for name, value in request.extras.items():
        if name == "service_tier" and value in ("default", "standard_only"):
            body[name] = "standard_only"
        if value is None or value in ([], {}) or name in _MEANINGLESS:
            continue
        path = place(request, name)
        if path not in told and value not in _NEUTRAL.get(name, ()):
            losses.put(dropped(name, path))
