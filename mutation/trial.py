"""A run of the tests on a mutant, in a process of its own that imports nothing but it anew."""

import importlib.machinery
import importlib.util
import multiprocessing
import os
import sys
import time

from mutants import path_of
from suite import file_of, run


class Chosen:
    """A plugin that runs some tests alone, in their order, and notes which one failed."""

    def __init__(self, names):
        self.failed = None
        self._places = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if item.nodeid in self._places]
        items.sort(key=lambda item: self._places[item.nodeid])

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed = report.nodeid


class Substitute:
    """Imports a mutant instead of its module."""

    def __init__(self, mutant):
        self._name, self._source = f"maskloss.{mutant.module}", mutant.source
        self._path = str(path_of(mutant.module).absolute())

    def find_spec(self, name, *_):
        if name != self._name:
            return None
        loader = importlib.machinery.SourceFileLoader(name, self._path)
        loader.get_code = lambda _: compile(self._source, self._path, "exec", dont_inherit=True)
        return importlib.util.spec_from_file_location(name, self._path, loader=loader)


class Trial:
    """The tests that run what a mutant changes, run on it in a process of its own."""

    def __init__(self, mutant, tests, options, oracles):
        self.mutant = mutant
        names = tests.of(mutant)
        self._deadline = time.monotonic() + 30 + 5 * sum(tests.seconds[name] for name in names)
        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        arguments = mutant, names, options, oracles, sender
        self._process = context.Process(target=_try, args=arguments)
        self._process.start()
        sender.close()

    @property
    def is_over(self):
        return self._receiver.poll() or time.monotonic() > self._deadline

    def end(self):
        """Return which test failed on the mutant, None if it survives."""
        if not self._receiver.poll():
            self._process.kill()
        try:
            return self._receiver.recv()
        except EOFError:
            late = time.monotonic() > self._deadline
            return "it took too long" if late else "it crashed"
        finally:
            self._process.join()


def try_all(mutants, processes, *arguments):
    """Yield each mutant with what became of it, of so many processes at a time."""
    waiting, running = [*reversed(mutants)], []
    while waiting or running:
        while waiting and len(running) < processes:
            running.append(Trial(waiting.pop(), *arguments))
        time.sleep(0.01)
        for trial in [trial for trial in running if trial.is_over]:
            running.remove(trial)
            yield trial.mutant, trial.end()


def _try(mutant, names, options, oracles, sender):
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    sys.meta_path.insert(0, Substitute(mutant))
    files = [*dict.fromkeys(map(file_of, names))]
    # The first file finds most; each run imports package and tests anew.
    for some in filter(None, (files[:1], files[1:])):
        chosen = Chosen(names)
        if not run(some, options, chosen, oracles):
            sender.send(chosen.failed or f"{' '.join(some)} cannot be run")
            return
    sender.send(None)
