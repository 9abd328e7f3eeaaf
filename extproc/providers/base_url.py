"""The address of a provider, or of whatever stands in for it, as a file names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

__all__ = ["DEFAULT_PORTS", "HOST", "BaseUrl", "BaseUrlError"]

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
"""A name, or an address without brackets."""
_PATH: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")


class BaseUrlError(ValueError):
    """A ``base_url`` that names no origin. Its message never repeats the URL."""


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """An origin and the path under which the endpoints live there (empty when none was given)."""

    scheme: str
    host: str
    port: int
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> BaseUrl:
        """Read ``http[s]://host[:port][/path]``; raise BaseUrlError for anything else."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise BaseUrlError("is not a valid URL") from None
        if parts.scheme not in DEFAULT_PORTS or not host:
            raise BaseUrlError("Please provide a valid URL with scheme (http/https) in base_url")
        if "@" in parts.netloc:
            raise BaseUrlError("must not hold credentials; a key belongs in access_key")
        if parts.query or parts.fragment:
            raise BaseUrlError("must not have a query or a fragment")
        if not HOST.fullmatch(host) or not _PATH.fullmatch(parts.path) or port == 0:
            raise BaseUrlError("is not a valid URL")
        return cls(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], parts.path.rstrip("/"))

    @property
    def authority(self) -> str:
        """What ``Host`` says: the port is named only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"
