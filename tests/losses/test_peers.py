"""What other libraries return, recorded by running them, against the same call of ours."""

import os
from pathlib import Path

import numpy as np
import pytest

from helpers.peer_call import PeerCall
from helpers.peer_case import PeerCase, read_cases
from maskloss._arrays.support import backend as library
from tables.peers.differences import DIFFERENCES, Difference, difference_of

OWN_FILE = Path(__file__).parents[3] / "shared" / "data" / "peer_cases.json"
CHOSEN_FILE = os.environ.get("MASKLOSS_PEER_CASES")
FILE = Path(CHOSEN_FILE) if CHOSEN_FILE else OWN_FILE
CASES = read_cases(FILE) if CHOSEN_FILE or FILE.exists() else []

by_case = pytest.mark.parametrize("case", CASES or [None], ids=lambda case: getattr(case, "id", ""))
needs_cases = pytest.mark.skipif(
    not CASES, reason=f"needs {FILE.name} in shared/data, or where MASKLOSS_PEER_CASES points"
)


def check(case, backend, listed):
    """Compare with the peer, or show that a listed case differs."""
    if listed is None:
        call = PeerCall(case, backend)
        np.testing.assert_allclose(call.value(), case.expected, **case.tolerance)
        # At a kink any slope between those of its sides is as good.
        if case.gradient is not None and "grad_at_kink" not in case.tags:
            gradient = call.gradient()
            if gradient is not None:
                np.testing.assert_allclose(gradient, case.gradient, **case.tolerance)
    elif listed.refused is not None:
        with pytest.raises(ValueError, match=listed.refused):
            PeerCall(case, backend).value()
    else:
        value = PeerCall(case, backend).value()
        is_equal = np.allclose(value, case.expected, equal_nan=True, **case.tolerance)
        assert not is_equal, f"listed as different, and is not: {listed.reason}"


# Two libraries: what they add to each other is that derivatives are in closed form on one.
@pytest.mark.needs("numpy")
@needs_cases
@by_case
def test_numpy_gives_what_the_peer_gives(case, backend):
    check(case, backend, difference_of(case))


@pytest.mark.needs("torch")
@needs_cases
@by_case
def test_torch_gives_what_the_peer_gives(case, backend):
    check(case, backend, difference_of(case))


@pytest.mark.skipif(not OWN_FILE.exists(), reason=f"needs {OWN_FILE.name} in shared/data")
@pytest.mark.parametrize("listed", DIFFERENCES, ids=lambda listed: "-".join(listed.loss))
def test_a_listed_difference_has_a_case(listed):
    assert any(difference_of(case) is listed for case in read_cases(OWN_FILE))


RECORD = {
    "id": "made-up",
    "loss": "squared_error",
    "params": {"reduction": "mean"},
    "inputs": {"pred": [1.0, "nan"], "target": [3.0, 0.0], "mask": [True, False]},
    "dtypes": {"pred": "float64", "target": "float32", "mask": "bool", "unheard": "int32"},
    "tolerance": {"rtol": 1e-12, "atol": 0.0},
    "tags": [],
    "expected": 2.0,
    "expected_grad_pred": [-2.0, 0.0],
}


def made_up(**changes):
    mappings = {"params", "inputs"} & set(changes)
    merged = {name: RECORD[name] | changes[name] for name in mappings}
    return PeerCase.read(RECORD | changes | merged)


def test_a_case_is_what_it_says():
    check(made_up(), library("numpy"), None)
    with pytest.raises(AssertionError, match="Not equal"):
        check(made_up(expected=4.0), library("numpy"), None)
    with pytest.raises(AssertionError, match="Not equal"):
        check(made_up(expected_grad_pred=[-4.0, 0.0]), library("numpy"), None)


def test_a_listed_case_that_agrees_is_an_error():
    numpy = library("numpy")
    listed = Difference("made up", id="made-*", loss=("squared_error",), differs=True)
    assert listed.has(made_up())
    assert not listed.has(made_up(id="measured"))
    check(made_up(expected=4.0), numpy, listed)
    with pytest.raises(AssertionError, match="made up"):
        check(made_up(), numpy, listed)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        check(made_up(), numpy, Difference("made up", refused="must be"))


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "unheard"},
        {"unheard": 1},
        {"params": {"unheard": 1}},
        {"inputs": {"unheard": [1, 2]}},
        {"params": {"reduction": "unheard"}},
        {"params": {"empty": "unheard"}},
        {"params": {"post": "unheard"}},
        {"params": {"per_sample": "unheard"}},
        {"loss": "hinge", "params": {"target_encoding": "unheard"}},
        {"loss": "kl_divergence", "params": {"pred": "unheard"}},
        *(
            {"loss": loss, "params": {"from_logits": False, "prob_guard": {"kind": "unheard"}}}
            for loss in ("binary_cross_entropy", "categorical_cross_entropy")
        ),
    ],
    ids=str,
)
def test_a_word_without_translation_is_named(changes):
    with pytest.raises(LookupError, match="unheard"):
        PeerCall(made_up(**changes), library("numpy"))
