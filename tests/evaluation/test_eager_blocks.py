"""How arrays are divided into blocks, and blocks among threads, does not show."""

import contextlib
import gc
import math
import threading
import time
import tracemalloc
import weakref

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.eager import (
    assert_same,
    blocks_of,
    each_eager,
    gradient_of,
    results,
    whole_arrays,
)
from helpers.frameworks import asnumpy
from helpers.layouts import LAYOUTS, convert, in_dtype
from helpers.poison import poisoned
from helpers.problems import Problem
from helpers.ways import each_way
from maskloss._evaluation import blocks as _blocks
from maskloss._evaluation.threads import run_in_threads
from tables.cases import KINDS, by_case

pytestmark = pytest.mark.needs("blocks")
ONE_BLOCK = 10**9


def _problem(backend, case, which):
    problem = Problem.make(backend, case)
    if which == "all":
        return problem.replace(mask=None, weight=None)
    if which == "nothing":
        return problem.replace(mask=problem.mask & ~problem.mask)
    return problem


def _assert_blocks_do_not_show(problem, **way):
    with blocks_of(ONE_BLOCK):
        want = results(problem, **way)
    for size in (1, 3, 10):
        with blocks_of(size):
            assert_same(results(problem, **way), want, way)
    few = results(problem, **way)
    with whole_arrays():
        traced = results(problem, **way)
    for got in (few, traced):
        for parts, wanted in zip(got, want, strict=True):
            assert_all_close(parts, wanted)
    return want


# Division


@each_eager
@each_way
@pytest.mark.parametrize("which", ["all", "some", "nothing"])
def test_blocks_of_any_size_give_the_same(backend, case, way, which):
    _assert_blocks_do_not_show(_problem(backend, case, which), **way)


@each_eager
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("reduction", ["weighted_mean", "macro"])
def test_blocks_of_arrays_that_lie_otherwise(backend, case, layout, reduction):
    problem = Problem.make(backend, case)
    odd = convert(problem, lambda array: layout(backend.namespace, array))
    got, want = (
        _assert_blocks_do_not_show(p, reduction=reduction, empty=math.nan) for p in (odd, problem)
    )
    for parts, wanted in zip(got, want, strict=True):
        assert_all_close(parts, wanted)


@each_eager
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_blocks_of_other_dtypes(backend, case, dtype):
    _assert_blocks_do_not_show(in_dtype(Problem.make(backend, case), dtype))


@each_eager
def test_blocks_of_repeated_rows(backend, case):
    xp, problem = backend.namespace, Problem.make(backend, case)
    repeated = {
        name: xp.broadcast_to(getattr(problem, name)[:1, ...], getattr(problem, name).shape)
        for name in ("x", "y", "mask", "weight")
    }
    _assert_blocks_do_not_show(problem.replace(**repeated), reduction="weighted_mean")


@each_eager
def test_blocks_of_masks_and_weights_with_sizes_of_1(backend, case):
    problem = Problem.make(backend, case)
    for axis in range(problem.weight.ndim):
        first = (slice(None),) * axis + (slice(0, 1),)
        narrow = problem.replace(mask=problem.mask[first], weight=problem.weight[first])
        _assert_blocks_do_not_show(narrow, reduction="weighted_mean")


SHAPES = [(), (0,), (1,), (1, 1), (4, 0), (0, 4), (1, 11), (11, 1), (2, 3, 1, 5)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("reduction", ["none", "sums", "mean", "macro", "samples"])
def test_blocks_of_any_shape(backend, shape, reduction):
    if shape == () and reduction in {"macro", "samples"}:
        return
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, *shape))
    case = next(case for case in KINDS if case.loss is ml.mse_loss)
    mask = np.asarray(rng.uniform(size=shape) < 0.5)
    problem = Problem.of(backend, case, x, y, mask, np.asarray(y * y))
    axis = {"class_axis": -1} if reduction == "macro" else {}
    _assert_blocks_do_not_show(problem, reduction=reduction, **axis)


@pytest.mark.needs("numpy")
@by_case(KINDS)
def test_blocks_of_files(backend, case, tmp_path):
    """Memory maps, which cannot be written to."""
    problem = Problem.make(backend, case)

    def mapped(array):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.npy"
        np.save(path, array)
        return np.load(path, mmap_mode="r")

    filed = convert(problem, mapped)
    assert isinstance(filed.x, np.memmap)
    got = _assert_blocks_do_not_show(filed)
    assert_same(got, _assert_blocks_do_not_show(problem), {})
    for size in (3, ONE_BLOCK):
        with blocks_of(size):
            assert_plain(filed.everything(reduction="none")(*filed.arrays))
    assert_plain(filed.everything(reduction="none")(*filed.arrays))


def assert_plain(results):
    for result in results:
        assert type(result) is np.ndarray
        assert result.flags.c_contiguous


@each_eager
@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_lie_in_order_however_few(backend, case, layout):
    problem = convert(Problem.make(backend, case), lambda array: layout(backend.namespace, array))
    assert_plain(map(asnumpy, problem.everything(reduction="none")(*problem.arrays)))
    if backend.name == "torch":
        assert gradient_of(problem).is_contiguous()


def test_results_of_one_number_can_be_written_to(backend):
    x, y = (backend.asarray(np.asarray(number)) for number in (1.0, 3.0))
    _, gradient = ml.value_and_grad(ml.mse_loss)(x, y)
    gradient[...] = 0
    assert float(gradient) == 0


@by_case(KINDS)
def test_numbers_beyond_float32_add_up_to_infinity_in_silence(backend, case):
    problem = Problem.make(backend, case)
    big = problem.replace(x=problem.x * 0 + 3e38, y=problem.y * 0)
    with blocks_of(3):
        for way in ({"reduction": "sum"}, {"axis": 0}, {"reduction": "macro"}):
            got = big.call(**way)
            with whole_arrays():
                assert_all_close([np.asarray(got)], [np.asarray(big.call(**way))])


def test_sums_beyond_a_float64_are_infinite(backend):
    x = backend.asarray(np.full((4, 4), 1e154))
    for way in ({}, {"axis": (0,)}):
        with blocks_of(1):
            assert np.isinf(np.asarray(ml.mse_loss(x, x * 0, reduction="sum", **way))).all()


def test_infinities_of_both_signs_make_nan_in_silence(backend):
    x, y = (backend.asarray(np.asarray(a, "float32")) for a in ([[1e3], [2]], [[0], [3e38]]))
    with blocks_of(1):
        for way in ({}, {"axis": 0}):
            value = ml.poisson_nll_loss(x, y, reduction="sum", **way)
            assert np.isnan(np.asarray(value)).all()


@by_case(KINDS)
def test_mistakes_are_found_where_nothing_is_observed(backend, case):
    """What a formula refuses does not depend on what a batch happens to hold."""
    name = "pos_weight" if case.class_axis is None else "class_weight"
    loss = ml.binary_cross_entropy_with_logits if case.class_axis is None else case.loss
    problem = _problem(backend, case, "nothing")
    bad = {name: problem.x[..., 0, :3].reshape(-1)[:3]}
    nobody = problem.x[:0, ...], problem.y[:0, ...]
    for size in (3, ONE_BLOCK):
        with blocks_of(size):
            for function in (loss, ml.value_and_grad(loss)):
                with pytest.raises(ValueError, match=name):
                    function(problem.x, problem.y, mask=problem.mask, **bad)
                with pytest.raises(ValueError, match=name):
                    function(*nobody, **bad)


# Threads


@pytest.fixture
def in_threads(backend, monkeypatch):
    """Return a function that sets the number of threads."""
    if backend.name == "numpy":
        yield lambda number: monkeypatch.setenv("MASKLOSS_NUM_THREADS", str(number))
        return
    import torch

    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@each_eager
@each_way
def test_any_number_of_threads_gives_the_same_bits(backend, case, way, in_threads):
    problem = Problem.make(backend, case)
    with blocks_of(1):
        wanted = None
        for number in (1, 2, 5):
            in_threads(number)
            values, derivatives = results(problem, **way)
            bits = [part.tobytes() for part in (*values, *derivatives)]
            wanted = wanted or bits
            assert bits == wanted


@by_case(KINDS)
def test_what_is_not_observed_has_no_effect_in_any_block(backend, case, in_threads):
    problem = Problem.make(backend, case)
    in_threads(5)
    with blocks_of(1):
        for way in ({}, {"reduction": "weighted_mean"}, {"axis": 0}):
            want = results(problem, **way)
            for poison in (np.nan, np.inf):
                got = results(poisoned(problem, poison), **way)
                for parts, wanted in zip(got, want, strict=True):
                    assert [p.tobytes() for p in parts] == [w.tobytes() for w in wanted]


def test_threads_work_at_the_same_time(monkeypatch):
    """The caller's is one of them."""
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", "3")
    meeting = threading.Barrier(3, timeout=30)

    def work(_):
        meeting.wait()
        return threading.get_ident()

    found = list(run_in_threads(work, range(12)))
    assert len(set(found)) == 3
    assert threading.get_ident() in found


def test_few_pieces_get_no_threads(monkeypatch):
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", "3")
    found = set(run_in_threads(lambda _: threading.get_ident(), range(3)))
    assert found == {threading.get_ident()}


@pytest.mark.parametrize("number", ["1", "4"])
def test_of_several_errors_that_of_the_first_piece_is_raised(monkeypatch, number):
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", number)

    def work(piece):
        if piece >= 2:
            time.sleep(0.02 if piece == 2 else 0)
            msg = f"piece {piece}"
            raise ValueError(msg)

    with pytest.raises(ValueError, match="piece 2"):
        list(run_in_threads(work, range(16)))


@pytest.mark.parametrize("number", ["1", "4"])
def test_an_error_lets_go_of_all_pieces(monkeypatch, number):
    """Without waiting for the garbage collector."""
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", number)
    pieces = [np.zeros(1) for _ in range(16)]
    kept = [weakref.ref(piece) for piece in pieces]

    def work(piece):
        time.sleep(0.001)
        raise ValueError(piece)

    gc.disable()
    try:
        with contextlib.suppress(ValueError):
            list(run_in_threads(work, pieces))
        del pieces
        assert [ref() for ref in kept] == [None] * 16
    finally:
        gc.enable()


def test_what_is_no_error_stops_every_thread(monkeypatch):
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", "4")
    caller = threading.get_ident()

    def work(_):
        time.sleep(0.001)
        if threading.get_ident() != caller:
            raise SystemExit

    with pytest.raises(SystemExit):
        list(run_in_threads(work, range(16)))


def test_the_first_label_out_of_range_is_named(backend, in_threads):
    labels = np.zeros((40, 3), "float32")
    labels[20:, :] = np.arange(2, 22)[:, None]
    x = backend.asarray(np.zeros((40, 3), "float32"))
    for number in (1, 5):
        in_threads(number)
        with blocks_of(3), pytest.raises(ValueError, match="got 2;"):
            ml.binary_cross_entropy_with_logits(x, backend.asarray(labels))


# Memory


def _peak(function):
    """Return what a call takes beyond its results, in bytes."""
    function()
    tracemalloc.start()
    try:
        results = function()
        return tracemalloc.get_traced_memory()[1] - sum(result.nbytes for result in results)
    finally:
        tracemalloc.stop()


@pytest.mark.needs("numpy")
@by_case(KINDS)
@pytest.mark.parametrize(
    "way", [{}, {"reduction": "weighted_mean"}, {"reduction": "macro"}, {"axis": 0}], ids=str
)
def test_memory_does_not_grow_with_the_input(backend, case, way, monkeypatch):
    """Nor waits for the garbage collector: what a block makes has no cycles."""
    monkeypatch.setenv("MASKLOSS_NUM_THREADS", "1")
    monkeypatch.setattr(_blocks, "_keep_freed_memory", lambda _: None)
    problem, block, peaks = Problem.make(backend, case), 32768, []
    for blocks in (8, 64):
        times = blocks * block // problem.x.size
        arrays = [np.concatenate([array] * times) for array in problem.arrays]
        function = problem.bind(ml.value_and_grad(case.loss), **way)
        with blocks_of(block):
            peaks.append(_peak(lambda: function(*arrays)))  # noqa: B023
    assert peaks[1] < 1.1 * peaks[0]
    assert peaks[1] < 96 * block
