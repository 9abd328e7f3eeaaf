"""Errors of more than one room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from extproc.errors import ClientError


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
