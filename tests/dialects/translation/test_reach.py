"""Which candidates a request can reach at all."""

from __future__ import annotations

from typing import Any

import pytest

from extproc import providers
from extproc.config import parse
from extproc.core.models import Dialect
from extproc.dialects.translation.reach import reach

SAID = [{"role": "user", "content": "hello"}]
PLAIN: dict[Dialect, dict[str, Any]] = {
    Dialect.CHAT: {"model": "m", "messages": SAID},
    Dialect.MESSAGES: {"model": "m", "max_tokens": 9, "messages": SAID},
    Dialect.RESPONSES: {"model": "m", "input": "hello"},
}


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("provider", providers.KNOWN)
def test_every_provider_is_reached_from_every_dialect(provider: str, dialect: Dialect) -> None:
    """So no route is out of a dialect's reach, and no configuration has to be warned of that."""
    text = (
        "{version: v0.4.0, listeners: [{type: model, port: 1}], model_providers: "
        f"[{{model: {provider}/m, access_key: k, base_url: 'https://h/v1'}}]}}"
    )
    (model,) = parse(text, {}).config.models
    found = reach(dialect, PLAIN[dialect], [model])
    assert (found.models, found.skipped) == ((model,), ())
