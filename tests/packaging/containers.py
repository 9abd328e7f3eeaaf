"""Containers of a pod, run as processes of this machine, with their users and mounts.

Namespaces are what container engines have for that: with them, a container's root file system can
only be read. Where nobody may make any, as in a container without privileges, proot imitates users
and mounts (https://proot-me.github.io), and nothing but those: what a container writes beside its
mounts is not noticed then.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import psutil

__all__ = ["MEANS", "Mount", "contained", "means", "process_in", "works"]

_Containing: TypeAlias = "Callable[[Sequence[str], int, int, Iterable[Mount]], list[str]]"

_CHECKOUT: Final = shlex.quote(str(Path(__file__).parents[2]))
_BACK: Final = f"mount --rbind /run/checkout {_CHECKOUT}"


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of this machine, and where a container has it."""

    source: Path
    target: str
    read_only: bool = False


def _by_namespaces(
    command: Sequence[str], user: int, group: int, mounts: Iterable[Mount]
) -> list[str]:
    """It writes to nothing but its mounts, and has no right of root's. ``/tmp`` is mounted last,
    for the other mounts may be from there."""
    lines = [
        "set -e",
        "mount --make-rprivate /",
        # What is mounted in /run and /etc has no place there: both become folders of our own.
        "mount -t tmpfs tmpfs /run",
        f"mkdir /run/checkout && mount --rbind {_CHECKOUT} /run/checkout",
        "mkdir /run/etc && mount --rbind /etc /run/etc",
        "mount -t tmpfs tmpfs /etc && ln -s /run/etc/* /etc/",
    ]
    for mount in sorted(mounts, key=lambda mount: mount.target == "/tmp"):
        target = shlex.quote(mount.target)
        lines.append(f"mkdir -p {target} && mount --bind {shlex.quote(str(mount.source))} {target}")
        if mount.read_only:
            lines.append(f"mount -o remount,bind,ro {target}")
    # It may be from /tmp, too, and holds what is in the image.
    lines.append(f"test -e {_CHECKOUT}/pyproject.toml || {{ mkdir -p {_CHECKOUT} && {_BACK}; }}")
    lines += [f"mount -o remount,bind,ro {place}" for place in ("/etc", "/run", "/")]
    who = f"--map-user={user} --map-group={group}"
    lines.append(f"exec unshare --user {who} -- setpriv --no-new-privs {shlex.join(command)}")
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "\n".join(lines)]


def _by_proot(command: Sequence[str], user: int, group: int, mounts: Iterable[Mount]) -> list[str]:
    binds = [f"--bind={mount.source}:{mount.target}" for mount in mounts]
    proot = shutil.which("proot") or "proot"  # containers have a PATH of their own
    return [proot, "-r", "/", "-i", f"{user}:{group}", *binds, *command]


MEANS: Final[Mapping[str, _Containing]] = MappingProxyType(
    {"unshare": _by_namespaces, "proot": _by_proot}
)
"""How a command becomes one in a container, by the program that does it, the best first."""


def works(program: str) -> bool:
    """Whether this machine has the program, and lets it do that."""
    if shutil.which(program) is None:
        return False
    trial = MEANS[program](["true"], 101, 101, [])
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


@cache
def means() -> str | None:
    """The program by which containers are run on this machine, None if there is none."""
    return next(filter(works, MEANS), None)


def contained(command: Sequence[str], user: int, group: int, mounts: Iterable[Mount]) -> list[str]:
    """The command that runs a command in a container.

    It has the machine's files, the network and the processes, but sees its mounts where it expects
    them, and itself as this user.

    Args:
        command: what to run.
        user: the id that it sees itself as.
        group: the same of its group.
        mounts: what it has besides.
    """
    program = means()
    assert program is not None, "a test with containers uses the fixture `containers`"
    return MEANS[program](command, user, group, mounts)


def process_in(container: int) -> psutil.Process:
    """What runs in a container, to send signals to: proot keeps those that it gets itself.

    Args:
        container: the id of the process that was started.
    """
    process = psutil.Process(container)
    return process.children()[0] if process.name() == "proot" else process
