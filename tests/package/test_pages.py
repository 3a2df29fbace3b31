"""The README and the pages of docs: their code runs, their links and tables are true."""

import re
import tomllib

import pytest

from helpers import pages, support_table
from helpers.package import ROOT
from maskloss._arrays.support import BACKENDS, markdown_table
from maskloss._public import records


def test_the_support_table_is_up_to_date():
    page = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
    assert markdown_table() in page, f"paste this into docs/support.md:\n\n{markdown_table()}"


def test_the_lowest_versions_are_those_of_the_metadata():
    """The page says what pip enforces: every group has the bound that the page names."""
    page = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|$", page, re.MULTILINE))
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = metadata["project"], metadata["dependency-groups"]
    assert f">={rows.pop('Python')}" == project["requires-python"]
    groups.pop("bench")  # has a bound of its own for torch
    optional = project["optional-dependencies"].values()
    listed = [project["dependencies"], *optional, *groups.values()]
    required = [item for items in listed for item in items if isinstance(item, str)]
    for library, version in rows.items():
        found = re.findall(
            rf"^{library.lower()}(?:-cpu)?>=([\d.]+)", "\n".join(required), re.MULTILINE
        )
        assert set(found) == {version}, library


def test_the_table_of_losses_is_complete():
    """It has today's losses and summaries, and no failed test; nox -s losses writes it anew."""
    rows = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8").splitlines()
    found = [row for row in rows if row.startswith("| `")]
    made = [row for row in support_table.table({}, {}).splitlines() if row.startswith("| `")]
    columns = len(support_table.COLUMNS)
    name_and_summary = [row.rsplit(" | ", columns)[0] for row in found]
    assert name_and_summary == [row.rsplit(" | ", columns)[0] for row in made]
    assert all("no" not in row.strip("| ").split(" | ") for row in found)


def test_the_table_of_losses_says_which_refuse_to_be_added_up():
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    assert support_table.REFUSED in page
    said = dict(re.findall(r"^\| `(\w+)` \|.* \| ([\w ]+) \|$", page, re.MULTILINE))
    for record in records():
        if record.inputs is not None and said[record.name] != "not run":
            assert said[record.name] == support_table.sums_of(record), record.name
    assert {"yes", "refused", "by options"} <= {*said.values()}


# The tests of the other faces run their pages; another test compares the tables of coming-from.
FACES = sorted((ROOT / "docs" / "faces").glob("*.md"))
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
PAGES.append("docs/faces/numpy.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page, chosen_backends):
    absent = {b.name for b in BACKENDS} - {*chosen_backends, "numpy"}
    for block in pages.blocks_of(page):
        if not any(f"import {name}\n" in block for name in absent):
            exec(compile(block, page, "exec"), {})


def test_each_row_of_the_decision_table_leads_to_code_with_its_losses():
    page = (ROOT / "docs" / "which-loss.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (.*)\n([\s\S]*?)(?=^## |\Z)", page, re.MULTILINE))
    by_anchor = {heading.lower().replace(" ", "-"): text for heading, text in sections.items()}
    rows = re.findall(r"^\| \[.*\]\(#(.*)\) \| (.*) \|$", page.partition("\n## ")[0], re.MULTILINE)
    assert len(rows) >= 10
    for anchor, losses in rows:
        assert "```python" in by_anchor[anchor], anchor
        for name in re.findall(r"`(\w+)`", losses):
            assert name in by_anchor[anchor], f"{name} under {anchor}"


SHORT = [f"docs/faces/{path.name}" for path in FACES if path.name != "numpy.md"]
SHORT += ["README.md", "docs/test-your-loss.md"]  # NumPy first; the plug-in of pytest


@pytest.mark.parametrize("page", SHORT)
def test_a_face_is_shown_in_six_lines(page):
    first = pages.blocks_of(page)[0].splitlines()
    assert len([line for line in first if line and not line.startswith("#")]) <= 6


def test_the_readme_has_code_for_three_libraries():
    blocks = pages.blocks_of("README.md")
    for name in ("numpy", "torch", "jax"):
        assert any(f"import {name}" in block for block in blocks), name


@pytest.mark.parametrize("page", sorted({*PAGES, *(f"docs/faces/{p.name}" for p in FACES)}))
def test_links_of_a_page_lead_somewhere(page):
    path = ROOT / page
    for target, anchor in re.findall(
        r"\]\((?!http)([^)#\s]*)(?:#([^)]*))?\)", path.read_text("utf-8")
    ):
        linked = (path.parent / target).resolve() if target else path
        assert linked.is_file(), target
        if anchor:
            assert anchor in anchors_of(linked), anchor


def anchors_of(path):
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
