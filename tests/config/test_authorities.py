"""Certificate authorities that cannot be read are found before Envoy finds them."""

from __future__ import annotations

from pathlib import Path

import certifi
import pytest

from extproc.config.authorities import problems_with_authorities
from extproc.core.config import Config


def said(path: Path | str | None) -> list[str]:
    config = Config((), tls_ca_path=None if path is None else str(path))
    return [str(problem) for problem in problems_with_authorities(config)]


def test_a_file_of_certificates_or_none_is_right() -> None:
    assert said(certifi.where()) == []
    assert said(None) == []


@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_holds_no_certificate(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(content)
    (problem,) = said(path)
    assert problem.startswith(f"overrides.upstream_tls_ca_path: {path} holds no certificate")


def test_what_is_no_file(tmp_path: Path) -> None:
    assert "is a directory" in said(tmp_path)[0]
    assert "cannot be read: No such file or directory" in said(tmp_path / "none")[0]
