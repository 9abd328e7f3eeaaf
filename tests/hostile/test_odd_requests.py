"""Odd requests get an answer that says what is odd about them."""

from __future__ import annotations

import asyncio
import json

import h2.config
import h2.connection
import h2.events
import pytest

from tests.helpers.house import OFF_TOPIC, House


async def answer(house: House, request: bytes) -> tuple[bytes, str]:
    """The status line and the message of the error that a request of bytes gets."""
    reader, writer = await house.connect()
    writer.write(request)
    head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
    writer.close()
    return head.partition(b"\r\n")[0], json.loads(body)["error"]["message"]


@pytest.mark.parametrize("size", [30_000, 55_000])
async def test_a_long_query(house: House, size: int) -> None:
    query = "%22" * (size // 3)
    response = await house.chat(OFF_TOPIC, path=f"/v1/chat/completions?q={query}")
    assert response.status_code == 200, response.text
    (exchange,) = house.gamma.exchanges
    assert exchange.path == f"/v1/chat/completions?q={query}"


async def test_headers_that_are_too_long(house: House) -> None:
    headers = {"user-agent": "x" * 40_000}
    response = await house.chat(
        OFF_TOPIC, path=f"/v1/chat/completions?q={'x' * 40_000}", headers=headers
    )
    assert response.status_code == 431
    assert "larger than 61440 bytes" in response.json()["error"]["message"]


async def test_the_name_of_a_route_that_is_too_long(house: House) -> None:
    route = {"name": "n" * 70_000, "description": "d", "models": ["alpha/model-a"]}
    response = await house.chat(routing_preferences=[route])
    assert response.status_code == 400
    assert "must not be longer than 256 characters" in response.json()["error"]["message"]


@pytest.mark.parametrize("path", [b"/v1/messages#x", b"/v1/%00", b"/v1/messages%00"])
async def test_a_path_that_is_none(house: House, path: bytes) -> None:
    line, message = await answer(
        house, b"POST %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n" % path
    )
    assert line == b"HTTP/1.1 400 Bad Request"
    assert "The path of this request cannot be read" in message


@pytest.mark.parametrize(
    ("request_line", "headers", "words"),
    [
        (b"POST /v1/messages", b"", "has no Host header"),
        (b"OPTIONS *", b"host: localhost\r\n", "does not begin with a '/'"),
        (b"FOO /v1/messages", b"host: localhost\r\n", "no valid HTTP request (http1.codec_error)"),
        (b"POST /v1/\xff", b"host: localhost\r\n", "no valid HTTP request (http1.codec_error)"),
        (b"POST /v1/messages", b"host: a b\r\n", "no valid HTTP request (http.invalid_authority)"),
        (b"POST /v1/messages", b"host: a\r\nx y: z\r\n", "no valid HTTP request"),
        (b"POST /v1/messages", b"host: a\r\nx: \0\r\n", "(http1.invalid_characters)"),
        (b"POST /v1/messages", b"host: a\r\ncontent-length: -1\r\n", "no valid HTTP request"),
        (
            b"POST /v1/messages",
            b"host: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n",
            "no valid HTTP request",
        ),
        (
            b"POST /v1/messages",
            b"host: a\r\ntransfer-encoding: gzip, chunked\r\n",
            "transfer-encoding is not understood here",
        ),
    ],
)
async def test_what_is_no_request(
    house: House, request_line: bytes, headers: bytes, words: str
) -> None:
    line, message = await answer(
        house, request_line + b" HTTP/1.1\r\nconnection: close\r\n" + headers + b"\r\n"
    )
    assert line == b"HTTP/1.1 400 Bad Request"
    assert words in message


async def test_a_tunnel(house: House) -> None:
    line, message = await answer(house, b"CONNECT a.b:443 HTTP/1.1\r\nhost: a.b:443\r\n\r\n")
    assert line == b"HTTP/1.1 405 Method Not Allowed"
    assert "no tunnels" in message


async def test_a_tunnel_by_http_2(house: House) -> None:
    reader, writer = await house.connect()
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    connection.initiate_connection()
    connection.send_headers(1, [(":method", "CONNECT"), (":authority", "a.b:443")])
    writer.write(connection.data_to_send())
    status = None
    async with asyncio.timeout(5):
        while status is None:
            for event in connection.receive_data(await reader.read(65536)):
                if isinstance(event, h2.events.ResponseReceived):
                    status = dict(event.headers)[b":status"]
    writer.close()
    assert status == b"405"
