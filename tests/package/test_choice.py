"""Which tests run: a few by default, and more where a change is checked."""

import itertools
from collections import Counter
from types import FunctionType, SimpleNamespace

import pytest

from helpers.choice import SLOW, chosen_of
from maskloss._inputs.options import REDUCTIONS
from tables.cases import CASES

LOSSES = {case.loss for case in CASES}


class Item:
    """What the choice reads of a collected test."""

    def __init__(self, function, parameters, marks=()):
        self.function, self.originalname = function, function.__name__
        self.callspec, self._marks = SimpleNamespace(params=parameters), marks

    def iter_markers(self, name):
        return [SimpleNamespace(args=args) for key, args in self._marks if key == name]

    def get_closest_marker(self, name):
        return next(iter(self.iter_markers(name)), None)


def over_losses(): ...


def over_libraries(): ...


def collected(function, libraries, marks=(), **parameters):
    backends = [SimpleNamespace(name=name) for name in sorted(libraries)]
    names = ["backend", *parameters]
    return [
        Item(function, dict(zip(names, values, strict=True)), marks)
        for values in itertools.product(backends, *parameters.values())
    ]


def library(item):
    return item.callspec.params["backend"].name


@pytest.mark.parametrize("libraries", [SLOW, {"jax"}], ids=len)
def test_few_and_rest_are_parts_of_every_case(libraries):
    items = collected(over_losses, libraries, case=CASES, reduction=["mean", "sum"])
    few, rest = (chosen_of(items, cases) for cases in ("few", "rest"))
    assert not {*few} & {*rest}
    assert few
    assert len(few) + len(rest) < len(chosen_of(items, "every")) == len(items)
    assert {library(item) for item in few} == {*libraries}


def test_a_function_meets_each_slow_library_and_each_value_one_of_them():
    ways = [*REDUCTIONS, *range(20)]
    items = collected(over_losses, SLOW, reduction=ways)
    few, rest = (chosen_of(items, cases) for cases in ("few", "rest"))
    assert {library(item) for item in few + rest} == SLOW
    of_few, of_rest = ([item.callspec.params["reduction"] for item in some] for some in (few, rest))
    assert {*of_few, *of_rest} == {*ways}
    assert not {*of_few} & {*of_rest}  # the rest repeats nothing
    assert len(of_rest) == len({*of_rest})


def test_libraries_share_the_values_that_one_of_them_must_meet():
    items = []
    for number in range(40):
        function = FunctionType(over_losses.__code__, {}, f"function_{number}")
        items += collected(function, SLOW, reduction=range(20))
    met = Counter(map(library, chosen_of(items, "rest")))
    assert all(met[name] > met.total() / 8 for name in SLOW)


def test_a_test_that_takes_long_runs_somewhere_by_default():
    items = collected(over_libraries, SLOW)
    few, rest = (chosen_of(items, cases) for cases in ("few", "rest"))
    assert few
    assert sorted(map(library, few + rest)) == sorted(SLOW)


def test_each_loss_meets_each_slow_library_by_default():
    items = collected(over_losses, SLOW, marks=[("every_loss", ())], case=CASES)
    few = chosen_of(items, "few")
    met = {(library(item), item.callspec.params["case"].loss) for item in few}
    assert met == {*itertools.product(SLOW, LOSSES)}


@pytest.mark.parametrize("name", ["numpy", "array_api_strict", "torch"])
def test_quick_libraries_run_every_case_by_default(name):
    items = collected(over_losses, {name}, case=CASES, reduction=["mean", "sum"])
    assert chosen_of(items, "few") == items
    assert chosen_of(items, "rest") == []


def test_of_compiled_losses_some_run_by_default():
    items = collected(over_losses, {"torch"}, marks=[("needs", ("jit",))], case=CASES)
    assert 0 < len(chosen_of(items, "few")) < len(items) / 6


def test_a_long_test_runs_among_the_rest_alone():
    items = collected(over_libraries, {"numpy"}, marks=[("long", ())])
    items += collected(over_losses, {"torch"}, marks=[("long", ()), ("costly", ())], case=CASES)
    assert chosen_of(items, "few") == []
    rest = chosen_of(items, "rest")
    assert {library(item) for item in rest} == {"numpy", "torch"}
