"""Published conventions of labels with gaps, each by its own name."""

import inspect
import math
import re
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy import nan

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy, refuse_to_compute
from maskloss._labels.encodings import ENCODINGS


@dataclass(frozen=True)
class Row:
    """Published labels of one encoding, and what they mean, with None where missing."""

    encoding: str
    labels: list
    means: list
    keywords: dict = field(default_factory=dict)
    dtypes: tuple = ("float32",)

    def arrays(self, backend, dtype=None):
        keywords = {
            name: backend.asarray(np.asarray(value, "float32")) if np.ndim(value) else value
            for name, value in self.keywords.items()
        }
        labels = np.asarray(self.labels, dtype or self.dtypes[0])
        return backend.asarray(labels), keywords

    def check(self, labels, mask):
        """Compare labels and mask with what the published ones mean."""
        want = np.asarray([[y is not None for y in row] for row in self.means])
        np.testing.assert_array_equal(asnumpy(mask), want)
        assert asnumpy(mask).dtype == bool
        want = np.asarray([[y or 0 for y in row] for row in self.means])
        np.testing.assert_array_equal(asnumpy(labels), want.astype(asnumpy(labels).dtype))


SIGNED = ("float32", "int8", "int32")
INTEGERS = ("int32", "uint8", "int8")

ROWS = [
    Row("csl", [[1, 0, -1], [-1, 1, 0]], [[1, 0, None], [None, 1, 0]], dtypes=SIGNED),
    Row("csl", [[1, 0], [0, 1]], [[1, 0], [0, 1]], dtypes=("bool", "uint8", "float32")),
    Row("spml", [[1, 0, -1], [-1, 1, 0]], [[1, None, 0], [0, 1, None]], dtypes=SIGNED),
    Row("spml", [[1, 0], [0, 1]], [[1, None], [None, 1]], dtypes=("bool", "uint8")),
    Row("em_apl", [[1, 0, -0.25], [-0.5, 1, -1]], [[1, None, 0.25], [0.5, 1, 1]]),
    Row("em_apl", [[1, 0, -1]], [[1, None, 1]], dtypes=("int8",)),
    Row("em_apl", [[1, 0]], [[1, None]], dtypes=("bool", "uint8")),
    Row("voc", [[1, 0, -1], [-1, 1, 0]], [[1, None, 0], [0, 1, None]], dtypes=SIGNED),
    Row("nnpu", [[1, -1, -1]], [[1, None, None]], dtypes=SIGNED),
    Row("chexpert_blank_negative", [[1, 0, -1, nan]], [[1, 0, None, 0]]),
    Row("chexpert_blank_missing", [[1, 0, -1, nan]], [[1, 0, None, None]]),
    Row("torchxrayvision", [[1, 0, nan]], [[1, 0, None]]),
    Row("torchxrayvision", [[1, 0]], [[1, 0]], dtypes=("int32", "bool")),
    Row(
        "deepchem",
        [[1, 0, 0], [nan, 7, 1]],
        [[1, 0, None], [None, None, 1]],
        {"weight": [[1.0, 2.5, 0.0], [0.0, 0.0, 1.0]]},
    ),
    Row("deepchem", [[1, 0], [0, 0]], [[1, 0], [None, None]], {"weight": [[1.0], [0.0]]}),
    Row("deepchem", [[1, 0]], [[1, 0]], {"weight": 2.0}, ("bool", "int32")),
    Row("two_way", [[1, 0, -1, -0.5, -7]], [[1, 0, None, None, None]]),
    Row("two_way", [[1, 0]], [[1, 0]], dtypes=("bool", "uint8")),
    Row(
        "ignore_index",
        [[3, 0, -100], [200, 1, -100]],
        [[3, 0, None], [200, 1, None]],
        {},
        ("int32",),
    ),
    Row("ignore_index", [[3, 0, 255]], [[3, 0, 255]], dtypes=("uint8",)),
    Row(
        "index_list",
        [[3, 0, -1, 1], [-1, 9, 2, -100], [0, 1, 2, 3]],
        [[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 1, 1]],
        dtypes=("int32", "int8"),
    ),
    Row("index_list", [[3, 3], [-1, 0]], [[0, 0, 0, 1, 0], [0] * 5], {"classes": 5}, ("int32",)),
    Row("index_list", [[1, 1]], [[0, 1]], dtypes=("uint8",)),
]
NAMES = [f"{row.encoding}-{k}" for k, row in enumerate(ROWS)]
by_row = pytest.mark.parametrize("row", ROWS, ids=NAMES)
by_encoding = pytest.mark.parametrize("name", ENCODINGS)

PER_ENTRY = [
    name for name, encoding in ENCODINGS.items() if encoding.form in {"entries", "weights"}
]
POOL = [-100, -7, -1, -0.5, 0, 0.5, 1, 2, nan, math.inf]


def keywords_of(name, labels):
    weight = {"weight": 1.0} if ENCODINGS[name].form == "weights" else {}
    return (labels, name), weight


def test_every_encoding_has_an_example():
    assert {row.encoding for row in ROWS} == set(ENCODINGS)


@by_encoding
def test_every_encoding_is_documented_with_its_source(name):
    text = inspect.getdoc(ml.from_encoding)
    found = re.search(rf'^``"{name}"``\n((    .*\n)+)', text, re.MULTILINE)
    assert found
    said = " ".join(found[1].split())
    assert said == f"{ENCODINGS[name]}. From {ENCODINGS[name].source}."
    assert all(len(line) <= 100 for line in text.splitlines())


@by_row
def test_labels_and_mask_are_what_the_encoding_means(backend, row):
    for dtype in row.dtypes:
        labels, keywords = row.arrays(backend, dtype)
        got, mask = ml.from_encoding(labels, row.encoding, **keywords)
        row.check(got, mask)
        assert got.dtype == labels.dtype
        assert tuple(got.shape) == tuple(mask.shape)


@pytest.mark.needs("jit")
@by_row
def test_jit(backend, row):
    labels, keywords = row.arrays(backend)
    arrays = {name: value for name, value in keywords.items() if hasattr(value, "dtype")}
    others = {name: value for name, value in keywords.items() if name not in arrays}

    def function(labels, *values):
        given = dict(zip(arrays, values, strict=True))
        return ml.from_encoding(labels, row.encoding, **given, **others)

    row.check(*FRAMEWORKS[backend.name].jit(function)(labels, *arrays.values()))


@pytest.mark.needs("vmap")
@by_row
def test_vmap(backend, row):
    labels, keywords = row.arrays(backend)
    if any(hasattr(value, "dtype") for value in keywords.values()):
        return
    row.check(
        *FRAMEWORKS[backend.name].vmap(lambda y: ml.from_encoding(y, row.encoding, **keywords))(
            labels
        )
    )


@pytest.mark.needs("numpy")
@by_row
def test_the_mask_of_numpy_ma_counts(backend, row):
    labels, keywords = row.arrays(backend)
    hidden = np.zeros(labels.shape, bool)
    hidden[0, 0] = True
    if ENCODINGS[row.encoding].form == "list":
        return
    got, mask = ml.from_encoding(np.ma.masked_array(labels, hidden), row.encoding, **keywords)
    assert not isinstance(got, np.ma.MaskedArray)
    replace(row, means=[[None, *row.means[0][1:]], *row.means[1:]]).check(got, mask)


@pytest.mark.needs("numpy")
def test_a_masked_index_of_a_list_names_no_class(backend):
    lists = np.ma.masked_array([[2, -1, 0, 99]], [[False, True, False, True]])
    labels, mask = ml.from_encoding(lists, "index_list")
    np.testing.assert_array_equal(labels, [[1, 0, 1, 0]])
    assert mask.all()


@pytest.mark.parametrize("name", PER_ENTRY)
@pytest.mark.parametrize("number", POOL, ids=str)
def test_a_number_that_is_not_named_is_refused(backend, name, number):
    args, keywords = keywords_of(name, backend.asarray(np.asarray([1, number], "float32")))
    meaning = ENCODINGS[name].meaning(number)
    if meaning or not backend.checks_values:
        _, mask = ml.from_encoding(*args, **keywords)
        assert asnumpy(mask).tolist() == [True, meaning != "missing"]
        return
    says = [f"{number:g}", f'"{name}"', str(ENCODINGS[name])]
    says += [f'"{other}" (' for other, row in ENCODINGS.items() if row.meaning(number)]
    with pytest.raises(ValueError, match="`labels`") as caught:
        ml.from_encoding(*args, **keywords)
    assert all(fragment in str(caught.value) for fragment in says)
    assert str(caught.value).count('" (') == len(says) - 3


@pytest.mark.parametrize("number", [-1, -2, -101], ids=str)
def test_a_class_index_that_is_not_named_is_refused(backend, number):
    labels = backend.asarray(np.asarray([1, number, -100], "int32"))
    if backend.checks_values:
        with pytest.raises(ValueError, match=rf"`labels` hold {number}.*ignore_index"):
            ml.from_encoding(labels, "ignore_index")
    else:
        labels, mask = ml.from_encoding(labels, "ignore_index")
        np.testing.assert_array_equal(asnumpy(labels), [1, number, 0])
        np.testing.assert_array_equal(asnumpy(mask), [True, True, False])


@pytest.mark.parametrize("index", [-100, -2, 3, 100], ids=str)
def test_an_index_of_a_list_that_is_no_class_is_refused(backend, index):
    labels = backend.asarray(np.asarray([[1, index, -1]], "int32"))
    if backend.checks_values:
        with pytest.raises(ValueError, match=rf"`labels` .*\[0, 2\], got {index}; .*`classes`"):
            ml.from_encoding(labels, "index_list")
    else:
        labels, _ = ml.from_encoding(labels, "index_list")
        np.testing.assert_array_equal(asnumpy(labels), [[0, 1, 0]])


@pytest.mark.parametrize("name", PER_ENTRY)
def test_an_observed_number_that_is_not_named_stays_where_it_cannot_be_read(backend, name):
    if backend.checks_values:
        return
    labels = backend.asarray(np.asarray([1, 2], "float32"))
    args, keywords = keywords_of(name, labels)
    got, mask = (asnumpy(part) for part in ml.from_encoding(*args, **keywords))
    np.testing.assert_array_equal(got, [1, 2])
    assert mask.all()


@pytest.mark.needs("jit")
@pytest.mark.parametrize("name", PER_ENTRY)
def test_the_same_under_jit(backend, name):
    def function(labels):
        args, keywords = keywords_of(name, labels)
        return ml.from_encoding(*args, **keywords)

    labels = backend.asarray(np.asarray([1, 2], "float32"))
    got, mask = (asnumpy(part) for part in FRAMEWORKS[backend.name].jit(function)(labels))
    np.testing.assert_array_equal(got, [1, 2])
    assert mask.all()


def test_the_pair_goes_into_a_loss(backend):
    files = backend.asarray(np.asarray([[1, nan, 0], [-1, 1, nan]], "float32"))
    logits = backend.asarray(np.asarray([[0.5, nan, 1.0], [nan, 2.0, nan]], "float32"))
    labels, mask = ml.from_encoding(files, "chexpert_blank_missing")
    got = ml.binary_cross_entropy_with_logits(logits, labels, mask=mask)
    want = ml.binary_cross_entropy_with_logits(logits, files, missing=(-1, nan))
    assert float(got) == float(want)


def test_class_indices_go_into_a_loss(backend):
    published = backend.asarray(np.asarray([0, -100, 2], "int32"))
    logits = backend.asarray(np.asarray([[0.5, 1.0, 0.0], [nan] * 3, [1.0, 2.0, 3.0]], "float32"))
    labels, mask = ml.from_encoding(published, "ignore_index")
    got = ml.cross_entropy(logits, labels, mask=mask)
    assert float(got) == float(ml.cross_entropy(logits, published, missing=-100))


def test_the_pair_makes_labels_of_three_values(backend):
    published = backend.asarray(np.asarray([[1, 0, -1]], "float32"))
    labels, mask = ml.from_encoding(published, "spml")
    three = backend.namespace.where(mask, labels, -1)
    np.testing.assert_array_equal(asnumpy(three), [[1, -1, 0]])


def test_labels_without_an_entry(backend):
    labels = backend.asarray(np.zeros((0, 3), "float32"))
    got, mask = ml.from_encoding(labels, "csl")
    assert tuple(got.shape) == tuple(mask.shape) == (0, 3)
    lists = backend.asarray(np.zeros((0, 3), "int32"))
    got, mask = ml.from_encoding(lists, "index_list", classes=4)
    assert tuple(got.shape) == tuple(mask.shape) == (0, 4)


@pytest.mark.needs("torch")
@by_row
def test_torch_meta_tensors_are_never_read(backend, row):
    labels, keywords = row.arrays(backend)
    want = ml.from_encoding(labels, row.encoding, **keywords)
    keywords = {k: v.to("meta") if hasattr(v, "to") else v for k, v in keywords.items()}
    got = ml.from_encoding(labels.to("meta"), row.encoding, **keywords)
    for part, other in zip(got, want, strict=True):
        assert part.device.type == "meta"
        assert (part.shape, part.dtype) == (other.shape, other.dtype)


@pytest.mark.needs("dask")
@by_row
def test_dask_computes_nothing_until_asked(backend, row):
    labels, keywords = row.arrays(backend)
    with refuse_to_compute():
        pair = ml.from_encoding(labels, row.encoding, **keywords)
    row.check(*pair)
