"""The table of cases: one row per loss and way to call it.

A new loss has rows in the file of its family; every property runs over them.
"""

import pytest

from tables.cases.binary import BINARY
from tables.cases.categorical import CATEGORICAL
from tables.cases.custom import CUSTOM
from tables.cases.likelihoods import LIKELIHOODS
from tables.cases.multilabel import MULTILABEL
from tables.cases.partial import PARTIAL
from tables.cases.ranking import RANKING
from tables.cases.regression import REGRESSION
from tables.cases.segmentation import SEGMENTATION
from tables.cases.tokens import TOKENS

FAMILIES = (
    BINARY,
    CATEGORICAL,
    REGRESSION,
    LIKELIHOODS,
    MULTILABEL,
    SEGMENTATION,
    RANKING,
    PARTIAL,
    CUSTOM,
    TOKENS,
)
CASES = [case for family in FAMILIES for case in family]

# The cases whose keywords are not all in another one with the same labels.
RICH = [
    case
    for case in CASES
    if not any(
        (c.loss, c.make) == (case.loss, case.make) and case.options.keys() < c.options.keys()
        for c in CASES
    )
]
# One case of entries, one of rows whose labels carry weight, one of coupled rows.
_NAMES = {"mse_loss", "cross_entropy, class_weight", "multilabel_soft_margin_loss"}
KINDS = [case for case in CASES if case.name in _NAMES]


def by_case(cases=CASES):
    """Run a test on each of the cases."""
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)
