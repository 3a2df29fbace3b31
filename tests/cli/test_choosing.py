"""Which columns `compare` takes as labels, and which as features."""

import pytest

from maskloss._cli._errors import UserError
from maskloss._cli._read import read_table as read

WIDE = "smiles,MUV-1,MUV-2,dose,full,other,weight\nC,1,,2,1,,1\nCC,0,1,3,0,1,2\nCN,,0,4,1,0,3\n"


@pytest.fixture
def write(tmp_path):
    """Write a table, and return its path."""

    def write(content):
        path = tmp_path / "table.csv"
        path.write_text(content)
        return str(path)

    return write


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("MUV-*", ("MUV-1", "MUV-2")),
        ("MUV-2,MUV-*", ("MUV-2", "MUV-1")),
        ("MUV-[2-9],dose", ("MUV-2", "dose")),
        ("auto", ("MUV-1", "MUV-2", "full", "other")),
        ("dose,auto", ("dose", "MUV-1", "MUV-2", "full", "other")),
        ("MUV-1\nMUV-2\n", ("MUV-1", "MUV-2")),
    ],
)
def test_labels_are_chosen(labels, expected, write):
    assert read(write(WIDE), labels=labels).labels == expected


def test_a_column_of_that_name_comes_before_a_pattern(write):
    path = write("auto,MUV-*,MUV-1,x\n1,1,0,1\n0,0,1,2\n")
    assert read(path, labels="auto,MUV-*").labels == ("auto", "MUV-*")


def test_auto_leaves_the_text_and_the_group_and_counts_marks_as_gaps(write):
    path = write(WIDE.replace(",,", ",?,"))
    assert read(path, labels="auto", group="full", missing="?").labels == (
        "MUV-1",
        "MUV-2",
        "other",
    )


def test_a_pattern_leaves_the_text_and_the_group(write):
    table = read(write(WIDE), labels="*", text="smiles", group="weight")
    assert table.labels == ("MUV-1", "MUV-2", "dose", "full", "other")


def test_other_labels_are_no_features(write):
    table = read(write(WIDE), labels="MUV-1")
    assert table.feature_names == ("dose", "full", "weight")
    assert table.left_out == ("smiles", "MUV-2", "other")
    (note,) = (note for note in table.notes if "gaps only" in note)
    assert "MUV-2, other" in note


MISCHOSEN = {
    "pattern": ("MUB-*", {}, "'MUB-.' matches no column: expected one of 'smiles'"),
    "case": ("MUV-1", {"text": "SMILES"}, "no column 'SMILES': did you mean 'smiles'"),
    "near": ("muv1", {}, "did you mean 'MUV-1'"),
    "comma on two lines": ("MUV-1,\nMUV-2", {}, "empty name"),
}


@pytest.mark.parametrize("case", MISCHOSEN)
def test_a_wrong_choice_is_an_error(case, write):
    labels, options, expected = MISCHOSEN[case]
    with pytest.raises(UserError, match=expected):
        read(write(WIDE), labels=labels, **options)


def test_auto_without_labels_is_an_error(write):
    with pytest.raises(UserError, match="no column holds only 0, 1 and gaps"):
        read(write("a,b\n1,2\n3,4\n"), labels="auto")


def test_a_column_of_few_words_is_a_feature_for_each_word(write):
    rows = [f"{k % 2},{k},{('red', ' blue', '')[k % 3]},a{k},x{k % 7}\n" for k in range(30)]
    table = read(write("ill,dose,colour,id,rare\n" + "".join(rows)), labels="ill")
    assert table.feature_names == ("dose", "colour=blue", "colour=red")
    assert table.left_out == ("id", "rare")
    assert table.numeric[:3].tolist() == [[0, 0, 1], [1, 1, 0], [2, 0, 0]]
    assert not table.feature_gaps
    assert "One-hot categories, with the number of words: colour (2)." in table.notes
    assert "Numeric features: dose." in table.notes


def test_labels_of_words_are_no_features(write):
    rows = [f"{('yes', 'no', '')[k % 3]},{('no', 'yes')[k % 2]},{k}\n" for k in range(30)]
    table = read(write("ill,well,dose\n" + "".join(rows)), labels="ill,well")
    assert table.feature_names == ("dose",)
