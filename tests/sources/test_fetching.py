"""Documents over HTTP, from servers that behave and servers that do not; and from files."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from extproc.errors import StartError
from extproc.sources.bounds import Bounds, FetchError
from extproc.sources.digitalocean import next_page
from extproc.sources.fetching import NextPage, fetch, http_client, read_file, shown
from tests.helpers.price_server import Answer, PriceServer, price_server

BODY = b'{"a": {"input_per_million": 1, "output_per_million": 2}}'
GOOD = Answer(BODY)


async def fetched(
    url: str,
    bounds: Bounds = Bounds(),
    token: str | None = None,
    following: NextPage | None = None,
) -> tuple[bytes, ...]:
    async with http_client(bounds) as client:
        return await fetch(client, url, bounds, token=token, next_page=following)


async def test_a_document(server: PriceServer) -> None:
    server.answer(GOOD)
    assert await fetched(server.url()) == (BODY,)
    (asked,) = server.asked
    assert asked.headers["accept"] == "application/json"
    assert asked.headers["user-agent"] == "dragoman"
    assert "authorization" not in asked.headers


async def test_a_bearer_token(server: PriceServer) -> None:
    server.answer(GOOD)
    await fetched(server.url(), token="the-token")
    assert server.asked[0].headers["authorization"] == "bearer the-token"


async def test_a_compressed_document(server: PriceServer) -> None:
    server.answer(GOOD.gzipped())
    assert await fetched(server.url()) == (BODY,)


async def test_a_wrong_content_type_does_not_matter(server: PriceServer) -> None:
    server.answer(Answer(BODY, headers={"content-type": "text/plain"}))
    assert await fetched(server.url()) == (BODY,)


async def test_a_redirect_is_followed_with_the_token(server: PriceServer) -> None:
    server.answer(Answer(status=307, headers={"location": "/prices"}))
    server.answer(GOOD, path="/prices")
    assert await fetched(server.url(), token="the-token") == (BODY,)
    assert [asked.headers.get("authorization") for asked in server.asked] == [
        "bearer the-token",
        "bearer the-token",
    ]


async def test_a_redirect_to_another_origin_does_not_get_the_token(server: PriceServer) -> None:
    async with price_server() as other:
        other.answer(GOOD)
        server.answer(Answer(status=302, headers={"location": other.url()}))
        assert await fetched(server.url(), token="the-token") == (BODY,)
        assert "authorization" not in other.asked[0].headers


async def test_a_document_in_pages(server: PriceServer) -> None:
    first, last = b'{"meta": {"page": 1, "pages": 2}}', b'{"meta": {"page": 2, "pages": 2}}'
    server.answer(Answer(first), Answer(last))
    assert await fetched(server.url(), following=next_page) == (first, last)
    assert [asked.target for asked in server.asked] == ["/costs", "/costs?page=2"]


async def test_pages_without_end(server: PriceServer) -> None:
    server.answer(Answer(b'{"links": {"pages": {"next": "/costs"}}}'))
    with pytest.raises(FetchError, match="more than 3 pages"):
        await fetched(server.url(), Bounds(pages=3), following=next_page)
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [204, 400, 401, 404, 429, 500, 503])
async def test_any_other_status_is_a_failure(server: PriceServer, status: int) -> None:
    server.answer(Answer(b"" if status == 204 else BODY, status))
    with pytest.raises(FetchError, match=f"^answered {status}$"):
        await fetched(server.url())


async def test_a_truncated_document(server: PriceServer) -> None:
    server.answer(Answer(BODY, said=20))
    with pytest.raises(FetchError, match="the exchange broke off"):
        await fetched(server.url())


async def test_what_cannot_be_decompressed(server: PriceServer) -> None:
    server.answer(Answer(BODY, headers={"content-encoding": "gzip"}))
    with pytest.raises(FetchError, match="cannot be decompressed"):
        await fetched(server.url())


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_document_that_is_too_large(server: PriceServer, compressed: bool) -> None:
    answer = Answer(b" " * 100_001)
    server.answer(answer.gzipped() if compressed else answer)
    with pytest.raises(FetchError, match="is too large"):
        await fetched(server.url(), Bounds(size=100_000))
    assert await fetched(server.url(), Bounds(size=100_001)) == (answer.body,)


async def test_all_pages_together_may_be_too_large(server: PriceServer) -> None:
    page = b'{"links": {"pages": {"next": "/costs"}}}'
    server.answer(Answer(page))
    with pytest.raises(FetchError, match="is too large"):
        await fetched(server.url(), Bounds(size=3 * len(page) - 1), following=next_page)


async def test_a_slow_server(server: PriceServer) -> None:
    server.answer(Answer(BODY, after=asyncio.Event()))
    with pytest.raises(FetchError, match=r"took longer than 0\.2s"):
        await fetched(server.url(), Bounds(total=0.2))


async def test_redirects_without_end(server: PriceServer) -> None:
    server.answer(Answer(status=302, headers={"location": "/costs"}))
    with pytest.raises(FetchError, match="more than 5 redirects"):
        await fetched(server.url())


async def test_a_server_that_is_not_there() -> None:
    async with price_server() as gone:
        url = gone.url()
    with pytest.raises(FetchError, match="no connection: "):
        await fetched(url)


async def test_a_server_that_does_not_speak_http() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        with pytest.raises(FetchError, match="the exchange broke off"):
            await fetched(f"http://127.0.0.1:{port}/")


async def test_the_environments_proxy(server: PriceServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url(""))
    server.answers["http://prices.example/costs"] = [GOOD]
    assert await fetched("http://prices.example/costs") == (BODY,)
    assert server.asked[0].target == "http://prices.example/costs"


async def test_what_the_environment_excepts_from_the_proxy(
    server: PriceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server.answer(GOOD)
    assert await fetched(server.url()) == (BODY,)


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    issuer = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert("127.0.0.1").configure_cert(context)
    path = tmp_path / "authority.pem"
    issuer.cert_pem.write_to_path(str(path))
    return path, context


async def test_the_environments_certificate_authorities(
    authority: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, context = authority
    async with price_server(context) as serving:
        serving.answer(GOOD)
        with pytest.raises(FetchError, match=r"no connection: .*CERTIFICATE_VERIFY_FAILED"):
            await fetched(serving.url())
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert await fetched(serving.url()) == (BODY,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nowhere/authorities.pem"),
        ("HTTP_PROXY", "gopher://user:a-password@proxy.example"),
    ],
)
def test_an_environment_that_cannot_be_used(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StartError, match=r"SSL_CERT_FILE.*HTTP_PROXY") as raised:
        http_client(Bounds())
    assert "a-password" not in str(raised.value)


async def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(BODY)
    assert await read_file(path, Bounds(size=len(BODY))) == (BODY,)
    with pytest.raises(FetchError, match="is too large"):
        await read_file(path, Bounds(size=len(BODY) - 1))
    path.unlink()
    with pytest.raises(FetchError, match="cannot be read: No such file or directory"):
        await read_file(path, Bounds())
    with pytest.raises(FetchError, match="cannot be read: Is a directory"):
        await read_file(tmp_path, Bounds())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://prices.example/costs?key=a-secret", "https://prices.example/costs"),
        ("https://me:a-secret@prices.example:8443/costs", "https://prices.example:8443/costs"),
    ],
)
def test_what_logs_may_show_of_an_address(url: str, expected: str) -> None:
    assert shown(url) == expected
