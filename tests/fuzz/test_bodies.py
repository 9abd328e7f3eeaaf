"""Whatever is posted to an endpoint is planned, or refused as the client's; nothing is garbled."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from extproc.contract import MODELS, Role
from extproc.errors import ClientError
from tests.fuzz.effort import examples
from tests.fuzz.strategies import BODIES, HEADERS, JSON, PATHS, TEXTS, cut
from tests.fuzz.workers import served, told
from tests.helpers.envoy_stream import changed, request_body, request_headers

_OURS = ("model", "routing_preferences", "routing_policy")
_SPACE = st.sampled_from(["", "", "", " ", "\n", "\t \r\n"])


def _posted(path: str, headers: dict[str, str], pieces: list[bytes]) -> list[dict[str, Any]]:
    given_headers = {":path": path, ":method": "POST", **headers}
    *first, last = pieces
    return [
        request_headers(given_headers),
        *(request_body(piece, ends=False) for piece in first),
        request_body(last, ends=True),
    ]


def _sent(messages: list[Any]) -> bytes:
    return b"".join(
        message.request_body.response.body_mutation.streamed_response.body for message in messages
    )


@examples(400)
@given(path=PATHS, headers=HEADERS, body=BODIES, data=st.data())
async def test_any_body(
    path: str, headers: dict[str, str], body: bytes, data: st.DataObject
) -> None:
    outcome = await served(Role.INGRESS, *_posted(path, headers, data.draw(cut(body))))
    if isinstance(outcome, ClientError):
        told(outcome)
    elif path.startswith("/routing"):
        (answer,) = outcome
        assert json.loads(answer.immediate_response.body)["models"]
    else:
        first, *rest = outcome
        assert changed(first)["x-dragoman-plan"]
        sent = json.loads(_sent(rest))
        assert sent["model"]
        assert not {"routing_preferences", "routing_policy"} & sent.keys()


@st.composite
def _members(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Names and values of a body, as they are written."""
    turn = {"role": "user", "content": draw(TEXTS)}
    members = {
        **draw(st.dictionaries(TEXTS.filter(lambda name: name not in _OURS), JSON, max_size=4)),
        "messages": [turn],
        **draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "model": st.just("one/chat"),
                    "routing_preferences": st.just([]),
                    "routing_policy": st.just([]),
                },
            )
        ),
    }
    escaped = draw(st.booleans())
    written = [
        (json.dumps(name), json.dumps(value, ensure_ascii=escaped))
        for name, value in members.items()
    ]
    return draw(st.permutations(written))


@examples(400)
@given(members=_members(), spaces=st.lists(_SPACE, min_size=4, max_size=4))
async def test_what_is_not_ours_passes_byte_for_byte(
    members: list[tuple[str, str]], spaces: list[str]
) -> None:
    before, after, around, between = spaces
    written = [f"{name}{before}:{after}{value}" for name, value in members]
    text = f"{around}{{{between}" + f"{between},{around}".join(written) + f"{between}}}{around}"
    body = text.encode("utf-8", "surrogatepass")
    outcome = await served(Role.INGRESS, *_posted("/v1/chat/completions", {}, [body]))
    if isinstance(outcome, ClientError):
        told(outcome)
        return
    first, *rest = outcome
    if "x-dragoman-translated" in changed(first):
        return
    sent = _sent(rest)
    place = 0
    for (name, _), member in zip(members, written, strict=True):
        if json.loads(name) in _OURS:
            continue
        found = sent.find(member.encode(), place)
        assert found >= 0, (member, sent)
        place = found + len(member.encode())
    kept = {json.loads(name) for name, _ in members} - set(_OURS[1:])
    assert json.loads(sent).keys() == kept | {"model"}


@examples(200)
@given(
    path=st.sampled_from(["/v1/embeddings", "/v1/messages/count_tokens", "/v1/completions"]),
    headers=HEADERS,
    body=BODIES,
    data=st.data(),
)
async def test_any_body_of_another_path(
    path: str, headers: dict[str, str], body: bytes, data: st.DataObject
) -> None:
    outcome = await served(Role.BY_MODEL, *_posted(path, headers, data.draw(cut(body))))
    if isinstance(outcome, ClientError):
        told(outcome)


_NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)


@examples(200)
@given(
    under=st.sampled_from(
        [
            *((Role.MODELS, f"{start}{MODELS}") for start in ("", "/v1")),
            *((Role.BY_ID, f"/v1/{kind}") for kind in ("files", "responses", "batches")),
        ]
    ),
    rest=_NAMES,
    query=_NAMES,
    headers=HEADERS,
)
async def test_any_path_without_a_body(
    under: tuple[Role, str], rest: str, query: str, headers: dict[str, str]
) -> None:
    role, path = under
    given_headers = {":path": f"{path}/{rest}?{query}", ":method": "GET", **headers}
    outcome = await served(role, request_headers(given_headers, ends=True))
    if isinstance(outcome, ClientError):
        told(outcome)
