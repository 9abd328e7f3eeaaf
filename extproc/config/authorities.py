"""Whether certificate authorities can be read: Envoy would only say so when it starts."""

from __future__ import annotations

import os
import ssl
from typing import Final

from extproc.core.config import Config
from extproc.core.problems import Problem

__all__ = ["problems_with_authorities"]

_KEY: Final = "overrides.upstream_tls_ca_path"


def problems_with_authorities(config: Config) -> list[Problem]:
    """What is wrong, on this machine, with the file of authorities that a configuration names.

    It is no part of loading: a bootstrap may be rendered on one machine and run on another.
    """
    path = config.tls_ca_path
    if path is None:
        return []
    if os.path.isdir(path):  # noqa: PTH112 - paths of the file stay as they are written
        return [Problem(_KEY, f"{path} is a directory; name the file of certificates in it")]
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:
        return [Problem(_KEY, f"{path} holds no certificate; it must be a file in PEM format")]
    except OSError as error:
        return [Problem(_KEY, f"{path} cannot be read: {os.strerror(error.errno or 0)}")]
    return []
