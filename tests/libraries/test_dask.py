"""What dask alone has: chunks, and graphs that must not grow with the length of the rows."""

import numpy as np
import pytest

import maskloss as ml
from helpers.comparison import assert_all_close
from helpers.layouts import convert
from helpers.problems import Problem
from tables.cases import by_case
from tables.cases.ranking import RANKING
from tables.cases.regression import REGRESSION

pytestmark = pytest.mark.needs("dask")

ORDERED = [*RANKING, *(case for case in REGRESSION if case.loss is ml.ensemble_crps_loss)]


@pytest.mark.every_loss
@by_case(ORDERED)
def test_chunks_across_lists_change_nothing(backend, case):
    def in_chunks(array):
        return array.rechunk(2)

    problem = Problem.make(backend, case)
    cut = convert(problem, in_chunks)
    assert max(cut.x.numblocks) > 1
    want = problem.everything(reduction="none")(*problem.arrays)
    assert_all_close(cut.everything(reduction="none")(*cut.arrays), want)


CALLS = {
    "cox_loss": (ml.cox_loss, {"list_axis": -1}),
    "cox_loss, groups": (ml.cox_loss, {}),
    "list_mle_loss": (ml.list_mle_loss, {}),
    "list_mle_loss, groups": (ml.list_mle_loss, {}),
    "pairwise_logistic_loss": (ml.pairwise_logistic_loss, {}),
    "pairwise_hinge_loss, groups": (ml.pairwise_hinge_loss, {"max_group_size": 5}),
    "softmax_ranking_loss, groups": (ml.softmax_ranking_loss, {}),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("blocks", [1, 4])
def test_graphs_do_not_grow_with_the_lists(backend, name, blocks):
    """Steps over the rows are inside of a task; the sorts gather what several blocks hold."""
    loss, keywords = CALLS[name]
    sizes = []
    for length in (16, 128):
        labels = np.arange(length, dtype="float32")[None] % 2

        def array(values, length=length):
            return backend.asarray(values).rechunk((1, length // blocks))

        own = {"groups": array(np.arange(length)[None] // 4)} if "groups" in name else {}
        if loss is ml.cox_loss:
            own["events"] = array(labels)
        function = ml.grad_and_hessian(loss)
        results = function(array(labels), array(labels), **keywords, **own)
        sizes.append(sum(len(result.__dask_graph__()) for result in results))
    assert sizes[0] == sizes[1]
