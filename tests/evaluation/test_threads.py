"""Work on threads: where none starts, how many there are, and what they leave behind."""

import os
import subprocess
import sys
import threading
import warnings
from functools import partial

import numpy as np
import pytest

import maskloss as ml
from maskloss._evaluation.threads import number_of_threads, run_in_threads

MANY = np.linspace(-3, 3, 2_000_000, dtype="float32").reshape(2000, 1000)


@pytest.fixture
def four_threads(monkeypatch):
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", "4")


@pytest.mark.usefixtures("four_threads")
@pytest.mark.parametrize("error", [RuntimeError("can't start new thread"), MemoryError()])
@pytest.mark.parametrize("started", [0, 1])
def test_the_caller_works_alone_where_no_thread_starts(error, started, monkeypatch):
    want = ml.value_and_grad(ml.mse_loss)(MANY, 0 * MANY)
    start, starts = threading.Thread.start, []

    def fail(thread):
        starts.append(thread)
        if len(starts) > started:
            raise error
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", fail)
    got = ml.value_and_grad(ml.mse_loss)(MANY, 0 * MANY)
    assert starts
    for one, other in zip(got, want, strict=True):
        np.testing.assert_array_equal(one, other)


PROGRAM = """
import atexit, os, signal, threading
import numpy as np, maskloss as ml

x = np.ones((2000, 1000), "float32")

def late():
    print(float(ml.mse_loss(x, 0 * x)), flush=True)

def later():
    threading.main_thread().join()
    late()

def forked():
    ml.mse_loss(x, 0 * x)  # in the parent, on threads that the child does not have
    child = os.fork()
    if child == 0:
        signal.alarm(60)  # a child that hangs ends
        late()
        os._exit(0)
    os.waitpid(child, 0)

def interrupted():
    found = []

    def interrupt(*_):
        found.append(float(ml.mse_loss(x, 0 * x)))

    signal.signal(signal.SIGALRM, interrupt)
    ml.mse_loss(x, 0 * x)
    while not found:
        signal.setitimer(signal.ITIMER_REAL, 0.001)
        found[:0] = {{float(ml.mse_loss(x, 0 * x))}} - {{1.0}}
    print(*set(found))

{way}
"""
WAYS = {
    "atexit": "atexit.register(late)",
    "after main": "threading.Thread(target=later).start()",
    "after a fork": "forked()",
    "in a signal handler": "interrupted()",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_call_where_threads_may_not_start(way):
    if "fork" in way and not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    assert _output(PROGRAM.format(way=WAYS[way])) == ("1.0\n", "")


def _output(program):
    done = subprocess.run(
        # Python 3.12 warns of a fork beside threads of a library, such as BLAS.
        [sys.executable, "-W", "ignore", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        env={"MASKLOSS_NUM_THREADS": "4", "PYTHONPATH": ":".join(sys.path)},
    )
    return done.stdout, done.stderr


def test_a_call_in_a_subinterpreter():
    pytest.importorskip("_xxsubinterpreters")  # of Python 3.11 and 3.12
    inner = PROGRAM.format(way="late()")
    create = "import _xxsubinterpreters as all; one = all.create(isolated={})"
    # One with threads of a restricted kind, which NumPy refuses from Python 3.12 on.
    for isolated in (True, False) if sys.version_info < (3, 12) else (False,):
        program = f"{create.format(isolated)}; all.run_string(one, {inner!r}); all.destroy(one)"
        assert _output(program)[0] == "1.0\n"


@pytest.mark.usefixtures("four_threads")
def test_an_error_of_any_thread_is_raised_and_no_thread_is_left():
    def work(piece):
        if piece == 50:
            msg = "of this piece"
            raise ZeroDivisionError(msg)
        return piece

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError, match="of this piece"):
        list(run_in_threads(work, range(100)))
    assert threading.active_count() == before
    assert list(run_in_threads(lambda piece: piece, range(100))) == list(range(100))


@pytest.mark.parametrize("asked", ["abc", "2.5", " "])
def test_a_number_of_threads_that_is_none_is_named(asked, monkeypatch):
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", asked)
    with pytest.raises(ValueError, match=r"MASKLOSS_NUM_THREADS must be an integer.*got.*set it"):
        number_of_threads()


def test_scores_in_threads_leave_the_warnings_of_the_process_as_they_were():
    filters, show = list(warnings.filters), warnings.showwarning
    labels = np.asarray([0, 1, 1, 0])

    quiet = partial(ml.masked_score, lambda *_: 1.0, labels, labels - 0.5)
    threads = [threading.Thread(target=lambda: [quiet() for _ in range(500)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == filters
    assert warnings.showwarning is show


def test_a_metric_may_score_by_a_metric():
    labels = np.asarray([0, 1, 1, 0])

    def outer(labels, predictions):
        return ml.masked_score(lambda *_: 0.5, labels, predictions)

    assert ml.masked_score(outer, labels, labels - 0.5) == 0.5
