"""A case of the file of peers' results, of which every word must have a translation."""

import json
from dataclasses import dataclass

import numpy as np

# What a case says of itself, of the call, and of the result.
DESCRIPTION = {"id", "source", "kind", "peer", "precision", "core", "note", "tags"}
CALL = {"call", "loss", "params", "inputs", "dtypes"}
RESULT = {"expected", "expected_shape", "expected_grad_pred", "expected_float32", "tolerance"}


class Words(dict):
    """A mapping that knows which of its words were asked for."""

    def __init__(self, words, of):
        super().__init__(words)
        self.of, self._used = of, set()

    def take(self, word, default=None):
        self._used.add(word)
        return self.get(word, default)

    def need(self, word):
        """Return what has no default."""
        if word not in self:
            msg = f"{self.of} lack `{word}`"
            raise LookupError(msg)
        return self.take(word)

    def choose(self, word, choices, default=None):
        """Return what `choices` has for a word."""
        chosen = self.take(word, default)
        if chosen not in choices:
            msg = f"no translation of {word}={chosen!r} in the {self.of}"
            raise LookupError(msg)
        return choices[chosen]

    def rename(self, names):
        """Return the words that are there under our names, {ours: theirs}."""
        return {ours: self.take(theirs) for ours, theirs in names.items() if theirs in self}

    def check_all_used(self):
        unused = sorted(set(self) - self._used)
        if unused:
            msg = f"no translation of {', '.join(unused)} in the {self.of}"
            raise LookupError(msg)


@dataclass(frozen=True)
class PeerCase:
    """A case: its vocabulary as it stands in the file, its arrays as NumPy's."""

    id: str
    loss: str
    params: Words
    inputs: Words
    tags: frozenset
    tolerance: dict
    expected: np.ndarray
    gradient: np.ndarray | None

    @classmethod
    def read(cls, record):
        unknown = sorted(set(record) - DESCRIPTION - CALL - RESULT)
        if unknown:
            msg = f"no translation of {', '.join(unknown)} in {record['id']}"
            raise LookupError(msg)
        dtypes = record["dtypes"]
        inputs = {name: _array(value, dtypes[name]) for name, value in record["inputs"].items()}
        gradient = record.get("expected_grad_pred")
        return cls(
            record["id"],
            record["loss"],
            Words(record["params"], f"parameters of {record['loss']}"),
            Words(inputs, f"inputs of {record['loss']}"),
            frozenset(record["tags"]),
            record["tolerance"],
            _array(record["expected"], "float64"),
            None if gradient is None else _array(gradient, "float64"),
        )

    @property
    def prediction(self):
        """What the loss is of; where a peer only reduces losses, those."""
        return np.asarray(self.inputs.take("pred", self.inputs.get("losses")), float)


def read_cases(path):
    records = json.loads(path.read_text(encoding="utf-8"))["cases"]
    return [PeerCase.read(record) for record in records]


def _array(value, dtype):
    """Return nested lists, in which what is not finite is a string, in the widest dtype."""
    return np.asarray(value, next(kind for kind in ("bool", "int", "float") if kind in dtype))
