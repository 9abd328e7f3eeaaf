"""Keys of sessions: one per tenant and id, whatever these are."""

from __future__ import annotations

import pytest

from extproc.affinity import session_key


@pytest.mark.parametrize(
    ("affinity_id", "tenant", "key"),
    [
        ("abc-123", None, "abc-123"),
        ("acme:abc", None, "acme:abc"),
        ("abc", "acme", "acme:abc"),
        ("abc", "", ":abc"),
        ("b:c", "a", "a:b:c"),
        ("c", "a:b", "a%3Ab:c"),
        ("c", "a%3Ab", "a%253Ab:c"),
        ("i" * 256, "t" * 256, f"{'t' * 256}:{'i' * 256}"),
        ("größe 1", "mañana", "mañana:größe 1"),
    ],
)
def test_a_key_holds_the_tenant_and_the_id(affinity_id: str, tenant: str | None, key: str) -> None:
    assert session_key(affinity_id, tenant) == key


def test_no_two_sessions_have_one_key() -> None:
    words = ["", "a", "a:b", "b", "b:a", ":", "%3A", "a%3Ab", "%"]
    sessions = [(tenant, word) for tenant in words for word in words if word]
    assert len({session_key(word, tenant) for tenant, word in sessions}) == len(sessions)


@pytest.mark.parametrize(
    ("affinity_id", "tenant"),
    [
        ("", None),
        ("", "acme"),
        ("i" * 257, None),
        ("abc", "t" * 257),
        ("a\nb", None),
        ("abc", "a\x00"),
        ("\udcff", None),
    ],
)
def test_what_is_not_remembered(affinity_id: str, tenant: str | None) -> None:
    assert session_key(affinity_id, tenant) is None
