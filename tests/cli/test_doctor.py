"""The command `maskloss doctor`: agreement of the installed array libraries."""

import dataclasses
import importlib

import numpy as np
import pytest

from helpers.choice import SLOW
from maskloss._arrays.support import backend as support
from maskloss._cli import main
from maskloss._public import records


@pytest.fixture
def doctor(monkeypatch, capsys):
    """Run the doctor on the backends given; return its exit code and its words."""
    module = importlib.import_module("maskloss._cli._doctor")

    def run(*backends, losses=None):
        monkeypatch.setattr(module, "BACKENDS", backends)
        if losses is not None:
            monkeypatch.setattr(module, "records", lambda: losses)
        code = main(["doctor"])
        return code, capsys.readouterr().out

    return run


@pytest.mark.long
def test_the_doctor_finds_the_chosen_backends_in_agreement(chosen_backends, doctor):
    """Slow libraries compute every eighth loss: all of them take three minutes."""
    losses = [record for record in records() if record.inputs is not None]
    slow = [name for name in chosen_backends if name in SLOW]
    quick = [name for name in chosen_backends if name not in SLOW]
    for names, compared in ((quick, losses), (slow, losses[::8])):
        code, out = doctor(*map(support, names), losses=compared)
        assert code == 0
        assert out.count(f"agrees on all {len(compared)} losses") == len(names)


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
