"""A wrong call of a function of labels and mask is an error that says what is wrong."""

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS
from helpers.wrong_calls import ForeignArray, on, opened, table
from tables.mistakes.labels import ENCODINGS, SAMPLES, VALUES, WEIGHTS


@table([*WEIGHTS, *ENCODINGS, *SAMPLES])
def test_a_mistake_is_named(backend, wrong):
    with pytest.raises(wrong.error, match=wrong.match):
        on(backend, wrong.call)()


@pytest.mark.needs("jit")
@table([wrong for wrong in [*WEIGHTS, *ENCODINGS, *SAMPLES] if "got shape" in "".join(wrong.says)])
def test_shapes_are_checked_under_jit(backend, wrong):
    function, arrays = opened(wrong.call)
    error = RuntimeError if backend.name == "torch" else wrong.error
    with pytest.raises(error, match=wrong.match):
        FRAMEWORKS[backend.name].jit(function)(*map(backend.asarray, arrays))


@table(VALUES)
def test_a_value_that_cannot_be_meant_is_named_where_values_are_read(backend, wrong):
    if backend.checks_values:
        with pytest.raises(wrong.error, match=wrong.match):
            on(backend, wrong.call)()
    else:
        on(backend, wrong.call)()


CALLS = [
    ("mask", lambda y, other: ml.class_balanced_weight(y, mask=other)),
    ("mask", lambda y, other: ml.inverse_frequency_weight(y, mask=other)),
    ("mask", lambda y, other: ml.balanced_pos_weight(y, mask=other)),
    ("mask", lambda y, other: ml.partial_label_weight(y, mask=other)),
    ("counts", lambda y, other: ml.distribution_balanced_weight(y, counts=other)),
    ("weight", lambda y, other: ml.from_encoding(y, "deepchem", weight=other)),
    ("negatives", lambda y, other: ml.sampled_mask(y, other, 3)),
]


@pytest.mark.parametrize(("name", "call"), CALLS, ids=range(len(CALLS)))
def test_arrays_of_two_libraries_are_named(backend, name, call):
    labels = backend.asarray(np.asarray([[0, 1], [1, 0]], "int32"))
    with pytest.raises(TypeError, match=rf"(?s)(?=.*`{name}`)(?=.*one library)(?=.*convert)"):
        call(labels, ForeignArray())


@pytest.mark.needs("numpy")
@pytest.mark.parametrize(("name", "call"), CALLS, ids=range(len(CALLS)))
def test_a_mask_of_numpy_ma_counts_on_labels_alone(backend, name, call):
    labels = np.asarray([[0, 1], [1, 0]])
    with pytest.raises(TypeError, match=rf"(?s)(?=.*`{name}`)(?=.*numpy\.ma)(?=.*data)"):
        call(labels, np.ma.masked_array(labels, labels == 1))
