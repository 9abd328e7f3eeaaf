"""Errors of more than one room."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from extproc.errors import ClientError

SOURCES = Path(__file__).parents[1] / "extproc"


def test_an_error_reads_as_its_message() -> None:
    error = ClientError(400, "what is wrong")
    assert str(error) == "what is wrong"
    assert (error.status, error.message) == (400, "what is wrong")
    assert (error.code, error.param) == (None, None)


def test_an_error_passes_through_a_context_manager() -> None:
    @contextmanager
    def anything() -> Iterator[None]:
        yield

    with pytest.raises(ClientError, match="what is wrong"), anything():
        raise ClientError(400, "what is wrong")


def refusals() -> Iterator[tuple[str, ast.Call]]:
    """Where a request is refused for what it is (4xx): the place, and what the error is made of."""
    for path in SOURCES.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "ClientError(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Call(
                    func=ast.Name(id="ClientError"), args=[ast.Constant(value=int(status)), *_]
                ) if 400 <= status < 500:
                    yield f"{path.relative_to(SOURCES)}:{node.lineno}", node


def test_who_reads_a_log_is_told_what_is_wrong_with_a_request() -> None:
    found = list(refusals())
    assert len(found) > 20
    silent = [where for where, call in found if not _tells(call)]
    assert silent == []


def _tells(call: ast.Call) -> bool:
    code_by_position = len(call.args) > 2
    return code_by_position or any(each.arg in ("code", "reason") for each in call.keywords)
