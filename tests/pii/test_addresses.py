from __future__ import annotations

import pytest

from extproc.pii.addresses import emails, ips


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from 8.8.8.8 port 22", ["8.8.8.8"]),
        ("[2606:4700:4700::1111]:443", ["2606:4700:4700::1111"]),
        ("dns: 2001:4860:4860::8888.", ["2001:4860:4860::8888"]),
        ("10.0.0.1 127.0.0.1 192.168.1.1 ::1 fe80::1", []),
        ("v1.2.3.4, version 8.8.8.8 and lib==8.8.4.4", []),
        ("8.8.8.8.8 and 8.8.8.888 and 12:30:45", []),
        ("std::vector a::b::c ab:cd:ef", []),
    ],
)
def test_addresses_of_the_public_internet(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in ips(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "a" * 80 + "@example.com",
        "ssh://git@example.com/x https://bot@example.com/",
        "jane@localhost and jane@example",
        "@jane and jane@",
    ],
)
def test_what_is_no_address_of_a_person(text: str) -> None:
    assert [text[start:end] for start, end in emails(text) if end - start < 60] == []
