"""Which formulas become loops, and that calls alike share them."""

import functools

import numpy as np
import pytest

import maskloss as ml
from helpers.loops import becomes_loop
from helpers.problems import Problem
from maskloss._evaluation import block_size, evaluate
from maskloss._evaluation.choose import Evaluator
from maskloss._formula import Results
from maskloss._fused import record
from maskloss._fused.kernels import printed
from maskloss._fused.shape import Shape
from tables.cases import by_case

pytestmark = pytest.mark.needs("numpy")


@pytest.fixture
def recordings(monkeypatch):
    """Return a function that gives the evaluators, and the recordings, of the calls in another."""
    calls, evaluators, choose = [], [], evaluate.choose_evaluator

    def chosen(situation):
        calls.append(situation.recording)
        evaluators.append(choose(situation)[0])
        return choose(situation)

    monkeypatch.setattr(evaluate, "choose_evaluator", chosen)
    # Nothing is compiled.
    monkeypatch.setattr(evaluate, "_evaluate_by", lambda *_: Results())
    return calls, evaluators


@by_case()
def test_losses_that_are_loops(backend, case, recordings):
    problem = Problem.make(backend, case)
    calls, evaluators = recordings
    for _ in range(2):
        problem.call()
    if becomes_loop(case):
        assert evaluators == [Evaluator.LOOPS] * 2
        assert calls[0] is calls[1]
    else:
        assert Evaluator.LOOPS not in evaluators


@pytest.mark.parametrize(
    ("loss", "elements", "evaluator"),
    [
        (ml.mse_loss, 50, Evaluator.FEW),
        (ml.binary_cross_entropy_with_logits, 10, Evaluator.FEW),
        (ml.binary_cross_entropy_with_logits, 50, Evaluator.LOOPS),
    ],
)
def test_loops_have_many_operations(backend, loss, elements, evaluator, recordings, monkeypatch):
    monkeypatch.setattr(block_size, "FEW_OPERATIONS", 1000)
    x = np.ones(elements, "float32")
    loss(x, 0 * x)
    assert recordings[1] == [evaluator]


def source_of(recordings, call):
    call()
    recording = recordings[0][-1]
    inputs = (("x", "entry"), ("y", "entry"))
    shape = Shape(("value", "slope"), inputs, is_masked=False)
    return printed(recording, shape, "float32")


def test_a_schedule_of_an_option_has_one_loop(backend, recordings):
    x, y = np.zeros((4, 3), "float32"), np.ones((4, 3), "float32")
    sources = [
        source_of(recordings, functools.partial(ml.huber_loss, x, y, delta=delta))
        for delta in (0.75, 1.75)
    ]
    (first, constants), (second, others) = sources
    assert first == second
    assert constants != others


def test_equal_expressions_are_computed_once(backend, recordings):
    x, y = np.zeros((4, 3), "float32"), np.ones((4, 3), "float32")
    loss = functools.partial(ml.binary_cross_entropy_with_logits, x, y)
    text, _ = source_of(recordings, loss)
    assert text.count("= exp(") == 1


@pytest.mark.parametrize(
    ("loss", "loops"), [(ml.mse_loss, 1), (ml.binary_cross_entropy_with_logits, 2)]
)
def test_a_logarithm_of_an_exponential_takes_two_loops(backend, loss, loops, recordings):
    x = np.ones((4, 3), "float32")
    text, _ = source_of(recordings, functools.partial(loss, x, x))
    assert text.count("for i in range(number)") == loops


def test_an_array_of_another_dtype_is_another_call(backend):
    x, bounds = np.zeros((4, 3), "float32"), np.ones((4, 3), int)
    ml.mse_loss(x, x, censoring=bounds)
    with pytest.raises(TypeError, match="censoring"):
        ml.mse_loss(x, x, censoring=bounds.astype(float))


def test_recordings_do_not_pile_up(backend, monkeypatch):
    monkeypatch.setattr(record, "_MOST", 3)
    monkeypatch.setattr(record, "_RECORDINGS", {})
    x = np.zeros((4, 3), "float32")
    for delta in range(1, 9):
        ml.huber_loss(x, x, delta=float(delta))
        assert len(record._RECORDINGS) <= 3


@pytest.mark.needs("blocks")
def test_a_call_looks_up_its_recording_once(backend, monkeypatch):
    found = []

    class Counted(dict):
        def get(self, key, default=None):
            found.append(key)
            return super().get(key, default)

    monkeypatch.setattr(record, "_RECORDINGS", Counted())
    x = backend.asarray(np.ones((4, 3), "float32"))
    for _ in range(2):
        ml.value_and_grad(ml.mse_loss)(x, 0 * x)
    assert len(found) == 2
    assert len(record._RECORDINGS) == 1
