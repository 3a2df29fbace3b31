"""A wrong call and what its error must say, and the arrays that many have."""

import re
from functools import partial
from typing import NamedTuple

import numpy as np

import maskloss as ml

BCE = ml.binary_cross_entropy_with_logits


PROBABILITIES = ml.binary_cross_entropy


CE = ml.cross_entropy


FOCAL = ml.sigmoid_focal_loss


MSE = ml.mse_loss


L1 = ml.l1_loss


class Mistake(NamedTuple):
    """A wrong call on NumPy arrays, and what the error must say on every library."""

    name: str
    call: partial
    error: type
    says: tuple

    @property
    def match(self):
        """A pattern that finds all that the error must say, in any order."""
        return "(?s)" + "".join(f"(?=.*{re.escape(fragment)})" for fragment in self.says)


def mistake(name, loss, *args, error=ValueError, says, **keywords):
    return Mistake(name, partial(loss, *args, **keywords), error, says)


def ones(*shape, dtype="float32"):
    return np.ones(shape, dtype)


def floats(*values):
    return np.asarray(values, "float32")


def integers(*values, dtype="int32"):
    return np.asarray(values, dtype)


X, Y, KNOWN = ones(3), floats(0, 1, 1), np.asarray([True, False, True])


ROWS, CLASSES = ones(3, 2), integers(0, 1, 1)


SQUARE = ones(3, 3)


FIX = ("array API standard", "convert")
