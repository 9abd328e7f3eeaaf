"""The beginning of a form, held until it names its model."""

from __future__ import annotations

import pytest

from extproc.errors import ClientError
from extproc.worker.held_form import HeldForm

PART = b'--B\r\ncontent-disposition: form-data; name="%b"\r\n\r\n%b\r\n'
NAMED = PART % (b"model", b" two/b ") + b"--B"


def held(*pieces: bytes, largest: int = 1000) -> HeldForm:
    form = HeldForm(b"B", largest)
    for piece in pieces:
        form.take(piece)
    return form


def test_it_is_held_until_the_field_is_there() -> None:
    form = held(NAMED[:-2])
    assert (form.found, form.name(), form.held) == (False, "", len(NAMED) - 2)
    form.take(NAMED[-2:])
    assert (form.found, form.name(), form.held) == (True, "two/b", len(NAMED))


def test_the_model_is_named_as_its_provider_calls_it() -> None:
    other = PART % (b"language", b"en")
    form = held(other + NAMED)
    assert form.naming("b") == other + PART % (b"model", b"b") + b"--B"
    assert form.whole() == other + NAMED


def test_a_form_that_names_none_is_left_as_it_is() -> None:
    form = held(PART % (b"language", b"en"))
    assert form.name() == ""
    assert form.naming("b") == form.whole()


def test_what_is_too_large_is_received_but_not_held() -> None:
    form = held(b"x" * 8, b"x" * 8, largest=10)
    assert form.held == 0
    with pytest.raises(ClientError) as raised:
        form.name()
    assert raised.value.status == 413
