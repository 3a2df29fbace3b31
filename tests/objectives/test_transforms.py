"""Automatic differentiation and compilers on several objectives."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.objectives import (
    ADDABLE,
    HEADS,
    OBJECTIVE,
    ROWS,
    S,
    arrays,
    by_learned,
    flat,
    on,
    tree,
)


@pytest.mark.needs("autodiff")
@by_learned
def test_autodiff_gives_the_closed_form(backend, learned):
    x, y, keywords = on(backend, arrays())
    s = backend.asarray(S) if learned else None
    _, gradients = ml.value_and_grad(OBJECTIVE)(x, y, **keywords, log_variances=s)
    for name in HEADS:

        def total(array, name=name):
            return OBJECTIVE({**x, name: array}, y, **keywords, log_variances=s).total

        got = asnumpy(FRAMEWORKS[backend.name].grad(total, x[name]))
        want = asnumpy(gradients[name])
        np.testing.assert_allclose(got, want, rtol=2e-6, atol=2e-6 * np.abs(want).max())


@pytest.mark.needs("autodiff")
def test_the_gradient_of_log_variances(backend):
    """By central differences in NumPy's float64, and as the docstring says."""
    x, y, keywords = arrays(absent=["tags"])
    wide = tree(lambda a: a.astype(float) if a.dtype.kind == "f" else a, (x, y, keywords))

    def in_numpy(s):
        return float(OBJECTIVE(*wide[:2], **wide[2], log_variances=s).total)

    x, y, keywords = on(backend, (x, y, keywords))
    got = asnumpy(
        FRAMEWORKS[backend.name].grad(
            lambda s: OBJECTIVE(x, y, **keywords, log_variances=s).total, backend.asarray(S)
        )
    )
    steps = 1e-5 * np.eye(len(S))
    want = [(in_numpy(S + step) - in_numpy(S - step)) / 2e-5 for step in steps]
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-6)
    values = OBJECTIVE(*wide[:2], **wide[2]).values
    for k, (name, head) in enumerate(HEADS.items()):
        c = 0.5 if name == "depth" else 1.0
        formula = head.weight * (0.5 - c * np.exp(-float(S[k])) * float(values[name]))
        np.testing.assert_allclose(got[k], 0 if name == "tags" else formula, rtol=1e-5)


@pytest.mark.needs("jit")
@by_learned
def test_jit(backend, learned):
    x, y, keywords = on(backend, arrays(absent=["depth"]))
    names = list(HEADS)

    def every_part(s, *rows):
        given = dict(zip(names, rows, strict=True))
        options = {"log_variances": s} if learned else {}
        value, gradients = ml.value_and_grad(OBJECTIVE)(given, y, **keywords, **options)
        plain = OBJECTIVE(given, y, **keywords, **options)
        return (*flat(plain), *flat(value), *flat(gradients))

    given = (backend.asarray(S), *(x[name] for name in names))
    compiled = FRAMEWORKS[backend.name].jit(every_part)
    for got, want in zip(compiled(*given), every_part(*given), strict=True):
        want = asnumpy(want)
        np.testing.assert_allclose(asnumpy(got), want, rtol=2e-6, atol=1e-7)


@pytest.mark.needs("vmap")
def test_vmap_is_a_loop(backend):
    x, y, keywords = on(backend, arrays())
    names = list(HEADS)

    def of_row(s, *rows):
        given = dict(zip(names, rows[:4], strict=True))
        labels = dict(zip(names, rows[4:8], strict=True))
        mask = dict(zip(("tags", "size"), rows[8:], strict=True))
        result, gradients = ml.value_and_grad(OBJECTIVE)(given, labels, mask=mask, log_variances=s)
        return (*flat(result), *flat(gradients))

    rows = [*x.values(), *y.values(), *keywords["mask"].values()]
    s = backend.asarray(np.stack([S + k for k in range(ROWS)]).astype("float32"))
    got = FRAMEWORKS[backend.name].vmap(of_row)(s, *rows)
    singles = [of_row(s[k], *(a[k] for a in rows)) for k in range(ROWS)]
    for part, wanted in zip(got, zip(*singles, strict=True), strict=True):
        want = np.stack([asnumpy(w) for w in wanted])
        np.testing.assert_allclose(asnumpy(part), want, rtol=2e-6, atol=1e-7)


@pytest.mark.needs("torch")
def test_torch_compiles_an_objective_of_any_batch_size(backend):
    import torch

    torch._dynamo.reset()
    objective = ml.MultiObjective({name: HEADS[name] for name in ("kind", "depth")})
    compiled = torch.compile(objective, fullgraph=True, backend="aot_eager")
    x, y, _ = on(backend, arrays())
    for size in range(2, 7):
        x_part, y_part = ({n: g[n][:size] for n in ("kind", "depth")} for g in (x, y))
        got, want = compiled(x_part, y_part), objective(x_part, y_part)
        assert isinstance(got, ml.ObjectiveValue)
        torch.testing.assert_close(flat(got), flat(want))


@pytest.mark.needs("torch")
@by_learned
def test_torch_meta_tensors_are_never_read(backend, learned):
    given = arrays()
    x, y, keywords = tree(lambda a: backend.asarray(a).to("meta"), given)
    s = backend.asarray(S).to("meta") if learned else None
    result, gradients = ml.value_and_grad(OBJECTIVE)(x, y, **keywords, log_variances=s)
    sums = ADDABLE(x, y, **keywords, reduction="sums")
    combined = ADDABLE.combine(sums + sums, log_variances=s)
    for array in (*flat(result), *flat(gradients), *flat(combined)):
        assert array.device.type == "meta"
