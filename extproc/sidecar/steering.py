"""Hands a port from one Envoy to the next without losing a connection.

Two Envoys that share a port (SO_REUSEPORT: ``man 7 socket``) have listening sockets of their own,
and the kernel deals connections out among all of them. What waits in the queue of a socket that is
closed is reset. So before the old Envoy closes its sockets, the kernel is told to give every new
connection to the new Envoy, and the old one has time to take what waits.

It is told by a program of one instruction, which says the number of a socket. The kernel numbers
sockets in the order in which they began to listen, and when one is closed, the last one takes its
number (``net/core/sock_reuseport.c``). With as many placeholders of ours behind the sockets of both
Envoys as each of them has, the number of the new one's first socket stays right all the way: first
the placeholders move to the numbers of the old one's sockets, then, as the placeholders are closed,
the new one's do. At the end no socket has the number any more, and the kernel deals connections out
as before.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["listening_sockets", "steered_to_the_second"]

_log = logging.getLogger(__name__)

_ATTACH_FILTER: Final = 26
_ATTACH_REUSEPORT_CBPF: Final = 51
"""Options of SOL_SOCKET: ``asm-generic/socket.h``."""
_RETURN: Final = 0x06
"""``BPF_RET | BPF_K``: ``linux/filter.h``."""
_NOTHING: Final = 0
_LISTEN: Final = "0A"
"""The state of a socket in ``/proc/net/tcp``: ``TCP_LISTEN`` of ``net/tcp_states.h``."""


@contextlib.contextmanager
def steered_to_the_second(address: str, port: int, sockets: int) -> Iterator[bool]:
    """Meanwhile, let all new connections go to whoever began to listen second.

    Args:
        address: the address that both listen on.
        port: the port.
        sockets: how many listening sockets each of the two has.

    Yields:
        Whether the kernel does it. Where it does not, as elsewhere than on Linux, connections that
        wait while the first one closes its sockets are lost.
    """
    with contextlib.ExitStack() as stack:
        try:
            for _ in range(sockets):
                placeholder = stack.enter_context(_placeholder(address, port))
            _attach(placeholder, _ATTACH_REUSEPORT_CBPF, sockets)
        except OSError as error:
            _log.warning("new connections cannot be kept from the Envoy that ends: %s", error)
            steered = False
        else:
            steered = True
        yield steered


@contextlib.contextmanager
def _placeholder(address: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens and is deaf: who would connect there tries again, elsewhere."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            deaf.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        _attach(deaf, _ATTACH_FILTER, _NOTHING)
        deaf.bind((address, port))
        deaf.listen(1)
        yield deaf


def _attach(target: socket.socket, option: int, value: int) -> None:
    """Attach the program that returns a value: ``struct sock_fprog`` of ``linux/filter.h``."""
    instruction = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, value), 8)
    program = struct.pack("HP", 1, ctypes.addressof(instruction))
    target.setsockopt(socket.SOL_SOCKET, option, program)


def listening_sockets(port: int) -> int:
    """How many sockets listen on a port, at any address; 0 where the system does not tell."""
    wanted = f":{port:04X}"
    found = 0
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", name).read_text(encoding="ascii").splitlines():
                fields = line.split()
                found += fields[1].endswith(wanted) and fields[3] == _LISTEN
    return found
