"""A stream of Anthropic's, read and written again: bytes in, bytes out, however they are cut."""

from __future__ import annotations

from extproc.core.models import Dialect
from extproc.dialects.sse import EventReader
from extproc.dialects.translation.form import Request
from extproc.dialects.translation.messages import TRANSLATOR
from extproc.dialects.translation.translator import Echo

PROVIDERS = """\
event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant",\
"model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,\
"usage":{"input_tokens":25,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"",\
"signature":""}}

event: ping
data: {"type": "ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Hm…"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQ"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1",\
"name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta",\
"partial_json":"{\\"a\\": \\"ü\\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},\
"usage":{"output_tokens":15,"cache_read_input_tokens":7}}

event: message_stop
data: {"type":"message_stop"}

""".encode()

CLIENTS = (
    PROVIDERS.replace(b'event: ping\ndata: {"type": "ping"}\n\n', b"")
    .replace(b'"claude-x"', b'"served"')
    .replace(
        b'"usage":{"input_tokens":25,"output_tokens":1}',
        b'"usage":{"input_tokens":0,"cache_creation_input_tokens":0,'
        b'"cache_read_input_tokens":0,"output_tokens":0}',
    )
    .replace(
        b'"usage":{"output_tokens":15,"cache_read_input_tokens":7}',
        b'"usage":{"input_tokens":25,"cache_creation_input_tokens":0,'
        b'"cache_read_input_tokens":7,"output_tokens":15}',
    )
)


def translated(*pieces: bytes) -> bytes:
    cutter, reader = EventReader(), TRANSLATOR.stream_reader()
    writer = TRANSLATOR.stream_writer(Echo(Request(Dialect.MESSAGES, "m", ()), "served", 1))
    written = [
        writer.write(event)
        for piece in pieces
        for data in cutter.feed(piece)
        for event in reader.read(data)
    ]
    return b"".join(written + [writer.write(event) for event in reader.end()])


def test_bytes_in_bytes_out() -> None:
    assert translated(PROVIDERS) == CLIENTS


def test_case_098_cut_anywhere() -> None:
    for cut in range(len(PROVIDERS)):
        assert translated(PROVIDERS[:cut], PROVIDERS[cut:]) == CLIENTS


def test_case_085_broken_off_anywhere() -> None:
    """Whatever is missing, the client is told, and all that came before is the same."""
    for cut in range(len(PROVIDERS) - 1):
        sent = translated(PROVIDERS[:cut])
        before, error, _ = sent.rpartition(b"event: error\n")
        assert error
        assert CLIENTS.startswith(before)
        assert b"message_stop" not in before
