"""Cross-entropy of the probabilities that models with a softmax at their end give."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from maskloss._losses.categorical.probabilities import cross_entropy_of_probabilities

P = np.asarray([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8], [0.2, 0.6, 0.2]], "float32")
KNOWN = np.asarray([True, False, True])
SOFT = np.asarray([[0.0, 0.5, 0.5], [np.nan, 0.0, 1.0], [0.2, 0.2, 0.6]], "float32")


def gradient(backend, loss, p):
    """Return the gradient where the library has automatic differentiation."""
    framework = FRAMEWORKS.get(backend.name)
    return None if framework is None else asnumpy(framework.grad(loss, backend.asarray(p)))


@pytest.mark.parametrize("options", [{}, {"label_smoothing": 0.1}], ids=str)
@pytest.mark.parametrize(
    ("labels", "missing"), [(np.asarray([1, -1, 2], "int32"), -1), (SOFT, np.nan)]
)
def test_it_is_that_of_the_logarithms(backend, labels, missing, options):
    """Of three dimensions, so that the last axis is not the second."""
    weight = np.asarray([1.0, 2.0, 3.0], "float32")
    keywords = {"missing": missing, "class_weight": backend.asarray(weight)} | options
    value = cross_entropy_of_probabilities(
        backend.asarray(P[None]), backend.asarray(labels[None]), **keywords
    )
    expected = ml.cross_entropy(np.log(P), labels, missing=missing, class_weight=weight, **options)
    assert float(asnumpy(value)) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("poison", [np.nan, np.inf, -1.0, 0.0, 7.0])
def test_what_is_not_observed_has_no_effect(backend, poison):
    labels, known = backend.asarray(np.asarray([1, 0, 2], "int32")), backend.asarray(KNOWN)

    def loss(p):
        return cross_entropy_of_probabilities(p, labels, mask=known)

    dirty = np.where(KNOWN[:, None], P, np.float32(poison))
    clean, value = (asnumpy(loss(backend.asarray(p))) for p in (P, dirty))
    assert value == clean
    slope = gradient(backend, loss, dirty)
    if slope is not None:
        np.testing.assert_array_equal(slope, gradient(backend, loss, P))
        assert not slope[1].any()


def test_probabilities_of_zero_have_finite_derivatives(backend):
    p = np.asarray([[0.0, 1.0], [1.0, 0.0]], "float32")
    labels = backend.asarray(np.asarray([0, 0], "int32"))

    def loss(p):
        return cross_entropy_of_probabilities(p, labels)

    least = np.finfo("float32").smallest_normal
    assert float(asnumpy(loss(backend.asarray(p)))) == pytest.approx(-np.log(least) / 2)
    slope = gradient(backend, loss, p)
    assert slope is None or np.isfinite(slope).all()


def test_logits_are_no_probabilities(backend):
    p, labels = (
        backend.asarray(np.float32(1.5) * P),
        backend.asarray(np.asarray([1, 0, 2], "int32")),
    )
    if backend.checks_values:
        with pytest.raises(ValueError, match=r"`probabilities` must be in \[0, 1\].*logits"):
            cross_entropy_of_probabilities(p, labels)
    else:
        assert np.isnan(asnumpy(cross_entropy_of_probabilities(p, labels)))


@pytest.mark.needs("jit")
def test_numbers_above_1_give_nan_where_none_are_read(backend):
    p, labels = (backend.asarray(a) for a in (np.float32(1.5) * P, np.asarray([1, 0, 2], "int32")))
    compiled = FRAMEWORKS[backend.name].jit(cross_entropy_of_probabilities)
    assert np.isnan(asnumpy(compiled(p, labels)))


@pytest.mark.needs("jax")
def test_the_hessian_of_a_small_probability_by_automatic_differentiation():
    import jax
    import jax.numpy as jnp

    p, y = jnp.asarray([1e-20, 1e-37, 1.0 - 2**-20], "float32"), jnp.asarray([0.0, 0, 1])
    loss = jax.jit(lambda p: ml.binary_cross_entropy(p, y, reduction="sum"))
    hessian = np.diag(jax.jit(jax.hessian(loss))(p))
    np.testing.assert_allclose(hessian, [1, 1, (1 - 2**-20) ** -2.0], rtol=1e-6)
