"""What a model's entry adds to the headers of its requests."""

from __future__ import annotations

from extproc.bootstrap.configured_headers import configured_headers
from tests.bootstrap.test_render import model


def written(headers: dict[str, str]) -> dict[str, str]:
    steps = configured_headers(model("a/b", headers=headers))
    headers_set = [step.append.header for step in steps if step.append and step.append.header]
    return {header.key: header.value for header in headers_set}


def test_a_list_of_features_is_joined_with_the_clients() -> None:
    assert written({"Anthropic-Beta": "a-1"}) == {
        "Anthropic-Beta": "%CEL('anthropic-beta' in request.headers "
        "? request.headers['anthropic-beta'] : 'a-1')%"
        "%CEL('anthropic-beta' in request.headers && !request.headers['anthropic-beta']"
        r".matches('\x28\x5e\x7c\x2c\x29\x5cs\x2aa\x5c-1\x5cs\x2a\x28\x2c\x7c\x24\x29')"
        r" ? '\x2ca-1' : '')%"
    }


def test_whatever_stands_in_it_stays_text() -> None:
    (value,) = written({"anthropic-beta": "')% \"é\\"}).values()
    assert value.count("%") == value.count("%CEL(") + value.count(")%") == 4
    assert '"' not in value
    assert value.isascii()


def test_all_other_headers_replace_the_clients() -> None:
    assert written({"accept": "a,b", "x-a": "50%"}) == {"accept": "a,b", "x-a": "50%%"}


def test_an_empty_list_adds_nothing_to_join() -> None:
    assert written({"anthropic-beta": " , "}) == {"anthropic-beta": " , "}
