"""The prompts' bytes, and that routes and conversation fit into them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from extproc.core.conversation import Conversation, Turn
from extproc.core.routes import Route
from extproc.intent.arch_router_prompt import ARCH_ROUTER
from extproc.intent.orchestrator_prompt import PLANO_ORCHESTRATOR
from extproc.intent.prompt_format import PromptFormat

FORMATS = (ARCH_ROUTER, PLANO_ORCHESTRATOR)
ROUTES = (
    Route("Image generation", "generating image", ()),
    Route("Bildsuche", 'find "images" in Köln\n', ("m",), examples=("x",), threshold=0.5),
)
TALK = (
    Turn("user", "hi"),
    Turn("assistant", "Grüß Gott!"),
    Turn("user", 'draw "Bart"\nand Lisa\x01'),
)


def between(prompt: str, tag: str) -> str:
    return prompt.partition(f"<{tag}>\n")[2].partition(f"\n</{tag}>")[0]


def conversation_in(prompt: str) -> list[dict[str, str]]:
    read = json.loads(between(prompt, "conversation"))
    assert isinstance(read, list)
    return read


@pytest.mark.parametrize(
    ("format_", "size", "digest"),
    [
        (ARCH_ROUTER, 856, "8004153a5e58066139d261d56392543ef29c63487ad4872aaba4d29929890dde"),
        (
            PLANO_ORCHESTRATOR,
            846,
            "394e1dab0c2609822f9efbacf9a1faba18b63d645d547e7686adb00e51028882",
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_templates_are_the_published_ones(
    format_: PromptFormat, size: int, digest: str
) -> None:
    raw = format_.template.encode()
    assert (len(raw), hashlib.sha256(raw).hexdigest()) == (size, digest)


ARCH_ROUTER_FILLED = """
You are a helpful assistant designed to find the best suited route.
You are provided with route description within <routes></routes> XML tags:
<routes>
[{"name":"Image generation","description":"generating image"},\
{"name":"Bildsuche","description":"find \\"images\\" in Köln\\n"}]
</routes>

<conversation>
[{"role":"user","content":"hi"},{"role":"assistant","content":"Grüß Gott!"},\
{"role":"user","content":"draw \\"Bart\\"\\nand Lisa\\u0001"}]
</conversation>

Your task is to decide which route is best suit with user intent on the conversation in \
<conversation></conversation> XML tags.  Follow the instruction:
1. If the latest intent from user is irrelevant or user intent is full filled, response with other \
route {"route": "other"}.
2. You must analyze the route descriptions and find the best match route for user latest intent.
3. You only response the name of the route that best matches the user's request, use the exact \
name in the <routes></routes>.

Based on your analysis, provide your response in the following JSON formats if you decide to match \
any route:
{"route": "route_name"}
"""

ORCHESTRATOR_FILLED = """
You are a helpful assistant that selects the most suitable routes based on user intent.
You are provided with a list of available routes enclosed within <routes></routes> XML tags:
<routes>
{"name": "Image generation", "description": "generating image", \
"parameters": {"type": "object", "properties": {}, "required": []}}
{"name": "Bildsuche", "description": "find \\"images\\" in Köln\\n", \
"parameters": {"type": "object", "properties": {}, "required": []}}
</routes>

You are also given the conversation context enclosed within <conversation></conversation> XML tags:
<conversation>
[
    {
        "role": "user",
        "content": "hi"
    },
    {
        "role": "assistant",
        "content": "Grüß Gott!"
    },
    {
        "role": "user",
        "content": "draw \\"Bart\\"\\nand Lisa\\u0001"
    }
]
</conversation>

## Instructions
1. Analyze the latest user intent from the conversation.
2. Compare it against the available routes to find which routes can help fulfill the request.
3. Respond only with the exact route names from <routes>.
4. If no routes can help or the intent is already fulfilled, return an empty list.

## Response Format
Return your answer strictly in JSON as follows:
{{"route": ["route_name_1", "route_name_2", "..."]}}
If no routes are needed, return an empty list for `route`.
"""


@pytest.mark.parametrize(
    ("format_", "filled"),
    [(ARCH_ROUTER, ARCH_ROUTER_FILLED), (PLANO_ORCHESTRATOR, ORCHESTRATOR_FILLED)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_filled_prompts_are_exact(format_: PromptFormat, filled: str) -> None:
    assert format_.fill(TALK, ROUTES).encode() == filled.encode()


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
def test_routes_keep_their_order_and_their_twins(format_: PromptFormat) -> None:
    routes = (Route("b", "two", ("m",)), Route("a", "one", ("m",)), Route("b", "again", ()))
    shown = between(format_.fill(TALK, routes), "routes")
    places = [shown.index(f'"{text}"') for text in ("two", "one", "again")]
    assert places == sorted(places)


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
def test_placeholders_in_what_is_filled_in_stay_as_they_are(format_: PromptFormat) -> None:
    routes = (Route("{routes}", "about {conversation} templates", ()),)
    said = "what do {routes} and {conversation} mean?"
    prompt = format_.fill((Turn("user", said),), routes)
    assert '"about {conversation} templates"' in between(prompt, "routes")
    assert conversation_in(prompt) == [{"role": "user", "content": said}]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
@pytest.mark.parametrize("descriptions", [1, 20, 200])
def test_routes_count_against_the_context(format_: PromptFormat, descriptions: int) -> None:
    routes = [Route(f"route {number}", "words " * 12, ()) for number in range(descriptions)]
    turns: Conversation = tuple(
        Turn("assistant" if number % 2 else "user", "ten letters " * 20) for number in range(401)
    )
    unbounded = replace(format_, most_turns=None)
    prompt = unbounded.fill(turns, routes)
    spoken = sum(len(turn["content"].encode()) // 4 for turn in conversation_in(prompt))
    named = len(between(prompt, "routes").encode()) // 4
    room = format_.context_length - len(format_.template.encode()) // 4 - named
    assert spoken <= max(room, 128)
    assert spoken > min(room, 128) - 61
    assert f"route {descriptions - 1}" in prompt


def test_a_context_length_of_the_operator_s_own() -> None:
    turns = (Turn("user", "how " * 5000 + "?"),)
    for context_length in (1000, 4000):
        (turn,) = conversation_in(PLANO_ORCHESTRATOR.fill(turns, ROUTES, context_length))
        prompt = PLANO_ORCHESTRATOR.fill(turns, ROUTES, context_length)
        named = len(between(prompt, "routes").encode()) // 4
        assert len(turn["content"].encode()) == (context_length - 211 - named) * 4
        assert turn["content"].startswith("how how")
        assert turn["content"].endswith("how ?")


@pytest.mark.parametrize(("format_", "shown"), [(ARCH_ROUTER, 41), (PLANO_ORCHESTRATOR, 16)])
def test_how_many_turns_are_shown(format_: PromptFormat, shown: int) -> None:
    turns = tuple(
        Turn("assistant" if number % 2 else "user", f"turn {number}") for number in range(41)
    )
    said = conversation_in(format_.fill(turns, ROUTES))
    assert [turn["content"] for turn in said] == [turn.text for turn in turns[-shown:]]


@pytest.mark.parametrize("format_", FORMATS, ids=lambda each: each.name)
def test_names_that_utf8_cannot_carry_are_replaced(format_: PromptFormat) -> None:
    prompt = format_.fill(TALK, (Route("odd \ud83d", "d \udc00", ()),))
    assert '"odd ?"' in prompt.encode().decode()
