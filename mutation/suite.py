"""The tests, run in this process: which of them run a line, and on the package as it then is."""

import os
import pickle
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest
from mutants import PACKAGE, path_of

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
# Those that run a formula and end soon; the first find most.
FILES = [
    str(path)
    for pattern in (
        "properties/test_values.py",
        "properties/test_autodiff.py",
        "losses/test_*.py",
        "labels/test_*.py",
        "properties/test_sums.py",
        "properties/test_errors.py",
        "properties/test_reductions.py",
        "properties/test_exactness.py",
    )
    for path in sorted(Path("tests").glob(pattern))
]
QUIET = (
    "-q",
    "-x",
    "--tb=no",
    "--no-header",
    "--no-summary",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:unraisableexception",
)


class Oracles:
    """A plugin that keeps what the oracles found, in which most of the time goes."""

    def __init__(self):
        self._known = {}

    def pytest_sessionstart(self):
        from helpers.case import Case

        compute = Case.exact

        def exact(case, *arrays):
            key = pickle.dumps((case.name, case.options, *arrays))
            if key not in self._known:
                tracer = sys.gettrace()
                sys.settrace(None)
                self._known[key] = compute(case, *arrays)
                sys.settrace(tracer)
            return self._known[key]

        Case.exact = exact


class Watch:
    """A plugin that notes which lines a test runs, and how long it takes."""

    def __init__(self, tracer):
        self.seconds = defaultdict(float)
        self._tracer = tracer

    def pytest_runtest_setup(self, item):
        self._tracer.switch_context(item.nodeid)

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration


@dataclass(frozen=True)
class Tests:
    """The tests that run each line of the modules, and how long each of them takes."""

    of_lines: dict
    seconds: dict

    def of(self, mutant):
        """Return the tests that run the function that a mutant changes, in the order of FILES."""
        reached = self.of_lines[mutant.module]
        names = {name for line in mutant.lines for name in reached.get(line, ()) if name}
        return sorted(names, key=lambda name: (FILES.index(file_of(name)), self.seconds[name]))


def tests_of_lines(modules, options, oracles):
    """Run the tests on the package as it is, and find which lines they run."""
    tracer = coverage.Coverage(data_file=None, include=[str(PACKAGE / "*")])
    watch = Watch(tracer)
    with tracer.collect():
        if not run(FILES, options, oracles, watch):
            sys.exit("mutation: the tests must pass without a mutant")
    read = tracer.get_data().contexts_by_lineno
    of_lines = {module: read(str(path_of(module).absolute())) for module in modules}
    return Tests(of_lines, watch.seconds)


def run(files, options, *plugins):
    """Run test files; True if all pass."""
    _forget()
    return pytest.main([*QUIET, *options, *files], plugins=[*plugins]) == pytest.ExitCode.OK


def _forget():
    """Let package and tests be imported anew."""
    for name, module in list(sys.modules.items()):
        path = Path(getattr(module, "__file__", None) or "/")
        if name.split(".")[0] == "maskloss" or path.is_relative_to(Path("tests").absolute()):
            del sys.modules[name]
    sys.modules.pop("conftest", None)


def file_of(name):
    """Return the file of a test."""
    return name.partition("::")[0]
