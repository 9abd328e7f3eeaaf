"""Envoy and the router as one: started, kept alive and ended together."""

__all__ = ["ADMIN_SOCKET", "ROUTER_SOCKET"]

ROUTER_SOCKET = "router.sock"
ADMIN_SOCKET = "admin.sock"
"""Names of the sockets in the directory that Envoy and the router share."""
