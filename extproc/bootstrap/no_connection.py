"""Why a provider gave no answer, in words for those who run this: Envoy's name neither the cause
nor what to do.

https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/response_code_details
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CAUSES", "Cause"]


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause: what Envoy's details of a reply hold then, and how it is told.

    ``begun`` says that the provider's answer had begun by then, without anything of it being sent
    on: such a reply passes no filter any more, so that nobody translates it.
    """

    details: str
    words: str
    begun: bool = False


CAUSES: Final = (
    Cause(
        "upstream_reset_after_response_started",
        "what it sent broke off before it was complete.",
        begun=True,
    ),
    Cause(
        "header_mutation_result_exceeds_limit",
        "it sent more headers than are accepted.",
        begun=True,
    ),
    Cause(
        "no_healthy_upstream",
        "its name cannot be resolved. Check the host in its base_url, and DNS on this machine.",
    ),
    Cause(
        "CERTIFICATE_VERIFY_FAILED",
        "its certificate is not to be trusted. Check the host in its base_url, or name the "
        "authority that signed it in overrides.upstream_tls_ca_path.",
    ),
    Cause(
        "TLS_error", "TLS could not be agreed with it. Check the scheme and port in its base_url."
    ),
    Cause("Connection_refused", "it refuses connections. Check the host and port in its base_url."),
    Cause("connection_timeout", "it could not be reached in time."),
    Cause("connection_termination", "it closed the connection without an answer."),
    Cause("protocol_error", "what it sent is no HTTP."),
)
"""The first that fits counts."""
