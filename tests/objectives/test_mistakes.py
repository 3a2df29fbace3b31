"""A wrong objective, or a wrong call of one, is an error that says what is wrong."""

import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.objectives import OBJECTIVE, S, arrays, on
from tables.mistakes.objectives import CALLS, DEFINITIONS


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
