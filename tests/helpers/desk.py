"""A person's desk: a home of their own, a folder to work in, and tools that are told where to go.

Nothing that runs here reaches beyond this machine: whoever tries is sent to a proxy that is not
there. Nothing reports home or updates itself, as far as it can be told not to.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.client_page import setups

__all__ = ["Desk", "Ran"]

_PATIENCE = 90.0
_NOWHERE = "http://127.0.0.1:9"
_QUIET = {
    "ALL_PROXY": _NOWHERE,
    "HTTP_PROXY": _NOWHERE,
    "HTTPS_PROXY": _NOWHERE,
    "NO_PROXY": "127.0.0.1,localhost",
    "DO_NOT_TRACK": "1",
    "DISABLE_AUTOUPDATER": "1",  # Claude Code
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_TELEMETRY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "LANGSMITH_TRACING": "false",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_AGENTS_DISABLE_TRACING": "1",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "LANG": "C.UTF-8",
}


@dataclass(frozen=True, slots=True)
class Ran:
    """What a tool said, and how it ended."""

    code: int
    said: str
    complained: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where tools run.

    Attributes:
        url: the sidecar's address.
        place: an empty directory for home and work.
    """

    url: str
    place: Path

    @property
    def work(self) -> Path:
        """The folder in which tools are started."""
        return self.place / "work"

    async def run(self, tool: str, *command: str | Path, **variables: str) -> Ran:
        """Run a tool as its section of docs/clients.md says.

        Args:
            tool: a name from the page's headings.
            command: what to start, and its arguments.
            variables: more of the environment.
        """
        setup = setups()[tool].at(self.url)
        home = self.place / "home"
        for path, text in setup.files.items():
            (home / path).parent.mkdir(parents=True, exist_ok=True)
            (home / path).write_text(text)
        self.work.mkdir(parents=True, exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PWD": str(self.work)}
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.work,
            env=environment | _QUIET | dict(setup.variables) | variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                said, complained = await process.communicate()
        except TimeoutError:
            process.kill()
            said, complained = await process.communicate()
            raise AssertionError(f"{tool} did not end: {complained.decode()[-2000:]}") from None
        assert process.returncode is not None
        return Ran(process.returncode, said.decode(), complained.decode())
