"""The command `maskloss doctor`: agreement of the installed array libraries."""

import dataclasses
import importlib

import numpy as np
import pytest

from maskloss._arrays.support import backend as support
from maskloss._cli import main
from maskloss._public import records


@pytest.fixture
def doctor(monkeypatch, capsys):
    """Run the doctor on the backends given; return its exit code and its words."""
    module = importlib.import_module("maskloss._cli._doctor")

    def run(*backends):
        monkeypatch.setattr(module, "BACKENDS", backends)
        code = main(["doctor"])
        return code, capsys.readouterr().out

    return run


@pytest.mark.long
def test_the_doctor_finds_the_chosen_backends_in_agreement(chosen_backends, doctor):
    code, out = doctor(*map(support, chosen_backends))
    assert code == 0
    losses = sum(record.inputs is not None for record in records())
    assert out.count(f"agrees on all {losses} losses") == len(chosen_backends)


@dataclasses.dataclass(frozen=True)
class _Wrong(type(support("numpy"))):
    def asarray(self, array):
        if np.issubdtype(array.dtype, np.floating):
            array = array * np.float32(1 - 1e-3)
        return array


@dataclasses.dataclass(frozen=True)
class _Broken(type(support("numpy"))):
    def asarray(self, array):
        del array
        msg = "out of order"
        raise RuntimeError(msg)


@dataclasses.dataclass(frozen=True)
class _Absent(type(support("numpy"))):
    @property
    def is_installed(self):
        return False


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        (_Wrong, 1, "disagrees: "),
        (_Broken, 1, "RuntimeError: out of order"),
        (_Absent, 0, "not installed"),
    ],
)
def test_the_doctor_names_what_is_wrong(kind, code, words, doctor):
    numpy = support("numpy")
    found, out = doctor(numpy, kind(**dataclasses.asdict(numpy)))
    assert found == code
    assert words in " ".join(out.split())


def test_results_of_another_shape_do_not_agree():
    module = importlib.import_module("maskloss._cli._doctor")
    numbers = np.ones((2, 3), "float32")
    assert module._epsilons(numbers, numbers) == 0
    with pytest.raises(ValueError, match=r"shape is \(\), not \(2, 3\)"):
        module._epsilons(numbers[0, 0], numbers)
