"""``temperature``, ``top_p`` and ``top_k``: who takes them, and what of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extproc.dialects.translation.common.finding_losses import Losses, dropped, place
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.losses import Loss
from extproc.dialects.translation.messages.obstacles import STRICTER_VERSION
from extproc.dialects.translation.translator import Target

__all__ = ["SAMPLING_DEFAULTS", "put_sampling", "refuses_sampling"]

SAMPLING_DEFAULTS: Mapping[str, float | None] = {"temperature": 1, "top_p": 1, "top_k": None}
"""What a request means that does not say it: leaving these out loses nothing."""
_HIGHEST_TEMPERATURE = 1.0
_THINKING = "a model that thinks takes no other temperature and sampling than its own"


def refuses_sampling(target: Target) -> str | None:
    """Why a request for this model must not say how to sample, None where it may."""
    if target.api_version >= STRICTER_VERSION:
        return f"Anthropic's API {target.api_version} does not take it"
    return "the model does not take it" if target.traits.sampling is False else None


def put_sampling(body: dict[str, Any], request: Request, target: Target, losses: Losses) -> None:
    """Put into a request what it may say of sampling, and name what it may not.

    Args:
        body: what is written; its ``thinking`` is there already.
        request: what the client wants.
        target: the model.
        losses: takes what is lost.
    """
    wanted = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    if not given:
        return
    thinks = body.get("thinking", {}).get("type") in ("enabled", "adaptive")
    reason = refuses_sampling(target) or (_THINKING if thinks else None)
    if reason is not None:
        for name, value in given.items():
            if value != SAMPLING_DEFAULTS[name]:
                losses.put(dropped(name, place(request, name), reason))
        return
    temperature = given.get("temperature")
    if temperature is not None and temperature > _HIGHEST_TEMPERATURE:
        reason = "the provider's highest is 1"
        losses.put(Loss("clamped:temperature", place(request, "temperature"), reason=reason))
        given["temperature"] = _HIGHEST_TEMPERATURE
    if temperature is not None and "top_p" in given:
        top_p = given.pop("top_p")
        if top_p != SAMPLING_DEFAULTS["top_p"]:
            reason = "the provider takes temperature or top_p, not both"
            losses.put(dropped("top_p", place(request, "top_p"), reason))
    body.update(given)
