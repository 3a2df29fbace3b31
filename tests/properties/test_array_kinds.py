"""Masked arrays of NumPy, parameters and meta tensors of torch, and graphs of dask."""

import math

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close, assert_close
from helpers.layouts import convert
from helpers.problems import Problem
from maskloss._inputs.options import REDUCTIONS
from tables.cases import CASES, RICH, by_case

# Labels of one shape with the mask, or with the elements of an entry.
ONE_SHAPE = [case for case in CASES if not case.has_pixel_indices]


@pytest.mark.needs("numpy")
@by_case(ONE_SHAPE)
def test_the_mask_of_numpy_ma_labels_counts(backend, case):
    problem = Problem.make(backend, case)
    hidden = ~np.asarray(problem.mask)
    whole = hidden if hidden.shape == problem.y.shape else problem.along_rows(hidden)
    filled = np.where(whole, 77, problem.y).astype(problem.y.dtype)
    labels = np.ma.masked_array(filled, whole)
    for reduction in REDUCTIONS:
        if reduction == "sums":
            continue
        want = problem.parts(reduction=reduction)
        got = problem.replace(y=labels, mask=None).parts(reduction=reduction)
        for part, wanted in zip(got, want, strict=True):
            np.testing.assert_array_equal(part, wanted)
            assert not isinstance(part, np.ma.MaskedArray)


@pytest.mark.needs("numpy")
@by_case(ONE_SHAPE)
def test_masks_of_numpy_ma_labels_and_mask_and_missing_must_all_agree(backend, case):
    problem = Problem.make(backend, case)
    known = np.asarray(problem.mask)
    place = np.arange(known.size).reshape(known.shape)

    def along(array):
        return array if array.shape == problem.y.shape else problem.along_rows(array)

    labels = np.where(along(place % 5 == 0), 77, problem.y).astype(problem.y.dtype)
    labels = np.ma.masked_array(labels, along(place % 4 == 0))
    got = problem.replace(y=labels).parts(missing=77)
    want = problem.replace(mask=known & (place % 4 > 0) & (place % 5 > 0)).parts()
    for part, wanted in zip(got, want, strict=True):
        np.testing.assert_array_equal(part, wanted)


@pytest.mark.needs("numpy")
def test_a_row_with_a_masked_class_probability_is_missing(backend):
    logits = backend.asarray(np.asarray([[1.0, 2.0], [3.0, 5.0]]))
    labels = np.ma.masked_array([[0.5, 0.5], [1.0, 0.0]], [[False, False], [True, False]])
    want = ml.cross_entropy(logits[:1], np.asarray([[0.5, 0.5]]))
    assert ml.cross_entropy(logits, labels) == want
    assert int(ml.cross_entropy(logits, labels, reduction="sums").count) == 1


@pytest.mark.needs("numpy")
def test_numpy_ma_labels_without_a_mask_are_all_observed(backend):
    x = backend.asarray(np.asarray([1.0, 2.0]))
    labels = np.ma.masked_array([0.0, 0.0])
    assert ml.mse_loss(x, labels) == 2.5
    labels[0] = np.ma.masked
    assert ml.mse_loss(x, labels) == 4.0


@pytest.mark.needs("torch")
@by_case()
def test_torch_tensors_that_require_a_gradient_are_taken_as_they_are(backend, case):
    """Reading one of their values would warn, and warnings are errors here."""
    import torch

    def assert_equal(got, want):
        # Leaves are evaluated by torch, the others by NumPy, which adds in another order.
        assert got.dtype == want.dtype
        assert_close(got, want, least=1.0)

    def leaf(array):
        return torch.nn.Parameter(array) if array.is_floating_point() else array

    problem = Problem.make(backend, case)
    leaves = convert(problem, leaf)
    for reduction in case.reductions:
        got, want = leaves.call(reduction=reduction), problem.call(reduction=reduction)
        for part, wanted in zip(
            *(r if reduction == "sums" else (r,) for r in (got, want)), strict=True
        ):
            assert_equal(part, wanted)
    leaves.call(empty="raise").backward()
    _, want, _ = problem.everything()(*problem.arrays)
    torch.testing.assert_close(leaves.x.grad, want)
    assert leaves.weight.grad is not None
    for part, wanted in zip(
        leaves.everything()(*leaves.arrays), problem.everything()(*problem.arrays), strict=True
    ):
        assert_equal(part, wanted)


@pytest.mark.needs("torch")
@pytest.mark.costly
@by_case()
def test_torch_meta_tensors_are_never_read(backend, case):
    """What would wait for an accelerator fails on this device, which has no values."""
    import torch

    problem = Problem.make(backend, case)
    meta = convert(problem, lambda array: array.to("meta"))
    ways = [{"reduction": reduction} for reduction in case.reductions if reduction != "sums"]
    ways += [{"missing": 2, "divisor": 3.0}, {"empty": math.nan}]
    ways += [] if case.is_whole else [{"axis": 0}]
    for way in ways:
        for part, want in zip(
            meta.everything(**way)(*meta.arrays),
            problem.everything(**way)(*problem.arrays),
            strict=True,
        ):
            assert part.device.type == "meta"
            assert (part.shape, part.dtype) == (want.shape, want.dtype)
    sums = [p.call(reduction="sums") if case.is_split else () for p in (meta, problem)]
    for part, want in zip(*sums, strict=True):
        assert part.device.type == "meta"
        assert (part.shape, part.dtype) == (want.shape, want.dtype)
    scalars = problem.replace(mask=True, weight=2.0)
    scalars = convert(scalars, lambda array: array.to("meta"))
    value, gradient, _ = scalars.everything()(*scalars.arrays)
    assert value.device == gradient.device == torch.device("meta")


@pytest.mark.needs("torch")
@by_case()
def test_backward_runs_on_torch_meta_tensors(backend, case):
    problem = Problem.make(backend, case)
    meta = convert(problem, lambda array: array.to("meta"))
    leaf = meta.x.requires_grad_()
    meta.call().backward()
    assert leaf.grad.device.type == "meta"
    assert leaf.grad.shape == problem.x.shape


@pytest.mark.needs("dask")
@by_case(RICH)
def test_dask_computes_nothing_until_asked(backend, case):
    import dask

    def compute(*_, **__):
        msg = "a graph was computed while it was built"
        raise AssertionError(msg)

    problem = Problem.make(backend, case)
    with dask.config.set(scheduler=compute):
        parts = []
        for reduction in case.reductions:
            value = problem.call(reduction=reduction)
            parts += value if reduction == "sums" else [value]
        parts += problem.everything()(*problem.arrays)
        if case.is_split:
            sums = problem.call(reduction="sums", missing=2)
            parts += [sums.mean(), (sums + sums).weighted_mean(empty=math.nan)]
        with pytest.raises(AssertionError, match="while it was built"):
            parts[0].compute()
    assert all(dask.is_dask_collection(part) for part in parts)
    assert not any(math.isnan(size) for part in parts for size in part.shape)


@pytest.mark.needs("dask")
@by_case(RICH)
def test_dask_chunks_give_the_same(backend, case):
    problem = Problem.make(backend, case)

    def chunked(*sizes):
        def rechunk(array):
            chunks = {axis: size for axis, size in enumerate(sizes) if axis < array.ndim}
            return array.rechunk(chunks)

        return rechunk

    fine, coarse = convert(problem, chunked(2, 3, 2)), convert(problem, chunked(3, 2, 5))
    split = fine.replace(y=coarse.y, weight=coarse.weight, options=coarse.options)
    assert_all_close(
        split.parts(reduction="weighted_mean"), problem.parts(reduction="weighted_mean")
    )
