from __future__ import annotations

from typing import Any

import orjson
import pytest

from extproc.core.pii import QUIET_KINDS, PiiAction, PiiKind
from extproc.pii.masking import Masked, masked

MASK = dict.fromkeys(QUIET_KINDS, PiiAction.MASK)
JANE = "jane@example.com"
CARD = "4111 1111 1111 1111"


def bodies() -> dict[str, dict[str, Any]]:
    """A body of each dialect that has Jane's address wherever text can be."""
    arguments = orjson.dumps({"to": JANE, "id": JANE, "text": f'"{JANE}"\n'}).decode()
    return {
        "chat": {
            "model": "m",
            "messages": [
                {"role": "system", "content": f"You serve {JANE}."},
                {"role": "user", "content": [{"type": "text", "text": JANE}]},
                {
                    "role": "assistant",
                    "content": None,
                    "reasoning_content": JANE,
                    "tool_calls": [
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "mail", "arguments": arguments},
                        }
                    ],
                },
                {"role": "tool", "tool_call_id": "call_1", "content": f"sent to {JANE}"},
            ],
            "tools": [
                {"type": "function", "function": {"name": "mail", "description": f"As {JANE}"}}
            ],
            "user": JANE,
        },
        "messages": {
            "model": "m",
            "max_tokens": 9,
            "system": [{"type": "text", "text": JANE}],
            "messages": [
                {"role": "user", "content": JANE},
                {
                    "role": "assistant",
                    "content": [
                        {
                            "type": "tool_use",
                            "id": "toolu_1",
                            "name": "mail",
                            "input": {"to": [JANE], "id": JANE, "type": JANE},
                        }
                    ],
                },
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "tool_result",
                            "tool_use_id": "toolu_1",
                            "content": [{"type": "text", "text": JANE}],
                        },
                        {
                            "type": "document",
                            "title": JANE,
                            "source": {"type": "text", "media_type": "text/plain", "data": JANE},
                        },
                    ],
                },
            ],
        },
        "responses": {
            "model": "m",
            "instructions": JANE,
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": JANE}]},
                {"type": "function_call", "call_id": "c", "name": "mail", "arguments": arguments},
                {"type": "function_call_output", "call_id": "c", "output": JANE},
                {"type": "custom_tool_call", "call_id": "d", "name": "x", "input": JANE},
            ],
        },
        "completions": {"model": "m", "prompt": JANE},
        "embeddings": {"model": "m", "input": [JANE, f"x {JANE}"]},
    }


def body(result: Masked) -> bytes:
    assert result.body is not None
    return result.body.data


@pytest.mark.parametrize("name", bodies())
def test_every_text_of_a_body_is_masked(name: str) -> None:
    raw = orjson.dumps(bodies()[name])

    result = masked(raw, MASK)

    assert JANE.encode() not in body(result)
    assert result.values == {"<EMAIL_1>": JANE}
    expected = raw.replace(JANE.encode(), b"<EMAIL_1>")
    assert orjson.loads(body(result)) == orjson.loads(expected)
    assert result.counts == {PiiKind.EMAIL: raw.count(JANE.encode())}


def test_what_is_no_text_stays_as_it_is() -> None:
    raw = orjson.dumps(
        {
            "model": JANE,
            "tools": [{"name": JANE, "input_schema": {"properties": {JANE: {"enum": [JANE]}}}}],
            "messages": [
                {"role": "assistant", "content": [{"type": "tool_use", "id": JANE, "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": JANE}]},
                {"content": [{"type": "thinking", "thinking": JANE, "signature": JANE}]},
                {"content": [{"type": "image", "source": {"type": "base64", "data": JANE}}]},
                {"content": [{"type": "image_url", "image_url": {"url": f"https://x/{JANE}"}}]},
                {"content": [{"type": "reasoning", "encrypted_content": JANE}]},
            ],
        }
    )

    assert masked(raw, MASK) == Masked(None, {}, (), {})


def test_what_does_not_change_keeps_its_bytes() -> None:
    raw = (
        b'{ "temperature": 1.0e0,"messages":[ {"role" : "user","content":"caf\\u00e9"},'
        b'{"content":"jane@example.com", "n": 123456789012345678901234567890}] ,"x":[ 1 ]}'
    )

    assert body(masked(raw, MASK)) == (
        b'{ "temperature": 1.0e0,"messages":[{"role" : "user","content":"caf\\u00e9"},'
        b'{"content":"<EMAIL_1>","n":123456789012345678901234567890}] ,"x":[ 1 ]}'
    )


def test_placeholders_of_the_clients_own_mean_what_they_meant() -> None:
    raw = orjson.dumps({"messages": [{"content": f"<EMAIL_1> is not {JANE}"}]})

    result = masked(raw, MASK)

    assert b"<EMAIL_1> is not <EMAIL_2>" in body(result)
    assert result.values == {"<EMAIL_2>": JANE}


def test_placeholders_in_what_a_provider_signed_are_ours() -> None:
    raw = orjson.dumps(
        {
            "messages": [
                {"content": JANE},
                {"content": [{"thinking": "<EMAIL_1>", "signature": "s"}]},
            ]
        }
    )

    assert masked(raw, MASK).values == {"<EMAIL_1>": JANE}


def test_a_conversation_that_goes_on_is_masked_as_before() -> None:
    said = [{"content": JANE}, {"content": "phone: +1 415 555 2671"}]
    more = [*said, {"content": "joe@example.com"}]

    before, after = (body(masked(orjson.dumps({"messages": each}), MASK)) for each in (said, more))

    assert after.startswith(before[: -len(b"]}")])


def test_each_kind_has_its_own_action() -> None:
    raw = orjson.dumps({"input": f"{JANE} {CARD} {JANE}"})

    result = masked(raw, {PiiKind.EMAIL: PiiAction.REDACT, PiiKind.CARD: PiiAction.MASK})

    assert orjson.loads(body(result))["input"] == "[REDACTED_EMAIL] <CARD_1> [REDACTED_EMAIL]"
    assert result.values == {"<CARD_1>": CARD}
    assert result.refused == ()


def test_kinds_that_block_are_told() -> None:
    raw = orjson.dumps({"input": f"{JANE} {CARD}"})

    result = masked(raw, {PiiKind.EMAIL: PiiAction.MASK, PiiKind.CARD: PiiAction.BLOCK})

    assert result.refused == (PiiKind.CARD,)
    assert result.counts == {PiiKind.EMAIL: 1, PiiKind.CARD: 1}
