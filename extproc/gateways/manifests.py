"""Resources as a stream of YAML, for ``kubectl`` and for people."""

from __future__ import annotations

from collections.abc import Iterable

import yaml

from extproc.bootstrap import Tree

__all__ = ["to_manifests"]


class _Dumper(yaml.CSafeDumper):
    """Text of several lines stays text of several lines, and nothing refers to anything."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: yaml.CSafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_manifests(resources: Iterable[Tree]) -> str:
    """All resources, one document each."""
    return yaml.dump_all(resources, Dumper=_Dumper, sort_keys=False, width=100, allow_unicode=True)
