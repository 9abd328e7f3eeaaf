"""What a release is: a wheel and an sdist that have all that is needed, and install alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from extproc import __version__
from tests.packaging.tools import ROOT, tool

PACKAGE = f"dragoman-{__version__}"

pytestmark = pytest.mark.timeout(300)


def tracked(*paths: str) -> set[str]:
    """The files that are kept in the repository."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *paths]
    return set(subprocess.check_output(listed, cwd=ROOT, text=True).split())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``python -m build`` fills from a clone: the wheel is made of the sdist."""
    clone, directory = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("dist")
    for name in tracked():
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, clone / name)
    building = [tool("python"), "-m", "build", "--no-isolation", "--outdir", str(directory)]
    subprocess.run([*building, str(clone)], check=True, capture_output=True, text=True)
    return directory


def test_the_wheel_has_the_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"{PACKAGE}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    metadata = {name for name in names if name.startswith(f"{PACKAGE}.dist-info/")}
    assert names - metadata == tracked("extproc")
    assert {name.partition("/")[2] for name in metadata} == {
        "METADATA",
        "RECORD",
        "WHEEL",
        "entry_points.txt",
        "licenses/LICENSE",
        "licenses/NOTICE",
        "top_level.txt",
    }


def test_the_sdist_has_what_the_wheel_is_made_of(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = [member.name for member in archive if member.isfile()]
    names = {name.partition("/")[2] for name in members}
    made = {name for name in names if name.startswith("dragoman.egg-info/")}
    assert names - made - {"PKG-INFO", "setup.cfg"} == {
        *tracked("extproc"),
        *("LICENSE", "MANIFEST.in", "NOTICE", "README.md", "pyproject.toml"),
    }


def test_the_wheel_installs_alone_and_shows_its_demonstration(built: Path, tmp_path: Path) -> None:
    """In an empty environment, far from the repository."""
    home = tmp_path / "env"
    venv.create(home, with_pip=False)
    (wheel,) = built.glob("*.whl")
    python = home / "bin" / "python"
    into: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--no-compile",
        "--quiet",
    ]
    subprocess.run([*into, "--constraint", ROOT / "constraints.txt", wheel], check=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "VIRTUAL"))
    }
    shown = subprocess.run(
        [home / "bin" / "dragoman", "demo"],
        env=kept | {"PATH": "/usr/bin:/bin", "COLUMNS": "300"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert "claude-sonnet" in shown.stdout
    assert f"{home / 'bin' / 'dragoman'} up" in shown.stdout
