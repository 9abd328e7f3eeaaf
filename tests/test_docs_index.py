"""The index of the documentation has every page once, and nothing else."""

from __future__ import annotations

from tests.test_links import LINK, ROOT

DOCS = ROOT / "docs"
INDEX = DOCS / "README.md"


def test_every_page_is_in_the_index_once() -> None:
    """A folder's pages are in an index of its own."""
    pages = {path.name for path in DOCS.glob("*.md")} - {INDEX.name}
    folders = {str(path.relative_to(DOCS)) for path in DOCS.glob("*/README.md")}
    rows = [line for line in INDEX.read_text(encoding="utf-8").splitlines() if line[:3] == "| ["]
    assert sorted(LINK.findall("".join(rows))) == sorted(pages | folders)


def test_every_folder_has_an_index_with_all_of_its_pages() -> None:
    for folder in {path.parent for path in DOCS.glob("*/**/*.md")}:
        index = (folder / "README.md").read_text(encoding="utf-8")
        pages = {path.name for path in folder.glob("*.md")} - {"README.md"}
        assert pages <= set(LINK.findall(index))


def test_the_first_page_leads_to_the_index() -> None:
    assert "(docs/README.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
