"""Asking the admin port of a running Dragoman for a receipt."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import httpx

__all__ = ["FetchError", "fetch_receipt"]

_TIMEOUT: Final = 5.0


class FetchError(Exception):
    """There is no receipt to show; the message says why and what to do."""


def fetch_receipt(admin: str, key: str) -> dict[str, Any]:
    """The receipt of a trace, as ``docs/receipts.md`` describes it.

    Args:
        admin: the URL of the admin port.
        key: the id of a trace or of a request.

    Raises:
        FetchError: the admin port does not answer, or keeps no such receipt.
    """
    url = f"{admin.rstrip('/')}/decisions/{quote(key, safe='')}"
    try:
        # Not through a proxy: the admin port is on this machine, or near.
        with httpx.Client(trust_env=False, timeout=_TIMEOUT) as client:
            response = client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(_unreachable(admin, error)) from None
    content = _object(response)
    if response.status_code == httpx.codes.NOT_FOUND and "error" in content:
        raise FetchError(f"{admin}: {content['error']}")
    if response.status_code != httpx.codes.OK or "candidates" not in content:
        raise FetchError(
            f"{admin} answered {response.status_code}, but not as Dragoman's admin port does. "
            "Name the right one with --admin or DRAGOMAN_ADMIN."
        )
    return content


def _unreachable(admin: str, error: Exception) -> str:
    return (
        f"cannot ask {admin}: {str(error) or type(error).__name__}. Is Dragoman running? Its "
        "configuration says where its admin port is (dragoman.admin_address); name that with "
        "--admin or DRAGOMAN_ADMIN, as in http://127.0.0.1:9092."
    )


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
