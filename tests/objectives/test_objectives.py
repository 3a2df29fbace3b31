"""Several objectives: each head as its loss by itself, and a total of what is observed."""

import copy
import functools
import math
import pickle
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy, dtype_of
from tables.mistakes.objectives import CALLS, DEFINITIONS

HEADS = {
    "kind": ml.Head(ml.cross_entropy, missing=-1, weight=0.5),
    "depth": ml.Head(ml.mse_loss, missing=-1.0, weight=2.0),
    "tags": ml.Head(ml.binary_cross_entropy_with_logits, reduction="macro", weight=0.25),
    "size": ml.Head(ml.l1_loss, reduction="weighted_mean"),
}
OBJECTIVE = ml.MultiObjective(HEADS)
ADDABLE = ml.MultiObjective(
    {**HEADS, "tags": ml.Head(ml.binary_cross_entropy_with_logits, reduction="sum", weight=0.25)}
)
ROWS = 6
S = np.asarray([0.7, -1.2, 0.0, 2.0], "float32")


def arrays(seed=0, absent=()):
    """Return predictions, targets and keywords in NumPy, with nothing observed of some heads."""
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(0, 2, (ROWS, *shape)).astype("float32")

    x = {"kind": normal(3), "depth": normal(), "tags": normal(4), "size": normal(2)}
    y = {
        "kind": rng.integers(0, 3, ROWS),
        "depth": normal(),
        "tags": rng.integers(0, 2, (ROWS, 4)).astype("float32"),
        "size": normal(2),
    }
    known = {name: rng.permutation(np.arange(a.size) % 3 > 0) for name, a in y.items()}
    known = {name: known[name].reshape(a.shape) for name, a in y.items()}
    known |= {name: np.zeros_like(known[name]) for name in absent}
    for name in ("kind", "depth"):
        y[name] = np.where(known[name], y[name], -1).astype(y[name].dtype)
    mask = {name: known[name] for name in ("tags", "size")}
    weight = {"size": rng.uniform(0.5, 2, (ROWS, 2)).astype("float32")}
    return x, y, {"mask": mask, "weight": weight}


def poisoned(poison, absent):
    """Return the same with everything replaced that is not observed of the absent heads."""
    x, y, keywords = arrays(absent=absent)
    for name in absent:
        x[name] = np.full_like(x[name], poison)
        if name in keywords["mask"]:
            y[name] = np.full_like(y[name], poison)
    if "size" in absent:
        keywords["weight"]["size"] = np.full_like(keywords["weight"]["size"], poison)
    return x, y, keywords


def tree(function, value):
    """Apply `function` to the arrays in mappings and tuples."""
    if isinstance(value, dict):
        return {name: tree(function, part) for name, part in value.items()}
    if type(value) is tuple:
        return tuple(tree(function, part) for part in value)
    return function(value) if type(value) is np.ndarray else value


def on(backend, value):
    return tree(backend.asarray, value)


def flat(result):
    """Return the arrays of a result in the order of the heads."""
    if isinstance(result, ml.ObjectiveValue):
        return [result.total, *flat(result.values), *flat(result.counts)]
    return list(result.values() if isinstance(result, dict) else result)


def numbers(*results):
    """Return the arrays of results as NumPy's."""
    return [asnumpy(array) for result in results for array in flat(result)]


def everything(backend, x, y, keywords, objective=OBJECTIVE):
    """Return value, gradients and Hessian diagonals as lists of NumPy arrays."""
    x, y, keywords = on(backend, (x, y, keywords))
    value, gradients = ml.value_and_grad(objective)(x, y, **keywords)
    again, hessians = ml.grad_and_hessian(objective)(x, y, **keywords)
    assert_same([numbers(gradients)], [numbers(again)])
    return [numbers(part) for part in (value, gradients, hessians)]


def of_head(keywords, name):
    return {key: given[name] for key, given in keywords.items() if name in given}


def assert_same(got, want):
    for part, wanted in zip(got, want, strict=True):
        for one, other in zip(part, wanted, strict=True):
            np.testing.assert_array_equal(one, other)


# The total


def test_a_head_is_its_loss_by_itself(backend):
    x, y, keywords = on(backend, arrays())
    result, gradients = ml.value_and_grad(OBJECTIVE)(x, y, **keywords)
    _, hessians = ml.grad_and_hessian(OBJECTIVE)(x, y, **keywords)
    plain = OBJECTIVE(x, y, **keywords)
    assert_same([numbers(plain)], [numbers(result)])
    for name, head in HEADS.items():
        loss = partial(head.loss, **head.options, **of_head(keywords, name))
        value, gradient = ml.value_and_grad(loss)(x[name], y[name])
        hessian = ml.grad_and_hessian(loss)(x[name], y[name])[1]
        np.testing.assert_array_equal(asnumpy(result.values[name]), asnumpy(value))
        for got, want in ((gradients, gradient), (hessians, hessian)):
            want = head.weight * asnumpy(want)
            np.testing.assert_allclose(asnumpy(got[name]), want, rtol=2e-7)
            assert got[name].dtype == x[name].dtype
    counts = {name: int(asnumpy(count)) for name, count in result.counts.items()}
    assert counts == {"kind": 4, "depth": 4, "tags": 16, "size": 8}


def test_the_total_is_a_plain_loop(backend):
    x, y, keywords = arrays()
    value, _, _ = everything(backend, x, y, keywords)
    total = 0.0
    of_rows = []
    for row, label in zip(x["kind"].astype(float), y["kind"], strict=True):
        if label >= 0:
            of_rows.append(math.log(sum(math.exp(v) for v in row)) - row[label])
    total += 0.5 * sum(of_rows) / len(of_rows)
    pairs = zip(x["depth"].astype(float), y["depth"], strict=True)
    squares = [(a - b) ** 2 for a, b in pairs if b != -1]
    total += 2.0 * sum(squares) / len(squares)
    means = []
    for k in range(4):
        column = zip(x["tags"][:, k], y["tags"][:, k], keywords["mask"]["tags"][:, k], strict=True)
        losses = [math.log1p(math.exp(-a if b else a)) for a, b, known in column if known]
        means += [sum(losses) / len(losses)] if losses else []
    total += 0.25 * sum(means) / len(means)
    known = keywords["mask"]["size"]
    weight = keywords["weight"]["size"].astype(float)[known]
    total += (weight * abs(x["size"] - y["size"])[known]).sum() / weight.sum()
    np.testing.assert_allclose(value[0], total, rtol=1e-6)


def test_learned_weights_are_those_of_kendall_gal_and_cipolla(backend):
    x, y, keywords = arrays(absent=["tags"])
    fixed, gradients, hessians = everything(backend, x, y, keywords)
    got = everything(backend, x, y, {**keywords, "log_variances": S})
    total = 0.0
    for k, (name, head) in enumerate(HEADS.items()):
        s = float(S[k])
        half = 0.5 if head.loss is ml.mse_loss else 1.0
        if name != "tags":
            total += head.weight * (half * math.exp(-s) * float(fixed[1 + k]) + s / 2)
        factor = half * math.exp(-s)
        for ours, plain in ((got[1][k], gradients[k]), (got[2][k], hessians[k])):
            np.testing.assert_allclose(ours, factor * plain, rtol=1e-6)
    np.testing.assert_allclose(got[0][0], total, rtol=1e-6)
    assert_same([got[0][1:]], [fixed[1:]])


def test_the_learned_variance_of_a_squared_error_is_its_mean(backend):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 50)).astype("float32")
    objective = ml.MultiObjective({"depth": ml.Head(ml.mse_loss)})
    best = math.log(((x - y).astype(float) ** 2).mean())
    near = [np.asarray([best + d], "float32") for d in (-0.1, 0.0, 0.1)]
    low, least, high = (
        float(objective(*on(backend, ({"depth": x}, {"depth": y})), log_variances=s).total)
        for s in map(backend.asarray, near)
    )
    assert least < low
    assert least < high


def test_heads_of_different_dtypes(backend):
    if "float64" not in backend.dtypes:
        assert backend.name == "mlx"
        return
    x, y, keywords = arrays()
    x["depth"], y["depth"] = x["depth"].astype(float), y["depth"].astype(float)
    value, gradients, _ = everything(backend, x, y, {**keywords, "log_variances": S})
    x, y, keywords = on(backend, (x, y, keywords))
    s = backend.asarray(S)
    result, derivatives = ml.value_and_grad(OBJECTIVE)(x, y, **keywords, log_variances=s)
    dtypes = {name: dtype_of(value) for name, value in result.values.items()}
    assert dtypes == {"kind": "float32", "depth": "float64", "tags": "float32", "size": "float32"}
    assert result.total.dtype == result.values["depth"].dtype
    assert all(derivatives[name].dtype == x[name].dtype for name in x)
    assert np.isfinite(value[0])
    assert np.isfinite(gradients[1]).all()


@pytest.mark.needs("float16")
def test_the_gradient_of_half_precision_is_rounded_once(backend):
    """By itself, that of the mean is no normal number of float16."""
    size = 100_000
    head = ml.Head(ml.mse_loss, weight=1000.0)
    x, y = np.full(size, 1 + 2**-7, "float16"), np.ones(size, "float16")
    x, y = on(backend, ((x,), (y,)))
    result, (gradient,) = ml.value_and_grad(ml.MultiObjective([head]))(x, y)
    assert gradient.dtype == x[0].dtype
    np.testing.assert_allclose(asnumpy(gradient), 1000 * 2**-6 / size, rtol=2**-10)
    np.testing.assert_allclose(asnumpy(result.total), 1000 * 2**-14, rtol=1e-6)


# Heads with nothing observed


ABSENT = [["depth"], ["kind", "size"], ["tags"], list(HEADS)]
by_absent = pytest.mark.parametrize("absent", ABSENT, ids=", ".join)
by_learned = pytest.mark.parametrize("learned", [False, True], ids=["fixed", "learned"])


@by_absent
@by_learned
def test_an_absent_head_contributes_exactly_nothing(backend, absent, learned):
    x, y, keywords = arrays(absent=absent)
    s = {"log_variances": S} if learned else {}
    got = everything(backend, x, y, {**keywords, **s})
    for k, name in enumerate(HEADS):
        if name in absent:
            assert not got[1][k].any()
            assert not got[2][k].any()
            assert got[0][1 + k] == got[0][1 + len(HEADS) + k] == 0
    present = [name for name in HEADS if name not in absent]
    if not present:
        assert got[0][0] == 0.0
        return
    rest = ml.MultiObjective({name: HEADS[name] for name in present})
    x, y = ({name: group[name] for name in present} for group in (x, y))
    keywords = {
        key: {name: a for name, a in given.items() if name in present}
        for key, given in keywords.items()
    }
    s = {"log_variances": S[[list(HEADS).index(name) for name in present]]} if learned else {}
    want = everything(backend, x, y, {**keywords, **s}, rest)
    assert got[0][0] == want[0][0]
    for k, name in enumerate(present):
        for part in (1, 2):
            np.testing.assert_array_equal(got[part][list(HEADS).index(name)], want[part][k])


@by_absent
@by_learned
@pytest.mark.parametrize("poison", [np.nan, np.inf, -1e38])
def test_whatever_an_absent_head_holds(backend, absent, learned, poison):
    clean = arrays(absent=absent)
    dirty = poisoned(poison, absent)
    if learned:
        clean[2]["log_variances"] = S
        bad = [name in absent for name in HEADS]
        dirty[2]["log_variances"] = np.where(bad, poison, S).astype("float32")
    assert_same(everything(backend, *dirty), everything(backend, *clean))


@pytest.mark.needs("autodiff")
@by_absent
def test_whatever_an_absent_head_holds_by_autodiff(backend, absent):
    x, y, keywords = poisoned(np.nan, absent)
    s = np.where([name in absent for name in HEADS], np.nan, S).astype("float32")
    x, y, keywords = on(backend, (x, y, keywords))
    framework = FRAMEWORKS[backend.name]

    def total(name, array, s):
        return OBJECTIVE({**x, name: array}, y, **keywords, log_variances=s).total

    for k, name in enumerate(HEADS):
        gradient = asnumpy(framework.grad(partial(total, name), x[name], backend.asarray(s)))
        assert np.isfinite(gradient).all()
        assert gradient.any() == (name not in absent)
        of_s = asnumpy(framework.grad(partial(total, name), x[name], backend.asarray(s), by=1))
        assert np.isfinite(of_s).all()
        assert bool(of_s[k]) == (name not in absent)


def test_what_a_mean_over_nothing_is_stays_out_of_the_total(backend):
    heads = (ml.Head(ml.mse_loss, empty=math.nan), ml.Head(ml.mse_loss))
    x, y = on(backend, ((np.ones(2, "f4"),) * 2, (np.full(2, 3, "f4"),) * 2))
    for s in (None, backend.asarray(S[:2])):
        result, gradients = ml.value_and_grad(ml.MultiObjective(heads))(
            x, y, mask=(False, None), log_variances=s
        )
        assert math.isnan(float(result.values[0]))
        assert math.isfinite(float(result.total))
        assert not asnumpy(gradients[0]).any()
        assert asnumpy(gradients[1]).all()


def test_an_observed_nan_stays_visible(backend):
    x, y, keywords = arrays()
    x["size"][:] = np.nan
    value, _, _ = everything(backend, x, y, keywords)
    assert np.isnan(value[0])
    assert np.isfinite(value[1:4]).all()


@pytest.mark.needs("torch")
def test_a_total_of_nothing_is_connected_to_the_graph(backend):
    import torch

    x, y, keywords = on(backend, arrays(absent=list(HEADS)))
    x = {name: array.requires_grad_() for name, array in x.items()}
    s = torch.zeros(4, requires_grad=True)
    OBJECTIVE(x, y, **keywords, log_variances=s).total.backward()
    for leaf in (*x.values(), s):
        assert leaf.grad is not None
        assert not leaf.grad.any()


# Structures and keywords


class Pair(NamedTuple):
    kind: object
    depth: object


@pytest.mark.parametrize("make", [tuple, list, Pair._make], ids=["tuple", "list", "named tuple"])
def test_heads_by_place(backend, make):
    x, y, _ = on(backend, arrays())
    two = ["kind", "depth"]
    placed = ml.MultiObjective(make([HEADS[name] for name in two]))
    named = ml.MultiObjective({name: HEADS[name] for name in two})
    want, wanted = ml.value_and_grad(named)(*({n: g[n] for n in two} for g in (x, y)))
    got, gradients = ml.value_and_grad(placed)(*(make([g[n] for n in two]) for g in (x, y)))
    assert type(gradients) is type(make([1, 2]))
    assert type(got.values) is type(got.counts) is tuple
    assert_same([numbers(got, gradients)], [numbers(want, wanted)])


def test_results_keep_the_order_of_the_heads_and_gradients_that_of_the_predictions(backend):
    x, y, keywords = on(backend, arrays())
    turned = {name: x[name] for name in reversed(x)}
    result, gradients = ml.value_and_grad(OBJECTIVE)(turned, y, **keywords)
    assert list(gradients) == list(turned)
    assert list(result.values) == list(result.counts) == list(HEADS)
    assert float(result.total) == float(OBJECTIVE(x, y, **keywords).total)


def test_keywords_of_a_call_come_before_those_of_a_head(backend):
    objective = ml.MultiObjective((ml.Head(ml.mse_loss, missing=7), ml.Head(ml.mse_loss)))
    x = np.zeros(3, "float32")
    y = np.asarray([1.0, 7.0, 3.0], "float32")
    x, y = on(backend, ((x, x), (y, y)))

    def counts(**keywords):
        return [int(asnumpy(count)) for count in objective(x, y, **keywords).counts]

    known = backend.asarray(np.asarray([True, True, False]))
    assert counts() == counts(mask=None) == counts(missing=(None, None)) == [2, 3]
    assert counts(mask=(known, None)) == [1, 3]
    assert counts(mask=(None, known), missing=((1, 7), None)) == [1, 2]


def test_a_head_may_have_every_keyword_of_its_loss(backend):
    x, y, _ = on(backend, arrays())
    smoothed = partial(ml.cross_entropy, label_smoothing=0.1, missing=0)
    options = {"class_weight": backend.asarray(np.asarray([1.0, 2.0, 3.0], "float32"))}
    head = ml.Head(partial(smoothed, missing=1), missing=-1, **options)
    assert head.options == {"label_smoothing": 0.1, "missing": -1, **options}
    got = ml.MultiObjective([head])([x["kind"]], [y["kind"]])
    want = ml.cross_entropy(x["kind"], y["kind"], missing=-1, label_smoothing=0.1, **options)
    assert float(got.total) == float(want)


def test_objectives_survive_pickling_and_copying(backend):
    x, y, keywords = on(backend, arrays())
    want = float(OBJECTIVE(x, y, **keywords).total)
    derivatives = ml.value_and_grad(OBJECTIVE)
    for renew in (copy.deepcopy, lambda whole: pickle.loads(pickle.dumps(whole))):
        again = renew(OBJECTIVE)
        assert float(again(x, y, **keywords).total) == want
        for function in (ml.value_and_grad(again), renew(derivatives)):
            assert float(function(x, y, **keywords)[0].total) == want


def test_derivatives_of_a_partial_objective(backend):
    x, y, keywords = on(backend, arrays())
    s = backend.asarray(S)
    want, gradients = ml.value_and_grad(OBJECTIVE)(x, y, **keywords, log_variances=s)
    bound = ml.value_and_grad(partial(OBJECTIVE, log_variances=s))
    got, others = bound(x, y, **keywords)
    assert_same([numbers(got, others)], [numbers(want, gradients)])


# Transforms


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


# Sums


def steps(backend):
    """Return the arguments of a whole batch, and of its parts, one of which lacks heads."""
    x, y, keywords = arrays()

    def part(rows):
        return tree(lambda a: a[rows], (x, y, keywords))

    parts = [part(slice(k, k + 1)) for k in range(ROWS)]
    return on(backend, (x, y, keywords)), [on(backend, p) for p in parts]


@by_learned
def test_sums_of_steps_combine_to_the_whole(backend, learned):
    whole, parts = steps(backend)
    s = backend.asarray(S) if learned else None
    want = ADDABLE(*whole[:2], **whole[2], log_variances=s)
    sums = sum(ADDABLE(x, y, **keywords, reduction="sums") for x, y, keywords in parts)
    assert isinstance(sums, ml.ObjectiveSums)
    assert list(sums.heads) == list(HEADS)
    got = ADDABLE.combine(sums, log_variances=s)
    assert type(got) is ml.ObjectiveValue
    for one, other in zip(flat(got), flat(want), strict=True):
        np.testing.assert_allclose(asnumpy(one), asnumpy(other), rtol=1e-6)


def test_a_head_absent_from_all_sums_contributes_nothing(backend):
    x, y, keywords = on(backend, arrays(absent=["depth"]))
    depth = ml.Head(ml.mse_loss, missing=-1, empty=math.nan)
    objective = ml.MultiObjective({**ADDABLE.heads, "depth": depth})
    for s in (None, backend.asarray(S)):
        want = objective(x, y, **keywords, log_variances=s)
        sums = objective(x, y, **keywords, reduction="sums")
        got = objective.combine(sums, log_variances=s)
        assert math.isnan(float(got.values["depth"]))
        np.testing.assert_allclose(float(got.total), float(want.total), rtol=1e-6)


def test_the_gradients_of_sums_are_those_of_their_totals(backend):
    x, y, keywords = on(backend, arrays())
    sums, gradients = ml.value_and_grad(ADDABLE)(x, y, **keywords, reduction="sums")
    assert type(sums) is ml.ObjectiveSums
    for name, head in HEADS.items():
        options = {**head.options, **of_head(keywords, name), "reduction": "sums"}
        want, gradient = ml.value_and_grad(head.loss)(x[name], y[name], **options)
        assert_same([map(asnumpy, sums.heads[name])], [map(asnumpy, want)])
        np.testing.assert_array_equal(asnumpy(gradients[name]), asnumpy(gradient))


@pytest.mark.parametrize("other", [None, 1, 2.0, (1,), ml.Sums(1, 1, 1)], ids=str)
def test_sums_of_objectives_add_to_nothing_else(backend, other):
    x, y, keywords = on(backend, arrays())
    sums = ADDABLE(x, y, **keywords, reduction="sums")
    for add in (lambda: sums + other, lambda: other + sums):
        with pytest.raises(TypeError):
            add()
    for multiply in (lambda: sums * 2, lambda: 2 * sums):
        with pytest.raises(TypeError, match="ObjectiveSums cannot be multiplied"):
            multiply()


def test_sums_of_other_heads_are_refused():
    one, two = (ml.ObjectiveSums({name: ml.Sums(1, 1, 1)}) for name in ("kind", "depth"))
    with pytest.raises(ValueError, match=r"'kind'.*'depth'.*one objective"):
        one + two


@pytest.mark.needs("jax")
def test_results_are_pytrees_in_jax(backend):
    import jax

    whole, parts = steps(backend)
    want = ADDABLE(*whole[:2], **whole[2])

    @jax.jit
    def add(sums, part):
        return sums + ADDABLE(*part[:2], **part[2], reduction="sums")

    sums = ADDABLE(*parts[0][:2], **parts[0][2], reduction="sums")
    got = jax.jit(ADDABLE.combine)(functools.reduce(add, parts[1:], sums))
    for name in HEADS:
        np.testing.assert_allclose(got.values[name], want.values[name], rtol=1e-6)
    np.testing.assert_allclose(got.total, want.total, rtol=1e-6)

    def total(x):
        result = ADDABLE(x, whole[1], **whole[2])
        return result.total, result

    gradients, result = jax.jit(jax.grad(total, has_aux=True))(whole[0])
    assert jax.tree.structure(gradients) == jax.tree.structure(whole[0])
    np.testing.assert_allclose(result.total, want.total, rtol=1e-6)


@pytest.mark.needs("torch")
def test_results_are_pytrees_in_torch(backend):
    import torch
    from torch.utils import _pytree

    whole, _ = steps(backend)
    result = ADDABLE(*whole[:2], **whole[2])
    doubled = _pytree.tree_map(lambda a: a + a, result)
    assert type(doubled) is ml.ObjectiveValue
    torch.testing.assert_close(doubled.total, 2 * result.total)
    sums = ADDABLE(*whole[:2], **whole[2], reduction="sums")
    doubled = _pytree.tree_map(lambda a: a + a, sums)
    torch.testing.assert_close(flat(ADDABLE.combine(doubled)), flat(ADDABLE.combine(sums + sums)))


# Mistakes


def table(mistakes):
    return pytest.mark.parametrize("wrong", mistakes, ids=lambda wrong: wrong.name)


@table(CALLS)
def test_a_mistake_is_named(backend, wrong):
    call = wrong.call
    args, keywords = on(backend, (call.args, call.keywords))
    ways = [call.func, ml.value_and_grad(call.func), ml.grad_and_hessian(call.func)]
    for function in ways:
        with pytest.raises(wrong.error, match=wrong.match):
            function(*args, **keywords)


@table(DEFINITIONS)
def test_a_wrong_definition_is_named(wrong):
    with pytest.raises(wrong.error, match=wrong.match):
        wrong.call()


def test_heads_of_two_libraries_are_named(backend):
    if backend.name == "numpy":
        return
    x, y, keywords = on(backend, arrays())
    x["depth"] = asnumpy(x["depth"])
    with pytest.raises(TypeError, match=r"(?s)(?=.*predictions\['depth'\])(?=.*numpy)"):
        OBJECTIVE(x, y, **keywords)
    x, y, keywords = on(backend, arrays())
    with pytest.raises(TypeError, match=r"(?s)(?=.*log_variances)(?=.*numpy)"):
        OBJECTIVE(x, y, **keywords, log_variances=S)


@pytest.mark.needs("jit")
def test_a_mistake_in_a_head_is_named_under_jit(backend):
    x, y, keywords = on(backend, arrays())
    y["depth"] = y["depth"][:-1]
    compiled = FRAMEWORKS[backend.name].jit(
        lambda kind, depth: OBJECTIVE({**x, "kind": kind, "depth": depth}, y, **keywords).total
    )
    error = RuntimeError if backend.name == "torch" else ValueError
    with pytest.raises(error, match=r"(?s)(?=.*head 'depth')(?=.*`target`)(?=.*\(6,\))"):
        compiled(x["kind"], x["depth"])
