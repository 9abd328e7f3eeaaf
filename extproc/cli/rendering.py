"""What ``dragoman bootstrap`` writes: what Envoy runs, or what adds it to a gateway."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from extproc import __version__
from extproc.core.config import Config
from extproc.core.resources import in_a_container
from extproc.errors import StartError
from extproc.gateways.kinds import KINDS
from extproc.run_directory import RunDirectory

__all__ = ["add_gateway_options", "bootstrap_of", "misplaced", "resources_of", "write"]

_OF_GATEWAYS = ("gateway", "namespace", "workload", "host", "image")
_OF_OUR_ENVOY = ("listen_address", "stats_port", "memory")


def add_gateway_options(parser: argparse.ArgumentParser) -> None:
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


def misplaced(arguments: argparse.Namespace) -> str | None:
    """What is wrong with options that mean nothing beside the others."""
    for_gateway = arguments.gateway_kind is not None
    meaningless = _OF_OUR_ENVOY if for_gateway else _OF_GATEWAYS
    given = [name for name in meaningless if getattr(arguments, name) is not None]
    if not given:
        return None
    option = f"--{given[0].replace('_', '-')}"
    return f"{option} means nothing {'with' if for_gateway else 'without'} --for"


def bootstrap_of(config: Config, directory: RunDirectory, arguments: argparse.Namespace) -> str:
    """The bootstrap of an Envoy of our own."""
    from extproc.bootstrap import Surroundings, render, to_yaml

    surroundings = Surroundings(
        directory, stats_port=arguments.stats_port, resources=in_a_container(arguments.memory)
    )
    if arguments.listen_address is not None:
        address = str(arguments.listen_address)
        config = replace(config, listener=replace(config.listener, address=address))
    return to_yaml(render(config, surroundings))


def resources_of(config: Config, directory: RunDirectory, arguments: argparse.Namespace) -> str:
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


def write(text: str, path: Path | None) -> None:
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
