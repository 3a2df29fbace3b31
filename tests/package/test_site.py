"""What the documentation site is made of; `nox -s docs` builds it."""

import re

import pytest

from helpers.package import ROOT
from maskloss._public import records

GALLERY = sorted((ROOT / "examples" / "gallery").glob("*.py"))
INVENTORIES = sorted((ROOT / "docs" / "_inventories").glob("*.txt"))


@pytest.fixture
def site(monkeypatch):
    """Let a test import the modules of the site."""
    monkeypatch.syspath_prepend(ROOT / "docs")


@pytest.fixture
def calls(monkeypatch, site):
    """Return the module of the site that calls each loss for its picture."""
    from _site import calls

    monkeypatch.setattr(calls, "POINTS", 5)
    return calls


def test_the_pictures_of_the_benchmark_show_the_numbers_of_its_page(site):
    from _site import benchmarks

    tables = benchmarks.tables((ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8"))
    for heading, (draw, _) in benchmarks.PICTURES.items():
        rows = tables[heading]
        axes = draw(rows, benchmarks.MODES["light"][1]).axes
        assert [label.get_text() for label in axes[0].get_yticklabels()] == [
            next(iter(row.values())) for row in rows
        ]
        bars = [bar.get_width() for axis in axes for bar in axis.patches]
        points = [x for axis in axes for line in axis.lines for x in line.get_xdata() if x != 1.0]
        cells = [cell for row in rows for cell in [*row.values()][1:]]
        want = [number for cell in cells for number in benchmarks.numbers(cell)]
        assert sorted([*bars, *points]) == sorted(want)


def test_every_loss_of_two_arrays_has_a_picture(calls):
    """At least one label, and a missing one, whose slope is exactly 0."""
    for record in records():
        if record.inputs is not None:
            *labels, missing = calls.curves(record)
            assert labels, record.name
            assert missing.name == "missing" not in {label.name for label in labels}
            assert (missing.slope == 0).all(), record.name
            assert any((label.slope != 0).any() for label in labels), record.name


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_an_example_of_the_gallery_stands_alone(path):
    text = path.read_text(encoding="utf-8")
    assert re.match(r'"""\n(.+)\n=+\n\n', text), "a title, underlined"
    compile(text, str(path), "exec")
    assert "../" not in text, "data ships with a package, or is made here"


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.stem)
def test_an_inventory_has_an_address_and_names(path):
    address, *lines = path.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"https://\S+[^/]", address)
    for line in lines:
        assert re.fullmatch(r"[\w.]+ (function|class) \S+\.html#[\w.]+", line), line
