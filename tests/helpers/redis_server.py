"""A real Redis server for tests, which can be killed, started again, stalled and let go on."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import trustme

from tests.helpers.ports import free_port

__all__ = ["RedisServer", "redis_server"]

_READY: Final = "Ready to accept connections"
_START_SECONDS: Final = 20.0


class RedisServer:
    """One ``redis-server``, which forgets everything when it ends.

    It listens on one port of 127.0.0.1 (with TLS only, where ``tls``) and on a Unix socket.
    """

    def __init__(
        self,
        directory: Path,
        *,
        password: str | None = None,
        tls: bool = False,
        options: tuple[str, ...] = (),
    ) -> None:
        """
        Args:
            directory: for its log, its socket and its certificate; an empty one.
            password: what clients must give, for the user "default".
            tls: whether to speak TLS; ``authority_file`` is then what to trust.
            options: further arguments, such as ``"--maxmemory", "1mb"``.
        """
        self.directory = directory
        self.password = password
        self.tls = tls
        self.port = free_port()
        self.authority_file = directory / "authority.pem"
        self._log = directory / "redis.log"
        self._options = (*self._fixed_options(), *options)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, the password included."""
        who = f":{self.password}@" if self.password else ""
        return f"{'rediss' if self.tls else 'redis'}://{who}127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        """Its Unix socket, the password included."""
        who = f":{self.password}@" if self.password else ""
        return f"unix://{who}{self.directory / 'redis.sock'}"

    def start(self) -> None:
        """Start it, also again, on the same port; returns once it answers."""
        seen = self._readiness()
        self._process = subprocess.Popen(
            ["redis-server", *self._options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + _START_SECONDS
        while self._readiness() == seen:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"redis-server does not start:\n{self._log.read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None

    def stall(self) -> None:
        """Let it hang: connections stay and are made, but nothing is answered."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again, also what it was asked meanwhile."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._process is not None:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _readiness(self) -> int:
        return self._log.read_text().count(_READY) if self._log.exists() else 0

    def _fixed_options(self) -> Iterator[str]:
        yield from ("--bind", "127.0.0.1", "--dir", str(self.directory))
        yield from ("--save", "", "--appendonly", "no")
        yield from ("--unixsocket", str(self.directory / "redis.sock"))
        yield from ("--logfile", str(self._log), "--daemonize", "no")
        if self.password:
            yield from ("--requirepass", self.password)
        if not self.tls:
            yield from ("--port", str(self.port))
            return
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority_file)
        certificate = authority.issue_cert("127.0.0.1")
        chain, key = self.directory / "chain.pem", self.directory / "key.pem"
        for blob in certificate.cert_chain_pems:
            blob.write_to_path(chain, append=True)
        certificate.private_key_pem.write_to_path(key)
        yield from ("--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no")
        yield from ("--tls-cert-file", str(chain), "--tls-key-file", str(key))
        yield from ("--tls-ca-cert-file", str(self.authority_file))


@contextmanager
def redis_server(
    directory: Path,
    *,
    password: str | None = None,
    tls: bool = False,
    options: tuple[str, ...] = (),
) -> Iterator[RedisServer]:
    """A server that is running, and ended afterwards; the arguments are those of the class."""
    server = RedisServer(directory, password=password, tls=tls, options=options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
