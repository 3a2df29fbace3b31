"""A pytest plugin that fills the table of losses from the outcomes of the tests.

``pytest --loss-table docs/losses.md`` writes it; a cell says yes where every test of its column
that ran on the loss passed, on every backend that ran. The test of sums passes too where a loss
refuses to be added up; its cell says so. A run of some losses (``-k``) keeps the other rows.
"""

import re
from collections import defaultdict
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np

from helpers.case import Case
from maskloss._arrays.support import BACKENDS
from maskloss._public import records
from maskloss._signatures import takes_array
from tables.cases import CASES

JITTED = tuple(b.name for b in BACKENDS if "jit" in b.transforms and b.name != "torch")
# Column: the tests that fill it, and the backends they count on.
COLUMNS = {
    "value, gradient, Hessian": ("test_values.py", None, None),
    "poison": ("test_poison.py", None, None),
    "autodiff": ("test_autodiff.py", "test_gradient", None),
    "second order": ("test_autodiff.py", "test_second_derivative", None),
    "forward mode": ("test_autodiff.py", "test_forward_mode", None),
    "jit": ("test_poison.py", "test_jit", JITTED),
    "torch.compile": ("test_poison.py", "test_jit", ("torch",)),
    "vmap": ("test_autodiff.py", "test_vmap_is_a_loop", None),
    "Sums": ("test_sums.py", "test_sums_of_parts_are_the_sums_of_the_whole", None),
}
TITLE = (
    "# What was tested of each loss\n\nWritten by `nox -s losses` from the outcomes of the tests."
)

REFUSED = """\
Under Sums, *refused* says that `reduction="sums"` is an error: the loss of a batch is not made of
the losses of its parts ([what to do](many-devices.md#losses-of-a-whole-batch)). *By options* says
that some options make it one; the page of the loss says whether its defaults do.

"""
SUMS = {
    frozenset({True}): "yes",
    frozenset({False}): "refused",
    frozenset({True, False}): "by options",
}


def pytest_addoption(parser):
    parser.addoption("--loss-table", help="write the table of losses to this file")


def pytest_configure(config):
    path = config.getoption("--loss-table")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(Path(path)), "loss-table")


def pytest_collection_modifyitems(items):
    """Let a report know the loss and the backend of its test, also from another process."""
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        if "backend" in parameters and isinstance(parameters.get("case"), Case):
            loss, backend = parameters["case"].loss.__name__, parameters["backend"].name
            item.user_properties.append(("loss", (loss, backend)))


class Recorder:
    """Collects outcomes by loss and column."""

    def __init__(self, path):
        self.path, self.outcomes, self.backends = path, defaultdict(set), set()

    def pytest_runtest_logreport(self, report):
        known = dict(report.user_properties).get("loss")
        if known is None or (report.when != "call" and report.passed):
            return
        loss, backend = known
        self.backends.add(backend)
        file, _, test = report.nodeid.rpartition("/")[2].partition("::")
        for column, (module, name, backends) in COLUMNS.items():
            is_named = name is None or test.partition("[")[0] == name
            if file == module and is_named and (backends is None or backend in backends):
                self.outcomes[loss, column].add(report.outcome)

    def pytest_sessionfinish(self):
        ran = f"This run was on {', '.join(sorted(self.backends))}.\n\n"
        text = f"{TITLE} {ran}{REFUSED}" + table(self.outcomes, _rows_of(self.path))
        self.path.write_text(text, encoding="utf-8")


def _rows_of(path):
    """Return the row of each loss in a table that was written before."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {row[1]: row[0] for row in re.finditer(r"^\| `(\w+)` .*\n", text, re.MULTILINE)}


def table(outcomes, rows):
    """Lay the outcomes out as Markdown, a table for each family of losses of two arrays.

    The row of a loss without an outcome is taken from `rows`.
    """
    losses = [record for record in records() if record.inputs is not None]
    losses.sort(key=lambda record: (record.family, record.name))
    families = groupby(losses, key=lambda record: record.family)
    return "\n".join(f"## {family}\n\n{_table(of, outcomes, rows)}" for family, of in families)


def _table(losses, outcomes, rows):
    head = _row(["loss", "what it is", *COLUMNS]) + _row(["---"] * (2 + len(COLUMNS)))
    ran = {name for name, _ in outcomes}
    return head + "".join(
        rows[loss.name] if loss.name in rows and loss.name not in ran else _row_of(loss, outcomes)
        for loss in losses
    )


def _row_of(loss, outcomes):
    cells = [_cell(loss, column, outcomes.get((loss.name, column))) for column in COLUMNS]
    return _row([f"`{loss.name}`", _markdown(loss.summary), *cells])


def _row(cells):
    return f"| {' | '.join(cells)} |\n"


def _markdown(text):
    return re.sub(r":math:`(.*?)`", r"$\1$", text).replace("|", r"\|")


def _cell(loss, column, outcomes):
    if not outcomes:
        return "not run"
    if outcomes != {"passed"}:
        return "no"
    return sums_of(loss) if column == "Sums" else "yes"


@cache
def sums_of(loss):
    """Return what a loss says of its sums, in its calls by default and in the table of cases."""
    calls = [_call_by_default(loss)]
    calls += [
        loss.build(*case.arrays()[:2], **case.options)
        for case in CASES
        if case.loss is loss.function
    ]
    return SUMS[frozenset(not call.not_summable_because for call in calls)]


def _call_by_default(loss):
    entries = np.zeros((1, 3))
    needed = {
        name: np.ones((1, 3)) if takes_array(p.annotation) else 0.4
        for name, p in loss.required.items()
    }
    return loss.build(entries, entries, **needed)
