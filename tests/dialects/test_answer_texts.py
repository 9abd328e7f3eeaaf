"""Where the texts of answers stand."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.dialects.answer_texts import (
    ALL,
    TextKind,
    event_texts,
    found,
    put,
    texts_of,
    without_tokens,
)

CALL = {"id": "call", "type": "function", "function": {"name": "f", "arguments": '{"a":"b"}'}}
WHOLE: list[tuple[dict[str, Any], list[tuple[str, TextKind]]]] = [
    (
        {
            "id": "c",
            "object": "chat.completion",
            "model": "m",
            "choices": [
                {
                    "index": 0,
                    "message": {
                        "role": "assistant",
                        "content": "said",
                        "reasoning_content": "thought",
                        "refusal": None,
                        "tool_calls": [CALL],
                    },
                    "logprobs": {"content": [{"token": "said"}]},
                    "finish_reason": "stop",
                }
            ],
        },
        [
            ("said", TextKind.TEXT),
            ("thought", TextKind.REASONING),
            ('{"a":"b"}', TextKind.ARGUMENTS),
        ],
    ),
    (
        {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "thought", "signature": "sealed"},
                {"type": "text", "text": "said", "citations": [{"cited_text": "quoted"}]},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"q": ["deep", {"r": "er"}]}},
            ],
            "stop_reason": "end_turn",
        },
        [
            ("thought", TextKind.REASONING),
            ("said", TextKind.TEXT),
            ("quoted", TextKind.TEXT),
            ("deep", TextKind.TEXT),
            ("er", TextKind.TEXT),
        ],
    ),
    (
        {
            "id": "r",
            "object": "response",
            "reasoning": {"effort": "low", "summary": None},
            "text": {"format": {"type": "text"}},
            "output": [
                {
                    "type": "reasoning",
                    "id": "x",
                    "summary": [{"type": "summary_text", "text": "t"}],
                },
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
                {"type": "message", "content": [{"type": "output_text", "text": "said"}]},
            ],
        },
        [("t", TextKind.TEXT), ("{}", TextKind.ARGUMENTS), ("said", TextKind.TEXT)],
    ),
    ({"object": "text_completion", "choices": [{"text": "said"}]}, [("said", TextKind.TEXT)]),
]


@pytest.mark.parametrize(("document", "expected"), WHOLE)
def test_the_texts_of_whole_answers(
    document: dict[str, Any], expected: list[tuple[str, TextKind]]
) -> None:
    texts = [*texts_of(document)]
    assert [(found(document, text.steps), text.kind) for text in texts] == expected
    for text in texts:
        put(document, text.steps, "x")
    assert {found(document, text.steps) for text in texts} == {"x"}


@pytest.mark.parametrize(
    ("event", "running", "whole", "ended"),
    [
        ({"choices": [{"index": 1, "delta": {"content": "a"}}]}, ["a"], [], ()),
        ({"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]}, [], [], ((1,),)),
        ({"choices": [{"index": 0, "text": "a", "finish_reason": None}]}, ["a"], [], ()),
        (
            {"type": "content_block_delta", "index": 2, "delta": {"type": "x", "text": "a"}},
            ["a"],
            [],
            (),
        ),
        (
            {
                "type": "content_block_delta",
                "index": 2,
                "delta": {"type": "citations_delta", "citation": {"cited_text": "q"}},
            },
            [],
            ["q"],
            (),
        ),
        ({"type": "content_block_stop", "index": 2}, [], [], ((2,),)),
        ({"type": "message_stop"}, [], [], (ALL,)),
        ({"type": "response.output_text.delta", "output_index": 0, "delta": "a"}, ["a"], [], ()),
        ({"type": "response.audio.delta", "delta": "UklG"}, [], [], ()),
        (
            {"type": "response.output_text.done", "output_index": 0, "text": "a"},
            [],
            ["a"],
            (("response.output_text.delta", 0, None, None),),
        ),
        ({"type": "response.completed", "response": {"output": []}}, [], [], (ALL,)),
        ({"error": {"message": "no"}}, [], [], (ALL,)),
        ({"type": "ping"}, [], [], ()),
    ],
)
def test_the_texts_of_events(
    event: dict[str, Any], running: list[str], whole: list[str], ended: tuple[Any, ...]
) -> None:
    texts = event_texts(event)
    assert [found(event, text.steps) for text in texts.running.values()] == running
    assert [found(event, text.steps) for text in texts.whole] == whole
    assert texts.ended == ended


def test_tokens_are_taken_out_wherever_they_are() -> None:
    document = {
        "choices": [{"logprobs": {"content": []}}, {"logprobs": [{"token": "a"}]}],
        "n": [1],
    }
    without_tokens(document)
    assert document == {"choices": [{"logprobs": None}, {"logprobs": []}], "n": [1]}
