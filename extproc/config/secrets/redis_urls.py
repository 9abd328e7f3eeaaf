"""URLs of Redis servers, which may hold a password: looked up, and set apart like a key."""

from __future__ import annotations

from extproc.config.environment import expanded, reference
from extproc.config.secrets.collector import SecretCollector
from extproc.core import redis_url
from extproc.core.problems import Problem

__all__ = ["look_up_redis"]


def look_up_redis(text: str, path: str, secrets: SecretCollector) -> None:
    """Keep the URL of a Redis server, or say why it is none.

    Args:
        text: as the file writes it; variables may stand for it, or for parts of it.
        path: its place in the file.
        secrets: gets it.
    """
    text = text.strip()
    missing: set[str] = set()
    url = expanded(text, secrets.environ, missing).strip()
    if missing:
        for name in sorted(missing):
            secrets.lack(name, path, "is not set")
        return
    variable = reference(text)
    fault = redis_url.objection(url)
    if fault is None:
        secrets.keep(url, path, variable)
        return
    if variable is not None:
        secrets.lack(variable, path, fault)
        return
    if text in secrets.environ:
        fault = f"{fault}; for the variable write ${text}"
    secrets.problems.append(Problem(path, fault))
