"""URLs of Redis servers: what they may look like, and how a log names them.

The forms are redis-py's (``redis.asyncio.connection.parse_url``). Of its parameters only those are
allowed that say where the server is and whom to trust.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

__all__ = ["is_public", "objection", "whereabouts"]

_TLS: Final = {
    "ssl_ca_certs",
    "ssl_cert_reqs",
    "ssl_certfile",
    "ssl_check_hostname",
    "ssl_keyfile",
}
_PARAMETERS: Final = {"redis": {"db"}, "rediss": {"db"} | _TLS, "unix": {"db"}}


def objection(url: str) -> str | None:
    """Why ``url`` leads to no Redis server, in words that repeat nothing of it."""
    try:
        parts = urlsplit(url)
        leads = parts.path and not parts.hostname if parts.scheme == "unix" else parts.hostname
        valid = bool(leads) and parts.port != 0 and url.isprintable() and " " not in url
    except ValueError:
        valid = False
    if not valid or parts.scheme not in _PARAMETERS:
        return (
            "must be a URL such as redis://:password@host:6379/0, rediss://host:6380 "
            "or unix:///path/to/socket; in a password / ? # and @ are written percent-encoded"
        )
    return _unknown_parameter(parts) or _bad_database(parts)


def _unknown_parameter(parts: SplitResult) -> str | None:
    allowed = sorted(_PARAMETERS[parts.scheme])
    if parse_qs(parts.query, keep_blank_values=True).keys() <= {*allowed}:
        return None
    return f"may have no other parameters than {', '.join(allowed)}"


def _bad_database(parts: SplitResult) -> str | None:
    databases = parse_qs(parts.query, keep_blank_values=True).get("db", [])
    if parts.scheme != "unix" and parts.path.strip("/"):
        databases = [*databases, parts.path.removeprefix("/")]
    if all(database.isascii() and database.isdecimal() for database in databases):
        return None
    return "must name its database by a number"


def is_public(url: str) -> bool:
    """Whether this is the URL of a Redis server, and holds neither user nor password."""
    return objection(url) is None and "@" not in urlsplit(url).netloc


def whereabouts(url: str) -> str:
    """Scheme, host and port of a valid URL, or its path: enough to tell servers apart in a log."""
    parts = urlsplit(url)
    place = parts.path if parts.scheme == "unix" else parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}"
