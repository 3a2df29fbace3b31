"""Libraries that are known by the array API standard alone."""

import warnings

import numpy as np
import pytest

import maskloss as ml
from maskloss._arrays import lookup

strict = pytest.importorskip("array_api_strict")


class Functions:
    """An object, no module, that makes its functions when they are asked for."""

    __name__ = "functions"

    def __getattr__(self, name):
        return getattr(strict, name)


class WithMore(Functions):
    """Functions beside names that cannot be had, or are deprecated."""

    def __dir__(self):
        return [*dir(strict), "optional", "old"]

    @property
    def optional(self):
        msg = "install the optional dependency"
        raise ImportError(msg)

    @property
    def old(self):
        warnings.warn("old is deprecated", DeprecationWarning, stacklevel=2)


@pytest.fixture(params=[Functions, WithMore])
def library(request, monkeypatch):
    """Make the strict library one that maskloss does not know."""
    functions, array = request.param(), type(strict.asarray(0.0))
    monkeypatch.setattr(array, "__array_namespace__", lambda *_, **__: functions)
    monkeypatch.delitem(lookup._BACKENDS, "array_api_strict")
    for cache in ("_NAMESPACE_BY_CLASS", "_NAMESPACE_BY_NAME"):
        monkeypatch.setattr(lookup, cache, {})


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "loss", [ml.binary_cross_entropy_with_logits, ml.cross_entropy, ml.multilabel_soft_margin_loss]
)
def test_a_namespace_that_is_not_listed(loss):
    rng = np.random.default_rng(0)
    arrays = rng.normal(size=(4, 3)), rng.dirichlet(np.ones(3), 4)
    want = ml.value_and_grad(loss)(*arrays)
    got = ml.value_and_grad(loss)(*map(strict.asarray, arrays))
    for ours, theirs in zip(got, want, strict=True):
        np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-14)
