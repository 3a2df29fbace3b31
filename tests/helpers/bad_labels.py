"""Labels outside of what a loss takes, in one place of a problem."""

import numpy as np

import maskloss as ml
from helpers.frameworks import asnumpy
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


LIMITED = [case for case in CASES if domain_of(case) != REAL]
