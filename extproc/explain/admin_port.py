"""Asking the admin port of a running Dragoman."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import httpx

from extproc.errors import FetchError

__all__ = ["AdminPort", "LostError"]

_TIMEOUT: Final = 5.0
_SILENCE: Final = 45.0
"""Seconds without a word after which a stream of events is given up: it says something every 15."""
_DATA: Final = "data: "
_OUR_REFUSALS: Final = (400, 401, 403, 404, 503)


class LostError(Exception):
    """A stream of events ended: the admin port went away, and may come back."""


class AdminPort:
    """Where a running Dragoman tells what it does."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """
        Args:
            url: of the admin port.
            token: what ``dragoman.admin_token`` names, None where it wants none.
        """
        self.url = url
        self._headers = {} if token is None else {"authorization": f"Bearer {token}"}

    def receipt(self, key: str) -> dict[str, Any]:
        """The receipt of a trace, as ``docs/receipts.md`` describes it.

        Args:
            key: the id of a trace or of a request.

        Raises:
            FetchError: the admin port does not answer, or keeps no such receipt.
        """
        return self._asked(f"decisions/{quote(key, safe='')}", "candidates")

    def latest(self, limit: int) -> list[dict[str, Any]]:
        """The latest receipts, the newest first.

        Raises:
            FetchError: the admin port does not answer.
        """
        found: list[dict[str, Any]] = self._asked(f"decisions?limit={limit}", "decisions")[
            "decisions"
        ]
        return found

    def activity(self, minutes: int) -> dict[str, Any]:
        """What models and routes did in the latest minutes, as ``docs/console.md`` describes it.

        Raises:
            FetchError: the admin port does not answer.
        """
        return self._asked(f"activity?minutes={minutes}", "models")

    def budgets(self) -> dict[str, Any]:
        """Where budgets stand, as ``docs/limits.md`` describes it.

        Raises:
            FetchError: the admin port does not answer, or the budgets' store does not.
        """
        return self._asked("budgets", "budgets")

    def changes(self, latest: int) -> Iterator[list[dict[str, Any]]]:
        """Receipts as they change, in lists; an empty one says that there was nothing for a while.

        Args:
            latest: how many of those that there are come first.

        Raises:
            FetchError: the admin port does not answer as it should.
            LostError: it did, and has stopped.
        """
        began = False
        try:
            with (
                self._client(_SILENCE) as client,
                client.stream("GET", self._at(f"events?latest={latest}")) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    answer.read()
                    raise self._refusal(answer)
                began = True
                for line in answer.iter_lines():
                    if line.startswith(_DATA):
                        yield json.loads(line[len(_DATA) :])["receipts"]
                    elif line.startswith(":"):
                        yield []
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not began:
                raise FetchError(_unreachable(self.url, error)) from None
        raise LostError

    def _asked(self, path: str, expected: str) -> dict[str, Any]:
        """What a path answers: an object with the expected key."""
        try:
            with self._client(_TIMEOUT) as client:
                answer = client.get(self._at(path))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchError(_unreachable(self.url, error)) from None
        content = _object(answer)
        if answer.status_code != httpx.codes.OK or expected not in content:
            raise self._refusal(answer)
        return content

    def _client(self, timeout: float) -> httpx.Client:
        # Not through a proxy: the admin port is on this machine, or near.
        return httpx.Client(trust_env=False, timeout=timeout, headers=self._headers)

    def _at(self, path: str) -> str:
        return f"{self.url.rstrip('/')}/{path}"

    def _refusal(self, answer: httpx.Response) -> FetchError:
        content = _object(answer)
        if answer.status_code in _OUR_REFUSALS and "error" in content:
            return FetchError(f"{self.url}: {content['error']}")
        return FetchError(
            f"{self.url} answered {answer.status_code}, but not as Dragoman's admin port does. "
            "Name the right one with --admin or DRAGOMAN_ADMIN."
        )


def _unreachable(url: str, error: Exception) -> str:
    reason = str(error).rstrip(".") or type(error).__name__
    return (
        f"cannot ask {url}: {reason}. Is Dragoman running? Its "
        "configuration says where its admin port is (dragoman.admin_address); name that with "
        "--admin or DRAGOMAN_ADMIN, as in http://127.0.0.1:9092."
    )


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
