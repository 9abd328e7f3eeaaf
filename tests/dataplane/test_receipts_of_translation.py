"""What a translation could not do is told afterwards: in the receipt and in the access log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.helpers.house import CHAT_MODELS, CONFIG, MESSAGES_MODELS
from tests.helpers.house import house as start

POOL = (
    "models: [alpha/model-a, beta/model-b, gamma/model-c, anthropic/claude-a, anthropic/claude-d]"
)
MESSAGES_FIRST = CONFIG.replace(POOL, "models: [anthropic/claude-a, alpha/model-a]", 1)


def of_attempts(line: dict[str, Any]) -> bool:
    return bool(line["log"] == "attempt")


async def test_what_was_lost_and_who_was_skipped(tmp_path: Path) -> None:
    assert MESSAGES_FIRST != CONFIG
    async with start(tmp_path, config=MESSAGES_FIRST) as house:
        translated = await house.chat(seed=7)
        assert translated.headers["x-dragoman-model"] == MESSAGES_MODELS[0]
        receipt = await house.receipt(translated)
        assert receipt["skipped"] == []
        assert [each["translation"] for each in receipt["attempts"]] == [["dropped:seed"]]
        (line,) = await house.logged(of_attempts)
        assert line["translation"] == "dropped:seed"
        since = house.log_length()
        native = await house.chat(n=2)
        assert native.headers["x-dragoman-model"] == CHAT_MODELS[0]
        receipt = await house.receipt(native)
        (skipped,) = receipt["skipped"]
        assert (skipped["model"], skipped["code"]) == (MESSAGES_MODELS[0], "skipped:n")
        assert [each["model"] for each in receipt["candidates"]] == [CHAT_MODELS[0]]
        assert [each["translation"] for each in receipt["attempts"]] == [[]]
        (line,) = await house.logged(of_attempts, since=since)
        assert line["translation"] is None
