"""Containers of a pod, run as processes of this machine: with their users and mounts, and a root
file system that they can only read, by the means that container engines have for that.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Mount", "containable", "contained"]

_CHECKOUT: Final = shlex.quote(str(Path(__file__).parents[2]))
_BACK: Final = f"mount --rbind /run/checkout {_CHECKOUT}"


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of this machine, and where a container has it."""

    source: Path
    target: str
    read_only: bool = False


def containable() -> bool:
    """Whether this machine lets us make namespaces of our own."""
    if shutil.which("unshare") is None:
        return False
    trial = contained(["true"], 101, 101, [])
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


def contained(command: Sequence[str], user: int, group: int, mounts: Iterable[Mount]) -> list[str]:
    """The command that runs a command in a container.

    It has the machine's files, the network and the processes, but sees its mounts where it expects
    them, writes to nothing else, and is this user, without any right of root's.

    Args:
        command: what to run.
        user: the id that it sees itself as.
        group: the same of its group.
        mounts: what it has besides. ``/tmp`` comes last, for the others may be from there.
    """
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
