"""Ways to reduce, and the cases that each of them runs on."""

import pytest

from maskloss._inputs.options import REDUCTIONS
from tables.cases import KINDS, by_case

WAYS = [{"reduction": reduction} for reduction in REDUCTIONS]
WAYS += [
    {"reduction": reduction, "axis": axis}
    for reduction in ("sum", "sums", "mean", "weighted_mean", "mean_over_all")
    for axis in ((0,), (1,), ())
]
WAYS += [{"reduction": reduction, "divisor": 7.0} for reduction in ("mean", "weighted_mean")]

each_kind = by_case(KINDS)
each_way = pytest.mark.parametrize("way", WAYS, ids=str)
