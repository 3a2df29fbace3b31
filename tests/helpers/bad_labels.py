"""Labels outside of what a loss takes, in one place of a problem."""

import numpy as np

import maskloss as ml
from helpers.frameworks import asnumpy, computed
from helpers.problems import native
from maskloss._inputs.domain import REAL, UNIT, Domain
from tables.cases import CASES

CANDIDATES = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.5, 2.0]


def domain_of(case):
    """Return where the labels of a case may lie, unless they are indices, which are no floats."""
    _, y, *_ = case.arrays()
    if case.loss is ml.kl_div:
        return REAL if case.options.get("log_target") else UNIT
    if case.loss is ml.multilabel_margin_loss:
        return Domain(values=(0, 1)) if case.options.get("multi_hot") else REAL
    return case.loss.record.inputs.domains[1] if y.ndim == case.arrays()[0].ndim else REAL


def is_in(domain, number):
    return number in domain.values if domain.values else domain.low <= number <= domain.high


def outside(domain):
    """Return numbers beyond each end of a domain, and between its values."""
    return [number for number in CANDIDATES if not is_in(domain, number)]


def with_labels(problem, bad, *, observed):
    """Put a bad label in one place that is, or is not, observed; return the place."""
    known = problem.along_rows(asnumpy(problem.mask))
    place = tuple(np.argwhere(known if observed else ~known)[-1])
    labels = asnumpy(problem.y).astype(float)
    labels[place] = bad
    return problem.replace(y=native(problem.backend, labels)), place


def assert_bad_labels_are_seen(problem, function):
    """Check that value and gradient are NaN where a label is bad and observed, else the same."""
    problem = problem.replace(y=native(problem.backend, asnumpy(problem.y)))
    clean = [asnumpy(part) for part in computed(function(*problem.arrays))]
    assert all(np.isfinite(part).all() for part in clean)
    for bad in outside(domain_of(problem.case)):
        seen, place = with_labels(problem, bad, observed=True)
        value, gradient, *_ = computed(function(*seen.arrays))
        assert np.isnan(asnumpy(value)).any()
        assert np.isnan(asnumpy(gradient)[place])
        hidden, _ = with_labels(problem, bad, observed=False)
        for got, want in zip(computed(function(*hidden.arrays)), clean, strict=True):
            np.testing.assert_array_equal(asnumpy(got), want)


LIMITED = [case for case in CASES if domain_of(case) != REAL]
