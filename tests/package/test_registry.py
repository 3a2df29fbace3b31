"""The registry, from which all but formula, test cases and documentation of a loss follows."""

import functools
import importlib
import inspect

import numpy as np
import pytest

import maskloss as ml
from helpers import support_table
from helpers.package import ROOT
from helpers.throw_away import throw_away_case
from maskloss._arrays.support import backend as support
from maskloss._class_names import class_name
from maskloss._formula import Wanted
from maskloss._loss import loss
from maskloss._public import records
from maskloss._registry import REGISTRY, HasClosedForm, link_of, record_of
from maskloss._signatures import shared_beside
from properties import test_autodiff, test_poison, test_values
from tables.cases import CASES, by_case
from tables.exactness.rows import ROWS
from tables.exactness.without_rows import WITHOUT_ROWS

# With these options a label is a bound, and the loss has no least value.
BOUNDS = {"censoring", "upper"}


@pytest.fixture
def case():
    with throw_away_case() as case:
        yield case


def test_a_record_is_that_of_its_function():
    for record in records():
        assert getattr(ml, record.name) is record.function
        assert record_of(record.function) is record
        assert inspect.getdoc(record.function).startswith(record.summary)
        assert [*inspect.signature(record.function).parameters] == [
            *record.parameters,
            *shared_beside(record.parameters),
        ]


def test_a_loss_has_a_row_of_exactness_or_a_reason():
    has_row = {row.case.loss.__name__ for row in ROWS}
    of_arrays = {record.name for record in records() if record.inputs is not None}
    neither = sorted(of_arrays - has_row - {*WITHOUT_ROWS})
    advice = (
        "add rows to tests/tables/exactness/, with soft labels and each option at the ends "
        "of its range, or a reason to tests/tables/exactness/without_rows.py"
    )
    assert not neither, f"the exactness of {neither} is not tested; {advice}"
    assert not {*WITHOUT_ROWS} & has_row, "has a row after all"
    assert {*WITHOUT_ROWS} <= of_arrays, "no such loss"


def test_the_page_counts_the_losses_that_keep_4_epsilons():
    larger = {row.case.loss for row in ROWS if max(row.epsilons) > 4}
    kept = {row.case.loss for row in ROWS} - larger
    page = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
    assert f"of {len(kept)} losses on NumPy | 4 epsilons of the largest term |" in page


def test_a_function_around_a_loss_has_no_record():
    assert record_of(functools.wraps(ml.mse_loss)(lambda *arrays: arrays)) is None
    assert record_of(functools.partial(ml.mse_loss, missing=-1)) is None
    with pytest.raises(NotImplementedError):
        HasClosedForm().evaluate(Wanted(value=True))


OF_NUMBERS = [
    case
    for case in CASES
    if case.class_axis is None and getattr(record_of(case.loss), "family", "") == "regression"
]


@by_case(OF_NUMBERS)
def test_a_loss_of_numbers_is_least_at_the_link_of_its_label(case):
    options = {
        name: option.mean() if isinstance(option, np.ndarray) else option
        for name, option in case.options.items()
        if name not in BOUNDS
    }
    loss = functools.partial(case.loss, **options)
    label = np.full(2, 3.0)
    least = np.log(label) if link_of(loss) == "log" else label
    # The `eps` of a row moves the least value by 1e-3.
    _, slope = ml.value_and_grad(loss)(np.add(least, [-1e-2, 1e-2]), label)
    assert slope[0] < 0 < slope[1]


def test_a_new_loss_is_known_while_it_is_registered():
    with throw_away_case() as case:
        (record,) = [r for r in records() if r.function is case.loss]
        assert (record.name, record.family) == ("quartic_loss", "regression")
        assert record.summary == "Fourth power of the error."
        assert record.inputs.names == ("input", "target")
    assert record not in records()


def test_a_new_loss_is_documented(case):
    assert "\n    mask : bool array, optional\n" in case.loss.__doc__
    text = "(input: Array, target: Array, *, class_weight: Array | None = None, class_axis: int |"
    assert str(inspect.signature(case.loss)).startswith(text)
    assert str(inspect.signature(case.loss)).endswith(" -> Array | Sums")


def test_a_placeholder_that_nothing_fills_is_an_error():
    def misspelt_loss(input, target, **options):
        """Return nothing.

        Parameters
        ----------
        **imput_and_target
        **options
        """

    with pytest.raises(ValueError, match=r"misspelt_loss has \*\*imput_and_target, .*`document`"):
        loss()(misspelt_loss)
    assert "misspelt_loss" not in REGISTRY


def test_a_new_loss_has_its_row_in_the_table(case):
    table = support_table.table({("quartic_loss", "poison"): {"passed"}}, {})
    assert "| `quartic_loss` | Fourth power of the error. | not run | yes |" in table
    assert "quartic_loss" not in table.partition("## regression")[0]


def test_the_doctor_compares_a_new_loss(case, monkeypatch, capsys):
    doctor = importlib.import_module("maskloss._cli._doctor")
    monkeypatch.setattr(doctor, "BACKENDS", (support("numpy"),))
    monkeypatch.setattr(doctor, "records", lambda: [record_of(case.loss)])
    assert doctor.run(None) == 0
    assert "agrees on all 1 losses" in capsys.readouterr().out


def test_the_properties_hold_for_a_new_loss(backend, case):
    test_values.test_masked_and_weighted_entries(backend, case)
    test_poison.test_eager(backend, case, "mean")


@pytest.mark.needs("autodiff")
def test_the_gradient_of_a_new_loss(backend, case):
    test_autodiff.test_gradient(backend, case, "mean")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("sigmoid_focal_loss", "SigmoidFocalLoss"),
        ("nnpu_loss", "NNPULoss"),
        ("partial_bce_loss", "PartialBCELoss"),
        ("smooth_l1_loss", "SmoothL1Loss"),
        ("kl_div", "KLDivLoss"),
    ],
)
def test_names_of_classes(function, name):
    assert class_name(function) == name
