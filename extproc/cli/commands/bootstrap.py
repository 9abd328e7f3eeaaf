"""``dragoman bootstrap``: write what Envoy runs, or what adds it to a gateway."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from extproc import __version__
from extproc.cli.command import Command
from extproc.cli.options import add_run_dir, add_workers
from extproc.cli.reading import add_named_config, loaded
from extproc.cli.words import count
from extproc.core.config import Config
from extproc.core.resources import in_a_container
from extproc.errors import StartError
from extproc.gateways.kinds import KINDS
from extproc.run_directory import RunDirectory

__all__ = ["COMMAND"]

_OF_GATEWAYS = ("gateway", "namespace", "workload", "host", "image")
_OF_OUR_ENVOY = ("listen_address", "stats_port", "memory")


def _add_arguments(parser: ArgumentParser) -> None:
    add_named_config(parser)
    add_run_dir(parser)
    add_workers(parser)
    parser.add_argument(
        "--listen-address",
        type=ip_address,
        metavar="IP",
        help="where clients connect (default: what the configuration says)",
    )
    parser.add_argument(
        "--stats-port", type=int, metavar="PORT", help="serve Envoy's statistics to Prometheus here"
    )
    parser.add_argument(
        "--memory",
        type=count,
        metavar="BYTES",
        help="the memory limit of Envoy's container; it refuses requests before it gets there",
    )
    _add_gateway_options(parser)
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="where to write it (default: standard output)"
    )


def _add_gateway_options(parser: ArgumentParser) -> None:
    """The options for gateways of somebody else's."""
    parser.add_argument(
        "--for",
        dest="gateway_kind",
        choices=sorted(KINDS),
        help="write the resources that add it to such a gateway instead",
    )
    for option, help_ in (
        ("--gateway", "with --for: the Gateway's name"),
        ("--namespace", "with --for: its namespace"),
        ("--workload", "with --for istio: the Deployment that runs it"),
        ("--image", "with --for: the router's image"),
    ):
        parser.add_argument(option, metavar="NAME", help=help_)
    parser.add_argument(
        "--host",
        action="append",
        metavar="NAME",
        help="with --for: what clients call it; may be repeated (default: any name)",
    )


def _run(arguments: Namespace) -> int | None:
    if problem := _misplaced(arguments):
        print(f"dragoman bootstrap: {problem}", file=sys.stderr)
        return 2
    config = loaded(arguments.config).config
    directory = RunDirectory(arguments.run_dir, arguments.workers)
    render = _bootstrap if arguments.gateway_kind is None else _resources
    _write(render(config, directory, arguments), arguments.output)
    return None


def _misplaced(arguments: Namespace) -> str | None:
    """What is wrong with options that mean nothing beside the others."""
    for_gateway = arguments.gateway_kind is not None
    meaningless = _OF_OUR_ENVOY if for_gateway else _OF_GATEWAYS
    given = [name for name in meaningless if getattr(arguments, name) is not None]
    if not given:
        return None
    option = f"--{given[0].replace('_', '-')}"
    return f"{option} means nothing {'with' if for_gateway else 'without'} --for"


def _bootstrap(config: Config, directory: RunDirectory, arguments: Namespace) -> str:
    """The bootstrap of an Envoy of our own."""
    from extproc.bootstrap import Surroundings, render, to_yaml

    surroundings = Surroundings(
        directory, stats_port=arguments.stats_port, resources=in_a_container(arguments.memory)
    )
    if arguments.listen_address is not None:
        address = str(arguments.listen_address)
        config = replace(config, listener=replace(config.listener, address=address))
    return to_yaml(render(config, surroundings))


def _resources(config: Config, directory: RunDirectory, arguments: Namespace) -> str:
    """The resources of Kubernetes that add Dragoman to a gateway.

    Raises:
        StartError: the gateway's Envoy cannot be given a secret.
    """
    from extproc.gateways.manifests import to_manifests
    from extproc.gateways.pod import Place
    from extproc.gateways.table import RESOURCES

    kind = arguments.gateway_kind
    usual = KINDS[kind]
    place = Place(
        gateway=arguments.gateway or usual.gateway,
        namespace=arguments.namespace or usual.namespace,
        workload=arguments.workload or usual.workload,
        hosts=tuple(arguments.host or ()),
        image=arguments.image or f"dragoman-router:{__version__}",
    )
    return to_manifests(RESOURCES[kind](config, place, directory))


def _write(text: str, path: Path | None) -> None:
    """Write to a file, or to standard output.

    Raises:
        StartError: the file cannot be written.
    """
    if path is None:
        sys.stdout.write(text)
        return
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StartError(f"cannot write {path}: {error.strerror}.") from None


COMMAND: Final = Command(
    "bootstrap", "Print the Envoy bootstrap that runs a configuration.", _add_arguments, _run
)
