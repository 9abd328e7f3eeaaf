"""A field is found in a form, however its bytes come."""

from __future__ import annotations

import pytest

from extproc.dialects.forms import Field, FieldFinder, boundary_of

FILE = b'content-disposition: form-data; name="file"; filename="model"\r\ncontent-type: a/b\r\n'
MODEL = b'Content-Disposition: form-data; name="model"\r\n'


def form(*parts: tuple[bytes, bytes]) -> bytes:
    return b"".join(b"--B\r\n%b\r\n%b\r\n" % part for part in parts) + b"--B--\r\n"


def found(raw: bytes, size: int) -> tuple[Field | None, int]:
    """The field, and how much of the form was needed to find it."""
    finder = FieldFinder(b"B", "model")
    for start in range(0, len(raw), size):
        field = finder.feed(raw[start : start + size])
        if field is not None:
            assert raw[field.start : field.end] == field.value
            return field, len(finder.held)
    assert bytes(finder.held) == raw
    return None, len(raw)


SIZES = (1, 2, 3, 5, 7, 64, 10_000)


@pytest.mark.parametrize("size", SIZES)
def test_a_field_before_the_file(size: int) -> None:
    raw = form((MODEL, b"whisper-1"), (FILE, b"\r\n--A\r\n" * 1000))
    field, needed = found(raw, size)
    assert field is not None
    assert field.value == b"whisper-1"
    assert needed < 80 + size


@pytest.mark.parametrize("size", SIZES)
def test_a_field_after_the_file(size: int) -> None:
    content = b"--B\r-\r\n--b\r\nname=model\r\n\r\n-"
    field, _ = found(
        form(
            (FILE, content), (b'content-disposition: form-data; name="n"\r\n', b"1"), (MODEL, b"m")
        ),
        size,
    )
    assert field is not None
    assert field.value == b"m"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"--B--\r\n",
        form((FILE, b"content")),
        form((b'content-disposition: form-data; name="models"\r\n', b"m")),
        form((b'content-disposition: attachment; filename="model"\r\n', b"m")),
        form((b"x: y\r\n", b"m")),
        b"--B\r\nno end of headers\r\n--B--\r\n",
        b"--B\r\n" + MODEL + b"\r\nnever ended",
        b"what is this",
    ],
)
def test_a_form_without_the_field(raw: bytes, size: int) -> None:
    assert found(raw, size)[0] is None


def test_an_empty_field_and_one_behind_a_preamble() -> None:
    field, _ = found(b"a preamble\r\n" + form((MODEL, b"")), 4)
    assert field is not None
    assert field.value == b""


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; boundary="a b"', b"a b"),
        ("multipart/form-data", None),
        ("application/json", None),
        ("", None),
    ],
)
def test_what_separates_parts(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary
