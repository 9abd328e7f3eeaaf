"""Reading documents: over HTTP, as the environment's proxies and certificates say, or from a file.

Everything is bounded: the time, the size, the redirects, the pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import httpx

from extproc.errors import StartError
from extproc.sources.bounds import Bounds, FetchError

__all__ = ["NextPage", "fetch", "http_client", "read_file", "shown"]

NextPage: TypeAlias = Callable[[bytes, str], str | None]
"""From a page and its address to the address of the next one, None after the last."""

_MOST_REDIRECTS: Final = 5


def shown(url: str) -> str:
    """An address as logs may show it: without credentials and without its query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def http_client(bounds: Bounds) -> httpx.AsyncClient:
    """A client that goes through the environment's proxies and trusts its certificates.

    Raises:
        StartError: what the environment says of these cannot be used.
    """
    try:
        return httpx.AsyncClient(
            trust_env=True,
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            timeout=httpx.Timeout(bounds.total, connect=bounds.connect),
            headers={"accept": "application/json", "user-agent": "dragoman"},
        )
    except (OSError, ValueError) as error:
        # The error may quote a proxy's address, and with it a password.
        raise StartError(
            f"cannot prepare to fetch prices and latencies ({type(error).__name__}): check "
            "SSL_CERT_FILE, SSL_CERT_DIR, HTTP_PROXY, HTTPS_PROXY and ALL_PROXY."
        ) from None


async def fetch(
    client: httpx.AsyncClient,
    url: str,
    bounds: Bounds,
    *,
    token: str | None = None,
    next_page: NextPage | None = None,
) -> tuple[bytes, ...]:
    """Get a document, all pages of it.

    Args:
        client: as ``http_client`` makes it.
        url: where it, or its first page, is.
        bounds: how much it may take.
        token: the bearer token to send along; a redirect to another origin does not get it.
        next_page: for a document that comes in pages.

    Raises:
        FetchError: it cannot be had.
    """
    headers = {"authorization": f"Bearer {token}"} if token is not None else {}
    try:
        async with asyncio.timeout(bounds.total):
            return await _pages(client, url, bounds, headers, next_page)
    except TimeoutError:
        raise FetchError(f"took longer than {bounds.total:g}s") from None
    except httpx.ConnectTimeout:
        raise FetchError(f"no connection within {bounds.connect:g}s") from None
    except httpx.TimeoutException:
        raise FetchError(f"took longer than {bounds.total:g}s") from None
    except httpx.ConnectError as error:
        raise FetchError(f"no connection: {error}") from None
    except httpx.TooManyRedirects:
        raise FetchError(f"more than {_MOST_REDIRECTS} redirects") from None
    except httpx.DecodingError:
        raise FetchError("cannot be decompressed") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(f"the exchange broke off ({type(error).__name__})") from None


async def _pages(
    client: httpx.AsyncClient,
    url: str,
    bounds: Bounds,
    headers: dict[str, str],
    next_page: NextPage | None,
) -> tuple[bytes, ...]:
    pages: list[bytes] = []
    left, following = bounds.size, url
    while True:
        pages.append(await _body(client, following, headers, left))
        left -= len(pages[-1])
        target = next_page(pages[-1], following) if next_page else None
        if target is None:
            return tuple(pages)
        if len(pages) == bounds.pages:
            raise FetchError(f"more than {bounds.pages} pages")
        following = target


async def _body(client: httpx.AsyncClient, url: str, headers: dict[str, str], size: int) -> bytes:
    async with client.stream("GET", url, headers=headers) as response:
        if response.status_code != httpx.codes.OK:
            raise FetchError(f"answered {response.status_code}")
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > size:
                raise FetchError("is too large")
        return bytes(body)


async def read_file(path: Path, bounds: Bounds) -> tuple[bytes, ...]:
    """Read a file.

    Raises:
        FetchError: it cannot be read.
    """
    return (await asyncio.to_thread(_content, path, bounds.size),)


def _content(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(size + 1)
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror}") from None
    if len(content) > size:
        raise FetchError("is too large")
    return content
