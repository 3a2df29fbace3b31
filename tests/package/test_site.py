"""What the documentation site is made of; `nox -s docs` builds it."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pytest

import maskloss as ml
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


@pytest.fixture
def benchmark(site):
    """Return the text of the benchmark page, the same with its tables, and what is recorded."""
    from _site import recorded

    text = (ROOT / "docs" / "benchmark.md").read_text(encoding="utf-8")
    results = recorded.read()
    return text, recorded.filled(text, results), results


def test_the_tables_of_the_benchmark_have_the_recorded_numbers(benchmark):
    """Each row of the file is a row of the page, with all its numbers, in its order."""
    _, page, results = benchmark
    assert "<!-- recorded" not in page
    rows = [numbers_of(line) for line in page.splitlines() if line.startswith("| ")]
    spread = {"loops": ("some", "all"), "copies": ("ns", "copy", "threads", "copy_threads")}
    spread |= dict.fromkeys(("import", "numpy", "torch", "jax"), ("time", "mb", "errors"))
    for part, keys in spread.items():
        for row in results[part]["rows"]:
            want = [number for key in keys for number in in_cell(row[key])]
            assert any(close(found, want) for found in rows), row
    for row in results["accelerator"]["rows"]:
        want = [*row["ours"], *(row["idiom"] or [])]
        assert any(close(found, want) for found in rows), row
    entries = results["entries"]["rows"]
    for way in {row["way"] for row in entries}:
        want = [row[key] for row in entries if row["way"] == way for key in ("mb", "seconds")]
        assert any(close(found, want) for found in rows), way


@pytest.mark.parametrize("mark", ["contest jax.jit", "tables torch", "", "about\nloop"])
def test_a_mark_of_the_benchmark_page_that_names_nothing_stops_the_build(benchmark, mark):
    from _site import recorded

    *_, results = benchmark
    with pytest.raises(ValueError, match="neither a table nor a part"):
        recorded.filled(f"text\n  <!-- recorded: {mark} -->\n", results)


def in_cell(quartiles_or_pair):
    """Return numbers in the order of a cell: the median before its quartiles."""
    if quartiles_or_pair is None:
        return []
    low, median, *high = quartiles_or_pair
    return [median, low, *high] if high else [low, median]


def numbers_of(line):
    """Return the numbers of the cells that hold nothing else."""
    from _site import benchmarks

    cells = line.strip("| ").split(" | ")
    alone = [cell for cell in cells if re.fullmatch(r"([\d.e]|MB|s|to|[\s,/()-])*", cell)]
    return [number for cell in alone for number in benchmarks.numbers(cell)]


def close(found, want):
    return found[: len(want)] == pytest.approx(want, rel=0.05)


def test_the_page_of_the_benchmark_types_no_recorded_number(benchmark):
    text, _, _ = benchmark
    for section in re.split("^## ", text, flags=re.MULTILINE):
        if re.search("recorded: (contest|entries|loops|copies)", section):
            assert not re.search(r"^\|.*\d", section, re.MULTILINE), section


def test_the_pictures_of_the_benchmark_show_the_numbers_of_its_page(benchmark):
    from _site import benchmarks

    tables = benchmarks.tables(benchmark[1])
    for heading, (draw, _) in benchmarks.PICTURES.items():
        rows = tables[heading]
        axes = draw(rows, benchmarks.MODES["light"][1]).axes
        for label, row in zip(axes[0].get_yticklabels(), rows, strict=True):
            assert label.get_text().startswith(next(iter(row.values())))
        bars = [bar.get_width() for axis in axes for bar in axis.patches]
        lines = [line for axis in axes for line in axis.lines if line.get_gid() != "equal"]
        points = [x for line in lines for x in line.get_xdata()]
        cells = [cell for row in rows for cell in cells_drawn(row)]
        want = [number for cell in cells for number in benchmarks.numbers(cell)]
        assert sorted([*bars, *points]) == sorted(want), heading


def cells_drawn(row):
    """Return the cells of a row whose numbers its picture shows: of a target, that of the time."""
    if "target" not in row:
        return [*row.values()][1:]
    time = re.match(r"[\d.]*", row["target"])[0]
    return row["time"], row["quartiles"], row["extra MB"], row["errors"], time


def test_every_loss_of_two_arrays_has_a_picture(calls):
    """At least one label, and a missing one, whose slope is exactly 0."""
    for record in records():
        if record.inputs is not None:
            *labels, missing = calls.curves(record)
            assert labels, record.name
            assert missing.name == "missing" not in {label.name for label in labels}
            assert (missing.slope == 0).all(), record.name
            assert any((label.slope != 0).any() for label in labels), record.name


def test_the_switcher_has_this_version_at_its_address(site, tmp_path):
    from _site import outputs

    kept = (ROOT / "docs" / "_static" / "switcher.json").read_text(encoding="utf-8")
    (tmp_path / "_static").mkdir()
    written = tmp_path / "_static" / "switcher.json"
    written.write_text(kept, encoding="utf-8")
    config = SimpleNamespace(html_baseurl="https://example.org/docs/")
    app = SimpleNamespace(config=config, outdir=tmp_path, builder=SimpleNamespace(format="html"))
    outputs.write_switcher(app, None)
    (preferred,) = (one for one in json.loads(written.read_text()) if one.get("preferred"))
    assert preferred["version"] == ml.__version__
    assert preferred["url"] == "https://example.org/docs/"


def test_the_drawing_of_the_packages_has_them_all(site):
    from _site import diagrams

    drawn = {
        word.strip(",/") for layer in diagrams.LAYERS for name, _ in layer for word in name.split()
    }
    packages = {path.parent.name for path in (ROOT / "src" / "maskloss").glob("*/__init__.py")}
    assert packages <= drawn


def test_the_drawing_of_the_means_is_true(site):
    from _site import diagrams

    target = np.asarray([[np.nan if x is None else x for x in row] for row in diagrams.LOSSES])
    for name, (working, result, _) in diagrams.MEANS.items():
        value = ml.l1_loss(np.zeros((2, 3)), target, missing=np.nan, reduction=name)
        if name == "sums":
            assert working == f"total {value.total:g}, count {value.count:g}"
        else:
            assert eval(working) == pytest.approx(value)
            assert float(result) == pytest.approx(value, abs=0.005)


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
